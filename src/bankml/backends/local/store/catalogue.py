"""Rows of experiments and computes."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from bankml.backends.base import ComputeRecord, ExperimentRecord
from bankml.backends.local.moments import to_text, utc_now

if TYPE_CHECKING:
    import sqlite3

    from bankml.config import ComputeConfig


def ensure_experiment(connection: sqlite3.Connection, name: str) -> ExperimentRecord:
    """Return the experiment of this name; it is created if need be.

    Args:
        connection: A connection in a write transaction.
        name: The experiment's name.
    """
    connection.execute(
        "INSERT INTO experiments(id, name, created) VALUES (?, ?, ?) ON CONFLICT(name) DO NOTHING",
        (str(uuid.uuid4()), name, to_text(utc_now())),
    )
    row = connection.execute("SELECT id FROM experiments WHERE name = ?", (name,)).fetchone()
    return ExperimentRecord(row["id"], name)


def select_compute(connection: sqlite3.Connection, name: str) -> ComputeRecord | None:
    """Return the compute target of this name, or None."""
    row = connection.execute("SELECT * FROM computes WHERE name = ?", (name,)).fetchone()
    return None if row is None else _compute(row)


def insert_compute(connection: sqlite3.Connection, config: ComputeConfig) -> ComputeRecord:
    """Return the compute target of this name; it is created if need be.

    Args:
        connection: A connection in a write transaction.
        config: What to create.
    """
    added = connection.execute(
        "INSERT INTO computes(name, vm_size, min_nodes, max_nodes, options, created)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(name) DO NOTHING",
        (
            config.name, config.vm_size, config.min_nodes, config.max_nodes,
            json.dumps(config.model_dump(mode="json")), to_text(utc_now()),
        ),
    ).rowcount  # fmt: skip
    row = connection.execute("SELECT * FROM computes WHERE name = ?", (config.name,)).fetchone()
    return _compute(row, created=added == 1)


def _compute(row: sqlite3.Row, created: bool = False) -> ComputeRecord:
    return ComputeRecord(
        name=row["name"],
        state="Succeeded",
        vm_size=row["vm_size"],
        min_nodes=row["min_nodes"],
        max_nodes=row["max_nodes"],
        current_nodes=row["min_nodes"],
        created=created,
    )
