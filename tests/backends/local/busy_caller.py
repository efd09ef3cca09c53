"""A caller that does everything a workflow does, again and again, and says what was answered.

It is started by the crash tests, which kill it somewhere on the way.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from bankml.backends.local import LocalBackend
from bankml.config import WorkflowConfig
from tests.backends.local import standin
from tests.backends.local.conftest import plan


def main() -> None:
    """Register, submit, publish, trigger and cancel until killed."""
    backend = LocalBackend(Path(sys.argv[1]), cores=2, start=standin.start)
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
        if number % 3 == 2:
            backend.cancel(run.id)
            say("canceled", run.id)


def say(*words: str) -> None:
    """Tell the test that something was answered as done."""
    print(*words, flush=True)


if __name__ == "__main__":
    main()
