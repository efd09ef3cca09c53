"""Large data: most candidates learn from a sample, the best of them from more rows.

Method: successive halving, K. Jamieson and A. Talwalkar, Non-stochastic Best Arm Identification
and Hyperparameter Optimization, AISTATS 2016. All candidates are judged on the same held-out rows,
however many they learnt from, so that their scores can be compared.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bankml.backends.local.automl.candidates.candidate import (
    MOST_BINS,
    MOST_CATEGORIES,
    ONE_HOT_PIECEWISE,
    Candidate,
    DataShape,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_FIRST_CELLS = 1_200_000
_FEWEST_ROWS = 5_000
_STEP = 8
_WORTHWHILE = 2.5
_PROMOTED = 4
# A third was .0001 AUC better at the most: 1,000,000 rows, 53 to 35 s.
_PROMOTED_TO_THE_LAST = 2
_FEWEST_ITERATIONS = 10
# The more rows there are the more trees are worth it, and each costs more. Measured on 3,000,000
# rows: 63 s in place of 149 s, AUC .94381 in place of .94407.
_ROWS_FOR_LARGE_STEPS = 1_500_000
_LARGE_STEP = 0.14
_LINEAR = ("LogisticRegression", "ElasticNet")
# A linear model takes some five copies of what it learns from: 200 MB.
_MOST_COPIED_CELLS = 10_000_000


def rungs(
    shape: DataShape, most: int | None, most_rows: int | None = None
) -> tuple[int | None, ...]:
    """Return the numbers of rows to learn from, one after the other.

    Args:
        shape: What the data is like.
        most: Most candidates, or None. Few candidates all learn from as many rows as they can.
        most_rows: Most rows that one candidate has memory for, or None for all.

    Returns:
        Limits, of which the last is ``most_rows``; that alone where the data is not large.
    """
    if most is not None and most < _FEWEST_ITERATIONS:
        return (most_rows,)
    width = shape.columns * (shape.classes if shape.classes > 2 else 1)
    rows, limits = max(_FEWEST_ROWS, _FIRST_CELLS // width), []
    while is_worthwhile(min(shape.fitted_rows, most_rows or shape.fitted_rows), rows):
        limits.append(rows)
        rows *= _STEP
    return (*limits, most_rows)


def is_worthwhile(more: int, rows: int) -> bool:
    """Tell whether so many more rows are worth it to learn from them what was learnt from some."""
    return more > _WORTHWHILE * rows


def promotions(limits: Sequence[int | None]) -> int:
    """Return how many candidates are promoted on the whole way."""
    return sum(places(limit, limits) for limit in limits[1:])


def promoted(
    ranked: Sequence[Candidate], shape: DataShape, rows: int | None, number: int
) -> list[Candidate]:
    """Return the best candidates of a rung, to learn from more rows.

    Args:
        ranked: The candidates of the rung, the best first.
        shape: What the data is like.
        rows: The next rung's number of rows, or None for all.
        number: How many to promote.

    Returns:
        Candidates that can learn from that many rows without large copies of them.
    """
    able = [candidate for candidate in ranked if _is_able(candidate, shape, rows)]
    return [_with_rows(candidate, shape, rows) for candidate in (able or ranked)[:number]]


def _with_rows(candidate: Candidate, shape: DataShape, rows: int | None) -> Candidate:
    """Return a candidate that learns from so many rows, in large steps where they are very many."""
    parameters = dict(candidate.parameters)
    many = (rows or shape.fitted_rows) >= _ROWS_FOR_LARGE_STEPS
    if many and candidate.is_boosting:
        parameters["learning_rate"] = max(float(str(parameters["learning_rate"])), _LARGE_STEP)
    return replace(candidate, parameters=parameters, rows=rows)


def _is_able(candidate: Candidate, shape: DataShape, rows: int | None) -> bool:
    if candidate.algorithm in _LINEAR:
        bins = MOST_BINS if candidate.preprocessor == ONE_HOT_PIECEWISE else 1
        width = bins * (candidate.columns or shape.columns) + MOST_CATEGORIES * shape.categorical
        return (rows or shape.fitted_rows) * width <= _MOST_COPIED_CELLS
    return candidate.is_plain_boosting


def places(limit: int | None, limits: Sequence[int | None]) -> int:
    """Return how many candidates are promoted to a rung."""
    return _PROMOTED_TO_THE_LAST if limit == limits[-1] else _PROMOTED
