"""Writes down what the engine reports, as it happens."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bankml.backends.local.automl.events import FINISHED, ChildFinished, ChildStarted, Progress
from bankml.backends.local.moments import utc_now
from bankml.backends.local.store import states
from bankml.backends.local.store.children import child_ended, child_started
from bankml.metrics.best import best_of, is_score

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bankml.backends.local.automl import ChildResult, Event
    from bankml.backends.local.store.database import Database

_logger = logging.getLogger(__name__)


class Recorder:
    """Turns the engine's events into rows: a row at once for each, for others to see."""

    def __init__(
        self,
        database: Database,
        run_id: str,
        claim: str,
        primary_metric: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Remember where to write.

        Args:
            database: The workspace's database.
            run_id: The run.
            claim: The runner's token.
            primary_metric: The metric that ranks candidates.
            now: The time.
        """
        self._database = database
        self._run_id = run_id
        self._claim = claim
        self._metric = primary_metric
        self._now = now
        self._finished = 0
        self._best: ChildResult | None = None

    def begin(self, finished: tuple[ChildResult, ...] = ()) -> None:
        """Count the candidates of an earlier start of the run."""
        for result in finished:
            self._count(result)

    def __call__(self, event: Event) -> None:
        """Write an event down."""
        if isinstance(event, ChildStarted):
            with self._database.write() as connection:
                if states.holds(connection, self._run_id, self._claim):
                    child_started(connection, self._run_id, event, self._now())
        elif isinstance(event, ChildFinished):
            self._ended(event.result)
        elif isinstance(event, Progress):
            _logger.info("%s", event.message)

    def _ended(self, result: ChildResult) -> None:
        self._count(result)
        _log_end(result, self._metric)
        with self._database.write() as connection:
            if states.set_message(connection, self._run_id, self._claim, self.summary()):
                child_ended(connection, self._run_id, result)

    def _count(self, result: ChildResult) -> None:
        if result.status != FINISHED:
            return
        self._finished += 1
        known = [result] if self._best is None else [self._best, result]
        self._best = best_of(known, self._metric)

    def summary(self) -> str:
        """Say in a line how far it is."""
        done = f"{self._finished} candidate{'' if self._finished == 1 else 's'} finished"
        if self._best is None or self._best.score is None:
            return done
        return f"{done}, best {self._metric} {self._best.score:.5f} ({self._best.algorithm})"


def _log_end(result: ChildResult, metric: str) -> None:
    if result.status == FINISHED:
        score = f" {metric}={result.score:.5f}" if is_score(result.score) else ""
        seconds = (result.ended - result.started).total_seconds()
        _logger.info("child %d %s%s in %.1f s", result.number, result.algorithm, score, seconds)
    else:
        reason = f"{result.error or ''} {result.message}".strip()
        _logger.warning(
            "child %d %s %s: %s", result.number, result.algorithm, result.status, reason
        )
