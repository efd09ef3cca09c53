"""Room for one candidate: a place on whatever a parallel backend of joblib stands for."""

from __future__ import annotations

import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bankml.backends.local.automl.training.worker import Outcome, Task, run_task

if TYPE_CHECKING:
    from collections.abc import Mapping


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


def _run_in_one_place(task: Task) -> Outcome:
    """Run a candidate without its estimators' sending parts of it through the backend again."""
    import joblib

    with joblib.parallel_config(backend="sequential"):
        return run_task(task)
