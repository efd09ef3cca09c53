"""Which candidate comes next, and when there is none.

A candidate's number decides which earlier results it may depend on, never the order in which
results happen to arrive: so the same settings give the same candidates on any number of workers.
"""

from __future__ import annotations

import math
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from bankml.backends.local.automl.candidates.candidate import FOLDS_OF_A_RACE
from bankml.backends.local.automl.candidates.cost import core_seconds, enough
from bankml.backends.local.automl.candidates.halving import (
    is_worthwhile,
    places,
    promoted,
    promotions,
    rungs,
)
from bankml.backends.local.automl.candidates.portfolio import GUIDE, portfolio, without_candidates
from bankml.backends.local.automl.candidates.search import propose
from bankml.metrics import is_greater_better
from bankml.metrics.best import is_score

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bankml.backends.local.automl.candidates.candidate import Candidate, DataShape

_PATIENCE = 4
_WORTHWHILE = 0.005
# Models as good as each other differ by about this over the root of the rows, as a share of their
# loss.
_LUCK = 0.5
# By then there was something of each family: the first ones are no measure for the others.
_RIVALS = 8


class NoCandidate(Enum):
    """Why there is no candidate now."""

    WAIT = "results that the next candidate depends on are missing"
    PORTFOLIO_DONE = "nothing is left to search"
    ITERATIONS = "the number of iterations was reached"
    EARLY_STOPPING = "further candidates no longer improved the score"
    ENOUGH = "enough candidates were tried for data of this size"
    HURRY = "the experiment's time was nearly over"


class Schedule:
    """The portfolio, then a search, then the best of both on more rows where rows are many.

    Args:
        shape: What the data is like.
        algorithms: The algorithms that the settings leave.
        metric: The primary metric.
        seed: Seed of the search.
        lag: A searched candidate ignores the results of this many candidates before it, so that
            as many may be under way at once.
        most: Most candidates, or None.
        early_stopping: Whether to stop when the score no longer improves, or enough was tried, and
            to have candidates race.
        most_rows: Most rows that one candidate has memory for, or None for all.
        wanted: The algorithms that are asked for by name.

    Attributes:
        not_tried: Those of them that are too much work for data of this size.
    """

    def __init__(
        self, shape: DataShape, algorithms: Sequence[str], metric: str, seed: int, *,
        lag: int, most: int | None, early_stopping: bool, most_rows: int | None = None,
        wanted: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._limits = list(rungs(shape, most, most_rows))
        self._candidates = portfolio(shape, algorithms, self._limits[0], wanted=wanted)
        self.not_tried = without_candidates(wanted, self._candidates)
        self._portfolio = len(self._candidates)
        self._shape = shape
        self._sign = -1.0 if is_greater_better(metric) else 1.0
        self._seed = seed
        self._lag = lag
        self._most = most
        self._most_searched = None if most is None else most - promotions(self._limits)
        self._early_stopping = early_stopping
        self._losses: dict[int, float] = {}
        self._searched_to_the_end: NoCandidate | None = None
        self._rung = 0

    @property
    def rung(self) -> int:
        """How often candidates have been promoted to more rows."""
        return self._rung

    @property
    def is_sampling(self) -> bool:
        """Whether candidates still learn from a part of the rows only."""
        return self._rung + 1 < len(self._limits)

    @property
    def rows(self) -> int:
        """How many rows this rung learns from."""
        return self._limits[self._rung] or self._shape.fitted_rows

    @property
    def most_rows(self) -> int:
        """How many rows the last rung learns from."""
        return self._limits[-1] or self._shape.fitted_rows

    @property
    def has_tried_others(self) -> bool:
        """Whether something but boosting finished on this rung, if it is planned at all."""
        others = [number for number in self._of_rung() if not self._candidates[number].is_boosting]
        return not others or bool(self._ranked(others))

    def record(self, number: int, score: float | None) -> None:
        """Note that a candidate ended, with its score, or without one if there is none."""
        self._losses[number] = self._sign * score if is_score(score) else math.inf

    def leaders(self) -> list[int]:
        """Return the candidates of this rung that finished so far, the best first."""
        return self._ranked(self._of_rung())

    def hurry(self, number: int, rows: int) -> None:
        """Skip to the last rung, because the time is running out.

        Args:
            number: The next number to be asked for.
            rows: How many rows there is time for. Where they are hardly more than candidates learn
                from already there is no further rung, and these go on.
        """
        last, most_rows = self._limits[-1], self.most_rows
        self._limits = self._limits[: self._rung + 1]
        if is_worthwhile(rows, self.rows):
            del self._candidates[number:]
            self._searched_to_the_end = NoCandidate.HURRY
            self._limits.append(last if rows >= most_rows else rows)

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
            known = all(earlier in self._losses for earlier in self._rivals_of(number))
            return self._guided(number) if known else NoCandidate.WAIT
        if self._searched_to_the_end is None:
            found = self._searched(number)
            if not isinstance(found, NoCandidate):
                self._candidates.append(found)
            if not isinstance(found, NoCandidate) or found is NoCandidate.WAIT:
                return found
            self._searched_to_the_end = found
        return self._promoted(number, self._searched_to_the_end)

    def _guided(self, number: int) -> Candidate | NoCandidate:
        """Return a candidate once it is known which columns are best; without a guide, all."""
        candidate = self._candidates[number]
        if candidate.columns is not None:
            if GUIDE not in self._losses:
                return NoCandidate.WAIT
            if self._losses[GUIDE] == float("inf"):
                candidate = self._candidates[number] = replace(candidate, columns=None)
        return candidate

    def rivals(self, number: int) -> list[int]:
        """Return the numbers of the finished candidates that a candidate must keep up with."""
        return [each for each in self._rivals_of(number) if self._losses[each] < float("inf")]

    def _rivals_of(self, number: int) -> range:
        """Return the first candidates, as far as their results may be known to this one."""
        known = max(0, number - self._lag + 1)
        races = self._early_stopping and self._shape.folds >= FOLDS_OF_A_RACE
        return range(min(known, _RIVALS) if races else 0)

    def _searched(self, number: int) -> Candidate | NoCandidate:
        if self._most_searched is not None and number >= self._most_searched:
            return NoCandidate.ITERATIONS
        visible = range(number - self._lag + 1)
        if any(earlier not in self._losses for earlier in visible):
            return NoCandidate.WAIT
        losses = [self._losses[earlier] for earlier in visible]
        if self._early_stopping and self._is_exhausted(losses):
            return NoCandidate.EARLY_STOPPING
        ranked = [self._candidates[best] for best in self._ranked(visible)]
        if not ranked:
            return NoCandidate.PORTFOLIO_DONE
        found = propose(ranked, self._candidates, (self._seed, number), columns=self._shape.columns)
        if self._early_stopping and self._is_enough(found):
            return NoCandidate.ENOUGH
        return found

    def _promoted(self, number: int, reason: NoCandidate) -> Candidate | NoCandidate:
        if not self.is_sampling:
            return reason
        rows = self._limits[self._rung + 1]
        ranked = [self._candidates[leader] for leader in self.leaders()]
        hurries = reason is NoCandidate.HURRY and ranked
        if not hurries and any(earlier not in self._losses for earlier in range(number)):
            return NoCandidate.WAIT
        self._rung += 1
        self._candidates += promoted(ranked, self._shape, rows, places(rows, self._limits))
        return self.candidate(number)

    def _of_rung(self) -> list[int]:
        rows = self._limits[self._rung]
        return [number for number, each in enumerate(self._candidates) if each.rows == rows]

    def _ranked(self, numbers: Iterable[int]) -> list[int]:
        """Return those of these candidates that finished, the best first."""
        finished = [each for each in numbers if self._losses.get(each, math.inf) < math.inf]
        return sorted(finished, key=lambda number: (self._losses[number], number))

    def _is_exhausted(self, losses: list[float]) -> bool:
        """Tell whether the last results no longer improved the best one."""
        if len(losses) < self._portfolio:
            return False
        before, now = min(losses[:-_PATIENCE], default=float("inf")), min(losses)
        # A score ends at 1, an error at 0: what is left until there is the measure.
        room = before + 1.0 if self._sign < 0 else before
        luck = _LUCK / math.sqrt(max(1.0, self._shape.telling_rows))
        return before - now <= max(_WORTHWHILE, luck) * abs(room)

    def _is_enough(self, following: Candidate) -> bool:
        """Tell whether another candidate would be more work than data of this size deserves."""
        work = [core_seconds(each, self._shape) for each in (*self._candidates, following)]
        return sum(work) > enough(work[0])
