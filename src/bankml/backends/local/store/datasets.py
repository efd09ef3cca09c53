"""Rows of dataset versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bankml.backends.base import DatasetRecord
from bankml.backends.local.moments import from_text, to_text

if TYPE_CHECKING:
    import sqlite3


def select_dataset(
    connection: sqlite3.Connection, name: str, version: int | None = None
) -> DatasetRecord | None:
    """Return a version of a dataset (the latest where None), or None."""
    row = connection.execute(
        "SELECT * FROM datasets WHERE name = ? AND (? IS NULL OR version = ?)"
        " ORDER BY version DESC LIMIT 1",
        (name, version, version),
    ).fetchone()
    return None if row is None else _record(row)


def select_same_content(
    connection: sqlite3.Connection, name: str, fingerprint: str | None
) -> DatasetRecord | None:
    """Return the version of a dataset that has a content, the newest of several, or None.

    Args:
        connection: A connection.
        name: The dataset's name.
        fingerprint: The content's fingerprint.
    """
    row = connection.execute(
        "SELECT * FROM datasets WHERE name = ? AND fingerprint = ? ORDER BY version DESC LIMIT 1",
        (name, fingerprint),
    ).fetchone()
    return None if row is None else _record(row)


def select_dataset_by_id(connection: sqlite3.Connection, dataset_id: str) -> DatasetRecord | None:
    """Return the dataset version with this id, or None."""
    row = connection.execute("SELECT * FROM datasets WHERE id = ?", (dataset_id,)).fetchone()
    return None if row is None else _record(row)


def list_datasets(connection: sqlite3.Connection) -> list[DatasetRecord]:
    """Return every version of every dataset, by name and version."""
    rows = connection.execute("SELECT * FROM datasets ORDER BY name, version")
    return [_record(row) for row in rows]


def select_state(connection: sqlite3.Connection, dataset_id: str) -> dict[str, Any]:
    """Return what is known about the source of a dataset version, to see whether it changed."""
    row = connection.execute("SELECT state FROM datasets WHERE id = ?", (dataset_id,)).fetchone()
    return dict(json.loads(row["state"])) if row else {}


def insert_dataset(
    connection: sqlite3.Connection, record: DatasetRecord, state: dict[str, Any]
) -> None:
    """Add a dataset version.

    Args:
        connection: A connection in a write transaction.
        record: The version; its rows are on the disk already.
        state: What is known about its source.
    """
    connection.execute(
        "INSERT INTO datasets(id, name, version, fingerprint, rows, columns, source, synthetic,"
        " description, state, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.id, record.name, record.version, record.fingerprint, record.rows,
            json.dumps(record.columns), record.source, record.synthetic, record.description,
            json.dumps(state), to_text(record.created),
        ),
    )  # fmt: skip


def _record(row: sqlite3.Row) -> DatasetRecord:
    return DatasetRecord(
        id=row["id"],
        name=row["name"],
        version=row["version"],
        fingerprint=row["fingerprint"],
        rows=row["rows"],
        columns=tuple(json.loads(row["columns"])),
        source=row["source"],
        synthetic=bool(row["synthetic"]),
        description=row["description"],
        created=from_text(row["created"]),
    )
