"""What a worker process runs: one candidate on all folds."""

from __future__ import annotations

import time
import traceback
import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.backends.local.automl.training import boosting
from bankml.backends.local.automl.training.feature_selection import best_columns
from bankml.backends.local.automl.training.limits import CandidateStoppedError, Limits
from bankml.backends.local.automl.training.racing import check_race
from bankml.backends.local.automl.training.scoring import held_out_metrics
from bankml.backends.local.automl.training.store import Fold, Store, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from bankml.backends.local.automl.candidates.candidate import Candidate

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
        guide: Folder of the candidate that tells the best columns, where it learns from few.
    """

    number: int
    candidate: Candidate
    store: Store
    folder: Path
    seconds: float
    stop_file: Path
    seed: int
    rivals: tuple[Path, ...] = ()
    guide: Path | None = None


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
    prepared = path.with_suffix(".joblib")
    if candidate.is_boosting:
        parameters = {"seed": task.seed, **candidate.parameters, "n_estimators": task.rounds}
        booster = _booster_of_all_rows(task, parameters, prepared, limits)
        boosting.write_booster(booster, path.with_suffix(".txt"))
    else:
        from bankml.backends.local.automl.training.prepared import refit_prepared

        refit_prepared(_store(task), candidate, task.seed, prepared, limits)
    return {}


def _booster_of_all_rows(
    task: Task, parameters: Mapping[str, object], prepared: Path, limits: Limits
) -> Any:
    if task.candidate.is_plain_boosting:
        return boosting.fit_all_rows(_store(task), task.candidate.preprocessor, parameters, limits)
    from bankml.backends.local.automl.training import target_encoded

    return target_encoded.fit_all_rows(task.store, parameters, prepared, limits)


def _fit_folds(task: Task, limits: Limits) -> dict[str, float]:
    store = task.store
    folds = split(store, task.candidate.rows)
    fit = _boosted if task.candidate.is_boosting else _prepared
    predicted = np.concatenate(fit(task, folds, limits))
    if not np.isfinite(predicted).all():
        raise ValueError("the predictions are not finite numbers")
    np.save(task.folder / "predictions.npy", predicted.astype(np.float32))
    held_out = np.concatenate([fold.valid for fold in folds])
    return held_out_metrics(store.label(), held_out, predicted, store.classes)


def _boosted(task: Task, folds: Sequence[Fold], limits: Limits) -> list[NDArray[np.float32]]:
    """Fit LightGBM on every fold; write the models and return the predictions."""
    fitted: list[boosting.FoldBooster] = []
    small = len(folds) == 1 or boosting.are_small(task.store, len(folds))

    def fit_one(fold: Fold) -> NDArray[np.float32]:
        fitted.append(_fold_booster(task, fold, limits))
        if not small:
            fitted[-1].let_go_of_rows()
        return fitted[-1].predicted

    predictions = _one_by_one(task, folds, limits, fit_one)
    if len(folds) > 1:
        predictions = boosting.agree_on_rounds(fitted)
    for number, each in enumerate(fitted):
        boosting.write_booster(each.booster, task.folder / f"model{number}.txt")
    return predictions


def _fold_booster(task: Task, fold: Fold, limits: Limits) -> boosting.FoldBooster:
    parameters = {"seed": task.seed, **task.candidate.parameters}
    if task.candidate.is_plain_boosting:
        preprocessor = task.candidate.preprocessor
        store = _store(task, fold.number)
        return boosting.fit_fold(store, fold, preprocessor, parameters, limits)
    from bankml.backends.local.automl.training import target_encoded

    path = task.folder / f"model{fold.number}.joblib"
    return target_encoded.fit_fold(task.store, fold, parameters, path, limits)


def _prepared(task: Task, folds: Sequence[Fold], limits: Limits) -> list[NDArray[np.float32]]:
    """Fit scikit-learn's estimator on every fold; write the models and return the predictions."""
    from bankml.backends.local.automl.training.prepared import fit_prepared

    def fit_one(fold: Fold) -> NDArray[np.float32]:
        path = task.folder / f"model{fold.number}.joblib"
        store = _store(task, fold.number)
        return fit_prepared(store, fold, task.candidate, task.seed, path, limits)

    return _one_by_one(task, folds, limits, fit_one)


def _store(task: Task, fold: int | None = None) -> Store:
    """Return the data, with the columns that are best for a fold, or for all rows."""
    if task.guide is None or task.candidate.columns is None:
        return task.store
    columns = best_columns(task.guide, task.candidate.columns, fold)
    return replace(task.store, columns=columns)


def _one_by_one(
    task: Task, folds: Sequence[Fold], limits: Limits,
    fit_one: Callable[[Fold], NDArray[np.float32]],
) -> list[NDArray[np.float32]]:  # fmt: skip
    """Fit on one fold after the other, for as long as the candidate keeps up with others."""
    predictions: list[NDArray[np.float32]] = []
    for fold in folds:
        limits.check()
        check_race(task.store, folds, predictions, task.rivals)
        predictions.append(fit_one(fold))
    return predictions
