"""kill -9 with the real engine: a worker costs its candidate, a runner costs nothing finished."""

from __future__ import annotations

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
from tests.automl.conftest import is_worker

from .conftest import end_runs, plan, wait_for_end, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from bankml.backends.base import ChildRecord, DatasetRecord, RunRecord

CANDIDATES = 6


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[LocalBackend]:
    """A workspace whose runs really train, one at a time."""
    backend = LocalBackend(tmp_path / "workspace", cores=2)
    yield backend
    end_runs(backend)


@pytest.fixture
def dataset(backend: LocalBackend) -> DatasetRecord:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.normal(size=(800, 6)), columns=list("abcdef"))
    frame["y"] = np.where(frame["a"] + random.normal(size=800) > 0, "yes", "no")
    return backend.register_dataset(WorkflowConfig().dataset, frame)


def test_a_killed_worker_and_then_a_killed_runner_change_nothing_in_the_end(
    backend: LocalBackend, dataset: DatasetRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = wait_for_end(backend, start(backend, dataset))
    run = start(backend, dataset)
    wait_until(lambda: len(backend.children(run.id)) >= 1)
    workers = [one for one in processes_of(backend, run)[1:] if is_worker(one)]

    workers[0].kill()
    wait_until(lambda: len(finished(backend, run)) >= 2)
    family = processes_of(backend, run)
    family[0].kill()

    broken = wait_for_end(backend, run)
    assert broken.failure is not None
    assert (broken.status, broken.failure.code) == (RunStatus.FAILED, "RunnerDied")
    assert "was ended by SIGKILL" in broken.failure.message
    assert f"bankml run --resume {run.id}" in broken.failure.message
    assert psutil.wait_procs(family, timeout=10)[1] == []
    assert backend.integrity_check() == []
    kept = began(finished(backend, run))
    lost = [child for child in backend.children(run.id) if child.status is RunStatus.FAILED]
    assert len(lost) <= 1
    assert all("died" in str(child.error) for child in lost)

    backend.layout.stop_file(run.id).touch()  # as a runner leaves it that is killed in a cancel
    words = ["run", "--resume", run.id, "--workspace", str(backend.layout.root), "--json"]
    monkeypatch.setattr("sys.argv", ["bankml", *words])
    with pytest.raises(SystemExit) as ended:
        run_app()

    assert ended.value.code in (0, None)
    children = backend.children(run.id)
    assert began(children).items() >= kept.items()
    assert scores(children) == scores(backend.children(undisturbed.id))
    assert len(load_model(backend.fetch_output(run.id, "Model")).predict(rows(backend))) == 50
    assert backend.integrity_check() == []


def start(backend: LocalBackend, dataset: DatasetRecord) -> RunRecord:
    return backend.submit(
        plan(reuse=False, iterations=CANDIDATES, max_concurrent_iterations=1), dataset
    )


def processes_of(backend: LocalBackend, run: RunRecord) -> list[psutil.Process]:
    """A run's runner and, behind it, its workers."""
    with backend.database.read() as connection:
        pid = connection.execute("SELECT pid FROM runs WHERE id = ?", (run.id,)).fetchone()[0]
    runner = psutil.Process(pid)
    return [runner, *runner.children(recursive=True)]


def finished(backend: LocalBackend, run: RunRecord) -> list[ChildRecord]:
    children = backend.children(run.id)
    return [child for child in children if child.status is RunStatus.FINISHED]


def began(children: Sequence[ChildRecord]) -> dict[int, datetime | None]:
    return {child.number: child.started for child in children}


def scores(children: Sequence[ChildRecord]) -> dict[int, tuple[str, float | None]]:
    return {child.number: (child.algorithm, child.score) for child in children}


def rows(backend: LocalBackend) -> pd.DataFrame:
    dataset = backend.get_dataset(WorkflowConfig().dataset.name)
    assert dataset is not None
    return backend.read_dataset(dataset, 0, 50)
