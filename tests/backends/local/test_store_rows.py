"""What is written to the store is read again as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bankml.backends.base import ChildRecord, ComputeRecord, RunFailure, RunRecord
from bankml.backends.local.automl import ChildResult, ChildStarted
from bankml.backends.local.refs import make_ref
from bankml.backends.local.store import catalogue, children, runs, states
from bankml.backends.local.submission import new_run
from bankml.config import ComputeConfig
from bankml.status import RunStatus

from .conftest import plan

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from bankml.backends.base import DatasetRecord
    from bankml.backends.local import LocalBackend

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def connection(backend: LocalBackend, dataset: DatasetRecord) -> Iterator[sqlite3.Connection]:
    """A transaction in which a runner with the claim ``token`` prepares the run ``one``."""
    run = new_run(plan(), dataset)
    with backend.database.write() as connection:
        runs.insert_run(connection, run)
        connection.execute("UPDATE runs SET id = 'one'")
        states.claim(connection, "one", "token", 2, NOW)
        yield connection
        connection.execute("UPDATE runs SET status = 'Canceled'")


def status(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT status FROM runs").fetchone()[0])


def test_a_run_is_read_as_it_was_written(
    connection: sqlite3.Connection, dataset: DatasetRecord
) -> None:
    settled = new_run(plan(), dataset, published_id="p", parameters={"iterations": "3"})
    run = replace(settled, id="two", tags={"team": "risk"}, warnings=("a note",), created=NOW)
    failure = RunFailure("AutoML", "Code", "why", "the log")
    runs.insert_run(connection, run)
    states.claim(connection, "two", "mine", 1, LATER)
    states.fail(connection, "two", "mine", failure, LATER)

    [row] = runs.find_by_tags(connection, {"team": "risk"}, 5)
    whole = runs.select_run(connection, "two")
    assert whole is not None

    wanted = RunRecord(
        id="two",
        ref=make_ref(Path("/home/ana"), "two"),
        experiment="test",
        status=RunStatus.FAILED,
        created=NOW,
        started=LATER,
        ended=LATER,
        budget_seconds=1200.0,
        task="classification",
        primary_metric="AUC_weighted",
        label_column_name="y",
        dataset=dataset.name,
        dataset_version=1,
        published_id="p",
        tags={"team": "risk"},
        parameters={"iterations": "3"},
        failure=failure,
        warnings=("a note",),
        message="failed: why",
    )
    assert runs.run_record(row, Path("/home/ana")) == wanted
    assert runs.run_record(whole, Path("/home/ana")) == replace(wanted, config=run.config)


def test_only_whole_results_of_the_same_work_are_reused(
    connection: sqlite3.Connection, dataset: DatasetRecord
) -> None:
    run = new_run(plan(), dataset)
    for name, key, end in (("a", "k", "Finished"), ("b", "k", "Finished"), ("c", "k", "Failed")):
        runs.insert_run(connection, replace(run, id=name, reuse_key=key))
        connection.execute("UPDATE runs SET status = ? WHERE id = ?", (end, name))
    runs.insert_run(connection, replace(run, id="d", reuse_key="k"))
    runs.set_reused(connection, "d", "b", LATER)

    found = runs.select_reusable(connection, "k")
    reused = runs.select_run(connection, "d")

    assert found is not None
    assert found["id"] == "b"
    assert runs.select_reusable(connection, "another") is None
    assert reused is not None
    assert (reused["status"], reused["message"]) == ("Finished", "reused from b")


def test_a_candidate_is_read_as_it_was_written(connection: sqlite3.Connection) -> None:
    parameters = {"trees": 10, "path": RunStatus.RUNNING}
    children.child_started(connection, "one", ChildStarted(3, "LightGBM", parameters, "x"), NOW)
    [begun] = children.list_children(connection, "one")

    assert begun == ChildRecord(
        "one_3", 3, "LightGBM", "x", RunStatus.RUNNING, None, {},
        {"trees": 10, "path": "Running"}, NOW, None, None,
    )  # fmt: skip
    result = ChildResult(3, "SVM", "y", {"c": 1}, "Failed", {"auc": 0.5}, 0.5, NOW, LATER, "why")
    children.child_ended(connection, "one", result)
    [ended] = children.list_children(connection, "one")
    assert ended == ChildRecord(
        "one_3", 3, "SVM", "y", RunStatus.FAILED, 0.5, {"auc": 0.5}, {"c": 1}, NOW, LATER, "why"
    )


def test_a_compute_is_created_once_and_stays_as_it_is(connection: sqlite3.Connection) -> None:
    config = ComputeConfig(name="mine", vm_size="large", min_nodes=1, max_nodes=3)
    wanted = ComputeRecord("mine", "Succeeded", "large", 1, 3, 1)

    first = catalogue.insert_compute(connection, config)
    again = catalogue.insert_compute(connection, ComputeConfig(name="mine", max_nodes=9))

    assert first == ComputeRecord(**{**vars(wanted), "created": True})
    assert again == catalogue.select_compute(connection, "mine") == wanted
    options = connection.execute("SELECT options FROM computes WHERE name = 'mine'").fetchone()[0]
    assert ComputeConfig.model_validate_json(options) == config


def test_a_run_whose_process_is_known_is_not_given_back(connection: sqlite3.Connection) -> None:
    states.set_process(connection, "one", "token", "host", 7, 1.0)

    assert not states.give_back(connection, "one", "token")
    assert not states.set_process(connection, "one", "token", "host", 8, 1.0)
    assert states.set_process(connection, "one", "token", "host", 7, 2.0)
    assert status(connection) == "Preparing"


@pytest.mark.parametrize("how", ["Failed", "Canceled"])
def test_candidates_under_way_end_with_the_run(connection: sqlite3.Connection, how: str) -> None:
    children.child_started(connection, "one", ChildStarted(0, "LightGBM", {}, ""), NOW)
    failure = RunFailure("step", "Code", "why")

    if how == "Failed":
        assert states.fail(connection, "one", "token", failure, LATER)
    else:
        assert states.set_canceled(connection, "one", "token", LATER)

    [child] = children.list_children(connection, "one")
    row = runs.select_run(connection, "one")
    assert row is not None
    assert (child.status, child.ended) == (RunStatus.CANCELED, LATER)
    assert (row["status"], row["ended"]) == (how, LATER.isoformat(timespec="microseconds"))
    assert not states.holds(connection, "one", "token")


def test_what_did_not_finish_is_forgotten_when_the_run_begins_again(
    connection: sqlite3.Connection,
) -> None:
    for number, end in enumerate(("Finished", "Failed", "Canceled")):
        result = ChildResult(number, "SVM", "", {}, end, {}, None, NOW, LATER)
        children.child_ended(connection, "one", result)
    states.set_canceled(connection, "one", "token", LATER)

    assert states.queue_again(connection, "one")

    assert [child.number for child in children.list_children(connection, "one")] == [0]
