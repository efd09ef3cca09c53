"""The fixed, ordered portfolio that every run starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.backends.local.automl.candidates.candidate import (
    CODES,
    NATIVE_CATEGORIES,
    ONE_HOT,
    ONE_HOT_QUANTILE,
    TARGET_ENCODER,
    Candidate,
    DataShape,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_SMALL = 5_000
_KERNEL_ROWS = 5_000
_NETWORK_ROWS = 100_000
_LINEAR = {"classification": "LogisticRegression", "regression": "ElasticNet"}

_BOOSTING: tuple[dict[str, object], ...] = (
    {"learning_rate": 0.1, "num_leaves": 31, "feature_fraction": 0.8, "min_data_in_leaf": 20},
    {"learning_rate": 0.07, "num_leaves": 15, "feature_fraction": 0.7, "min_data_in_leaf": 40},
    {"learning_rate": 0.08, "num_leaves": 63, "extra_trees": True, "feature_fraction": 0.9},
    {"learning_rate": 0.07, "num_leaves": 24, "feature_fraction": 0.5, "min_data_in_leaf": 80,
     "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0},
    {"learning_rate": 0.07, "num_leaves": 7, "feature_fraction": 0.6, "min_data_in_leaf": 20},
    {"learning_rate": 0.05, "num_leaves": 95, "feature_fraction": 0.4, "min_data_in_leaf": 30,
     "bagging_fraction": 0.7, "bagging_freq": 1, "path_smooth": 10.0},
)  # fmt: skip
_FOREST: dict[str, object] = {
    "num_leaves": 255,
    "min_data_in_leaf": 4,
    "feature_fraction_bynode": 0.4,
}


def portfolio(shape: DataShape, algorithms: Sequence[str]) -> list[Candidate]:
    """Return the candidates to try first, in order.

    Args:
        shape: What the data is like.
        algorithms: The algorithms that the settings leave.

    Returns:
        The candidates; each algorithm that was asked for has at least one, where the data allows.
    """
    boosting = [_boosting(parameters, shape) for parameters in _BOOSTING]
    others = _linear(shape) + _forests(shape) + _kernels(shape) + _networks(shape)
    ordered = [*boosting[:2], *others[:1], *boosting[2:4], *others[1:], *boosting[4:]]
    ordered += _variants(shape)
    chosen = [candidate for candidate in ordered if candidate.algorithm in algorithms]
    return chosen or _asked_for(algorithms)


def _boosting(parameters: dict[str, object], shape: DataShape) -> Candidate:
    leaf = parameters.get("min_data_in_leaf", 20)
    limit = max(2, shape.rows // 40)
    return Candidate(
        "LightGBM", CODES, {**parameters, "min_data_in_leaf": min(int(str(leaf)), limit)}
    )


def _linear(shape: DataShape) -> list[Candidate]:
    name = _LINEAR[shape.task]
    strengths = (1.0,) if shape.rows > _SMALL else (1.0, 0.05)
    key = "C" if shape.task == "classification" else "alpha"
    return [Candidate(name, ONE_HOT, {key: strength}) for strength in strengths] + (
        [Candidate(name, ONE_HOT_QUANTILE, {key: 1.0})] if shape.rows <= _SMALL else []
    )


def _forests(shape: DataShape) -> list[Candidate]:
    small = shape.rows <= _SMALL
    leaf = {"min_data_in_leaf": 2} if small else {}
    parameters = {**_FOREST, **leaf, "n_estimators": 150 if small else 60}
    return [
        Candidate("RandomForest", CODES, parameters),
        Candidate("ExtremeRandomTrees", CODES, {**parameters, "feature_fraction_bynode": 0.7}),
    ]


def _kernels(shape: DataShape) -> list[Candidate]:
    if shape.rows > _KERNEL_ROWS:
        return []
    return [
        Candidate("SVM", ONE_HOT, {"C": 1.0, "gamma": "scale"}),
        Candidate("SVM", ONE_HOT, {"C": 10.0, "gamma": "scale"}),
        Candidate("KNN", ONE_HOT, {"n_neighbors": 10, "weights": "distance"}),
    ]


def _networks(shape: DataShape) -> list[Candidate]:
    if shape.rows > _NETWORK_ROWS or shape.rows > _SMALL:
        return []
    return [
        Candidate("MultiLayerPerceptron", ONE_HOT, {"hidden_layer_sizes": (64, 32), "alpha": 0.01})
    ]


def _variants(shape: DataShape) -> list[Candidate]:
    """Return other treatments of the categories, where there are categories."""
    variants = []
    if shape.categorical:
        variants.append(Candidate("LightGBM", NATIVE_CATEGORIES, _BOOSTING[1]))
    if shape.high_cardinality:
        variants += [Candidate("LightGBM", TARGET_ENCODER, _BOOSTING[place]) for place in (0, 3)]
    return variants


def _asked_for(algorithms: Sequence[str]) -> list[Candidate]:
    defaults: dict[str, Candidate] = {
        "SVM": Candidate("SVM", ONE_HOT, {"C": 1.0, "gamma": "scale"}),
        "KNN": Candidate("KNN", ONE_HOT, {"n_neighbors": 10, "weights": "distance"}),
        "MultiLayerPerceptron": Candidate(
            "MultiLayerPerceptron", ONE_HOT, {"hidden_layer_sizes": (64, 32), "alpha": 0.01}
        ),
        "GradientBoosting": Candidate("GradientBoosting", CODES, {"learning_rate": 0.1}),
    }
    return [defaults[name] for name in algorithms if name in defaults]
