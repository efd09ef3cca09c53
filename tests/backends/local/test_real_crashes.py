"""kill -9 with the real engine: a worker costs its candidate, a runner costs nothing finished."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import psutil
import pytest

from bankml import load_model
from bankml.backends.local import LocalBackend
from bankml.cli.app import run_app
from bankml.config import WorkflowConfig
from bankml.status import RunStatus

from .conftest import end_runs, plan, wait_for_end, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bankml.backends.base import ChildRecord, DatasetRecord, RunRecord

CANDIDATES = 4


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBackend]:
    """A workspace whose runs really train, one at a time."""
    backend = LocalBackend(tmp_path_factory.mktemp("real") / "workspace", cores=2)
    yield backend
    end_runs(backend)


@pytest.fixture(scope="module")
def dataset(backend: LocalBackend) -> DatasetRecord:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.normal(size=(800, 6)), columns=list("abcdef"))
    frame["y"] = np.where(frame["a"] + random.normal(size=800) > 0, "yes", "no")
    return backend.register_dataset(WorkflowConfig().dataset, frame)


@pytest.fixture(scope="module")
def undisturbed(backend: LocalBackend, dataset: DatasetRecord) -> RunRecord:
    return wait_for_end(backend, start(backend, dataset))


def start(backend: LocalBackend, dataset: DatasetRecord) -> RunRecord:
    return backend.submit(plan(reuse=False, iterations=CANDIDATES), dataset)


def test_a_killed_runner_is_resumed_to_the_same_result(
    backend: LocalBackend, dataset: DatasetRecord, undisturbed: RunRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run = start(backend, dataset)
    wait_until(lambda: len(finished(backend, run)) >= 2)
    family = processes_of(backend, run)

    family[0].kill()

    broken = wait_for_end(backend, run)
    assert broken.failure is not None
    assert (broken.status, broken.failure.code) == (RunStatus.FAILED, "RunnerDied")
    assert f"bankml run --resume {run.id}" in broken.failure.message
    assert psutil.wait_procs(family, timeout=10)[1] == []
    assert backend.integrity_check() == []
    kept = finished(backend, run)
    assert 2 <= len(kept) < CANDIDATES + 1

    words = ["run", "--resume", run.id, "--workspace", str(backend.layout.root), "--json"]
    monkeypatch.setattr("sys.argv", ["bankml", *words])
    with pytest.raises(SystemExit) as ended:
        run_app()

    assert ended.value.code in (0, None)
    assert backend.get_run(run.id).status is RunStatus.FINISHED
    again = backend.children(run.id)
    assert {child.number: child.started for child in again}.items() >= {
        child.number: child.started for child in kept
    }.items()
    assert scores(again) == scores(backend.children(undisturbed.id))
    assert predictions(backend, run) == predictions(backend, undisturbed)
    assert backend.integrity_check() == []


def test_a_killed_worker_costs_no_more_than_its_candidate(
    backend: LocalBackend, dataset: DatasetRecord, undisturbed: RunRecord
) -> None:
    run = start(backend, dataset)
    wait_until(lambda: len(backend.children(run.id)) >= 1)
    workers = [one for one in processes_of(backend, run)[1:] if "LokyProcess" in command(one)]

    os.kill(workers[0].pid, signal.SIGKILL)

    ended = wait_for_end(backend, run)
    assert ended.status is RunStatus.FINISHED
    lost = [child for child in backend.children(run.id) if child.status is RunStatus.FAILED]
    assert len(lost) <= 1
    assert all("died" in str(child.error) for child in lost)
    assert len(finished(backend, run)) >= CANDIDATES - 1
    assert len(predictions(backend, run)) == len(predictions(backend, undisturbed))


def processes_of(backend: LocalBackend, run: RunRecord) -> list[psutil.Process]:
    """A run's runner and, behind it, its workers."""
    with backend.database.read() as connection:
        pid = connection.execute("SELECT pid FROM runs WHERE id = ?", (run.id,)).fetchone()[0]
    runner = psutil.Process(pid)
    return [runner, *runner.children(recursive=True)]


def command(process: psutil.Process) -> str:
    return " ".join(process.cmdline())


def finished(backend: LocalBackend, run: RunRecord) -> list[ChildRecord]:
    children = backend.children(run.id)
    return [child for child in children if child.status is RunStatus.FINISHED]


def scores(children: Sequence[ChildRecord]) -> dict[int, tuple[str, float | None]]:
    return {child.number: (child.algorithm, child.score) for child in children}


def predictions(backend: LocalBackend, run: RunRecord) -> list[str]:
    model = load_model(backend.fetch_output(run.id, "Model"))
    rows = backend.read_dataset(backend.get_dataset_by_id(dataset_id(backend, run)), 0, 50)
    return list(model.predict(rows.drop(columns="y")))


def dataset_id(backend: LocalBackend, run: RunRecord) -> str:
    found = backend.get_dataset(str(run.dataset), run.dataset_version)
    assert found is not None
    return found.id
