"""The store at its edges: what is left open, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from bankml import WorkspaceError
from bankml.backends.local.store.database import Database

if TYPE_CHECKING:
    from pathlib import Path


def open_files() -> set[str]:
    return {file.path for file in psutil.Process().open_files()}


def test_a_file_that_is_no_database_is_not_left_open(tmp_path: Path) -> None:
    path = tmp_path / "workspace.sqlite"
    path.write_bytes(b"not a database" * 100)

    with pytest.raises(WorkspaceError), Database(path).read():
        pass

    assert str(path) not in open_files()


def test_a_database_that_is_used_after_its_close_is_closed_again_in_the_end(tmp_path: Path) -> None:
    database = Database(tmp_path / "workspace.sqlite")
    database.create()
    database.close()
    with database.read():
        pass

    del database

    assert not {path for path in open_files() if path.startswith(str(tmp_path))}


def test_close_leaves_no_file_open(tmp_path: Path) -> None:
    database = Database(tmp_path / "workspace.sqlite")
    with database.write():
        pass
    assert str(database.path) in open_files()

    database.close()

    assert str(database.path) not in open_files()
