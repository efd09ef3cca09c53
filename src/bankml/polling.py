"""The one loop that watches a run, on every backend."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml.clock import SYSTEM_CLOCK, Clock
from bankml.errors import ServiceUnavailableError, WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bankml.backends.base import Backend, RunRecord

FIRST_SECONDS = 0.05
GROWTH = 1.5
PATIENCE_SECONDS = 30 * 60.0
"""Seconds without one answer after which the service is given up."""

_logger = logging.getLogger(__name__)


@dataclass
class Poller:
    """Watches a run until it ends or the time is over.

    A service that can't answer for a while is asked again, later and later, and after the wait that
    it asks for.

    Attributes:
        backend: Where the run is.
        run_id: The run.
        clock: The time.
    """

    backend: Backend
    run_id: str
    clock: Clock = SYSTEM_CLOCK

    def wait(
        self, timeout: float | None, on_update: Callable[[RunRecord], None] | None = None
    ) -> RunRecord:
        """Return the run's record as soon as it has ended.

        Args:
            timeout: Seconds to wait at the most, or None for as long as the run takes.
            on_update: Called with the record at every look.

        Returns:
            The record in its terminal state.

        Raises:
            WaitTimeoutError: The time is over; the run goes on.
            ServiceUnavailableError: The service gave no answer for ``PATIENCE_SECONDS``.
        """
        started = answered = self.clock.now()
        interval = FIRST_SECONDS
        last: RunRecord | None = None
        while True:
            pause = interval
            try:
                last = self.backend.get_run(self.run_id)
            except ServiceUnavailableError as error:
                pause = self._patience(error, answered, interval)
            else:
                answered = self.clock.now()
                if on_update is not None:
                    on_update(last)
                if last.status.is_terminal:
                    return last
            self._sleep(pause, started, timeout, last)
            interval = min(interval * GROWTH, self.backend.poll_seconds)

    def _patience(self, error: ServiceUnavailableError, answered: float, interval: float) -> float:
        if self.clock.now() - answered > PATIENCE_SECONDS:
            raise error
        _logger.warning("Run %s can't be looked at now, trying again: %s", self.run_id, error)
        return max(interval, self.backend.poll_seconds, error.retry_after or 0.0)

    def _sleep(
        self, pause: float, started: float, timeout: float | None, last: RunRecord | None
    ) -> None:
        if timeout is None:
            self.clock.sleep(pause)
            return
        left = started + timeout - self.clock.now()
        if left <= 0:
            state = f"is still {last.status}" if last else "could not be looked at"
            raise WaitTimeoutError(
                f"Run {self.run_id} {state} after {timeout:g} s. It goes on: wait again, "
                "or stop it with cancel().",
                self.run_id,
            )
        self.clock.sleep(min(pause, left))
