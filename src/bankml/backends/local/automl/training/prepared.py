"""Candidates that scikit-learn carries: the matrix is prepared, then an estimator learns."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.backends.local.automl.candidates.candidate import (
    CODES,
    MOST_BINS,
    MOST_CATEGORIES,
    ONE_HOT_PIECEWISE,
    SPARSE_ONE_HOT,
    Candidate,
)
from bankml.backends.local.automl.training.estimators import new_estimator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from bankml.backends.local.automl.training.limits import Limits
    from bankml.backends.local.automl.training.store import Fold, Store

_LOOK_EVERY_SECONDS = 0.2
# Medians of all columns at once take nearly six copies of them.
_BLOCK_COLUMNS = 100


def fit_prepared(
    store: Store, fold: Fold, candidate: Candidate, seed: int, path: Path, limits: Limits
) -> NDArray[np.float32]:
    """Fit a scikit-learn candidate on a fold.

    Args:
        store: The data.
        fold: The split.
        candidate: What to fit.
        seed: Seed of everything random.
        path: Where the fitted pipeline goes.
        limits: When to stop.

    Returns:
        Predictions for the held-out rows, shaped as the task's other predictions.
    """
    train, label = store.rows(fold.train), store.label()[fold.train]
    estimator = prepared_estimator(
        store, candidate.algorithm, candidate.preprocessor, candidate.parameters, seed
    )
    with ending_in_time(limits):
        estimator.fit(train, label)
    _save(estimator, path)
    return predict_values(estimator, store.rows(fold.valid), store.classes)


def refit_prepared(
    store: Store, candidate: Candidate, seed: int, path: Path, limits: Limits
) -> None:
    """Fit a scikit-learn candidate on all rows.

    Args:
        store: The data.
        candidate: What to fit.
        seed: Seed of everything random.
        path: Where the fitted pipeline goes.
        limits: When to stop.

    Raises:
        CandidateStoppedError: The time was over before.
    """
    estimator = prepared_estimator(
        store, candidate.algorithm, candidate.preprocessor, candidate.parameters, seed
    )
    with ending_in_time(limits):
        estimator.fit(store.rows(), store.label())
    _save(estimator, path)


def _save(estimator: Any, path: Path) -> None:
    import joblib

    joblib.dump(estimator, path)


def predict_values(
    estimator: Any, matrix: NDArray[np.float32], classes: int
) -> NDArray[np.float32]:
    """Return probabilities of all classes, of the second of two, or numbers."""
    if classes == 0:
        return np.asarray(estimator.predict(matrix), dtype=np.float32)
    probability = np.zeros((len(matrix), classes), dtype=np.float32)
    probability[:, estimator.classes_.astype(int)] = estimator.predict_proba(matrix)
    return probability[:, 1] if classes == 2 else probability


@contextmanager
def ending_in_time(limits: Limits) -> Iterator[None]:
    """Interrupt estimators that know no time limit, where the system has alarm signals.

    Raises:
        CandidateStoppedError: The time ended, or the run was cancelled, while fitting.
    """
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    fitting = True

    def look(_signum: int, _frame: object) -> None:
        if fitting:
            limits.check()

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_EVERY_SECONDS, _LOOK_EVERY_SECONDS)
    try:
        yield
    finally:
        # Set first: an alarm may still come before the timer is stopped.
        fitting = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def prepared_estimator(
    store: Store, algorithm: str, preprocessor: str, parameters: Mapping[str, object], seed: int
) -> Any:
    """Return an unfitted pipeline on the encoded matrix.

    Args:
        store: The data, for the positions of its columns and category codes.
        algorithm: The algorithm's name.
        preprocessor: What prepares the matrix for it.
        parameters: The estimator's parameters.
        seed: Its seed.

    Returns:
        A scikit-learn pipeline of preprocessor and estimator.
    """
    from sklearn.pipeline import make_pipeline

    from bankml.backends.local.automl.models.selection import ColumnSelection

    steps = [new_estimator(store.task, algorithm, parameters, seed)]
    if preprocessor != CODES:
        steps.insert(0, _preparation(store, preprocessor))
    if store.columns is not None:
        steps.insert(0, ColumnSelection(np.array(store.columns)))
    return make_pipeline(*steps)


def _preparation(store: Store, preprocessor: str) -> Any:
    """Return what prepares the columns to learn from, which alone it gets."""
    from sklearn.base import clone
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    codes, columns = set(store.categorical), store.columns or range(store.width)
    numeric = [place for place, column in enumerate(columns) if column not in codes]
    categorical = [place for place, column in enumerate(columns) if column in codes]
    sparse = preprocessor == SPARSE_ONE_HOT
    limit = {"min_frequency": 2} if sparse else {"max_categories": MOST_CATEGORIES}
    one_hot = OneHotEncoder(
        handle_unknown="infrequent_if_exist", sparse_output=sparse, dtype=np.float32, **limit
    )
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True), *_scalers(preprocessor)
    )
    blocks = [
        (f"numbers {first}", clone(numbers), _in_short(numeric[first : first + _BLOCK_COLUMNS]))
        for first in range(0, len(numeric), _BLOCK_COLUMNS)
    ]
    return ColumnTransformer(
        [*blocks, ("categories", one_hot, _in_short(categorical))],
        sparse_threshold=float(sparse),
    )


def _in_short(places: list[int]) -> list[int] | slice:
    """Return neighbours as a slice: a model's file describes each number of a list."""
    if places and places[-1] - places[0] == len(places) - 1:
        return slice(places[0], places[-1] + 1)
    return places


def _scalers(preprocessor: str) -> list[Any]:
    from sklearn.preprocessing import StandardScaler

    from bankml.backends.local.automl.models.piecewise import PiecewiseLinearEncoder
    from bankml.backends.local.automl.models.scaling import ClippingScaler

    if preprocessor == ONE_HOT_PIECEWISE:
        return [PiecewiseLinearEncoder(MOST_BINS), StandardScaler()]
    return [ClippingScaler()]
