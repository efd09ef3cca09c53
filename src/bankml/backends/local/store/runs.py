"""Rows of runs: what is written once, and how they are read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bankml.backends.base import RunFailure, RunRecord
from bankml.backends.local.moments import from_text, to_text
from bankml.backends.local.refs import make_ref
from bankml.backends.local.store.states import WAITS
from bankml.errors import NotFoundError
from bankml.status import RunStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

_COLUMNS = (
    "id, experiment, status, created, started, ended, budget_seconds, task, primary_metric,"
    " label_column_name, dataset, dataset_version, reused_from, published_id, tags, parameters,"
    " warnings, message, failure"
)


@dataclass(frozen=True)
class NewRun:
    """A run about to be written.

    Attributes:
        id: Its id.
        experiment: Name of its experiment.
        config: The whole configuration as a JSON document.
        dataset_id: The dataset version it trains on.
        dataset: That dataset's name.
        dataset_version: Its version.
        reuse_key: Equal for runs that would give the same outputs.
        step: Name of its AutoML step.
        compute: Name of the compute target.
        concurrency: Candidates to train at the same time.
        max_nodes: Nodes of the compute at the most.
        created: When it was submitted (UTC).
        budget_seconds: The time-out of the search.
        task: ``classification`` or ``regression``.
        primary_metric: The metric that ranks candidates.
        label_column_name: The label.
        published_id: The published pipeline that started it, or None.
        tags: Its tags.
        parameters: The pipeline parameters it was started with.
        warnings: What its user should know.
    """

    id: str
    experiment: str
    config: Mapping[str, Any]
    dataset_id: str
    dataset: str
    dataset_version: int
    reuse_key: str
    step: str
    compute: str
    concurrency: int
    max_nodes: int
    created: datetime
    budget_seconds: float
    task: str
    primary_metric: str
    label_column_name: str
    published_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def insert_run(connection: sqlite3.Connection, run: NewRun) -> None:
    """Add a run to the queue.

    Args:
        connection: A connection in a write transaction.
        run: The run.
    """
    values = asdict(run)
    for key in ("config", "tags", "parameters", "warnings"):
        values[key] = json.dumps(values[key])
    values |= {
        "created": to_text(run.created),
        "status": str(RunStatus.QUEUED),
        "message": WAITS,
    }
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    number = connection.execute(
        f"INSERT INTO runs({names}) VALUES ({marks})",  # noqa: S608 - our own column names
        values,
    ).lastrowid
    connection.executemany(
        "INSERT INTO run_tags(key, value, run_number) VALUES (?, ?, ?)",
        [(key, value, number) for key, value in run.tags.items()],
    )


def select_run(connection: sqlite3.Connection, run_id: str) -> sqlite3.Row | None:
    """Return a run's whole row, or None."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM runs WHERE id = ?", (run_id,)
    ).fetchone()
    return row


def no_such_run(run_id: str) -> NotFoundError:
    """Return the error for an unknown run."""
    return NotFoundError(f"There is no run {run_id!r} in this workspace; see: bankml runs")


def list_runs(
    connection: sqlite3.Connection, experiment: str | None, limit: int
) -> list[sqlite3.Row]:
    """Return rows of runs, newest first.

    Args:
        connection: A connection.
        experiment: Only of this experiment, or None for all.
        limit: Runs at the most.
    """
    where = "" if experiment is None else "WHERE experiment = :experiment"
    return connection.execute(
        f"SELECT {_COLUMNS} FROM runs {where} ORDER BY number DESC LIMIT :limit",  # noqa: S608
        {"experiment": experiment, "limit": limit},
    ).fetchall()


def find_by_tags(
    connection: sqlite3.Connection, tags: Mapping[str, str], limit: int
) -> list[sqlite3.Row]:
    """Return rows of the runs that carry all the tags, newest first.

    Args:
        connection: A connection.
        tags: The tags; every run carries all of none.
        limit: Runs at the most.
    """
    has_tag = "number IN (SELECT run_number FROM run_tags WHERE key = ? AND value = ?)"
    where = " AND ".join([has_tag] * len(tags)) or "TRUE"
    pairs = [text for pair in tags.items() for text in pair]
    return connection.execute(
        f"SELECT {_COLUMNS} FROM runs WHERE {where} ORDER BY number DESC LIMIT ?",  # noqa: S608
        (*pairs, limit),
    ).fetchall()


def select_reusable(connection: sqlite3.Connection, reuse_key: str) -> sqlite3.Row | None:
    """Return the newest finished run whose outputs another run may share, or None."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT id, started, ended FROM runs WHERE reuse_key = ? AND status = 'Finished'"
        " AND reused_from IS NULL ORDER BY number DESC LIMIT 1",
        (reuse_key,),
    ).fetchone()
    return row


def set_reused(connection: sqlite3.Connection, run_id: str, source: str, now: datetime) -> None:
    """Finish a run with the outputs of another.

    Args:
        connection: A connection in a write transaction.
        run_id: The run.
        source: The run whose outputs it shares.
        now: The present moment.
    """
    connection.execute(
        "UPDATE runs SET status = 'Finished', started = :now, ended = :now, reused_from = :source,"
        " message = :message WHERE id = :id",
        {"now": to_text(now), "source": source, "id": run_id, "message": f"reused from {source}"},
    )


def run_record(row: sqlite3.Row, workspace: Path) -> RunRecord:
    """Return a run's row as a record.

    Args:
        row: The row.
        workspace: The workspace's folder, absolute.
    """
    failure = json.loads(row["failure"]) if row["failure"] else None
    return RunRecord(
        id=row["id"],
        ref=make_ref(workspace, row["id"]),
        experiment=row["experiment"],
        status=RunStatus(row["status"]),
        created=from_text(row["created"]),
        started=from_text(row["started"]),
        ended=from_text(row["ended"]),
        budget_seconds=row["budget_seconds"],
        task=row["task"],
        primary_metric=row["primary_metric"],
        label_column_name=row["label_column_name"],
        dataset=row["dataset"],
        dataset_version=row["dataset_version"],
        reused_from=row["reused_from"],
        published_id=row["published_id"],
        tags=json.loads(row["tags"]),
        parameters=json.loads(row["parameters"]),
        failure=RunFailure(**failure) if failure else None,
        warnings=tuple(json.loads(row["warnings"])),
        message=row["message"],
        config=json.loads(row["config"]) if "config" in row.keys() else {},  # noqa: SIM118
    )
