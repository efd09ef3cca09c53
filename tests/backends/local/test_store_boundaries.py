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
