"""The fixed, ordered portfolio that every run starts with."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from bankml.backends.local.automl.binning import WIDE_COLUMNS
from bankml.backends.local.automl.candidates.candidate import FOLDS_OF_A_RACE
from bankml.backends.local.automl.candidates.cost import core_seconds, enough, is_affordable
from bankml.backends.local.automl.candidates.families import (
    boosting,
    boosting_of,
    linear,
    neighbours,
    networks,
    of_any_size,
    straight_lines,
    support_vectors,
    treatments_of_categories,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bankml.backends.local.automl.candidates.candidate import Candidate, DataShape

_ALWAYS = 3
_FEW_ROWS = 1_000
_MANY_COLUMNS = 24
_MANY_COLUMNS_OF_FEW_ROWS = 40
_ROWS_FOR_HALF = 5_000
_FEWEST_COLUMNS = 10
# Times the root of the number of columns.
_SOME = 5
_FEW = 3
# Measured on 400 and 1,000 columns, of which 65 tell something: its best 60 to 160 hold as many of
# those as the best of any other trees tried, which took two to four times as long.
_GUIDE_PARAMETERS = {
    "learning_rate": 0.12, "num_leaves": 15, "feature_fraction": 0.3, "min_data_in_leaf": 20,
}  # fmt: skip
# What comes late races, and is left behind if it can't keep up. Measured on the development seeds,
# eighteen splits of six kinds, 2,400 rows of 400 columns, what takes long last: a tenth less CPU
# time and losses .5 % less on the mean, from 2.3 % less to 1.4 % more. Of 64 columns the usual
# order was better on six of the seven splits where it made a difference. In that, small trees
# before smooth ones, and the support vectors of all columns before those of the best: 49 columns of
# dates and texts in a quarter less of the candidates' time, 40 columns of clusters in a third less,
# 60 columns and ten digits in as much, losses the same or less but .1 % more on 60 columns (four
# splits each).
_USUAL_ORDER = ("large trees", "small trees", "of all columns", "smooth ones", "others")
_LONG_LAST = ("smooth ones", "others", "small trees", "large trees", "of all columns")
GUIDE = 0
"""Number of the candidate whose gains tell which columns are best, where others learn from few."""


def portfolio(
    shape: DataShape, algorithms: Sequence[str], rows: int | None = None, *,
    wanted: Sequence[str] = (),
) -> list[Candidate]:  # fmt: skip
    """Return the candidates to try first, in order.

    Args:
        shape: What the data is like.
        algorithms: The algorithms that the settings leave.
        rows: Most rows that each may learn from, or None for all.
        wanted: Those of them that are asked for by name: each is tried as far as one candidate of
            it is not more work than a whole run.

    Returns:
        The candidates. Those that are too much work for the data's size are left out, unless
        nothing else is asked for.
    """
    if rows is not None:
        of_sample = replace(shape, rows=min(shape.rows, rows))
        limited = portfolio(of_sample, algorithms, wanted=wanted)
        return [replace(candidate, rows=rows) for candidate in limited]
    guided = "LightGBM" in algorithms
    many = guided and _has_many_columns(shape)
    ordered = _of_many_columns(shape) if many else _of_all_columns(shape)
    first = ordered[:_ALWAYS]
    budget = enough(core_seconds(first[0], shape))
    allowed = [
        candidate
        for candidate in ordered
        if candidate.algorithm in algorithms and (guided or candidate.columns is None)
    ]
    chosen = _affordable(allowed, first, budget, shape) or allowed
    if not chosen:
        return of_any_size(algorithms, shape)
    more = of_any_size(without_candidates(wanted, chosen), shape)
    return [*chosen, *(each for each in more if core_seconds(each, shape) <= budget)]


def without_candidates(algorithms: Iterable[str], candidates: Iterable[Candidate]) -> list[str]:
    """Return the algorithms that none of the candidates is of."""
    tried = {candidate.algorithm for candidate in candidates}
    return [name for name in algorithms if name not in tried]


def _has_many_columns(shape: DataShape) -> bool:
    """Tell whether it is likely that some columns tell nothing, and known well enough which.

    Measured on the development seeds: 30 columns of 6,400 rows, log loss .442 -> .436, of 455 rows
    .079 -> .090; 60 columns of 3,000 rows, .404 -> .279 and .291 -> .239 where 15 tell something,
    and up to 2 % worse where each tells a little.
    """
    return shape.columns > (_MANY_COLUMNS if shape.rows > _FEW_ROWS else _MANY_COLUMNS_OF_FEW_ROWS)


def _of_all_columns(shape: DataShape) -> list[Candidate]:
    """Return candidates of all columns; where they race, linear ones once there are rivals.

    Not so of many categories, which linear models are good at. Measured on the development seeds,
    ten splits of each of four sets of 480 to 3,200 rows, losses within .1 % on the mean: a run on
    3,200 rows of curves in 8 % less time, the others in as much.
    """
    trees, lines, nets = boosting(shape), linear(shape), networks(shape)
    first = [*trees[:3], lines[0], trees[3]]
    if shape.folds >= FOLDS_OF_A_RACE and not shape.high_cardinality:
        first = [*trees[:4], *nets[:1], lines[0]]
    rest = [
        *treatments_of_categories(shape),
        *lines,
        *nets,
        *_network_of_half(shape),
        *support_vectors(shape),
        *neighbours(shape),
        *trees,
    ]
    return [*first, *(each for each in rest if each not in first)]


def _network_of_half(shape: DataShape) -> list[Candidate]:
    """Return a network that learns from the better half of the columns.

    Measured on the development seeds, four splits each: 20 columns of 25,000 rows, log loss .0708
    -> .0689; no difference on 442 to 4,000 rows, so there is none; columns of many categories,
    which networks see little of, .5002 -> .5008.
    """
    few = shape.rows <= _ROWS_FOR_HALF or shape.columns < _FEWEST_COLUMNS
    if few or shape.high_cardinality:
        return []
    return _limited(shape.columns // 2, networks(shape)[:1])


def _of_many_columns(shape: DataShape) -> list[Candidate]:
    """Return candidates most of which learn from the columns that the first one gained most by."""
    some, few = (round(factor * math.sqrt(shape.columns)) for factor in (_SOME, _FEW))
    of_some, of_few = replace(shape, columns=some), replace(shape, columns=few)
    trees = boosting(shape)
    random = next(each for each in trees if "extra_trees" in each.parameters)
    smallest = min(trees, key=lambda each: int(str(each.parameters["num_leaves"])))
    others = [each for each in trees[1:] if each not in (random, smallest)]
    lines = straight_lines(of_some) if shape.columns > WIDE_COLUMNS else linear(of_some)
    loose, stiff = networks(of_few)[:1], networks(of_few)[-1:]
    groups = {
        "large trees": _limited(some, [random]),
        "smooth ones": _limited(few, [*support_vectors(of_few), *stiff]),
        "small trees": _limited(few, [smallest]),
        "of all columns": [*support_vectors(shape), *stiff],
        "others": _limited(few, [*loose, *neighbours(of_few)]),
    }
    races = shape.columns > WIDE_COLUMNS and shape.folds >= FOLDS_OF_A_RACE
    return [
        *_of_all_of_many_columns(shape, trees),
        *straight_lines(shape)[:1],
        *(each for name in (_LONG_LAST if races else _USUAL_ORDER) for each in groups[name]),
        *_limited(some, [*lines[-1:], *others[:2]]),
        *treatments_of_categories(shape),
    ]


def _of_all_of_many_columns(shape: DataShape, trees: Sequence[Candidate]) -> list[Candidate]:
    """Return the guide, and another booster where that does not take long.

    Measured on the development seeds, without the other one on 400 columns: 2,400 rows, a tenth of
    the CPU time less and losses from 8 % less to .7 % more; 20,000 rows, a tenth to a third less
    and losses within .5 %.
    """
    if shape.columns <= WIDE_COLUMNS:
        return list(trees[:2])
    return [boosting_of(_GUIDE_PARAMETERS, shape)]


def _limited(columns: int, candidates: Iterable[Candidate]) -> list[Candidate]:
    return [replace(candidate, columns=columns) for candidate in candidates]


def _affordable(
    candidates: Sequence[Candidate], always: Sequence[Candidate], budget: float, shape: DataShape
) -> list[Candidate]:
    """Return the candidates that are not too much work, and no more of them than is enough."""
    chosen, left = [], budget
    for candidate in candidates:
        work = core_seconds(candidate, shape)
        if candidate in always or (is_affordable(work, budget) and work <= left):
            chosen.append(candidate)
            left -= work
    return chosen
