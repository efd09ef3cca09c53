"""Rows of the candidates of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bankml.backends.base import ChildRecord
from bankml.backends.local.moments import from_text, to_text
from bankml.status import RunStatus

if TYPE_CHECKING:
    import sqlite3
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
    child = ChildRecord(
        id=_child_id(run_id, event.number),
        number=event.number,
        algorithm=event.algorithm,
        preprocessor=event.preprocessor,
        status=RunStatus.RUNNING,
        score=None,
        parameters=event.parameters,
        started=now,
    )
    _put(connection, run_id, child)


def child_ended(connection: sqlite3.Connection, run_id: str, result: ChildResult) -> None:
    """Set a candidate to what came out.

    Args:
        connection: A connection in a write transaction.
        run_id: The run it belongs to.
        result: What the engine said.
    """
    child = ChildRecord(
        id=_child_id(run_id, result.number),
        number=result.number,
        algorithm=result.algorithm,
        preprocessor=result.preprocessor,
        status=RunStatus(result.status),
        score=result.score,
        metrics=result.metrics,
        parameters=result.parameters,
        started=result.started,
        ended=result.ended,
        error=result.error,
    )
    _put(connection, run_id, child)


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


def _put(connection: sqlite3.Connection, run_id: str, child: ChildRecord) -> None:
    """Write the row of a candidate, in place of an earlier one."""
    connection.execute(
        "INSERT INTO children(run_id, number, algorithm, preprocessor, status, score, metrics,"
        " parameters, started, ended, error) VALUES (:run_id, :number, :algorithm, :preprocessor,"
        " :status, :score, :metrics, :parameters, :started, :ended, :error)"
        " ON CONFLICT(run_id, number) DO UPDATE SET algorithm = excluded.algorithm,"
        " preprocessor = excluded.preprocessor, status = excluded.status, score = excluded.score,"
        " metrics = excluded.metrics, parameters = excluded.parameters,"
        " started = excluded.started, ended = excluded.ended, error = excluded.error",
        {
            "run_id": run_id,
            "number": child.number,
            "algorithm": child.algorithm,
            "preprocessor": child.preprocessor,
            "status": str(child.status),
            "score": child.score,
            "metrics": json.dumps(dict(child.metrics)),
            "parameters": json.dumps(dict(child.parameters), default=str),
            "started": to_text(child.started),
            "ended": to_text(child.ended),
            "error": child.error,
        },
    )


def _child_id(run_id: str, number: int) -> str:
    return f"{run_id}_{number}"


def _record(row: sqlite3.Row) -> ChildRecord:
    return ChildRecord(
        id=_child_id(row["run_id"], row["number"]),
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
