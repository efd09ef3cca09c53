"""A workspace in a folder that can't be written, such as a read-only mount, can be read."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from bankml.backends.local import LocalBackend
from bankml.backends.local.store.catalogue import ensure_experiment
from bankml.backends.local.store.database import Database
from bankml.config import WorkflowConfig
from bankml.status import RunStatus

from .conftest import plan, wait_for_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bankml.backends.base import DatasetRecord


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Have a folder that can't be written, also for the superuser, who can write all."""
    access = os.access

    def without_writing(path: Path, mode: int) -> bool:
        return access(path, mode) and not (path == folder and mode & os.W_OK)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "access", without_writing)
        yield


def add(database: Database, name: str) -> None:
    with database.write() as connection:
        ensure_experiment(connection, name)


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return [row["name"] for row in connection.execute("SELECT name FROM experiments")]


def test_what_is_there_is_read_and_no_file_is_made(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    run = wait_for_end(backend, backend.submit(plan(), dataset))
    published = backend.publish(run.id, WorkflowConfig().publish)
    backend.database.close()
    before = set(backend.layout.root.rglob("*"))

    with read_only(backend.layout.root):
        reader = LocalBackend(backend.layout.root)
        assert [each.id for each in reader.list_runs()] == [run.id]
        assert reader.get_run(run.ref).status is RunStatus.FINISHED
        assert len(reader.children(run.id)) == 2
        assert reader.fetch_output(run.id, "Metrics").is_file()
        assert list(reader.list_published()) == [published]
        assert reader.get_dataset(dataset.name) == dataset
        assert set(backend.layout.root.rglob("*")) == before


def test_a_run_in_the_queue_is_left_to_those_who_can_write(
    backend: LocalBackend, dataset: DatasetRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("bankml.backends.local.dispatch.Dispatcher.dispatch", lambda _self: None)
        run = backend.submit(plan(), dataset)

    with read_only(backend.layout.root):
        assert LocalBackend(backend.layout.root).get_run(run.id).status is RunStatus.QUEUED


def test_what_is_in_the_journal_only_is_read_too(tmp_path: Path) -> None:
    writer = Database(tmp_path / "bankml.db")
    add(writer, "first")
    assert (tmp_path / "bankml.db-wal").stat().st_size > 0

    with read_only(tmp_path):
        assert names(Database(tmp_path / "bankml.db")) == ["first"]


def test_what_is_written_later_is_read_later(tmp_path: Path) -> None:
    reader = Database(tmp_path / "bankml.db")
    for count, name in enumerate(("first", "second"), 1):
        writer = Database(tmp_path / "bankml.db")
        add(writer, name)
        writer.close()

        with read_only(tmp_path):
            assert len(names(reader)) == count
