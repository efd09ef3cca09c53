"""Rows of published pipelines and of the triggers that were answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankml.backends.local.moments import from_text, to_text

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


@dataclass(frozen=True)
class Published:
    """A published pipeline, with all that a trigger needs.

    Attributes:
        id: Its id.
        name: Its name.
        version: Its version.
        status: ``Active`` or ``Disabled``.
        description: What it is for.
        config: The configuration of the run it was published from, as a JSON document.
        dataset_id: The dataset version used unless a trigger binds another.
        run_id: The run it was published from.
        created: When it was published (UTC).
    """

    id: str
    name: str
    version: str
    status: str
    description: str
    config: dict[str, Any]
    dataset_id: str
    run_id: str
    created: datetime


def insert_published(connection: sqlite3.Connection, published: Published) -> None:
    """Add a published pipeline; the connection must be in a write transaction."""
    connection.execute(
        "INSERT INTO published(id, name, version, status, description, config, dataset_id, run_id,"
        " created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            published.id, published.name, published.version, published.status,
            published.description, json.dumps(published.config), published.dataset_id,
            published.run_id, to_text(published.created),
        ),
    )  # fmt: skip


def select_published(connection: sqlite3.Connection, published_id: str) -> Published | None:
    """Return a published pipeline, or None."""
    row = connection.execute("SELECT * FROM published WHERE id = ?", (published_id,)).fetchone()
    return None if row is None else _published(row)


def list_published(connection: sqlite3.Connection) -> list[Published]:
    """Return the published pipelines, newest first."""
    rows = connection.execute("SELECT * FROM published ORDER BY number DESC")
    return [_published(row) for row in rows]


def update_status(connection: sqlite3.Connection, published_id: str, status: str) -> None:
    """Set the status of a published pipeline; the connection must be in a write transaction."""
    connection.execute("UPDATE published SET status = ? WHERE id = ?", (status, published_id))


def triggered_run(connection: sqlite3.Connection, published_id: str, key: str) -> str | None:
    """Return the id of the run that a trigger with this key has started, or None."""
    row = connection.execute(
        "SELECT run_id FROM triggers WHERE published_id = ? AND key = ?", (published_id, key)
    ).fetchone()
    return None if row is None else str(row["run_id"])


def insert_trigger(
    connection: sqlite3.Connection, published_id: str, key: str, run_id: str, now: datetime
) -> None:
    """Remember which run a trigger has started, unless its key is known already.

    Args:
        connection: A connection in a write transaction.
        published_id: The published pipeline.
        key: What the trigger is known by.
        run_id: The run.
        now: The present moment.
    """
    connection.execute(
        "INSERT INTO triggers(published_id, key, run_id, created) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (published_id, key, run_id, to_text(now)),
    )


def _published(row: sqlite3.Row) -> Published:
    created = from_text(row["created"])
    assert created is not None  # noqa: S101 - the column is NOT NULL
    return Published(
        id=row["id"],
        name=row["name"],
        version=row["version"],
        status=row["status"],
        description=row["description"],
        config=json.loads(row["config"]),
        dataset_id=row["dataset_id"],
        run_id=row["run_id"],
        created=created,
    )
