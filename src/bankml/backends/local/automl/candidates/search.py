"""The search around the best candidates, after the portfolio."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bankml.backends.local.automl.candidates.candidate import Candidate

_STEP = 0.6
_PARENTS = 3


@dataclass(frozen=True)
class Range:
    """The values that a parameter may take.

    Attributes:
        low: The least value.
        high: The largest value.
        whole: Whether only whole numbers are valid.
        default: The library's own value, where a candidate does not set it.
    """

    low: float
    high: float
    whole: bool = False
    default: float | None = None


_BOOSTING = {
    "learning_rate": Range(0.03, 0.15),
    "num_leaves": Range(4, 255, whole=True, default=31),
    "min_data_in_leaf": Range(1, 400, whole=True, default=20),
    "feature_fraction": Range(0.15, 1.0, default=1.0),
    "lambda_l2": Range(0.001, 50.0, default=0.01),
    "cat_smooth": Range(1.0, 100.0, default=10.0),
    "path_smooth": Range(0.001, 30.0, default=0.01),
}
_COLUMNS = Range(5, 1_000, whole=True)
SPACES: dict[str, dict[str, Range]] = {
    "LightGBM": _BOOSTING,
    "RandomForest": {
        "max_features": Range(0.05, 1.0),
        "min_samples_leaf": Range(1, 60, whole=True),
    },
    "ExtremeRandomTrees": {
        "max_features": Range(0.05, 1.0),
        "min_samples_leaf": Range(1, 60, whole=True),
    },
    "GradientBoosting": {
        "learning_rate": Range(0.03, 0.2, default=0.1),
        "max_leaf_nodes": Range(4, 127, whole=True, default=31),
        "l2_regularization": Range(0.001, 20.0, default=0.01),
    },
    "LogisticRegression": {"C": Range(0.001, 100.0)},
    "ElasticNet": {"alpha": Range(0.00001, 1.0), "l1_ratio": Range(0.01, 1.0)},
    "SVM": {"C": Range(0.05, 200.0)},
    "KNN": {"n_neighbors": Range(1, 80, whole=True)},
    "MultiLayerPerceptron": {
        "alpha": Range(1e-3, 30.0),
        "learning_rate_init": Range(0.001, 0.02),
        "max_iter": Range(20, 200, whole=True),
    },
}


def propose(
    ranked: Sequence[Candidate], tried: Sequence[Candidate], seed: Sequence[int], columns: int
) -> Candidate:
    """Return a candidate near one of the best so far.

    Args:
        ranked: Finished candidates, the best first; at least one.
        tried: All candidates that have been tried.
        seed: Seeds of this proposal; the same seeds and candidates give the same proposal.
        columns: How many columns there are.

    Returns:
        A candidate that has not been tried, as far as a few attempts find one.
    """
    random = np.random.default_rng(list(seed))
    proposal = ranked[0]
    for _ in range(20):
        # The best is taken as parent half of the time, the next a quarter, and so on.
        place = min(int(random.geometric(0.5)) - 1, len(ranked) - 1, _PARENTS - 1)
        parent = ranked[place]
        moved = _moved(parent.parameters, SPACES.get(parent.algorithm, {}), random)
        fewer_or_more = _fewer_or_more(parent.columns, columns, random)
        proposal = replace(parent, parameters=moved, columns=fewer_or_more)
        if proposal not in tried:
            break
    return proposal


def _fewer_or_more(columns: int | None, most: int, random: np.random.Generator) -> int | None:
    if columns is None or random.random() < 0.5:
        return columns
    return min(most, int(_step(float(columns), _COLUMNS, random)))


def _moved(
    parameters: Mapping[str, object], space: Mapping[str, Range], random: np.random.Generator
) -> dict[str, object]:
    moved = dict(parameters)
    for name, allowed in space.items():
        if random.random() < 0.5:
            value = moved.get(name, allowed.default)
            if value is not None:
                moved[name] = _step(float(str(value)), allowed, random)
    return moved


def _step(value: float, allowed: Range, random: np.random.Generator) -> float | int:
    stepped = math.exp(math.log(max(value, allowed.low)) + _STEP * float(random.standard_normal()))
    stepped = min(max(stepped, allowed.low), allowed.high)
    return round(stepped) if allowed.whole else float(f"{stepped:.3g}")
