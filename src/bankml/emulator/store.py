"""The emulator's own memory: JSON documents by kind and id, kept in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Document = dict[str, Any]

_SCHEMA = """
create table if not exists documents (
    sequence integer primary key autoincrement,
    kind text not null,
    id text not null,
    body text not null,
    unique (kind, id)
)
"""


class DocumentStore:
    """Documents by kind and id, in the order in which they were first put.

    Safe to use from several threads of one process.

    Args:
        path: The SQLite file; made where absent.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, timeout=30.0)
        with self._transaction() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.execute(_SCHEMA)

    def put(self, kind: str, document_id: str, document: Document) -> Document:
        """Store a document in place of an earlier one of the same kind and id, and return it."""
        with self._transaction() as connection:
            connection.execute(
                "insert into documents (kind, id, body) values (?, ?, ?) "
                "on conflict (kind, id) do update set body = excluded.body",
                (kind, document_id, json.dumps(document)),
            )
        return document

    def get(self, kind: str, document_id: str) -> Document | None:
        """Return a document, or None."""
        with self._transaction() as connection:
            row = connection.execute(
                "select body from documents where kind = ? and id = ?", (kind, document_id)
            ).fetchone()
        return json.loads(row[0]) if row else None

    def list(self, kind: str) -> list[Document]:
        """Return all documents of a kind, oldest first."""
        with self._transaction() as connection:
            rows = connection.execute(
                "select body from documents where kind = ? order by sequence", (kind,)
            ).fetchall()
        return [json.loads(body) for (body,) in rows]

    def count(self, kind: str) -> int:
        """Return how many documents of a kind there are."""
        with self._transaction() as connection:
            row = connection.execute(
                "select count(*) from documents where kind = ?", (kind,)
            ).fetchone()
        return int(row[0])

    def delete(self, kind: str, document_id: str) -> bool:
        """Delete a document; whether there was one."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "delete from documents where kind = ? and id = ?", (kind, document_id)
            )
        return cursor.rowcount > 0

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._connection:
            yield self._connection
