"""Where candidates run: worker processes of our own, or any parallel backend of joblib.

Each slot carries one candidate at a time and fails alone: a worker process that dies, or that has
to be killed, costs the candidate it was working on and nothing else.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, Future, InvalidStateError, wait
from contextlib import suppress
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING, Any, Protocol

from bankml.backends.local.automl.training.worker import Outcome, Task, run_task

if TYPE_CHECKING:
    from collections.abc import Mapping

_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Threads that spin while they wait steal the cores from the other worker.
    "OMP_WAIT_POLICY": "PASSIVE",
}


class Slot(Protocol):
    """Room for one candidate at a time."""

    def warm_up(self) -> None:
        """Make ready for the first candidate."""
        ...

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


class JoblibSlot:
    """One place on whatever a parallel backend of joblib stands for: a cluster of Dask or Ray.

    Args:
        parameters: Of ``joblib.parallel_config``.
    """

    def __init__(self, parameters: Mapping[str, object]) -> None:
        self._parameters = parameters
        self._backend: Any = None
        self._future: Future[Outcome] = Future()

    def warm_up(self) -> None:
        """Do nothing: a cluster's workers are there."""

    def submit(self, task: Task) -> Future[Outcome]:
        """Hand a candidate to the backend, and wait for it in a thread."""
        self._future = Future()
        threading.Thread(target=self._carry, args=(task, self._future), daemon=True).start()
        return self._future

    def kill(self) -> None:
        """Wait no longer; the candidate ends by its time, or by the stop file."""
        with suppress(InvalidStateError):
            self._future.set_exception(RuntimeError("it was given up"))

    def _connected(self) -> Any:
        """Return the backend; it is made once, as each one has a connection of its own."""
        import joblib
        from joblib.parallel import get_active_backend

        if self._backend is None:
            with joblib.parallel_config(**self._parameters):
                self._backend, _ = get_active_backend()
        return self._backend

    def _carry(self, task: Task, future: Future[Outcome]) -> None:
        import joblib

        try:
            with joblib.parallel_config(backend=self._connected()):
                (outcome,) = joblib.Parallel(n_jobs=-1)([joblib.delayed(_run_in_one_place)(task)])
        except BaseException as error:  # noqa: BLE001  # whatever it was, the candidate has failed
            with suppress(InvalidStateError):
                future.set_exception(error)
        else:
            with suppress(InvalidStateError):
                future.set_result(outcome)


@dataclass(frozen=True)
class Ended:
    """A task that is no longer under way.

    Attributes:
        task: The task.
        outcome: What it gave, or None where its worker died.
        death: How the worker died, where it did.
        killed: Whether something killed it, as a system does whose memory is short.
    """

    task: Task
    outcome: Outcome | None
    death: str = ""
    killed: bool = False


class Slots:
    """All the room there is for candidates.

    Args:
        workers: How many candidates run at once.
        parallel_backend: Parameters of ``joblib.parallel_config``, or None for processes here.
    """

    def __init__(self, workers: int, parallel_backend: Mapping[str, object] | None = None) -> None:
        self._idle: list[Slot] = [
            ProcessSlot() if parallel_backend is None else JoblibSlot(parallel_backend)
            for _ in range(workers)
        ]
        self._most = workers
        self._busy: dict[Future[Outcome], tuple[Slot, Task]] = {}

    @property
    def free(self) -> int:
        """How many more candidates could start now."""
        return max(0, min(len(self._idle), self._most - len(self._busy)))

    @property
    def under_way(self) -> list[Task]:
        """The tasks that have started and not ended."""
        return [task for _, task in self._busy.values()]

    def warm_up(self) -> None:
        """Start worker processes while the data is being read."""
        for slot in self._idle:
            slot.warm_up()

    def narrow(self, workers: int) -> bool:
        """Run no more than this many candidates at once from now on; tell if that is fewer."""
        fewer = workers < self._most
        self._most = min(self._most, workers)
        while len(self._idle) + len(self._busy) > self._most and self._idle:
            self._idle.pop().kill()
        return fewer

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
            carrier = "worker process died" if isinstance(slot, ProcessSlot) else "backend failed"
            death = f"the {carrier} ({_first_line(error)})"
            return Ended(task, None, death, killed="SIGKILL" in str(error))
        return Ended(task, future.result())


def _run_in_one_place(task: Task) -> Outcome:
    """Run a candidate without its estimators' sending parts of it through the backend again."""
    import joblib

    with joblib.parallel_config(backend="sequential"):
        return run_task(task)


class _LeftOut(MetaPathFinder):
    """Says that packages are not installed which others load where they are.

    Measured: a worker that fits a linear model has 137 MB without pandas and pyarrow, which
    scikit-learn loads, and 203 MB with them.
    """

    _packages = ("dask", "matplotlib", "pandas", "pyarrow")

    def find_spec(self, fullname: str, *_: object) -> None:
        """Refuse a package that is left out, and leave the others to the usual finders."""
        if fullname in self._packages:
            raise ModuleNotFoundError(f"{fullname} is left out of workers", name=fullname)


def load_libraries() -> int:
    """Load what every worker process needs, and see to it that it loads no more.

    Returns:
        The worker's process id.
    """
    from bankml.backends.local.automl.training.lean_lightgbm import lean_lightgbm

    sys.meta_path.insert(0, _LeftOut())
    lean_lightgbm()
    _keep_grown_workers()
    return os.getpid()


def _keep_grown_workers() -> None:
    """Tell loky not to restart a worker that grew: it holds data for the next candidates."""
    from joblib.externals.loky import process_executor

    process_executor._USE_PSUTIL = False  # noqa: SLF001  # there is no public switch


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
