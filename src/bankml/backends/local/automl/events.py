"""What the engine reports while it works, and what it returns in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    import pandas as pd
    from sklearn.pipeline import Pipeline

FINISHED = "Finished"
FAILED = "Failed"
CANCELED = "Canceled"


@dataclass(frozen=True)
class ChildResult:
    """One candidate, after it ended.

    Attributes:
        number: Its place in the run, from 0.
        algorithm: The algorithm, as Azure names it where Azure has it.
        preprocessor: What prepares the encoded columns for the algorithm.
        parameters: The algorithm's settings.
        status: ``Finished``, ``Failed`` or ``Canceled``.
        metrics: Validation metrics by name; empty unless finished.
        score: The primary metric's value, or None.
        started: When it began (UTC).
        ended: When it ended (UTC).
        error: Why it failed, in a line, or None.
        message: Further words, such as the end of a traceback.
    """

    number: int
    algorithm: str
    preprocessor: str
    parameters: Mapping[str, object]
    status: str
    metrics: Mapping[str, float]
    score: float | None
    started: datetime
    ended: datetime
    error: str | None = None
    message: str = ""


@dataclass(frozen=True)
class ChildStarted:
    """A candidate has been handed to a worker."""

    number: int
    algorithm: str
    parameters: Mapping[str, object]
    preprocessor: str


@dataclass(frozen=True)
class ChildFinished:
    """A candidate has ended, well or not."""

    result: ChildResult


@dataclass(frozen=True)
class Progress:
    """Something a person who watches the run may want to know."""

    message: str


Event = ChildStarted | ChildFinished | Progress


@dataclass(frozen=True)
class AutoMLResult:
    """The outcome of a run.

    Attributes:
        model_file: The model, in the run's scratch folder: `model` as long as it is there.
        predictions_file: The best child's predictions for the rows it was validated on, as
            Parquet, in the same folder.
        classes: The original labels in the order of the probabilities; empty for regression.
        best: The child that the model is.
        children: Every child, by number.
        stopped_because: Why no further candidate was tried.
        notes: What the run did that its user should know (dropped columns, fewer workers, …).
        validation: How the candidates were validated, in words.
    """

    model_file: Path
    predictions_file: Path
    classes: tuple[Any, ...]
    best: ChildResult
    children: tuple[ChildResult, ...]
    stopped_because: str
    notes: list[str] = field(default_factory=list)
    validation: str = ""

    @cached_property
    def model(self) -> Pipeline:
        """A pipeline that takes the raw frame and gives the original labels; loaded when asked."""
        from bankml.backends.local.automl.persistence import load_model

        return load_model(self.model_file)

    @property
    def validation_predictions(self) -> pd.DataFrame:
        """The predictions as a frame.

        Its columns are ``row``, ``truth``, and ``prediction`` or ``probability_<class>`` for each
        class.
        """
        import pandas as pd

        return pd.read_parquet(self.predictions_file)
