"""Room for one candidate: a place on whatever a parallel backend of joblib stands for."""

from __future__ import annotations

import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import ExitStack, suppress
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NoReturn

from bankml.backends.local.automl.carrying.joblib_backends import one_place
from bankml.backends.local.automl.training.worker import Outcome, Task, run_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class JoblibSlot:
    """One place on whatever a parallel backend of joblib stands for: a cluster of Dask or Ray.

    Args:
        parameters: Of ``joblib.parallel_config``.
    """

    def __init__(self, parameters: Mapping[str, object]) -> None:
        self._parameters = parameters
        self._carrier: _Carrier | None = None

    def warm_up(self) -> None:
        """Connect, while the data is being read."""
        self._running()

    def submit(self, task: Task) -> Future[Outcome]:
        """Hand a candidate to the backend."""
        return self._running().carry(task)

    def kill(self) -> None:
        """Wait no longer; the candidate ends by its time, or by the stop file."""
        if self._carrier is not None:
            self._carrier.give_up()
            self._carrier = None

    def _running(self) -> _Carrier:
        if self._carrier is None:
            self._carrier = _Carrier(self._parameters)
        return self._carrier


class _Carrier:
    """A thread that hands over one candidate after the other, through one connection."""

    def __init__(self, parameters: Mapping[str, object]) -> None:
        self._parameters = parameters
        self._tasks: SimpleQueue[tuple[Task, Future[Outcome]] | None] = SimpleQueue()
        self._last: Future[Outcome] = Future()
        threading.Thread(target=self._carry_all, daemon=True).start()

    def carry(self, task: Task) -> Future[Outcome]:
        self._last = Future()
        self._tasks.put((task, self._last))
        return self._last

    def give_up(self) -> None:
        """Have the future fail now, and the thread end once the backend has answered."""
        with suppress(InvalidStateError):
            self._last.set_exception(RuntimeError("it was given up"))
        self._tasks.put(None)

    def _carry_all(self) -> None:
        with ExitStack() as connection:
            carried = self._connect(connection)
            for task, future in iter(self._tasks.get, None):
                try:
                    outcome = carried(task)
                except BaseException as error:  # noqa: BLE001  # whatever it was, it has failed
                    with suppress(InvalidStateError):
                        future.set_exception(error)
                else:
                    with suppress(InvalidStateError):
                        future.set_result(outcome)

    def _connect(self, connection: ExitStack) -> Callable[[Task], Outcome]:
        """Return what carries a task, or fails for each where there is no connection."""
        try:
            return partial(_carried, connection.enter_context(one_place(self._parameters)))
        except BaseException as error:  # noqa: BLE001  # it is the result of each task
            return partial(_not_carried, error)


def _carried(parallel: Any, task: Task) -> Outcome:
    import joblib

    (outcome,) = parallel([joblib.delayed(_run_in_one_place)(task)])
    carried: Outcome = outcome
    return carried


def _not_carried(error: BaseException, _task: Task) -> NoReturn:
    raise error


def _run_in_one_place(task: Task) -> Outcome:
    """Run a candidate without its estimators' sending parts of it through the backend again."""
    import joblib

    with joblib.parallel_config(backend="sequential"):
        return run_task(task)
