"""When candidates that learn from a sample have had their share of a run's time."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.backends.local.automl.candidates.schedule import Schedule
    from bankml.backends.local.automl.deadlines import Deadlines
    from bankml.backends.local.automl.events import ChildResult

# Of the time that is left when a rung begins; the rest is for the best of its candidates.
_SAMPLING_SHARE = 0.4
# As many times what the best ones will take for all rows is time enough to try others first.
_TIME_ENOUGH = 1.5
# Boosting keeps what it has when the time is over, and more rows with fewer rounds are better.
# Measured on 1,000,000 and 3,000,000 rows with 15 to 70 s: against 1 from .00014 AUC worse to
# .0004 better, against 2.5 from .0001 worse to .0006 better.
_MORE_THAN_IN_TIME = 1.5
_LEADERS = 2


class Hurry:
    """Skips what is left of a rung once its share of the time is over.

    Args:
        schedule: The candidates.
        deadlines: The moments of the run.
    """

    def __init__(self, schedule: Schedule, deadlines: Deadlines) -> None:
        self._schedule = schedule
        self._deadlines = deadlines
        self._rung = schedule.rung
        self._from = self._share_from_now()

    def look(self, following: int, children: Mapping[int, ChildResult]) -> None:
        """Hurry if it is time to, and known how many rows there is time for.

        Args:
            following: The number of the next candidate.
            children: Those that ended, by number.
        """
        if self._schedule.rung != self._rung:
            self._rung, self._from = self._schedule.rung, self._share_from_now()
        if time.monotonic() < self._from or not self._schedule.is_sampling:
            return
        rows = self._rows_in_time(children)
        if rows is not None and rows < _TIME_ENOUGH * self._schedule.most_rows:
            self._schedule.hurry(following, int(_MORE_THAN_IN_TIME * rows))
            self._from = math.inf

    def _share_from_now(self) -> float:
        return time.monotonic() + _SAMPLING_SHARE * self._deadlines.seconds_left

    def _rows_in_time(self, children: Mapping[int, ChildResult]) -> float | None:
        """Return how many rows the best could learn from by the end; None without any."""
        best = [children[number] for number in self._schedule.leaders()[:_LEADERS]]
        if not best:
            return None
        seconds = max((child.ended - child.started).total_seconds() for child in best)
        return self._deadlines.seconds_left / seconds * self._schedule.rows
