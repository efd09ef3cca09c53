"""A caller that does everything a workflow does, again and again, and says what was answered.

It is started by the crash tests, which kill it somewhere on the way; or it kills itself right
before its n-th step, where a step is whatever it asks of the disk: an SQL statement, a file to be
opened, renamed, linked or removed, a process to be started.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from bankml.backends.local import LocalBackend
from bankml.config import WorkflowConfig
from bankml.manifest import check_hash, read_manifest
from tests.backends.local import standin
from tests.backends.local.conftest import plan

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


def main() -> None:
    """Register, submit, publish, trigger, read the outputs and cancel until killed."""
    root = Path(sys.argv[1])
    Steps(root, int(sys.argv[3])).watch()
    backend = LocalBackend(root, cores=2, start=standin.start)
    config = WorkflowConfig()
    for number in range(1000):
        values = [int(sys.argv[2]), number, 3, 4]
        frame = pd.DataFrame({"x": values * 500, "y": ["a", "b", "a", "b"] * 500})
        dataset = backend.register_dataset(config.dataset, frame)
        say("dataset", dataset.id)
        run = backend.submit(plan(iterations=3, reuse=number % 2 == 0), dataset)
        say("run", run.id)
        published = backend.publish(run.id, config.publish)
        say("published", published.id)
        for _ in range(2):
            triggered = backend.submit_published(published.id, "nightly", idempotency_key="key")
            say("trigger", published.id, triggered.id)
        backend.cancel(triggered.id)
        say("canceled", triggered.id)
        read_outputs(backend, run.id)
        say("outputs", run.id)


def read_outputs(backend: LocalBackend, run_id: str) -> None:
    """Wait for a run, and read all that it has made, unless its runner was killed."""
    while not (run := backend.get_run(run_id)).status.is_terminal:
        time.sleep(0.01)
    if run.failure is None:
        json.loads(backend.fetch_output(run_id, "Metrics").read_text())
        folder = backend.fetch_output(run_id, "Model")
        check_hash(folder, read_manifest(folder)).read_bytes()


def say(*words: str) -> None:
    """Tell the test that something was answered as done."""
    print(*words, flush=True)


if __name__ == "__main__":
    main()
