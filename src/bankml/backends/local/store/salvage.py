"""Saves the rows of a damaged database that can still be read.

The command line's ``.recover`` is no help: releases of it that are in use (3.40) give up on tables
without a rowid, which this schema has.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml.backends.local.store.database import Database

if TYPE_CHECKING:
    from pathlib import Path

_TABLES = (
    "experiments", "computes", "datasets", "runs", "run_tags", "children", "published", "triggers",
)  # fmt: skip
"""All tables; one that others point to comes before them."""


@dataclass(frozen=True)
class Salvage:
    """What was saved.

    Attributes:
        rows: How many rows.
        incomplete: The tables of which not every row could be read, or was still good for anything.
    """

    rows: int
    incomplete: tuple[str, ...]


def salvage(damaged: Path, target: Path) -> Salvage:
    """Copy the rows that can be read to a new database.

    Args:
        damaged: The damaged database; it is not changed.
        target: Where to make the new one.

    Returns:
        What was saved; without rows the new database is good for nothing.
    """
    database = Database(target)
    rows, incomplete = 0, []
    with (
        closing(sqlite3.connect(f"{damaged.as_uri()}?mode=ro", uri=True)) as old,
        database.write() as new,
    ):
        old.execute("PRAGMA writable_schema = ON")  # else a file cut off is refused as a whole
        for table in _TABLES:
            copied, whole = _copy(old, new, table)
            rows += copied
            incomplete += [] if whole else [table]
    database.close()
    return Salvage(rows, tuple(incomplete))


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> tuple[int, bool]:
    """Copy a table from its beginning, and from its end where the way breaks off."""
    keys = _keys(new, table)
    whole = True
    for order in ("ASC", "DESC"):
        statement = f"SELECT * FROM {table} ORDER BY " + ", ".join(f"{key} {order}" for key in keys)  # noqa: S608 - our own names
        try:
            for row in old.execute(statement):
                whole = _insert(new, table, row) and whole
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            whole = False
            continue
        break
    copied = int(new.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
    return copied, whole


def _insert(new: sqlite3.Connection, table: str, row: tuple[object, ...]) -> bool:
    """Insert a row, unless it is there; False where what it points to is lost, or it is bad."""
    marks = ", ".join("?" * len(row))
    try:
        new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)  # noqa: S608
    except sqlite3.DatabaseError:
        return False
    return True


def _keys(new: sqlite3.Connection, table: str) -> list[str]:
    """The columns by which the rows lie on the disk."""
    schema = new.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    if "WITHOUT ROWID" not in schema:
        return ["rowid"]
    columns = [row for row in new.execute(f"PRAGMA table_info({table})") if row["pk"]]
    return [row["name"] for row in sorted(columns, key=lambda row: int(row["pk"]))]
