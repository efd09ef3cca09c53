"""The queue: who begins when, and what is done about runners that are gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bankml.backends.local import LocalBackend, dispatch, processes
from bankml.backends.local.dispatch import (
    CANCEL_SECONDS,
    SILENCE_SECONDS,
    START_SECONDS,
    Dispatcher,
)
from bankml.backends.local.moments import utc_now
from bankml.status import RunStatus

from .conftest import plan

if TYPE_CHECKING:
    from pathlib import Path

    from bankml.backends.base import DatasetRecord
    from bankml.backends.local.paths import Layout
    from bankml.plan import Plan


class Machine:
    """A machine whose processes and clock do what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.started: list[str] = []
        self.stopped: list[int] = []
        self.killed: list[int] = []
        self.dead: set[int] = set()
        self.later = timedelta()
        self.refuses = False
        monkeypatch.setattr(dispatch, "LOOK_SECONDS", 0.0)
        monkeypatch.setattr(processes, "is_alive", lambda pid, _created: pid not in self.dead)
        monkeypatch.setattr(processes, "kill_session", lambda pid, _created: self._kill(pid))
        monkeypatch.setattr(processes, "request_stop", lambda pid, _created: self._stop(pid))

    def start(self, _layout: Layout, run_id: str, _claim: str) -> int:
        if self.refuses:
            raise OSError(11, "Resource temporarily unavailable")
        self.started.append(run_id)
        return 10_000_000 + len(self.started)

    def pid(self, run_id: str) -> int:
        return 10_000_001 + self.started.index(run_id)

    def now(self) -> Any:
        return utc_now() + self.later

    def _kill(self, pid: int) -> None:
        self.killed.append(pid)
        self.dead.add(pid)

    def _stop(self, pid: int) -> None:
        self.stopped.append(pid)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


@pytest.fixture
def backend(tmp_path: Path, machine: Machine) -> LocalBackend:
    backend = LocalBackend(tmp_path / "workspace", cores=4, start=machine.start)
    backend.workspace()
    return backend


def on(compute: str, concurrency: int, max_nodes: int = 4) -> Plan:
    base = plan(max_concurrent_iterations=concurrency, reuse=False)
    config = base.config.replace(compute={"name": compute, "max_nodes": max_nodes})
    return type(base)(config)


def dispatcher(backend: LocalBackend, machine: Machine) -> Dispatcher:
    return Dispatcher(
        backend.database, backend.layout, cores=4, start=machine.start, now=machine.now
    )


def test_runs_begin_in_order_while_there_are_cores(
    backend: LocalBackend, dataset: DatasetRecord, machine: Machine
) -> None:
    runs = [backend.submit(on("small", 2), dataset).id for _ in range(3)]

    assert machine.started == runs[:2]
    machine.dead.add(machine.pid(runs[0]))
    assert backend.get_run(runs[2]).status is RunStatus.PREPARING
    assert machine.started == runs


def test_a_compute_never_has_more_workers_than_its_nodes_allow(
    backend: LocalBackend, dataset: DatasetRecord, machine: Machine
) -> None:
    one, two = (backend.submit(on("tiny", 1, max_nodes=1), dataset).id for _ in range(2))
    other = backend.submit(on("other", 1, max_nodes=1), dataset).id

    assert machine.started == [one, other]
    assert backend.get_run(two).status is RunStatus.QUEUED


def test_a_wide_run_is_not_overtaken_for_ever(
    backend: LocalBackend, dataset: DatasetRecord, machine: Machine
) -> None:
    first = backend.submit(on("a", 1), dataset).id
    wide = backend.submit(on("b", 8), dataset).id
    narrow = backend.submit(on("a", 1), dataset).id

    assert machine.started == [first]
    machine.dead.add(machine.pid(first))
    backend.look_after()
    assert machine.started == [first, wide]
    assert backend.get_run(narrow).status is RunStatus.QUEUED


def test_a_dead_runner_fails_its_run_and_its_workers_are_ended(
    backend: LocalBackend, dataset: DatasetRecord, machine: Machine
) -> None:
    run = backend.submit(on("a", 1), dataset)
    machine.dead.add(machine.pid(run.id))

    [found] = backend.list_runs()

    assert found.status is RunStatus.FAILED
    assert found.failure is not None
    assert (found.failure.code, found.failure.step) == ("RunnerDied", "automl_module")
    assert machine.killed == [machine.pid(run.id)]


def test_a_cancel_is_a_request_first_and_then_an_end(
    backend: LocalBackend, dataset: DatasetRecord, machine: Machine
) -> None:
    run = backend.submit(on("a", 1), dataset)

    backend.cancel(run.id)
    assert machine.stopped == [machine.pid(run.id)]
    assert not backend.get_run(run.id).status.is_terminal

    machine.later = timedelta(seconds=CANCEL_SECONDS + 1)
    dispatcher(backend, machine).dispatch()
    assert machine.killed == [machine.pid(run.id)]
    assert backend.get_run(run.id).status is RunStatus.CANCELED


def test_a_runner_that_never_came_up_is_started_again(
    backend: LocalBackend, dataset: DatasetRecord, machine: Machine
) -> None:
    run = backend.submit(on("a", 1), dataset)
    update(backend, "pid = NULL")

    dispatcher(backend, machine).dispatch()
    assert machine.started == [run.id]

    machine.later = timedelta(seconds=START_SECONDS + 1)
    dispatcher(backend, machine).dispatch()
    assert machine.started == [run.id, run.id]


def test_a_process_that_cannot_start_fails_the_run(
    backend: LocalBackend, dataset: DatasetRecord, machine: Machine
) -> None:
    machine.refuses = True

    run = backend.submit(on("a", 1), dataset)

    assert run.failure is not None
    assert run.failure.code == "RunnerNotStarted"
    assert "Resource temporarily unavailable" in run.failure.message


def test_a_silent_runner_of_another_machine_is_given_up(
    backend: LocalBackend, dataset: DatasetRecord, machine: Machine
) -> None:
    run = backend.submit(on("a", 1), dataset)
    update(backend, "host = 'another machine'")

    dispatcher(backend, machine).dispatch()
    assert not backend.get_run(run.id).status.is_terminal

    machine.later = timedelta(seconds=SILENCE_SECONDS + 1)
    dispatcher(backend, machine).dispatch()
    assert backend.get_run(run.id).status is RunStatus.FAILED
    assert machine.killed == []


def update(backend: LocalBackend, assignments: str) -> None:
    with backend.database.write() as connection:
        connection.execute(f"UPDATE runs SET {assignments}")  # noqa: S608 - the test's own words
