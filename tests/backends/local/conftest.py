"""A local backend with a stand-in engine, and plans for it."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from bankml.backends.local import LocalBackend
from bankml.backends.local.runner import Runner
from bankml.config import WorkflowConfig
from bankml.plan import Plan

from . import standin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bankml.backends.base import DatasetRecord, RunRecord
    from bankml.backends.local.paths import Layout

DEADLINE_SECONDS = 30.0


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[LocalBackend]:
    """A backend with two cores and an empty workspace; its runs are ended with the test."""
    backend = LocalBackend(tmp_path / "workspace", cores=2, start=standin.start)
    backend.workspace()
    yield backend
    end_runs(backend)


@pytest.fixture
def own_signals() -> Iterator[None]:
    """Give this process back how it ends; a runner in it changes that."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def claimed(tmp_path: Path, own_signals: None) -> tuple[LocalBackend, str, Runner]:
    """A run whose runner is this process, and has not begun yet."""
    del own_signals
    claims: list[str] = []

    def start(_layout: Layout, _run_id: str, claim: str) -> int:
        claims.append(claim)
        return os.getpid()

    backend = LocalBackend(tmp_path, cores=2, start=start)
    asked = plan()
    frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": ["yes", "no", "yes", "no"]})
    run = backend.submit(asked, backend.register_dataset(asked.config.dataset, frame))
    return backend, run.id, Runner(tmp_path, run.id, claims[0])


def end_runs(backend: LocalBackend) -> None:
    """Cancel what still runs, unless the test has lost the database."""
    for run in backend.list_runs(limit=1000) if backend.database.exists() else ():
        if not run.status.is_terminal:
            backend.cancel(run.id)


@pytest.fixture
def dataset(backend: LocalBackend) -> DatasetRecord:
    """A registered dataset of a few rows."""
    frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": ["yes", "no", "yes", "no"]})
    return backend.register_dataset(WorkflowConfig().dataset, frame)


def plan(*, reuse: bool = True, experiment: str = "test", **automl: object) -> Plan:
    """Return a plan; the options are those of the AutoML section."""
    settings = {"iterations": 2, "max_concurrent_iterations": 2, **automl}
    return Plan(
        WorkflowConfig().replace(
            experiment_name=experiment, automl=settings, pipeline={"allow_reuse": reuse}
        )
    )


def wait_until(condition: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> None:
    """Look again and again until the condition holds; fail after half a minute, unless told."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def wait_for_end(backend: LocalBackend, run: RunRecord) -> RunRecord:
    """Return the run once it has ended."""
    wait_until(lambda: backend.get_run(run.id).status.is_terminal)
    return backend.get_run(run.id)


def wait_for_children(backend: LocalBackend, run: RunRecord, count: int) -> None:
    """Wait until a run has reported so many candidates."""
    wait_until(lambda: len(backend.children(run.id)) >= count)
