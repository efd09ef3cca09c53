"""Which of several scored things is best by a metric."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol, TypeGuard, TypeVar

from bankml.metrics.names import is_greater_better

if TYPE_CHECKING:
    from collections.abc import Iterable

VOTING_ENSEMBLE = "VotingEnsemble"
"""The name of the soft-voting ensemble among the candidates of a run."""


class Scored(Protocol):
    """A candidate: numbered, of an algorithm, and if all went well with the value of a metric."""

    @property
    def number(self) -> int:
        """Its number in the run."""
        ...

    @property
    def algorithm(self) -> str:
        """Azure ML's name of its algorithm."""
        ...

    @property
    def score(self) -> float | None:
        """Its value of the metric; None or NaN where there is none."""
        ...


ScoredT = TypeVar("ScoredT", bound=Scored)


def is_score(score: float | None) -> TypeGuard[float]:
    """Tell whether something can be ranked by a score.

    Args:
        score: The score, if there is one.

    Returns:
        False for None and for NaN, as a metric has it that can't be computed.
    """
    return score is not None and not math.isnan(score)


def best_first(scored: Iterable[ScoredT], metric: str) -> list[ScoredT]:
    """Rank by the value of a metric.

    Of equal ones the ensemble is first, because a run delivers it unless another is better; then
    the lowest number.

    Args:
        scored: What to rank, in any order.
        metric: Name of the metric that the scores are values of.

    Returns:
        Those that have a score, the best first.

    Raises:
        ValueError: The name is not a metric's name.
    """
    sign = -1.0 if is_greater_better(metric) else 1.0
    ranked = [
        (sign * one.score, one.algorithm != VOTING_ENSEMBLE, one.number, one)
        for one in scored
        if is_score(one.score)
    ]
    return [one for *_, one in sorted(ranked, key=lambda item: item[:3])]


def best_of(scored: Iterable[ScoredT], metric: str) -> ScoredT | None:
    """Return the best by the value of a metric.

    Args:
        scored: What to choose from.
        metric: Name of the metric that the scores are values of.

    Returns:
        The first of `best_first`, or None where nothing has a score.

    Raises:
        ValueError: The name is not a metric's name.
    """
    return next(iter(best_first(scored, metric)), None)
