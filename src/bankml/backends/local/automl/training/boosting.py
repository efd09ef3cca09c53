"""Gradient boosting by LightGBM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.backends.local.automl.candidates.candidate import NATIVE_CATEGORIES
from bankml.backends.local.automl.training.lean_lightgbm import lean_lightgbm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from bankml.backends.local.automl.training.limits import Limits
    from bankml.backends.local.automl.training.store import Fold, Store

_MOST_ROUNDS = 2000
_MOST_TREES = 4000
_PATIENCE_TREES = 3.0
_MANY_ROWS = 10_000
_WIDE_COLUMNS = 200
_datasets: dict[tuple[str, str], Any] = {}


def fit_fold(
    store: Store, fold: Fold, preprocessor: str,
    parameters: Mapping[str, object], limits: Limits,
) -> tuple[str, NDArray[np.float32]]:  # fmt: skip
    """Fit on a fold's training rows; stop early by its held-out rows.

    Args:
        store: The data.
        fold: The split.
        preprocessor: How the categories are treated.
        parameters: LightGBM's parameters, and ``n_estimators``.
        limits: When to stop; the trees so far are kept if there are any.

    Returns:
        The model as LightGBM's text, and its predictions for the held-out rows.
    """
    whole = _whole(store, preprocessor)
    held = np.asarray(store.matrix()[fold.valid], order="C")
    booster = train(
        whole.subset(fold.train), whole.subset(fold.valid),
        boosting_parameters(store, parameters), limits,
    )  # fmt: skip
    return booster_text(booster), predict(booster, held)


def boosting_parameters(store: Store, parameters: Mapping[str, object]) -> dict[str, object]:
    """Return LightGBM's parameters for a store's task, with those of a candidate over them."""
    objectives = {0: "regression", 2: "binary"}
    return {
        "objective": objectives.get(store.classes, "multiclass"),
        "num_threads": 1,
        "verbosity": -1,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
        "n_estimators": min(_MOST_ROUNDS, _MOST_TREES // max(store.classes, 1)),
        **({"num_class": store.classes} if store.classes > 2 else {}),
        **parameters,
    }


def train(training: Any, validation: Any, parameters: dict[str, object], limits: Limits) -> Any:
    """Train a booster until the validation loss no longer falls.

    Raises:
        CandidateStoppedError: The time was over before the first tree.
    """
    lightgbm = lean_lightgbm()
    parameters = dict(parameters)
    rounds = int(str(parameters.pop("n_estimators")))
    limits.check()
    patience = int(10 + _PATIENCE_TREES / float(str(parameters.get("learning_rate", 0.1))))
    callbacks = [
        _time_limit(lightgbm, limits),
        lightgbm.early_stopping(patience, verbose=False),
    ]
    return lightgbm.train(
        parameters, training, rounds, valid_sets=[validation], callbacks=callbacks
    )


def train_arrays(
    training: tuple[NDArray[np.float32], NDArray[np.float64]],
    validation: tuple[NDArray[np.float32], NDArray[np.float64]],
    parameters: dict[str, object],
    limits: Limits,
) -> Any:
    """Train a booster on matrices and labels that only this candidate uses."""
    lightgbm = lean_lightgbm()
    size = {"max_bin": bins(*training[0].shape)}
    data = lightgbm.Dataset(*training, params={"verbosity": -1, **size})
    return train(data, data.create_valid(*validation), parameters, limits)


def predict(booster: Any, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities ``(rows, classes)``, of the second class ``(rows,)``, or numbers."""
    predicted: NDArray[np.float32] = booster.predict(matrix, num_threads=1).astype(np.float32)
    return predicted


def booster_text(booster: Any) -> str:
    """Return the booster as text, up to its best round and without its training parameters."""
    text: str = booster.model_to_string(num_iteration=booster.best_iteration or -1)
    return text


def bins(rows: int, columns: int) -> int:
    """Return how finely values are binned: coarsely where rows are few, which is faster too."""
    if rows >= _MANY_ROWS:
        return 255
    return 31 if columns > _WIDE_COLUMNS else 63


def _whole(store: Store, preprocessor: str) -> Any:
    """Return all rows as a binned data set; kept, as every candidate of a worker uses it."""
    native = preprocessor == NATIVE_CATEGORIES
    key = (str(store.folder), preprocessor if native else "")
    if key not in _datasets:
        lightgbm = lean_lightgbm()
        _datasets.clear()
        matrix = store.matrix()
        _datasets[key] = lightgbm.Dataset(
            matrix,
            store.label(),
            categorical_feature=list(store.categorical) if native else [],
            params={
                "verbosity": -1,
                "feature_pre_filter": False,
                "num_threads": 1,
                "max_bin": bins(*matrix.shape),
            },
        ).construct()
    return _datasets[key]


def _time_limit(lightgbm: Any, limits: Limits) -> Any:
    def stop_in_time(env: Any) -> None:
        if limits.reached():
            raise lightgbm.callback.EarlyStopException(env.iteration, env.evaluation_result_list)

    return stop_in_time
