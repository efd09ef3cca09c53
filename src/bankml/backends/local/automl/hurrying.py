"""When candidates that learn from a sample have had their share of a run's time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.backends.local.automl.candidates.schedule import Schedule
    from bankml.backends.local.automl.deadlines import Deadlines
    from bankml.backends.local.automl.events import ChildResult

# Of the time that is left when a rung begins; the rest is for the best of its candidates.
_SHARE = 0.4
# The share until something but boosting was tried: where that is better, more rows are no help to
# boosting. Measured on 40,000 rows of 100 classes within 6 s: log loss .18 in place of .28.
_LARGEST_SHARE = 0.6
# As many times what the best one will take for all rows is time enough to try others first.
_TIME_ENOUGH = 1.5
# Boosting keeps what it has when the time is over, and more rows with fewer rounds are better.
# Measured on 1,000,000 and 3,000,000 rows with 15 to 70 s: against 1 from .00014 AUC worse to
# .0004 better, against 2.5 from .0001 worse to .0006 better.
_MORE_THAN_IN_TIME = 1.5
_LEAST_SECONDS = 0.01


class Hurry:
    """Skips what is left of a rung once its share of the time is over.

    Args:
        schedule: The candidates.
        deadlines: The moments of the run.
        notes: What the run's result says of it; added to.
    """

    def __init__(self, schedule: Schedule, deadlines: Deadlines, notes: list[str]) -> None:
        self._schedule = schedule
        self._deadlines = deadlines
        self._notes = notes
        self._rung = schedule.rung
        self._began = time.monotonic()
        self._hurried = False

    def look(self, following: int, children: Mapping[int, ChildResult]) -> None:
        """Hurry if it is time to, and known how many rows there is time for.

        Args:
            following: The number of the next candidate.
            children: Those that ended, by number.
        """
        if self._schedule.rung != self._rung:
            self._rung, self._began = self._schedule.rung, time.monotonic()
            self._hurried = False
        if self._hurried or not self._schedule.is_sampling or not self._share_is_over():
            return
        rows = self._rows_in_time(children)
        wanted = self._schedule.most_rows
        if rows is not None and rows < _TIME_ENOUGH * wanted:
            self._schedule.hurry(following, int(_MORE_THAN_IN_TIME * rows))
            self._hurried = True
            self._tell(self._schedule.most_rows, wanted)

    def _tell(self, rows: int, wanted: int) -> None:
        if rows < wanted:
            self._notes.append(
                f"The time-out left time to learn from {rows:,} of {wanted:,} rows at the most; "
                "allow more (experiment_timeout_minutes) to have all of them used."
            )

    def _share_is_over(self) -> bool:
        share = _SHARE if self._schedule.has_tried_others else _LARGEST_SHARE
        return time.monotonic() >= self._began + share * (self._deadlines.closes - self._began)

    def _rows_in_time(self, children: Mapping[int, ChildResult]) -> float | None:
        """Return how many rows the best one could learn from by the end; None without any."""
        leaders = self._schedule.leaders()
        if not leaders:
            return None
        best = children[leaders[0]]
        seconds = max(_LEAST_SECONDS, (best.ended - best.started).total_seconds())
        return self._deadlines.seconds_left / seconds * self._schedule.rows
