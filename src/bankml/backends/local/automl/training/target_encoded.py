"""Gradient boosting by LightGBM on columns whose many categories are encoded by the label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import TargetEncoder

from bankml.backends.local.automl.training import boosting
from bankml.backends.local.automl.training.boosting_data import of_matrix

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from bankml.backends.local.automl.training.limits import Limits
    from bankml.backends.local.automl.training.store import Fold, Store


def fit_fold(
    store: Store, fold: Fold, parameters: Mapping[str, object], path: Path, limits: Limits
) -> boosting.FoldBooster:
    """Fit on a fold's training rows; stop early by its held-out rows.

    Args:
        store: The data.
        fold: The split.
        parameters: LightGBM's parameters, and its seed.
        path: Where the fitted encoder goes.
        limits: When to stop; the trees so far are kept if there are any.

    Returns:
        The booster, and what it says of the rows it is judged on.
    """
    label, encoder = store.label(), _encoder(store, parameters)
    encoded = _fit_encoder(encoder, store.rows(fold.train), label[fold.train], path)
    held_out = np.asarray(encoder.transform(store.rows(fold.valid)), dtype=np.float32)
    training = of_matrix(encoded, label[fold.train])
    validation = training.create_valid(held_out, label[fold.valid])
    return boosting.train(
        training, validation, lambda: held_out,
        boosting.boosting_parameters(store, parameters), limits,
    )  # fmt: skip


def fit_all_rows(store: Store, parameters: Mapping[str, object], path: Path, limits: Limits) -> Any:
    """Fit on all rows, for as many rounds as ``n_estimators`` says.

    Args:
        store: The data.
        parameters: LightGBM's parameters, its seed and ``n_estimators``.
        path: Where the fitted encoder goes.
        limits: When to stop.

    Returns:
        The booster.

    Raises:
        CandidateStoppedError: The time was over before all rounds were done.
    """
    label = store.label()
    encoded = _fit_encoder(_encoder(store, parameters), store.rows(), label, path)
    training = of_matrix(encoded, label)
    return boosting.train_rounds(training, boosting.boosting_parameters(store, parameters), limits)


def _encoder(store: Store, parameters: Mapping[str, object]) -> ColumnTransformer:
    kinds = {0: "continuous", 2: "binary"}
    # It encodes the rows it learns from in folds of its own, which it would shuffle anew each time.
    encoder = TargetEncoder(
        target_type=kinds.get(store.classes, "multiclass"),
        random_state=int(str(parameters["seed"])),
    )
    columns = store.of_many_categories
    return ColumnTransformer([("target", encoder, columns)], remainder="passthrough")


def _fit_encoder(
    encoder: ColumnTransformer, matrix: NDArray[np.float32], label: NDArray[np.float64], path: Path
) -> NDArray[np.float32]:
    """Fit and write an encoder; return the rows as it encodes them for training."""
    encoded: Any = encoder.fit_transform(matrix, label)
    joblib.dump(encoder, path)
    return np.asarray(encoded, dtype=np.float32)
