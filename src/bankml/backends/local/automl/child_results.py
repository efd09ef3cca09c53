"""What became of a candidate, as the run keeps it."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from bankml.backends.local.automl.events import CANCELED, FAILED, FINISHED, ChildResult

if TYPE_CHECKING:
    from bankml.backends.local.automl.carrying.slots import Ended
    from bankml.backends.local.automl.training.worker import Outcome, Task


def child_result(ended: Ended, metric: str, started: float, *, overdue: bool) -> ChildResult:
    """Return the child of a task that is no longer under way.

    Args:
        ended: The task and what it gave.
        metric: The primary metric.
        started: When the task was handed out, in seconds since the epoch.
        overdue: Whether its worker was killed for taking too long.
    """
    task, outcome = ended.task, ended.outcome
    if outcome is None and overdue:
        cause = "stopped: it took longer than the iteration's time-out"
        return unfinished_child(task, CANCELED, started, cause)
    if outcome is None:
        return unfinished_child(task, FAILED, started, ended.death)
    if outcome.error is not None:
        status = CANCELED if outcome.stopped else FAILED
        return unfinished_child(task, status, outcome.started, outcome.error, outcome.message)
    return _finished_child(task, outcome, metric)


def unfinished_child(
    task: Task, status: str, started: float, error: str, message: str = ""
) -> ChildResult:
    """Return the child of a task that gave no model.

    Args:
        task: The task.
        status: ``Failed`` or ``Canceled``.
        started: When it began, in seconds since the epoch; it ended now.
        error: Why, in a line.
        message: Further words, such as the end of a traceback.
    """
    candidate = task.candidate
    return ChildResult(
        task.number, candidate.algorithm, candidate.described_preprocessor, candidate.described,
        status, {}, None, utc(started), utc(time.time()), error, message,
    )  # fmt: skip


def _finished_child(task: Task, outcome: Outcome, metric: str) -> ChildResult:
    candidate = task.candidate
    return ChildResult(
        task.number, candidate.algorithm, candidate.described_preprocessor, candidate.described,
        FINISHED, outcome.metrics, outcome.metrics[metric], utc(outcome.started),
        utc(outcome.ended),
    )  # fmt: skip


def utc(seconds: float) -> datetime:
    """Return seconds since the epoch as a time with its zone."""
    return datetime.fromtimestamp(seconds, tz=timezone.utc)
