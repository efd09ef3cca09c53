"""The doctor: it finds every kind of damage, and what it advises works."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from bankml.backends.local import LocalBackend
from bankml.config import WorkflowConfig
from bankml.doctor import examine
from bankml.errors import WorkspaceCorruptError

from .conftest import plan, wait_for_end

if TYPE_CHECKING:
    from pathlib import Path

    from bankml.backends.base import DatasetRecord

FRAME = pd.DataFrame({"x": range(5000), "y": ["yes", "no"] * 2500})


def flip(path: Path, at: float) -> None:
    """Change a byte of a file, as a bad disk does."""
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 0xFF
    path.write_bytes(content)


def wrong(backend: LocalBackend, *, repair: bool = False) -> list[str]:
    """What the doctor finds wrong with the workspace."""
    config = WorkflowConfig().replace(workspace={"path": str(backend.layout.root)})
    findings = examine(config, repair=repair)
    return [one.message for one in findings if one.subject == "workspace" and not one.healthy]


@pytest.mark.parametrize("at", [0.1, 0.5])
def test_changed_rows_are_found_set_aside_and_registered_again(
    backend: LocalBackend, at: float
) -> None:
    config = WorkflowConfig().dataset
    dataset = backend.register_dataset(config, FRAME)
    flip(backend.layout.dataset(dataset.name, 1), at)

    with pytest.raises(WorkspaceCorruptError, match="Register the data again"):
        backend.read_dataset(dataset)
    assert "doctor --repair" in wrong(backend)[0]
    assert "register the same data again" in wrong(backend, repair=True)[0]

    assert backend.register_dataset(config, FRAME) == dataset
    assert backend.read_dataset(dataset).equals(FRAME)
    assert wrong(backend) == []


def test_lost_rows_come_back_with_the_same_data(backend: LocalBackend) -> None:
    config = WorkflowConfig().dataset
    dataset = backend.register_dataset(config, FRAME)
    backend.layout.dataset(dataset.name, 1).unlink()

    assert backend.register_dataset(config, FRAME) == dataset

    assert backend.read_dataset(dataset).equals(FRAME)


@pytest.mark.parametrize("name", ["metrics.json", "model/model.skops", "model/manifest.json"])
def test_damaged_outputs_are_found_and_made_anew(
    backend: LocalBackend, dataset: DatasetRecord, name: str
) -> None:
    run = wait_for_end(backend, backend.submit(plan(), dataset))
    flip(backend.layout.run(run.id) / name, 0)

    [problem] = wrong(backend)
    assert run.id in problem
    assert "train it again" in problem
    wrong(backend, repair=True)

    again = wait_for_end(backend, backend.submit(plan(), dataset))
    assert again.reused_from is None
    assert backend.fetch_output(again.id, "Model").exists()


def test_a_damaged_index_is_built_anew(backend: LocalBackend, dataset: DatasetRecord) -> None:
    runs = {backend.submit(plan(reuse=False), dataset).id for _ in range(3)}
    for run in backend.list_runs():
        wait_for_end(backend, run)
    backend.database.close()
    with closing(sqlite3.connect(backend.layout.database)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, '(experiment, number)', '(step, number)')"
            " WHERE name = 'runs_by_experiment'"
        )
        connection.commit()

    assert any("row 1 missing from index" in problem for problem in wrong(backend))

    assert wrong(backend, repair=True) == []
    assert {run.id for run in backend.list_runs()} == runs


@pytest.mark.parametrize("where", ["experiment 0003", "experiment 0020"])
def test_what_can_be_read_of_a_damaged_database_is_saved(
    backend: LocalBackend, dataset: DatasetRecord, where: str
) -> None:
    run = wait_for_end(backend, backend.submit(plan(), dataset))
    for number in range(40):
        backend.get_or_create_experiment(f"experiment {number:04d} " + "x" * 400)
    backend.database.close()
    path = backend.layout.database
    content = path.read_bytes()
    page = content.rindex(where.encode()) // 4096
    path.write_bytes(content[: page * 4096] + b"\xa5" * 4096 + content[(page + 1) * 4096 :])

    assert any("bankml doctor --repair" in problem for problem in wrong(backend))
    assert wrong(backend, repair=True) == []

    assert backend.get_dataset(dataset.name) == dataset
    assert backend.get_run(run.id) == run
    assert backend.children(run.id)
    assert len(list(path.parent.glob("bankml.db.damaged-*"))) >= 1
    assert not list(path.parent.glob(".tmp-*"))
    backend.submit(plan(reuse=False), dataset)


def test_what_is_left_of_a_database_cut_off_is_saved(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    run = wait_for_end(backend, backend.submit(plan(), dataset))
    backend.database.close()
    path = backend.layout.database
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 4096 * 3 // 4 * 4096)

    assert "bankml doctor --repair" in wrong(backend)[0]
    assert wrong(backend, repair=True) == []

    assert backend.get_dataset(dataset.name) == dataset
    assert backend.get_run(run.id) == run


@pytest.mark.parametrize("content", [b"", b"no database" * 1000])
def test_the_doctor_does_not_send_people_to_the_doctor(tmp_path: Path, content: bytes) -> None:
    backend = LocalBackend(tmp_path)
    backend.layout.database.write_bytes(content)

    [problem] = [one for one in wrong(backend) if "damaged" in one]

    assert "Run `bankml doctor`" not in problem
    assert "move the file away and register the data again" in problem


def test_a_lost_database_is_not_a_healthy_workspace(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    assert dataset.version == 1
    backend.database.close()
    backend.layout.database.unlink()

    [problem] = wrong(backend)

    assert "Restore it from a backup" in problem
    assert not backend.layout.database.exists()


def test_a_file_of_which_nothing_can_be_read_is_left_alone(tmp_path: Path) -> None:
    backend = LocalBackend(tmp_path)
    backend.layout.database.write_bytes(b"no database" * 1000)

    assert "Restore bankml.db from a backup" in wrong(backend, repair=True)[0]
    assert backend.layout.database.read_bytes() == b"no database" * 1000


def test_only_what_nobody_works_on_any_more_is_removed(backend: LocalBackend) -> None:
    old, new = (backend.layout.datasets / f".tmp-{name}" for name in ("old", "new"))
    for path in (old, new):
        path.write_text("unfinished")
    os.utime(old, (time.time() - 7200,) * 2)

    report = backend.repair()

    assert report.leftovers == (new,)
    assert new.exists()
    assert not old.exists()


def test_a_workspace_that_was_never_finished_can_be_cleared(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    root.mkdir(mode=0o700)
    (root / ".tmp-database").write_text("unfinished")
    os.utime(root / ".tmp-database", (0, 0))

    LocalBackend(root).repair()

    assert list(root.iterdir()) == []
