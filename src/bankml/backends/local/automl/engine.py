"""One AutoML run, from a frame to a model."""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from bankml.backends.local.automl.execution import Slots
from bankml.backends.local.automl.preparation import prepare
from bankml.backends.local.automl.selection import finish
from bankml.backends.local.automl.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from bankml.backends.local.automl.events import AutoMLResult, ChildResult, Event
    from bankml.backends.local.automl.settings import AutoMLSettings


def train(
    frame_path: Path | pd.DataFrame,
    settings: AutoMLSettings,
    *,
    workers: int,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool],
    finished: Sequence[ChildResult] = (),
    scratch: Path | None = None,
) -> AutoMLResult:
    """Find and return the best model for a frame.

    Args:
        frame_path: A Parquet file, or the frame itself, with the label among its columns.
        settings: What to do.
        workers: How many candidates may run at once, in processes of one thread each. A parallel
            backend in the settings carries ``max_concurrent_iterations`` of them instead.
        on_event: Called in this thread for each event.
        should_stop: Asked at least five times a second; True ends the run.
        finished: Children of an earlier attempt with the same data, settings and scratch folder;
            they are not run again.
        scratch: Folder for the run's working files; a temporary one if None. Keep it to be able
            to resume.

    Returns:
        The model and everything about how it was found.

    Raises:
        DataError: The frame can't be trained on.
        RunCanceledError: ``should_stop`` said so.
        RunFailedError: No candidate finished.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bankml-") as temporary:
        folder = scratch or Path(temporary)
        most = settings.max_concurrent_iterations
        workers = max(1, most if settings.parallel_backend else min(workers, most))
        slots = Slots(workers, settings.parallel_backend)
        with closing(slots):
            slots.warm_up()
            data = prepare(frame_path, settings, folder)
            threading.Thread(target=_load_for_the_end, daemon=True).start()
            session = Session(data, settings, slots, on_event, should_stop, began)
            return finish(session, session.run(finished))


def _load_for_the_end() -> None:
    """Load what the final model needs while the workers are busy."""
    import bankml.backends.local.automl.models.encoder
    import bankml.backends.local.automl.models.voting  # noqa: F401
