"""The moments of a run with a time-out: when candidates stop, and when it ends."""

from __future__ import annotations

import time
from dataclasses import dataclass

# The end of a run: select an ensemble, score it, put the model together. Measured with two cores:
# .3 s, on 40,000 rows of 100 classes .5 s.
_END_SECONDS = 0.4
_END_SECONDS_PER_VALUE = 1.5e-6
_LARGEST_END = 0.2
# What a candidate needs after its last round: score its predictions, write its model.
_KEEPING_SECONDS = 0.25
_KEEPING_SECONDS_PER_VALUE = 5e-7
_LARGEST_KEEPING = 0.05
# Before the time is over a process for the end is made ready, as it loads libraries for a while.
_READY_SECONDS = 6.0
_READY_SHARE = 0.7


@dataclass(frozen=True)
class Deadlines:
    """Moments of a run, on the monotonic clock.

    Attributes:
        readies: From then on a process for the end of the run is made ready.
        closes: From then on no candidate starts; those under way stop with what they have.
        ends: What has not stopped by then is killed, so that the run's end is in time.
    """

    readies: float
    closes: float
    ends: float

    @classmethod
    def of_run(cls, began: float, seconds: float, values: int) -> Deadlines:
        """Return the moments of a run.

        Args:
            began: When the run began.
            seconds: Its time-out.
            values: How many values a candidate predicts: held-out rows times classes.

        Returns:
            The moments; where the time is short, shares of it.
        """
        end = min(_END_SECONDS + _END_SECONDS_PER_VALUE * values, _LARGEST_END * seconds)
        keeping = _KEEPING_SECONDS + _KEEPING_SECONDS_PER_VALUE * values
        ends = began + seconds - end
        closes = ends - min(keeping, _LARGEST_KEEPING * seconds)
        return cls(
            readies=closes - min(_READY_SECONDS, _READY_SHARE * seconds),
            closes=closes,
            ends=ends,
        )

    @property
    def seconds_left(self) -> float:
        """Seconds until candidates stop."""
        return max(0.0, self.closes - time.monotonic())

    @property
    def are_near(self) -> bool:
        """Whether it is time to make a process for the end of the run ready."""
        return time.monotonic() >= self.readies

    def are_over(self, *, under_way: bool) -> bool:
        """Tell whether there is nothing more to wait for.

        Args:
            under_way: Whether anything is under way, that may stop by itself with a result.
        """
        return time.monotonic() >= (self.ends if under_way else self.closes)
