"""Where candidates run: worker processes of our own.

Each slot carries one candidate at a time and fails alone: a worker process that dies, or that has
to be killed, costs the candidate it was working on and nothing else.
"""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any, Protocol

from bankml.backends.local.automl.training.worker import Outcome, Task, run_task

_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Threads that spin while they wait steal the cores from the other worker.
    "OMP_WAIT_POLICY": "PASSIVE",
}


class Slot(Protocol):
    """Room for one candidate at a time."""

    def submit(self, task: Task) -> Future[Outcome]:
        """Start a candidate; the future has an exception if its worker died."""
        ...

    def kill(self) -> None:
        """End the worker with whatever it is doing."""
        ...


class ProcessSlot:
    """A worker process on this machine; a new one is started where the old one died."""

    def __init__(self) -> None:
        self._executor = self._new_executor()

    def warm_up(self) -> None:
        """Start the process now, so that it is ready when the data is."""
        self._executor.submit(load_libraries)

    def submit(self, task: Task) -> Future[Outcome]:
        """Start a candidate in the process."""
        from joblib.externals.loky.process_executor import BrokenProcessPool, ShutdownExecutorError

        try:
            future: Future[Outcome] = self._executor.submit(run_task, task)
        except (BrokenProcessPool, ShutdownExecutorError):
            self.kill()
            self._executor = self._new_executor()
            self.warm_up()
            future = self._executor.submit(run_task, task)
        return future

    def kill(self) -> None:
        """End the process."""
        self._executor.shutdown(wait=True, kill_workers=True)

    @staticmethod
    def _new_executor() -> Any:
        from joblib.externals.loky import ProcessPoolExecutor

        return ProcessPoolExecutor(max_workers=1, env=_ONE_THREAD)


@dataclass(frozen=True)
class Ended:
    """A task that is no longer under way.

    Attributes:
        task: The task.
        outcome: What it gave, or None where its worker died.
        death: How the worker died, where it did.
    """

    task: Task
    outcome: Outcome | None
    death: str = ""


class Slots:
    """All the room there is for candidates.

    Args:
        workers: How many candidates run at once.
    """

    def __init__(self, workers: int) -> None:
        self._idle: list[Slot] = [ProcessSlot() for _ in range(workers)]
        self._busy: dict[Future[Outcome], tuple[Slot, Task]] = {}

    @property
    def free(self) -> int:
        """How many more candidates could start now."""
        return len(self._idle)

    @property
    def under_way(self) -> list[Task]:
        """The tasks that have started and not ended."""
        return [task for _, task in self._busy.values()]

    def warm_up(self) -> None:
        """Start worker processes while the data is being read."""
        for slot in self._idle:
            if isinstance(slot, ProcessSlot):
                slot.warm_up()

    def start(self, task: Task) -> None:
        """Give a task to a free slot."""
        slot = self._idle.pop()
        self._busy[slot.submit(task)] = (slot, task)

    def wait(self, seconds: float) -> list[Ended]:
        """Wait for tasks to end.

        Args:
            seconds: The longest wait.

        Returns:
            What ended meanwhile; often nothing.
        """
        done, _ = wait(self._busy, timeout=seconds, return_when=FIRST_COMPLETED)
        return [self._ended(future) for future in done]

    def kill_task(self, number: int) -> None:
        """End the worker of one task, which then counts as one whose worker died."""
        for slot, task in list(self._busy.values()):
            if task.number == number:
                slot.kill()

    def close(self) -> None:
        """End all workers at once, whatever they are doing."""
        for slot, _ in self._busy.values():
            slot.kill()
        for idle in self._idle:
            idle.kill()
        self._busy.clear()

    def _ended(self, future: Future[Outcome]) -> Ended:
        slot, task = self._busy.pop(future)
        self._idle.append(slot)
        error = future.exception()
        if error is not None:
            return Ended(task, None, f"the worker process died ({_first_line(error)})")
        return Ended(task, future.result())


def load_libraries() -> int:
    """Load what every worker needs.

    Returns:
        The worker's process id.
    """
    from bankml.backends.local.automl.training.lean_lightgbm import lean_lightgbm

    lean_lightgbm()
    _keep_grown_workers()
    return os.getpid()


def _keep_grown_workers() -> None:
    """Tell loky not to restart a worker that grew: it holds data for the next candidates."""
    from joblib.externals.loky import process_executor

    process_executor._USE_PSUTIL = False  # noqa: SLF001  # there is no public switch


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
