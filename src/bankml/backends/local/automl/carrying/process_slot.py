"""Room for one candidate: a worker process on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from bankml.backends.local.automl.carrying.processes import WorkerProcess
from bankml.backends.local.automl.training.libraries import load_for_candidates
from bankml.backends.local.automl.training.worker import Outcome, Task, run_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

Result = TypeVar("Result")

ONE_THREAD_FOR_MATRICES = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Threads that wait for each other's parts of small matrices take twenty times as long: measured on
the directions of texts, .6 s in place of .03 on two cores."""
_ONE_THREAD = {
    **ONE_THREAD_FOR_MATRICES,
    "OMP_NUM_THREADS": "1",
    # Threads that spin while they wait steal the cores from the other worker.
    "OMP_WAIT_POLICY": "PASSIVE",
}


class ProcessSlot:
    """A worker process on this machine; a new one is started where the old one died.

    Args:
        libraries: Loads what the process needs before all else.
        environment: Variables that it gets beside those of this process.

    Attributes:
        has_scikit_learn: Whether a candidate has made it load scikit-learn, which is 64 MB.
    """

    def __init__(
        self, libraries: Callable[[], None] = load_for_candidates,
        environment: Mapping[str, str] = _ONE_THREAD,
    ) -> None:  # fmt: skip
        self._libraries = libraries
        self._environment = environment
        self._process: WorkerProcess | None = None
        self.has_scikit_learn = False

    def warm_up(self) -> None:
        """Start the process now, so that it is ready when the data is."""
        self._running()

    def submit(self, task: Task) -> Future[Outcome]:
        """Start a candidate in the process."""
        future = self.call(run_task, task)
        self.has_scikit_learn |= not task.candidate.is_plain_boosting
        return future

    def call(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Call a function in the process, behind what it is already doing."""
        return self._running().call(function, *arguments)

    def kill(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()

    def _running(self) -> WorkerProcess:
        if self._process is None or not self._process.is_alive:
            self.kill()
            self._process = WorkerProcess(self._environment)
            self.has_scikit_learn = False
            self._process.call(self._libraries)
        return self._process
