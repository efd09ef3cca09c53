"""Rows of the candidates of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bankml.backends.base import ChildRecord
from bankml.backends.local.moments import from_text, to_text
from bankml.status import RunStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime

    from bankml.backends.local.automl import ChildResult, ChildStarted


def list_children(connection: sqlite3.Connection, run_id: str) -> list[ChildRecord]:
    """Return the candidates of a run, in the order of their numbers."""
    rows = connection.execute("SELECT * FROM children WHERE run_id = ? ORDER BY number", (run_id,))
    return [_record(row) for row in rows]


def child_started(
    connection: sqlite3.Connection, run_id: str, event: ChildStarted, now: datetime
) -> None:
    """Add a candidate that has begun.

    Args:
        connection: A connection in a write transaction.
        run_id: The run it belongs to.
        event: What the engine said.
        now: The moment it began.
    """
    _put(
        connection, run_id, event.number, event.algorithm, event.preprocessor,
        str(RunStatus.RUNNING), None, {}, event.parameters, now, None, None,
    )  # fmt: skip


def child_ended(connection: sqlite3.Connection, run_id: str, result: ChildResult) -> None:
    """Set a candidate to what came out.

    Args:
        connection: A connection in a write transaction.
        run_id: The run it belongs to.
        result: What the engine said.
    """
    _put(
        connection, run_id, result.number, result.algorithm, result.preprocessor, result.status,
        result.score, result.metrics, result.parameters, result.started, result.ended, result.error,
    )  # fmt: skip


def cancel_unfinished(connection: sqlite3.Connection, run_id: str, now: datetime) -> None:
    """Set the candidates that were under way to Canceled, because their run has ended."""
    connection.execute(
        "UPDATE children SET status = ?, ended = ?, error = ? WHERE run_id = ? AND status = ?",
        (
            str(RunStatus.CANCELED), to_text(now), "The run ended before this candidate did.",
            run_id, str(RunStatus.RUNNING),
        ),
    )  # fmt: skip


def forget_unfinished(connection: sqlite3.Connection, run_id: str) -> None:
    """Remove the candidates that did not finish, because the run begins again."""
    connection.execute(
        "DELETE FROM children WHERE run_id = ? AND status <> ?", (run_id, str(RunStatus.FINISHED))
    )


def _put(
    connection: sqlite3.Connection,
    run_id: str,
    number: int,
    algorithm: str,
    preprocessor: str,
    status: str,
    score: float | None,
    metrics: Mapping[str, float],
    parameters: Mapping[str, Any],
    started: datetime,
    ended: datetime | None,
    error: str | None,
) -> None:
    connection.execute(
        "INSERT INTO children VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(run_id, number) DO UPDATE SET algorithm = excluded.algorithm,"
        " preprocessor = excluded.preprocessor, status = excluded.status, score = excluded.score,"
        " metrics = excluded.metrics, parameters = excluded.parameters,"
        " started = excluded.started, ended = excluded.ended, error = excluded.error",
        (
            run_id, number, algorithm, preprocessor, status, score, json.dumps(dict(metrics)),
            json.dumps(dict(parameters), default=str), to_text(started), to_text(ended), error,
        ),
    )  # fmt: skip


def _record(row: sqlite3.Row) -> ChildRecord:
    return ChildRecord(
        id=f"{row['run_id']}_{row['number']}",
        number=row["number"],
        algorithm=row["algorithm"],
        preprocessor=row["preprocessor"],
        status=RunStatus(row["status"]),
        score=row["score"],
        metrics=json.loads(row["metrics"]),
        parameters=json.loads(row["parameters"]),
        started=from_text(row["started"]),
        ended=from_text(row["ended"]),
        error=row["error"],
    )
