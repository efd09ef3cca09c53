"""How a worker knows that it must stop."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LOOK_EVERY_SECONDS = 0.2


class CandidateStoppedError(Exception):
    """The candidate ran out of its time, was left behind, or the run was cancelled."""


@dataclass
class Limits:
    """The end of a candidate's time, and the file that means stop.

    Attributes:
        ends: When to stop, on this process's monotonic clock.
        stop_file: Stop as soon as this file exists.
    """

    ends: float
    stop_file: Path
    _looked: float = 0.0

    @classmethod
    def starting_now(cls, seconds: float, stop_file: Path) -> Limits:
        """Return limits that end this many seconds from now."""
        return cls(time.monotonic() + seconds, stop_file)

    def reached(self, following: float = 0.0) -> bool:
        """Tell whether to stop; cheap enough to be asked after every tree.

        Args:
            following: Seconds that what comes next takes: it must end in time, too.
        """
        now = time.monotonic()
        if now - self._looked > _LOOK_EVERY_SECONDS:
            self._looked = now
            if self.stop_file.exists():
                self.ends = now
        return now + following >= self.ends

    def check(self) -> None:
        """Raise if it is time to stop.

        Raises:
            CandidateStoppedError: The time is over or the run was cancelled.
        """
        if self.reached():
            raise CandidateStoppedError("stopped: out of time, or cancelled")
