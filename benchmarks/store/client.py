"""One of many processes on a workspace: submits, publishes, triggers, polls and cancels.

It says when it is ready and waits for a line. Then it works, and prints a line of JSON: the ids of
what it was told is there, and the seconds that each call took.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from bankml.backends.local import LocalBackend
from bankml.backends.local.triggers import Trigger
from bankml.config import WorkflowConfig
from bankml.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from bankml.backends.local.paths import Layout

Answer = TypeVar("Answer")


def idle_runner(_layout: Layout, _run_id: str, _claim: str) -> int:
    """Start a process that does nothing; return its number."""
    return subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, start_new_session=True).pid


class Client:
    """Calls a backend and keeps the times."""

    def __init__(self, root: Path) -> None:
        """Open the workspace; runs that are started here do nothing.

        Args:
            root: The workspace's folder.
        """
        self.backend = LocalBackend(root, cores=1, start=idle_runner)
        self.times: list[float] = []

    def call(self, action: Callable[[], Answer]) -> Answer:
        """Return what an action returns, and keep its time."""
        start = time.perf_counter()
        answer = action()
        self.times.append(time.perf_counter() - start)
        return answer

    def work(self, number: int, rounds: int) -> dict[str, list[str]]:
        """Do everything that a workflow does, several times over.

        Args:
            number: Which of the processes this is.
            rounds: How often.
        """
        backend = self.backend
        config = WorkflowConfig().replace(
            experiment_name=f"process {number}", pipeline={"allow_reuse": False}
        )
        frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": ["a", "b", "a", "b"]})
        told: dict[str, list[str]] = {"runs": [], "published": [], "triggered": []}
        for turn in range(rounds):
            dataset = self.call(lambda: backend.register_dataset(config.dataset, frame))
            run = self.call(lambda: backend.submit(Plan(config), dataset))  # noqa: B023
            published = self.call(lambda: backend.publish(run.id, config.publish))  # noqa: B023
            shared = backend.list_published()[-1].id
            key = f"turn {turn}"  # the same for every process
            again = self.call(
                lambda: backend.submit_published(Trigger(shared, "shared", key=key))  # noqa: B023
            )
            for _ in range(5):
                self.call(lambda: backend.get_run(run.id))  # noqa: B023
            self.call(lambda: backend.list_runs(limit=20))
            self.call(lambda: backend.cancel(run.id))  # noqa: B023
            told["runs"].append(run.id)
            told["published"].append(published.id)
            told["triggered"].append(again.id)
        return told


def load_libraries(backend: LocalBackend) -> None:
    """Import what the calls import, which would count as their time."""
    registered = backend.register_dataset(
        WorkflowConfig().dataset, pd.DataFrame({"x": [1, 2, 3, 4], "y": ["a", "b", "a", "b"]})
    )
    Plan(WorkflowConfig()).settings_fingerprint()
    backend.read_dataset(registered)


def main() -> None:
    """Work, and report."""
    root, number, rounds = sys.argv[1:]
    client = Client(Path(root))
    load_libraries(client.backend)
    print("ready", flush=True)
    sys.stdin.readline()
    told = client.work(int(number), int(rounds))
    print(json.dumps({**told, "times": client.times}))


if __name__ == "__main__":
    main()
