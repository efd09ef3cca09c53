"""A disk that a run fills: the run says so, and leaves room for saying it."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from bankml.backends.local.files import full_disk_errors
from bankml.backends.local.paths import Layout
from bankml.backends.local.store.database import Database
from bankml.backends.local.training import Training
from bankml.errors import WorkspaceError
from bankml.status import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bankml.backends.local import LocalBackend
    from bankml.backends.local.runner import Runner

NO_ROOM = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_run_that_fills_the_disk_says_what_to_do(
    claimed: tuple[LocalBackend, str, Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, run_id, runner = claimed

    def fill_the_disk(*_: Any) -> None:
        raise NO_ROOM

    monkeypatch.setattr(Training, "train", fill_the_disk)

    runner.run()

    record = backend.get_run(run_id)
    assert record.status is RunStatus.FAILED
    assert record.failure is not None
    assert record.failure.code == "WorkspaceError"
    assert "The disk is full; free some space" in record.failure.message


def test_a_failure_that_finds_no_room_takes_that_of_the_runs_own_files(
    claimed: tuple[LocalBackend, str, Runner], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, run_id, runner = claimed
    scratch, write = Layout(tmp_path).scratch(run_id), Database.write

    def fill_the_disk(*_: Any) -> None:
        scratch.mkdir(parents=True)
        (scratch / "matrix.npy").touch()
        raise NO_ROOM

    @contextmanager
    def write_if_there_is_room(database: Database) -> Iterator[Any]:
        if scratch.exists():
            raise WorkspaceError("The disk is full.")
        with write(database) as connection:
            yield connection

    monkeypatch.setattr(Training, "train", fill_the_disk)
    monkeypatch.setattr(Database, "write", write_if_there_is_room)

    runner.run()

    assert backend.get_run(run_id).status is RunStatus.FAILED
    assert not scratch.exists()


def test_no_other_error_is_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), full_disk_errors(tmp_path):
        (tmp_path / "absent").read_text()
