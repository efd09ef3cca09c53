"""What a worker process runs: one candidate on all folds."""

from __future__ import annotations

import time
import traceback
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bankml.backends.local.automl.candidates.candidate import TARGET_ENCODER, Candidate
from bankml.backends.local.automl.training.limits import CandidateStoppedError, Limits
from bankml.backends.local.automl.training.store import Fold, Store, split

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_TRACEBACK_LINES = 12


@dataclass(frozen=True)
class Task:
    """One candidate for a worker.

    Attributes:
        number: The child's number.
        candidate: What to fit.
        store: The data.
        folder: Where predictions and models go; made by the worker.
        seconds: Time for the candidate.
        stop_file: The worker stops once this file exists.
        seed: Seed of everything random in the fit.
    """

    number: int
    candidate: Candidate
    store: Store
    folder: Path
    seconds: float
    stop_file: Path
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Attributes:
        number: The child's number.
        started: Seconds since the epoch.
        ended: Seconds since the epoch.
        error: None if all went well, otherwise the cause in a line.
        stopped: Whether it ran out of time or was cancelled.
        message: The end of the traceback, if there is one.
    """

    number: int
    started: float
    ended: float
    error: str | None = None
    stopped: bool = False
    message: str = ""


def run_task(task: Task) -> Outcome:
    """Fit a candidate on every fold; write its models and held-out predictions.

    Never raises: what goes wrong is part of the outcome, so that one bad candidate costs no other.
    """
    started = time.time()
    try:
        with warnings.catch_warnings():
            # What a library warns of (no convergence, few quantiles) shows in the score.
            warnings.simplefilter("ignore")
            _fit_all(task)
    except CandidateStoppedError as error:
        return Outcome(task.number, started, time.time(), str(error), stopped=True)
    except Exception as error:  # noqa: BLE001  # any failure is this candidate's result  # any failure is this candidate's result
        lines = traceback.format_exc().splitlines()[-_TRACEBACK_LINES:]
        cause = f"{type(error).__name__}: {error}"
        return Outcome(task.number, started, time.time(), cause, message="\n".join(lines))
    return Outcome(task.number, started, time.time())


def _fit_all(task: Task) -> None:
    limits = Limits.starting_now(task.seconds, task.stop_file)
    task.folder.mkdir(parents=True, exist_ok=True)
    predictions = []
    for number, fold in enumerate(split(task.store)):
        limits.check()
        predictions.append(_fit_one(task, fold, task.folder / f"model{number}", limits))
    predicted = np.concatenate(predictions)
    if not np.isfinite(predicted).all():
        raise ValueError("the predictions are not finite numbers")
    np.save(task.folder / "predictions.npy", predicted.astype(np.float32))


def _fit_one(task: Task, fold: Fold, path: Path, limits: Limits) -> NDArray[np.float32]:
    candidate = task.candidate
    if candidate.algorithm == "LightGBM" and candidate.preprocessor != TARGET_ENCODER:
        from bankml.backends.local.automl.training.boosting import fit_fold

        parameters = {"seed": task.seed, **candidate.parameters}
        text, predicted = fit_fold(task.store, fold, candidate.preprocessor, parameters, limits)
        path.with_suffix(".txt").write_text(text)
        return predicted
    from bankml.backends.local.automl.training.prepared import fit_prepared

    return fit_prepared(task.store, fold, candidate, task.seed, path.with_suffix(".joblib"), limits)
