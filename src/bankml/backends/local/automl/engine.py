"""One AutoML run, from a frame to a model."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

from bankml.backends.local.automl.carrying.joblib_backends import number_of_places
from bankml.backends.local.automl.carrying.process_slot import (
    ONE_THREAD_FOR_MATRICES,
    ProcessSlot,
)
from bankml.backends.local.automl.carrying.slots import Slots
from bankml.backends.local.automl.carrying.steps import carry_out
from bankml.backends.local.automl.data.preparation import prepare
from bankml.backends.local.automl.ending.selection import finish
from bankml.backends.local.automl.session import Session
from bankml.backends.local.automl.training.libraries import load_for_preparation
from bankml.errors import RunCanceledError, RunFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from bankml.backends.local.automl.data.preparation import PreparedData
    from bankml.backends.local.automl.events import AutoMLResult, ChildResult, Event
    from bankml.backends.local.automl.settings import AutoMLSettings


def train(
    frame_path: Path | pd.DataFrame,
    settings: AutoMLSettings,
    *,
    workers: int,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool],
    scratch: Path,
    finished: Sequence[ChildResult] = (),
) -> AutoMLResult:
    """Find and return the best model for a frame.

    Args:
        frame_path: A Parquet file, or the frame itself, with the label among its columns.
        settings: What to do.
        workers: How many candidates may run at once, in processes of one thread each. A parallel
            backend in the settings carries as many as it has places instead.
        on_event: Called in this thread for each event.
        should_stop: Asked at least five times a second; True ends the run.
        scratch: Folder for the run's working files and for its model; made if need be. Keep it
            to be able to resume.
        finished: Children of an earlier attempt with the same data, settings and scratch folder;
            they are not run again.

    Returns:
        The model and everything about how it was found.

    Raises:
        DataError: The frame can't be trained on.
        RunCanceledError: ``should_stop`` said so.
        RunFailedError: No candidate finished, a process that the run can't do without died, or
            the parallel backend can't be used.
    """
    began = time.monotonic()
    if settings.parallel_backend:
        workers = number_of_places(settings.parallel_backend)
    asked = settings.max_concurrent_iterations
    slots = Slots(max(1, min(workers, asked)), settings.parallel_backend)
    with closing(slots):
        data = _prepared(frame_path, settings, scratch, slots, should_stop, began)
        session = Session(data, settings, slots, on_event, should_stop, began)
        if settings.parallel_backend and workers < asked:
            session.notes.append(
                f"The parallel backend has room for {workers} of the {asked} candidates that may "
                "run at once (max_concurrent_iterations)."
            )
        return finish(session, session.run(finished))


def _prepared(
    source: Path | pd.DataFrame, settings: AutoMLSettings, scratch: Path, slots: Slots,
    should_stop: Callable[[], bool], began: float,
) -> PreparedData:  # fmt: skip
    """Prepare the data in a process of its own, while the workers load their libraries.

    What reads a frame needs more memory than what conducts a run, and for a short while only.
    """

    def look() -> None:
        if should_stop():
            raise RunCanceledError("The run was cancelled.")
        if time.monotonic() - began > settings.experiment_timeout_seconds:
            raise RunFailedError(
                "The experiment's time-out was reached while the data was being prepared. "
                "Allow more time (experiment_timeout_minutes)."
            )

    # OMP_NUM_THREADS would be one for what reads the rows, too.
    process = ProcessSlot(load_for_preparation, environment=ONE_THREAD_FOR_MATRICES)
    try:
        process.warm_up()
        slots.warm_up()
        return carry_out("preparing the data", process, look, prepare, source, settings, scratch)
    finally:
        process.kill()
