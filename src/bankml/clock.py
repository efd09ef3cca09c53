"""Time, as something that can be passed in."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What a wait needs of time; tests pass one that does not really wait."""

    def now(self) -> float:
        """Return seconds from any fixed point; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        ...


class SystemClock:
    """The real time."""

    def now(self) -> float:
        """Return the seconds of the monotonic clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


SYSTEM_CLOCK = SystemClock()
