"""The states of runs and candidates in the store, field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from bankml.backends.local.automl import ChildStarted
from bankml.backends.local.moments import to_text
from bankml.backends.local.store import children, datasets, runs, states
from bankml.backends.local.store.database import Database
from bankml.backends.local.submission import new_run
from bankml.status import RunStatus

from .conftest import plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bankml.backends.base import DatasetRecord
    from bankml.backends.local import LocalBackend

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
LATER = datetime(2026, 3, 1, 13, tzinfo=timezone.utc)


@pytest.fixture
def stored(backend: LocalBackend, dataset: DatasetRecord) -> Iterator[LocalBackend]:
    """Two runs in the queue, ``one`` and ``other``."""
    template = new_run(plan(), dataset)
    with backend.database.write() as connection:
        for run_id in ("one", "other"):
            runs.insert_run(connection, replace(template, id=run_id))
    yield backend
    with backend.database.write() as connection:
        connection.execute("UPDATE runs SET status = 'Canceled'")


def row(backend: LocalBackend, run_id: str) -> dict[str, Any]:
    with backend.database.read() as connection:
        found = runs.select_run(connection, run_id)
    assert found is not None
    return dict(found)


def set_status(backend: LocalBackend, run_id: str, status: RunStatus) -> None:
    with backend.database.write() as connection:
        connection.execute("UPDATE runs SET status = ? WHERE id = ?", (str(status), run_id))


def test_cancelling_a_queued_run_ends_it_at_once(stored: LocalBackend) -> None:
    with stored.database.write() as connection:
        status = states.request_cancel(connection, "one", NOW)

    assert status is RunStatus.CANCELED
    run = row(stored, "one")
    assert (run["status"], run["ended"], run["message"]) == ("Canceled", to_text(NOW), "canceled")
    assert run["cancel_requested"] is None
    assert row(stored, "other")["status"] == "Queued"


@pytest.mark.parametrize("status", [RunStatus.PREPARING, RunStatus.RUNNING])
def test_cancelling_a_run_that_works_asks_it_to_stop(
    stored: LocalBackend, status: RunStatus
) -> None:
    set_status(stored, "one", status)

    with stored.database.write() as connection:
        first = states.request_cancel(connection, "one", NOW)
        second = states.request_cancel(connection, "one", LATER)

    assert first is second is status
    run = row(stored, "one")
    assert (run["cancel_requested"], run["message"], run["ended"]) == (to_text(NOW), "stops", None)


def test_cancelling_a_run_that_has_ended_changes_nothing(stored: LocalBackend) -> None:
    set_status(stored, "one", RunStatus.FINISHED)
    before = row(stored, "one")

    with stored.database.write() as connection:
        status = states.request_cancel(connection, "one", NOW)

    assert status is RunStatus.FINISHED
    assert row(stored, "one") == before


def test_cancelling_a_run_that_is_not_there_is_told(stored: LocalBackend) -> None:
    with stored.database.write() as connection:
        assert states.request_cancel(connection, "none", NOW) is None


def test_only_a_run_that_ended_without_a_result_is_queued_again(stored: LocalBackend) -> None:
    set_status(stored, "one", RunStatus.FAILED)

    with stored.database.write() as connection:
        again = states.queue_again(connection, "one")
        still_queued = states.queue_again(connection, "other")

    assert (again, still_queued) == (True, False)
    run = row(stored, "one")
    kept = ("started", "ended", "failure", "claim", "host", "pid", "cancel_requested")
    assert run["status"] == "Queued"
    assert [run[name] for name in kept] == [None] * len(kept)


def test_candidates_under_way_end_with_their_run_and_no_others(stored: LocalBackend) -> None:
    with stored.database.write() as connection:
        for run_id in ("one", "other"):
            children.child_started(connection, run_id, ChildStarted(0, "LightGBM", {}, "x"), NOW)

        children.cancel_unfinished(connection, "one", LATER)

        [ended] = children.list_children(connection, "one")
        [running] = children.list_children(connection, "other")
    assert (ended.status, ended.ended) == (RunStatus.CANCELED, LATER)
    assert ended.error == "The run ended before this candidate did."
    assert (running.status, running.ended, running.error) == (RunStatus.RUNNING, None, None)


def test_what_is_known_of_a_source_is_kept_with_its_version(
    stored: LocalBackend, dataset: DatasetRecord
) -> None:
    other = replace(dataset, id="other", version=dataset.version + 1)
    with stored.database.write() as connection:
        datasets.insert_dataset(connection, other, {"etag": "abc"})

        assert datasets.select_state(connection, "other") == {"etag": "abc"}
        assert datasets.select_state(connection, "none") == {}


def test_a_database_that_is_not_there_reads_as_an_empty_one(tmp_path: Path) -> None:
    database = Database(tmp_path / "workspace" / "workspace.sqlite")

    with database.read() as connection:
        found = runs.list_runs(connection, None, 10)

    assert found == []
    assert not database.path.parent.exists()
