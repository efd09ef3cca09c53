"""Which candidate comes next, and when there is none.

A candidate's number decides which earlier results it may depend on, never the order in which
results happen to arrive: so the same settings give the same candidates on any number of workers.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from bankml.backends.local.automl.candidates.search import propose
from bankml.metrics import is_greater_better

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bankml.backends.local.automl.candidates.candidate import Candidate

_PATIENCE = 6
_WORTHWHILE = 0.005


class NoCandidate(Enum):
    """Why there is no candidate now."""

    WAIT = "results that the next candidate depends on are missing"
    PORTFOLIO_DONE = "nothing is left to search"
    ITERATIONS = "the number of iterations was reached"
    EARLY_STOPPING = "further candidates no longer improved the score"


class Schedule:
    """The portfolio, then a search.

    Args:
        portfolio: The first candidates, which depend on nothing.
        metric: The primary metric.
        seed: Seed of the search.
        lag: A searched candidate ignores the results of this many candidates before it, so that
            as many may be under way at once.
        most: Most candidates, or None.
        early_stopping: Whether to stop when the score no longer improves.
    """

    def __init__(
        self, portfolio: Sequence[Candidate], metric: str, seed: int, *, lag: int,
        most: int | None, early_stopping: bool,
    ) -> None:  # fmt: skip
        self._candidates = list(portfolio)
        self._portfolio = len(portfolio)
        self._sign = -1.0 if is_greater_better(metric) else 1.0
        self._seed = seed
        self._lag = lag
        self._most = most
        self._early_stopping = early_stopping
        self._losses: dict[int, float] = {}

    def record(self, number: int, score: float | None) -> None:
        """Note that a candidate ended, with its score, or without one if it failed."""
        self._losses[number] = float("inf") if score is None else self._sign * score

    def candidate(self, number: int) -> Candidate | NoCandidate:
        """Return the candidate of a number, or why there is none.

        Args:
            number: The number; all smaller ones have been asked for.

        Returns:
            The candidate, or the reason.
        """
        if self._most is not None and number >= self._most:
            return NoCandidate.ITERATIONS
        if number < len(self._candidates):
            return self._candidates[number]
        visible = range(number - self._lag + 1)
        if any(earlier not in self._losses for earlier in visible):
            return NoCandidate.WAIT
        return self._searched(number, [self._losses[earlier] for earlier in visible])

    def _searched(self, number: int, losses: list[float]) -> Candidate | NoCandidate:
        if self._early_stopping and self._is_exhausted(losses):
            return NoCandidate.EARLY_STOPPING
        order = sorted(range(len(losses)), key=lambda place: (losses[place], place))
        ranked = [self._candidates[place] for place in order if losses[place] < float("inf")]
        if not ranked:
            return NoCandidate.PORTFOLIO_DONE
        found = propose(ranked, self._candidates, (self._seed, number))
        self._candidates.append(found)
        return found

    def _is_exhausted(self, losses: list[float]) -> bool:
        """Tell whether the last results no longer improved the best one."""
        if len(losses) < self._portfolio:
            return False
        before, now = min(losses[:-_PATIENCE], default=float("inf")), min(losses)
        # A score ends at 1, an error at 0: what is left until there is the measure.
        room = before + 1.0 if self._sign < 0 else before
        return before - now <= _WORTHWHILE * abs(room)
