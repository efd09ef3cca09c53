"""How much work a candidate is, told before it is done.

Only the order of magnitude matters: the choice of candidates must be the same on every run, so it
cannot depend on a clock. The constants were measured on one core of a 2.5 GHz server.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from bankml.backends.local.automl.binning import bins
from bankml.backends.local.automl.candidates.candidate import ONE_HOT_PIECEWISE

if TYPE_CHECKING:
    from collections.abc import Callable

    from bankml.backends.local.automl.candidates.candidate import Candidate, DataShape

_ENOUGH_SECONDS = 10.0
_OF_THE_FIRST = 8.0
_LARGEST_SHARE = 0.2
# Extremely randomised trees look at one threshold of a column, but at all of its rows.
_RANDOM_SPLITS = 0.3
# Columns that a number's bins count for beside its own: they are eight, but need fewer steps.
_OF_CURVES = 2


def core_seconds(candidate: Candidate, shape: DataShape) -> float:
    """Return about how many seconds one core needs for a candidate on all folds."""
    rows = min(shape.fitted_rows, candidate.rows or shape.fitted_rows)
    if candidate.columns is not None:
        shape = replace(shape, columns=min(shape.columns, candidate.columns))
    return shape.folds * _COSTS[candidate.algorithm](candidate, shape, rows)


def enough(first: float) -> float:
    """Return the core-seconds after which a run with early stopping has tried enough.

    Args:
        first: The work of the first candidate, which stands for how large the data is.
    """
    return max(_ENOUGH_SECONDS, _OF_THE_FIRST * first)


def is_affordable(seconds: float, budget: float) -> bool:
    """Tell whether one candidate leaves room for others within a budget."""
    return seconds <= _LARGEST_SHARE * budget


def _number(candidate: Candidate, name: str, default: float) -> float:
    return float(str(candidate.parameters.get(name, default)))


def _boosting(candidate: Candidate, shape: DataShape, rows: int) -> float:
    fewest = _number(candidate, "min_data_in_leaf", 20)
    leaves = max(2.0, min(_number(candidate, "num_leaves", 31), rows / fewest / 2))
    cells = rows * shape.columns * _number(candidate, "feature_fraction", 1.0)
    many_categories = shape.high_cardinality > 0
    splits = leaves * shape.columns * bins(rows, shape.columns, many_categories=many_categories)
    if candidate.parameters.get("extra_trees"):
        splits *= _RANDOM_SPLITS
    tree = 2e-4 + 1.2e-9 * cells * math.log2(leaves) / 2 + 3e-9 * splits
    trees = 10 / _number(candidate, "learning_rate", 0.1)
    return tree * trees * (shape.classes if shape.classes > 2 else 1)


def _linear(candidate: Candidate, shape: DataShape, rows: int) -> float:
    columns = shape.columns
    if candidate.preprocessor == ONE_HOT_PIECEWISE:
        columns += _OF_CURVES * (shape.columns - shape.categorical)
    return 0.1 + 2e-7 * rows * columns * max(shape.classes, 1)


def _forest(per_cell: float) -> Callable[[Candidate, DataShape, int], float]:
    def cost(candidate: Candidate, shape: DataShape, rows: int) -> float:
        tried = _number(candidate, "max_features", 1.0) * shape.columns
        cells = _number(candidate, "n_estimators", 100) * rows * math.log2(rows + 1) * tried
        return cells * per_cell * (1 if shape.classes else 2)

    return cost


def _network(candidate: Candidate, shape: DataShape, rows: int) -> float:
    return _number(candidate, "max_iter", 50) * rows * (1.5e-6 + 5e-9 * shape.columns)


def _machine(_candidate: Candidate, shape: DataShape, rows: int) -> float:
    # One machine for each class beyond two, each fitted again in folds to be calibrated.
    fits = 2.0 * (shape.classes if shape.classes > 2 else 1)
    return 4e-10 * rows * rows * (shape.columns + 20) * fits


def _neighbours(_candidate: Candidate, shape: DataShape, rows: int) -> float:
    return 1e-10 * rows * rows * shape.columns


_COSTS: dict[str, Callable[[Candidate, DataShape, int], float]] = {
    "LightGBM": _boosting,
    "GradientBoosting": _boosting,
    "LogisticRegression": _linear,
    "ElasticNet": _linear,
    "RandomForest": _forest(3e-8),
    "ExtremeRandomTrees": _forest(8e-9),
    "MultiLayerPerceptron": _network,
    "SVM": _machine,
    "KNN": _neighbours,
}
