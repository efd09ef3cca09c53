"""What a worker process runs: one candidate on all folds."""

from __future__ import annotations

import time
import traceback
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bankml.backends.local.automl.candidates.candidate import TARGET_ENCODER, Candidate
from bankml.backends.local.automl.training.limits import CandidateStoppedError, Limits
from bankml.backends.local.automl.training.racing import check_race
from bankml.backends.local.automl.training.scoring import held_out_metrics
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
        rivals: Files with the predictions of candidates that it must keep up with.
    """

    number: int
    candidate: Candidate
    store: Store
    folder: Path
    seconds: float
    stop_file: Path
    seed: int
    rivals: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Refit(Task):
    """A candidate to be fitted once more, on all rows, as a member of the final model.

    Attributes:
        copy: Which of its copies it is, from 0; they differ by their seeds.
        rounds: How many rounds a booster gets; there are no held-out rows to stop it by.
    """

    copy: int = 0
    rounds: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Attributes:
        number: The child's number.
        started: Seconds since the epoch.
        ended: Seconds since the epoch.
        metrics: Validation metrics by name; empty where something went wrong.
        error: None if all went well, otherwise the cause in a line.
        stopped: Whether it ran out of time, was cancelled, or was left behind.
        message: The end of the traceback, if there is one.
    """

    number: int
    started: float
    ended: float
    metrics: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    stopped: bool = False
    message: str = ""


def run_task(task: Task) -> Outcome:
    """Fit a candidate on every fold, or again on all rows; write its models and predictions.

    Never raises: what goes wrong is part of the outcome, so that one bad candidate costs no other.
    """
    started = time.time()
    try:
        with warnings.catch_warnings():
            # What a library warns of (no convergence, few quantiles) shows in the score.
            warnings.simplefilter("ignore")
            limits = Limits.starting_now(task.seconds, task.stop_file)
            task.folder.mkdir(parents=True, exist_ok=True)
            metrics = _refit(task, limits) if isinstance(task, Refit) else _fit_folds(task, limits)
    except CandidateStoppedError as error:
        return Outcome(task.number, started, time.time(), error=str(error), stopped=True)
    except Exception as error:  # noqa: BLE001  # any failure is this candidate's result
        lines = traceback.format_exc().splitlines()[-_TRACEBACK_LINES:]
        cause = f"{type(error).__name__}: {error}"
        return Outcome(task.number, started, time.time(), error=cause, message="\n".join(lines))
    return Outcome(task.number, started, time.time(), metrics)


def _refit(task: Refit, limits: Limits) -> dict[str, float]:
    candidate, path = task.candidate, task.folder / f"model{task.copy}"
    if is_plain_boosting(candidate):
        from bankml.backends.local.automl.training.boosting import fit_all_rows

        parameters = {"seed": task.seed, **candidate.parameters, "n_estimators": task.rounds}
        text = fit_all_rows(task.store, candidate.preprocessor, parameters, limits)
        path.with_suffix(".txt").write_text(text)
    else:
        from bankml.backends.local.automl.training.prepared import refit_prepared

        refit_prepared(
            task.store, candidate, task.seed, task.rounds, path.with_suffix(".joblib"), limits
        )
    return {}


def _fit_folds(task: Task, limits: Limits) -> dict[str, float]:
    store = task.store
    predictions: list[NDArray[np.float32]] = []
    folds = split(store, task.candidate.rows)
    for number, fold in enumerate(folds):
        limits.check()
        check_race(store, folds, predictions, task.rivals)
        predictions.append(_fit_one(task, fold, task.folder / f"model{number}", limits))
    predicted = np.concatenate(predictions)
    if not np.isfinite(predicted).all():
        raise ValueError("the predictions are not finite numbers")
    np.save(task.folder / "predictions.npy", predicted.astype(np.float32))
    held_out = np.concatenate([fold.valid for fold in folds])
    return held_out_metrics(store.label(), held_out, predicted, store.classes)


def _fit_one(task: Task, fold: Fold, path: Path, limits: Limits) -> NDArray[np.float32]:
    candidate = task.candidate
    if is_plain_boosting(candidate):
        from bankml.backends.local.automl.training.boosting import fit_fold

        parameters = {"seed": task.seed, **candidate.parameters}
        text, predicted = fit_fold(task.store, fold, candidate.preprocessor, parameters, limits)
        path.with_suffix(".txt").write_text(text)
        return predicted
    from bankml.backends.local.automl.training.prepared import fit_prepared

    return fit_prepared(task.store, fold, candidate, task.seed, path.with_suffix(".joblib"), limits)


def is_plain_boosting(candidate: Candidate) -> bool:
    """Tell whether LightGBM takes the encoded matrix as it is: then no scikit-learn is loaded."""
    return candidate.algorithm == "LightGBM" and candidate.preprocessor != TARGET_ENCODER
