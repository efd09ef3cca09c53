"""The workspace's database: made once, shared, and honest about damage."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bankml.backends.local.store.catalogue import ensure_experiment
from bankml.backends.local.store.database import Database
from bankml.errors import ServiceUnavailableError, WorkspaceCorruptError, WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path

NAMES = "SELECT name FROM experiments ORDER BY name"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "bankml.db")
    database.create()
    return database


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return [row["name"] for row in connection.execute(NAMES)]


def add(database: Database, name: str) -> None:
    with database.write() as connection:
        ensure_experiment(connection, name)


def test_reading_before_there_is_a_file_finds_nothing_and_makes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bankml.db"

    assert names(Database(path)) == []
    assert not path.exists()


def test_a_database_made_while_another_is_reading_gets_what_is_written(tmp_path: Path) -> None:
    database = Database(tmp_path / "bankml.db")
    with database.read():
        add(database, "first")

    add(database, "second")

    assert names(Database(database.path)) == ["first", "second"]


def test_what_is_written_is_there_for_others(database: Database) -> None:
    add(database, "first")

    assert names(Database(database.path)) == ["first"]
    assert database.path.stat().st_mode & 0o077 == 0


def test_an_error_takes_the_whole_transaction_back(database: Database) -> None:
    def write_and_fail() -> None:
        with database.write() as connection:
            ensure_experiment(connection, "first")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()

    assert names(database) == []
    add(database, "second")
    assert names(database) == ["second"]


def test_many_processes_create_one_database(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path;"
        "from bankml.backends.local.store.database import Database;"
        "from bankml.backends.local.store.catalogue import ensure_experiment\n"
        "with Database(Path(sys.argv[1])).write() as connection:\n"
        "    ensure_experiment(connection, sys.argv[2])"
    )
    path = tmp_path / "bankml.db"
    processes = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", script, str(path), f"e{number}"])
        for number in range(6)
    ]

    assert [process.wait() for process in processes] == [0] * 6

    assert names(Database(path)) == [f"e{number}" for number in range(6)]
    assert sorted(tmp_path.glob(".tmp-*")) == []


def test_a_newer_schema_is_refused_with_the_way_out(database: Database) -> None:
    with closing(sqlite3.connect(database.path)) as connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(WorkspaceError, match=r"newer bankml \(schema 99.*pip install --upgrade"):
        names(Database(database.path))


def test_an_older_schema_is_brought_up_to_date_and_keeps_its_rows(database: Database) -> None:
    add(database, "kept")
    migrations = (
        *database_scripts(),
        "CREATE TABLE later(x TEXT);\nINSERT INTO later VALUES('a');",
    )

    later = Database(database.path, migrations=migrations)

    with later.read() as connection:
        assert connection.execute("SELECT x FROM later").fetchone()["x"] == "a"
    assert names(later) == ["kept"]


def test_a_failed_migration_changes_nothing(database: Database) -> None:
    add(database, "kept")
    broken = (*database_scripts(), "CREATE TABLE later(x TEXT);\nCREATE TABLE later(x TEXT);")

    with pytest.raises(WorkspaceError):
        names(Database(database.path, migrations=broken))

    assert names(Database(database.path)) == ["kept"]


@pytest.mark.parametrize("content", [b"", b"this is no database at all" * 200])
def test_a_file_that_is_no_workspace_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bankml.db"
    path.write_bytes(content)

    with pytest.raises(WorkspaceCorruptError, match="bankml doctor"):
        names(Database(path))

    assert path.read_bytes() == content


def test_damaged_pages_are_reported(database: Database) -> None:
    with database.write() as connection:
        for number in range(500):
            ensure_experiment(connection, f"experiment number {number}")
    database.close()
    content = bytearray(database.path.read_bytes())
    content[4096:] = bytes([0xA5]) * (len(content) - 4096)
    database.path.write_bytes(content)

    with pytest.raises(WorkspaceCorruptError, match="bankml doctor"):
        names(Database(database.path))


def test_a_full_disk_is_named(database: Database) -> None:
    def fill() -> None:
        with database.write() as connection:
            connection.execute("PRAGMA max_page_count = 1")
            for number in range(10_000):
                ensure_experiment(connection, f"{number:0500d}")

    with pytest.raises(WorkspaceError, match="disk is full"):
        fill()

    assert names(Database(database.path)) == []


def test_a_lock_that_is_kept_is_worth_another_try(database: Database) -> None:
    impatient = Database(database.path, busy_seconds=0.01)

    with database.write(), pytest.raises(ServiceUnavailableError, match="locked"):
        add(impatient, "late")


def test_a_removed_file_is_noticed(database: Database) -> None:
    add(database, "first")
    for path in database.path.parent.glob("bankml.db*"):
        path.unlink()

    assert names(database) == []
    add(database, "second")
    assert names(database) == ["second"]


def database_scripts() -> tuple[str, ...]:
    from bankml.backends.local.store.schema import MIGRATIONS

    return MIGRATIONS
