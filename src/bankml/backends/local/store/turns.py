"""Whose turn it is to write.

SQLite lets a writer that found the database locked sleep, up to a tenth of a second at a time, and
look again; with many processes some come too late again and again, for seconds. So writers queue
at a file lock first, where the system wakes them the moment the lock is free. The queue is for
speed and fairness only: what is right or wrong is still decided by SQLite's own lock.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def turn(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of a file for as long as the context lasts.

    A process that dies gives its place back. Where the file can't be opened or locked (a read-only
    folder, a file system without locks) there is no queue, and the context begins at once.

    Args:
        path: The file; it is made if need be, and stays.
        seconds: How long to wait at the most.

    Raises:
        sqlite3.OperationalError: The lock was not free in time.
    """
    descriptor = _lock(path, seconds)
    try:
        yield
    finally:
        if descriptor is not None:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # also for a fork that has the descriptor too
            os.close(descriptor)


def _lock(path: Path, seconds: float) -> int | None:
    """Return a descriptor that holds the lock, or None where there are no locks."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _Waiter(descriptor).wait(seconds)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


class _Waiter:
    """Waits for a lock in a thread of its own, since the system's call knows no time-out."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._settling = threading.Lock()
        self._given_up = False
        self._ended = threading.Event()

    def wait(self, seconds: float) -> None:
        """Return when the lock is held; else close the descriptor and raise."""
        threading.Thread(target=self._block, name="bankml-turn", daemon=True).start()
        held = False
        try:
            held = self._ended.wait(seconds)
        finally:
            if not held:
                self._give_up()
        if not held:
            raise sqlite3.OperationalError("database is locked: others write")

    def _block(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        finally:
            with self._settling:
                self._ended.set()
                if self._given_up:
                    os.close(self._descriptor)

    def _give_up(self) -> None:
        with self._settling:
            self._given_up = True
            if self._ended.is_set():
                os.close(self._descriptor)
