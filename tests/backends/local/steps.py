"""The steps of a process, before one of which it kills itself.

A step is whatever it asks of the disk: an SQL statement, a file to be opened, renamed, linked or
removed, a process to be started.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

STEPS = frozenset(
    {"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.chmod", "subprocess.Popen"}
)


class Steps:
    """Counts the steps of this process, and ends it before one of them."""

    def __init__(self, root: Path, last: int) -> None:
        self._root = str(root)
        self._last = last
        self._made = 0

    def watch(self) -> None:
        """Begin to count."""
        sys.addaudithook(self._on_event)
        sqlite3.connect = self._connect  # type: ignore[assignment]  # one signature for all

    def _connect(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = sqlite3.Connection(*arguments, **options)
        connection.set_trace_callback(self._step)
        return connection

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in STEPS and self._root in str(arguments):
            self._step(event)

    def _step(self, _what: str) -> None:
        self._made += 1
        if self._made == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
