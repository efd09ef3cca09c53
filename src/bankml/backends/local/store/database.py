"""Connections to the workspace's database, and its transactions.

Journal: WAL, so that readers never wait for a writer. ``synchronous=FULL``: what was answered as
done (a registered dataset, an accepted trigger) is on the disk, also after a power cut. NORMAL
would save the wait for the disk at each commit (1.7 ms on an idle SSD, 20 ms on a busy one), and
could lose the last commits with the power: a client that was told "accepted" would not repeat its
trigger, so its run would be lost. A run makes a few commits a second, so the wait is cheap.

Writers wait for each other in a queue (:mod:`.turns`), ``BUSY_SECONDS`` at the most.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
import weakref
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from bankml.backends.local.files import file_errors
from bankml.backends.local.store.problems import database_errors
from bankml.backends.local.store.schema import APPLICATION_ID, MIGRATIONS
from bankml.backends.local.store.turns import turn
from bankml.errors import WorkspaceCorruptError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

BUSY_SECONDS = 30.0
_File = tuple[int, int, int]
"""Device and number of a file, and the process whose connections to it are meant."""


class Database:
    """The database of one workspace; safe to use from many threads and processes.

    Idle connections are kept, since SQLite tidies up its journal whenever the last one closes.
    """

    def __init__(
        self,
        path: Path,
        busy_seconds: float = BUSY_SECONDS,
        migrations: Sequence[str] = MIGRATIONS,
    ) -> None:
        """Remember the file; nothing is opened yet.

        Args:
            path: The database's file.
            busy_seconds: Seconds to wait for another writer.
            migrations: Scripts that bring an older schema up to date.
        """
        self.path = path
        self._queue = path.with_suffix(".lock")
        self._busy_seconds = busy_seconds
        self._migrations = migrations
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._file: _File | None = None
        weakref.finalize(self, _close_all, self._idle)

    def exists(self) -> bool:
        """Tell whether there is a database.

        Raises:
            WorkspaceError: Its folder can't be looked into.
        """
        return self._identity() is not None

    def is_writable(self) -> bool:
        """Tell whether the folder can be written; a read-only one can be read all the same."""
        return os.access(self.path.parent, os.W_OK)

    def close(self) -> None:
        """Close the idle connections; the next transaction opens another."""
        with self._lock:
            _close_all(self._idle)

    def create(self) -> None:
        """Create the database, unless there is one; safe when several processes do it at once.

        Raises:
            WorkspaceError: The folder can't be written.
        """
        if self.path.exists():
            return
        temporary = self.path.with_name(f".tmp-{uuid.uuid4().hex}")
        try:
            with database_errors(self.path), closing(self._connect(temporary)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._migrate(connection, 0)
            with file_errors(self.path, "created"):
                temporary.chmod(0o600)
                self._link(temporary)
        finally:
            for suffix in ("", "-wal", "-shm"):
                temporary.with_name(temporary.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees one state of the data; without a file, an empty one.

        Raises:
            WorkspaceError: The database can't be read.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside a transaction that is committed at the end, or not at all.

        Raises:
            WorkspaceError: The database can't be written.
        """
        self.create()
        with ExitStack() as stack:
            with database_errors(self.path):
                stack.enter_context(turn(self._queue, self._busy_seconds))
            connection = stack.enter_context(self._transaction("BEGIN IMMEDIATE"))
            if not self.path.exists():
                raise WorkspaceError(
                    f"{self.path} was removed while it was about to be written. Try again."
                )
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        file = self._identity()
        connection = self._take(file)
        try:
            with database_errors(self.path):
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
        except BaseException:
            _abandon(connection)
            raise
        self._give_back(connection, file)

    def _take(self, file: _File | None) -> sqlite3.Connection:
        with self._lock:
            if file != self._file:
                self._forget()
                self._file = file
            if self._idle:
                return self._idle.pop()
        return self._open() if file else self._empty()

    def _give_back(self, connection: sqlite3.Connection, file: _File | None) -> None:
        """Keep a connection for later, if it is one to the file that there is now.

        One to a read-only folder is not: it may not see what is written elsewhere later on.
        """
        with self._lock:
            current = file is not None and file == self._file == self._identity()
            if current and self.is_writable():
                self._idle.append(connection)
                return
        connection.close()

    def _identity(self) -> _File | None:
        """Which file it is, and whose connections the idle ones are (a fork must not use them)."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise WorkspaceError(
                f"{self.path} can't be read ({error.strerror}). Check the permissions of its "
                "folder, or set workspace.path to a folder of yours."
            ) from error
        return (status.st_dev, status.st_ino, os.getpid())

    def _forget(self) -> None:
        if self._file is None or self._file[2] == os.getpid():
            _close_all(self._idle)
        self._idle.clear()

    def _open(self) -> sqlite3.Connection:
        with database_errors(self.path):
            connection = (
                self._connect(self.path)
                if self.is_writable()
                else self._connect(_read_only(self.path), uri=True)
            )
            try:
                self._check_version(connection)
            except BaseException:
                connection.close()
                raise
            return connection

    def _empty(self) -> sqlite3.Connection:
        connection = self._connect(":memory:")
        self._migrate(connection, 0)
        return connection

    def _connect(self, path: Path | str, *, uri: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False, uri=uri
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = FULL")  # reads the file, so it may be refused
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_version(self, connection: sqlite3.Connection) -> None:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        latest = len(self._migrations)
        if version > latest:
            raise WorkspaceError(
                f"{self.path} was written by a newer bankml (schema {version}, this one knows "
                f"{latest}). Upgrade with: pip install --upgrade bankml"
            )
        if version == 0:
            raise WorkspaceCorruptError(
                f"{self.path} holds no workspace: it is empty or not ours. "
                "Run `bankml doctor`, or move the file away to start afresh."
            )
        if version < latest:
            self._migrate(connection, version)

    def _migrate(self, connection: sqlite3.Connection, version: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            for script in self._migrations[version:]:
                for statement in _statements(script):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(self._migrations)}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def _link(self, temporary: Path) -> None:
        """Give the whole file its name; one that another process made first stays."""
        try:
            os.link(temporary, self.path)
        except FileExistsError:
            return


def _read_only(path: Path) -> str:
    """Return the URI of a database in a folder where SQLite can't put its files beside it.

    ``immutable`` does without these files and without locks: that is right only while nobody
    writes. Where there is a journal somebody writes, or was killed while writing, and what is
    committed may be in the journal only: SQLite then has to use the files that are there.
    """
    journal = path.with_name(f"{path.name}-wal")
    written = journal.exists() and journal.stat().st_size > 0
    return f"{path.absolute().as_uri()}?mode=ro" + ("" if written else "&immutable=1")


def _statements(script: str) -> Iterator[str]:
    """Split a script; ``executescript`` would commit before it begins."""
    statement = ""
    for line in script.splitlines():
        statement += f"{line}\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _abandon(connection: sqlite3.Connection) -> None:
    """Close the connection, which rolls back; it may be the reason of the error."""
    connection.close()


def _close_all(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()
