"""The candidates of each family of algorithms, with the parameters that suit a data's size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bankml.backends.local.automl.binning import WIDE_COLUMNS
from bankml.backends.local.automl.candidates.candidate import (
    CODES,
    NATIVE_CATEGORIES,
    ONE_HOT,
    ONE_HOT_PIECEWISE,
    SPARSE_ONE_HOT,
    TARGET_ENCODER,
    Candidate,
    DataShape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_TINY_ROWS = 1_000
_SMALL_ROWS = 5_000
_NETWORK_ROWS = 20_000
_FOREST_COLUMNS = 30
_MOST_OF_A_BATCH = 400

_BOOSTING: tuple[dict[str, object], ...] = (
    {"learning_rate": 0.1, "num_leaves": 31, "feature_fraction": 0.8, "min_data_in_leaf": 20},
    {"learning_rate": 0.07, "num_leaves": 15, "feature_fraction": 0.7, "min_data_in_leaf": 40},
    {"learning_rate": 0.08, "num_leaves": 63, "extra_trees": True, "feature_fraction": 0.9},
    {"learning_rate": 0.08, "num_leaves": 7, "feature_fraction": 0.6, "min_data_in_leaf": 20},
    {"learning_rate": 0.07, "num_leaves": 24, "feature_fraction": 0.5, "min_data_in_leaf": 80,
     "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0},
    {"learning_rate": 0.07, "num_leaves": 95, "feature_fraction": 0.4, "min_data_in_leaf": 30,
     "bagging_fraction": 0.7, "bagging_freq": 1, "path_smooth": 10.0},
)  # fmt: skip

# A round grows a tree for each class, so that trees are small and steps are large. Measured on two
# splits of two data sets: a third of the time, log loss .641 -> .595, .436 -> .402, .136 -> .087
# and .105 -> .078 for the first of each table.
_BOOSTING_OF_CLASSES: tuple[dict[str, object], ...] = (
    {"learning_rate": 0.15, "num_leaves": 15, "extra_trees": True, "feature_fraction": 0.9},
    {"learning_rate": 0.15, "num_leaves": 7, "extra_trees": True, "feature_fraction": 0.9},
    {"learning_rate": 0.12, "num_leaves": 31, "feature_fraction": 0.6, "min_data_in_leaf": 20},
    {"learning_rate": 0.12, "num_leaves": 7, "feature_fraction": 0.6, "min_data_in_leaf": 20,
     "bagging_fraction": 0.7, "bagging_freq": 1},
    {"learning_rate": 0.12, "num_leaves": 31, "extra_trees": True, "feature_fraction": 0.5,
     "lambda_l2": 5.0},
)  # fmt: skip


def _boosting_parameters(shape: DataShape) -> tuple[dict[str, object], ...]:
    return _BOOSTING_OF_CLASSES if shape.classes > 2 else _BOOSTING


def boosting(shape: DataShape) -> list[Candidate]:
    """Return boosted trees of different kinds, the most telling first."""
    return [boosting_of(parameters, shape) for parameters in _boosting_parameters(shape)]


def boosting_of(parameters: Mapping[str, object], shape: DataShape) -> Candidate:
    """Return boosted trees of these parameters, whose leaves are not too large for the data."""
    leaf = int(str(parameters.get("min_data_in_leaf", 20)))
    return Candidate(
        "LightGBM", CODES, {**parameters, "min_data_in_leaf": min(leaf, max(2, shape.rows // 40))}
    )


def treatments_of_categories(shape: DataShape) -> list[Candidate]:
    """Return boosted trees that treat categories otherwise, where there are categories."""
    treated, parameters = [], _boosting_parameters(shape)
    if shape.high_cardinality:
        treated += [Candidate("LightGBM", TARGET_ENCODER, parameters[place]) for place in (1, 4)]
    if shape.categorical:
        treated.append(Candidate("LightGBM", NATIVE_CATEGORIES, parameters[1]))
    return treated


def linear(shape: DataShape) -> list[Candidate]:
    """Return linear models: on few rows and of many categories straight ones, else curves."""
    straight = straight_lines(shape)
    if shape.high_cardinality:
        return straight
    return [*straight, _curves(shape)] if shape.rows <= _SMALL_ROWS else [_curves(shape)]


def _curves(shape: DataShape) -> Candidate:
    """Return a linear model of how far each number is through each of its bins.

    Measured on the development seeds, penalties of 3 and 30 on the squares of numbers' weights,
    which ``alpha`` is a share of: errors of 58.2 and 56.7 on 353 rows, 1.62 and 1.62 on 3,200.
    """
    if shape.task == "classification":
        strength = round(_inverse_strength(shape) / 3, 4)
        return Candidate("LogisticRegression", ONE_HOT_PIECEWISE, {"C": strength})
    alpha = round(min(max(30 / shape.rows, 0.001), 0.1), 4)
    return Candidate("ElasticNet", ONE_HOT_PIECEWISE, {"alpha": alpha, "l1_ratio": 0.1})


def straight_lines(shape: DataShape) -> list[Candidate]:
    """Return linear models that take numbers as they are, for as many columns as there may be."""
    if shape.high_cardinality:
        return _linear_of_categories(shape)
    if shape.task == "classification":
        return [Candidate("LogisticRegression", ONE_HOT, {"C": _inverse_strength(shape)})]
    return [Candidate("ElasticNet", ONE_HOT, {"alpha": 0.01, "l1_ratio": 0.5})]


def _inverse_strength(shape: DataShape) -> float:
    """Return C of a logistic regression: less where there are few rows for each of many columns.

    Measured on the development seeds, C of .003, .01 and 1: log loss .599, .629 and .808 (and .629,
    .656 and .798) on 1,600 rows of 400 columns, .482, .513 and 1.69 on 5,000 of 2,000, .400, .356
    and .381 on 5,000 of 500.
    """
    return 0.01 if shape.columns > WIDE_COLUMNS else 1.0


def _linear_of_categories(shape: DataShape) -> list[Candidate]:
    """Return linear models, for classes one that expects small differences and one for large ones.

    Measured on the development seeds, four splits of 16,000 rows: C of .3, .8 and 1.2 have an AUC
    of .8243, .8258 and .8254 on unseen rows, and which is best depends on the data. For numbers
    a penalty of a third is no better, and takes as long as trees.
    """
    if shape.task == "classification":
        return [Candidate("LogisticRegression", SPARSE_ONE_HOT, {"C": c}) for c in (0.3, 1.0)]
    return [Candidate("ElasticNet", SPARSE_ONE_HOT, {"alpha": 2e-4, "l1_ratio": 0.1})]


def networks(shape: DataShape) -> list[Candidate]:
    """Return neural networks, the one with the strongest penalty last; none where rows are many."""
    if shape.rows > _NETWORK_ROWS:
        return []
    return [_network(shape, strength) for strength in _strengths(shape.rows)]


def _strengths(rows: int) -> tuple[float, ...]:
    """Return penalties on a network's weights, for 200 rows at a time: more where rows are fewer.

    Measured on the development seeds, three splits each, ensembles of networks of .3 and 1.2, of
    .03 and .3: 20,000 rows, log loss .0702 -> .0542 (a network alone is best at .1, but what one
    has learnt too much of others average out); 6,400 rows .440 -> .435; 12,000 rows the same. With
    fewer rows it depends on the noise (.25 for ten digits, 4 and more for 353 rows), so there are
    more to choose from.
    """
    if rows <= _SMALL_ROWS:
        return (0.6, 0.25, 4.0)
    least = round(0.03 * _NETWORK_ROWS / rows, 3)
    return (least, 10 * least)


def _network(shape: DataShape, strength: float) -> Candidate:
    batch = _batch(shape)
    parameters: dict[str, object] = {
        "hidden_layer_sizes": (64, 32),
        # scikit-learn divides the penalty by the rows of a batch; strengths are meant for 200.
        "alpha": round(strength * batch / 200, 3),
        "batch_size": batch,
        "learning_rate_init": 0.005,
        "max_iter": 60 if shape.rows <= _SMALL_ROWS else 25,
    }
    return Candidate("MultiLayerPerceptron", ONE_HOT, parameters)


def _batch(shape: DataShape) -> int:
    """Return how many rows a network learns from at a time: up to 400, shared out evenly.

    Measured on the development seeds beside scikit-learn's 200, two splits and three seeds each of
    six data sets: a quarter less time, and losses within 3 % either way.
    """
    return math.ceil(shape.fitted_rows / math.ceil(shape.fitted_rows / _MOST_OF_A_BATCH))


def _forest(name: str, shape: DataShape) -> Candidate:
    share = 0.6 if name == "ExtremeRandomTrees" else 0.3
    parameters: dict[str, object] = {
        "n_estimators": 50,
        "max_features": round(min(share, max(_FOREST_COLUMNS / shape.columns, 0.05)), 3),
        "min_samples_leaf": 2 if shape.rows <= _SMALL_ROWS else 5,
    }
    return Candidate(name, CODES, parameters)


def support_vectors(shape: DataShape) -> list[Candidate]:
    """Return a support vector machine, none where rows are many."""
    return [_machine(shape)] if shape.rows <= _SMALL_ROWS else []


def neighbours(shape: DataShape) -> list[Candidate]:
    """Return a vote of the nearest neighbours, none where rows are many."""
    return [_neighbours(shape)] if shape.rows <= _SMALL_ROWS else []


def of_any_size(algorithms: Iterable[str], shape: DataShape) -> list[Candidate]:
    """Return a candidate of each algorithm that on large data only runs if it is asked for.

    Forests and scikit-learn's gradient boosting always have to be. Of 217 forests tried on the
    development seeds three became members of an ensemble, on less than 600 rows. Without them, four
    to ten splits of each of nine sets: candidates' time a tenth to a fifth less, losses the same on
    digits and terrain, within what splits differ by on six others, .9 % more on 480 rows with
    steps.
    """
    return [_SLOW[name](shape) for name in algorithms if name in _SLOW]


def _machine(shape: DataShape) -> Candidate:
    """Return a support vector machine that trusts few rows less, and numbers less than classes.

    Measured on the development seeds: C of 1, 3 and 10 have log loss .077, .073 and .085 on 455
    rows and .040, .035 and .035 on 1,438; C of .3, 1 and 3 have errors of 54.9, 55.8 and 59.0 on
    353 rows, and 1, 3 and 10 of 1.33, 1.32 and 1.40 on 3,200.
    """
    tiny, large = (3.0, 10.0) if shape.classes else (0.3, 3.0)
    strength = tiny if shape.rows <= _TINY_ROWS else large
    return Candidate("SVM", ONE_HOT, {"C": strength})


def _neighbours(shape: DataShape) -> Candidate:
    number = 10 if shape.rows <= _SMALL_ROWS else 30
    return Candidate("KNN", ONE_HOT, {"n_neighbors": number, "weights": "distance"})


_SLOW: dict[str, Callable[[DataShape], Candidate]] = {
    "RandomForest": lambda shape: _forest("RandomForest", shape),
    "ExtremeRandomTrees": lambda shape: _forest("ExtremeRandomTrees", shape),
    "SVM": _machine,
    "KNN": _neighbours,
    "MultiLayerPerceptron": lambda shape: _network(shape, 1.0),
    "GradientBoosting": lambda _: Candidate("GradientBoosting", CODES, {"learning_rate": 0.1}),
}
