"""A caller that does everything a workflow does, again and again, and says what was answered.

It is started by the crash tests, which kill it somewhere on the way; or it kills itself right
before its n-th step (:mod:`.steps`).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pandas as pd

from bankml.backends.local import LocalBackend
from bankml.backends.local.triggers import Trigger
from bankml.config import WorkflowConfig
from bankml.manifest import check_hash, read_manifest
from tests.backends.local import standin
from tests.backends.local.conftest import plan
from tests.backends.local.steps import Steps


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
            triggered = backend.submit_published(Trigger(published.id, "nightly", key="key"))
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
