"""While it trains, a runner shows that it lives and sees a cancel, whatever the database says."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from bankml.backends.local.moments import utc_now
from bankml.backends.local.store import runs, states
from bankml.backends.local.store.database import Database
from bankml.backends.local.training import Training
from bankml.errors import RunCanceledError, ServiceUnavailableError
from bankml.status import RunStatus

from .conftest import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bankml.backends.local import LocalBackend
    from bankml.backends.local.runner import Runner


@pytest.fixture(params=["read", "write"])
def locked_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Refuse the first transaction of any thread but this one; return whether it was refused."""
    refused = threading.Event()
    usual = getattr(Database, request.param)

    @contextmanager
    def transaction(database: Database) -> Iterator[Any]:
        if threading.current_thread() is not threading.main_thread() and not refused.is_set():
            refused.set()
            raise ServiceUnavailableError("The database is kept locked. Try again in a moment.")
        with usual(database) as connection:
            yield connection

    monkeypatch.setattr(Database, request.param, transaction)
    monkeypatch.setattr("bankml.backends.local.runner._CANCEL_LOOK_SECONDS", 0.01)
    monkeypatch.setattr("bankml.backends.local.runner._HEARTBEAT_SECONDS", 0.0)
    return refused


def test_a_runner_that_found_the_database_locked_goes_on_to_watch(
    claimed: tuple[LocalBackend, str, Runner],
    locked_once: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend, run_id, runner = claimed

    def heartbeat() -> str:
        with backend.database.read() as connection:
            row = runs.select_run(connection, run_id)
        assert row is not None
        return str(row["heartbeat"])

    def train(_training: Training, should_stop: Callable[[], bool]) -> None:
        assert locked_once.wait(30)
        before = heartbeat()
        wait_until(lambda: heartbeat() > before)
        with backend.database.write() as connection:
            states.request_cancel(connection, run_id, utc_now())
        wait_until(should_stop)
        raise RunCanceledError("canceled")

    monkeypatch.setattr(Training, "train", train)

    runner.run()

    assert backend.get_run(run_id).status is RunStatus.CANCELED
