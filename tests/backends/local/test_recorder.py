"""What the engine reports is written down by the run's runner, and by nobody else."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from bankml.backends.local import LocalBackend
from bankml.backends.local.automl import ChildFinished, ChildResult, ChildStarted, Progress
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


def claimed(
    backend: LocalBackend, dataset: DatasetRecord, metric: str = "accuracy"
) -> tuple[str, Recorder]:
    """A run and the recorder of the runner that holds it."""
    run = backend.submit(plan(), dataset)
    with backend.database.read() as connection:
        claim = connection.execute("SELECT claim FROM runs WHERE id = ?", (run.id,)).fetchone()[0]
    return run.id, Recorder(backend.database, run.id, claim, metric)


def test_a_candidate_is_there_at_once(backend: LocalBackend, dataset: DatasetRecord) -> None:
    run_id, recorder = claimed(backend, dataset)

    recorder(STARTED)
    [running] = backend.children(run_id)
    recorder(ENDED)
    [ended] = backend.children(run_id)

    assert (running.status, running.score) == (RunStatus.RUNNING, None)
    assert (ended.status, ended.score) == (RunStatus.FINISHED, 0.9)


def ended(number: int, score: float | None, algorithm: str = "SVM") -> ChildFinished:
    end = "Failed" if score is None else "Finished"
    result = ChildResult(number, algorithm, "", {}, end, {}, score, NOW, NOW + timedelta(seconds=2))
    return ChildFinished(result)


@pytest.mark.parametrize(("metric", "best"), [("accuracy", 0.9), ("log_loss", 0.5)])
def test_a_line_says_how_far_it_is(
    backend: LocalBackend,
    dataset: DatasetRecord,
    caplog: pytest.LogCaptureFixture,
    metric: str,
    best: float,
) -> None:
    run_id, recorder = claimed(backend, dataset, metric)
    earlier = ended(0, 0.7).result

    recorder.begin((earlier,))
    assert recorder.summary() == f"1 candidate finished, best {metric} 0.70000 (SVM)"
    with caplog.at_level(logging.INFO, "bankml.backends.local.recorder"):
        recorder(ended(1, 0.9, "high"))
        recorder(ended(2, 0.5, "low"))
        recorder(ended(3, None))
        recorder(Progress("ensemble"))

    name = "high" if best == 0.9 else "low"
    line = f"3 candidates finished, best {metric} {best:.5f} ({name})"
    assert recorder.summary() == backend.get_run(run_id).message == line
    assert [record.getMessage() for record in caplog.records] == [
        f"child 1 high {metric}=0.90000 in 2.0 s",
        f"child 2 low {metric}=0.50000 in 2.0 s",
        "child 3 SVM Failed: ",
        "ensemble",
    ]


def test_without_a_score_there_is_no_best(backend: LocalBackend, dataset: DatasetRecord) -> None:
    _, recorder = claimed(backend, dataset)
    assert recorder.summary() == "0 candidates finished"


def test_a_candidate_whose_score_can_not_be_computed_is_not_the_best(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    _, recorder = claimed(backend, dataset, "AUC_weighted")

    recorder(ended(0, float("nan"), "first"))
    recorder(ended(1, 0.9, "second"))
    recorder(ended(2, float("nan"), "third"))

    assert recorder.summary() == "3 candidates finished, best AUC_weighted 0.90000 (second)"


def test_a_score_that_can_not_be_computed_is_left_out_of_the_log(
    backend: LocalBackend, dataset: DatasetRecord, caplog: pytest.LogCaptureFixture
) -> None:
    _, recorder = claimed(backend, dataset, "AUC_weighted")

    with caplog.at_level(logging.INFO, "bankml.backends.local.recorder"):
        recorder(ended(0, float("nan")))

    assert caplog.messages == ["child 0 SVM in 2.0 s"]


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
