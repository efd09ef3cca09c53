"""Where candidates run: worker processes of our own, or any parallel backend of joblib.

Each slot carries one candidate at a time and fails alone: a worker process that dies, or that has
to be killed, costs the candidate it was working on and nothing else.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bankml.backends.local.automl.carrying.joblib_slot import JoblibSlot
from bankml.backends.local.automl.carrying.process_slot import ProcessSlot
from bankml.backends.local.automl.carrying.processes import WorkerDiedError
from bankml.backends.local.automl.training.libraries import load_for_the_end

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.backends.local.automl.training.worker import Outcome, Task


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
        self._last: ProcessSlot | None = None

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

    def make_ready_for_the_end(self, *, apart: bool = False) -> None:
        """Have a process load what the end of the run needs, where none has yet.

        Args:
            apart: Whether it must be a process of its own, as the workers may have to be killed;
                otherwise it is a worker, if there is one, which may carry tasks meanwhile.
        """
        workers = self._workers()
        if self._last is None or (apart and self._last in workers):
            self._last = workers[0] if workers and not apart else ProcessSlot(load_for_the_end)
            self._last.call(load_for_the_end)

    def last_process(self) -> ProcessSlot:
        """Return the process for the end of the run."""
        self.make_ready_for_the_end()
        assert self._last is not None  # noqa: S101  # it has just been chosen
        return self._last

    def idle_process(self) -> ProcessSlot:
        """Return a process that is idle, not that for the end if there is another."""
        idle = [slot for slot in self._workers() if slot in self._idle and slot is not self._last]
        return idle[0] if idle else self.last_process()

    def stop(self) -> None:
        """End at once all that is under way, and all workers but the one for the end."""
        for slot, _ in self._busy.values():
            slot.kill()
        for idle in self._idle:
            if idle is not self._last:
                idle.kill()
        self._idle = [slot for slot in self._idle if slot is self._last]
        self._busy.clear()

    def close(self) -> None:
        """End all workers at once, whatever they are doing."""
        self.stop()
        if self._last is not None:
            self._last.kill()

    def _workers(self) -> list[ProcessSlot]:
        """Return the workers here: first those with the most of what the end of a run needs."""
        slots = [*self._idle, *(slot for slot, _ in self._busy.values())]
        workers = [slot for slot in slots if isinstance(slot, ProcessSlot)]
        return sorted(workers, key=lambda slot: not slot.has_scikit_learn)

    def _ended(self, future: Future[Outcome]) -> Ended:
        slot, task = self._busy.pop(future)
        self._idle.append(slot)
        error = future.exception()
        if error is None:
            return Ended(task, future.result())
        if isinstance(error, WorkerDiedError):
            return Ended(task, None, f"the worker process died ({error})", killed=error.killed)
        return Ended(task, None, f"the backend failed ({_first_line(error)})")


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
