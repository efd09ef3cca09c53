"""What the engine reports is written down by the run's runner, and by nobody else."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from bankml.backends.local import LocalBackend
from bankml.backends.local.automl import ChildFinished, ChildResult, ChildStarted
from bankml.backends.local.recorder import Recorder
from bankml.backends.local.store import states
from bankml.status import RunStatus

from .conftest import plan

if TYPE_CHECKING:
    from pathlib import Path

    from bankml.backends.base import DatasetRecord

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
STARTED = ChildStarted(0, "LightGBM", {}, "MaxAbsScaler")
ENDED = ChildFinished(
    ChildResult(0, "LightGBM", "MaxAbsScaler", {}, "Finished", {"accuracy": 0.9}, 0.9, NOW, NOW)
)


@pytest.fixture
def backend(tmp_path: Path) -> LocalBackend:
    """A workspace whose runners never come up."""
    return LocalBackend(tmp_path / "workspace", cores=2, start=lambda *_: 10_000_000)


def claimed(backend: LocalBackend, dataset: DatasetRecord) -> tuple[str, Recorder]:
    """A run and the recorder of the runner that holds it."""
    run = backend.submit(plan(), dataset)
    with backend.database.read() as connection:
        claim = connection.execute("SELECT claim FROM runs WHERE id = ?", (run.id,)).fetchone()[0]
    return run.id, Recorder(backend.database, run.id, claim, "accuracy")


def test_a_candidate_is_there_at_once(backend: LocalBackend, dataset: DatasetRecord) -> None:
    run_id, recorder = claimed(backend, dataset)

    recorder(STARTED)
    [running] = backend.children(run_id)
    recorder(ENDED)
    [ended] = backend.children(run_id)

    assert (running.status, running.score) == (RunStatus.RUNNING, None)
    assert (ended.status, ended.score) == (RunStatus.FINISHED, 0.9)


def test_a_runner_given_up_as_dead_writes_nothing_any_more(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    run_id, late = claimed(backend, dataset)
    with backend.database.write() as connection:
        connection.execute("UPDATE runs SET status = 'Failed' WHERE id = ?", (run_id,))
        states.queue_again(connection, run_id)
        states.claim(connection, run_id, "another runner", 1, NOW)

    late(STARTED)
    late(ENDED)

    assert backend.children(run_id) == []
