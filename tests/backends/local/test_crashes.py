"""kill -9 at a random point: nothing answered as done is lost, and nothing half-made is readable.

``BANKML_CRASH_SEEDS`` sets how many points are tried; the suite tries a few.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from bankml.backends.local import LocalBackend
from bankml.manifest import check_hash, read_manifest
from bankml.status import RunStatus

from . import standin
from .conftest import wait_until

if TYPE_CHECKING:
    from bankml.backends.base import RunRecord

SEEDS = int(os.environ.get("BANKML_CRASH_SEEDS", "4"))
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_kill_anything_anywhere(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    root = tmp_path / "workspace"
    said = [
        line for _ in range(2) for line in kill_on_the_way(root, chance, kill_runner=seed % 2 == 0)
    ]

    backend = LocalBackend(root, cores=2, start=standin.start)
    runs = {run.id: run for run in ended_runs(backend)}

    assert backend.integrity_check() == []
    for what, *ids in said:
        assert_kept(backend, runs, what, ids)
    for run in runs.values():
        assert_truthful(backend, run)
    backend.repair()
    assert not list(root.rglob(".tmp-*"))
    assert backend.integrity_check() == []


def kill_on_the_way(root: Path, chance: random.Random, *, kill_runner: bool) -> list[list[str]]:
    """Start a caller, kill it (and a runner) somewhere; return what it was told before."""
    LocalBackend(root).workspace()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.backends.local.busy_caller", str(root), "7"],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    ) as caller:  # fmt: skip
        assert caller.stdout is not None
        lines = [caller.stdout.readline() for _ in range(chance.randrange(25))]
        with_grace(caller, chance.uniform(0, 0.05))
        if kill_runner:
            for pid in runner_pids(root)[:1]:
                os.kill(pid, signal.SIGKILL)
            lines += [caller.stdout.readline() for _ in range(chance.randrange(5))]
        caller.kill()
        lines += caller.stdout.readlines()
    return [line.split() for line in lines if line.endswith("\n")]


def with_grace(caller: subprocess.Popen[str], seconds: float) -> None:
    """Let the caller get a little further, to no particular point."""
    with pytest.raises(subprocess.TimeoutExpired):
        caller.wait(seconds)


def runner_pids(root: Path) -> list[int]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if str(root) in line and str(Path(standin.__file__)) in line:
            found.append(process.pid)
    return found


def ended_runs(backend: LocalBackend) -> list[RunRecord]:
    """Every run, once all have ended; looking at them is what gets the queue on."""
    wait_until(lambda: all(run.status.is_terminal for run in backend.list_runs(limit=10_000)))
    return list(backend.list_runs(limit=10_000))


def assert_kept(
    backend: LocalBackend, runs: dict[str, RunRecord], what: str, ids: list[str]
) -> None:
    """What was answered as done is there."""
    if what == "dataset":
        assert len(backend.read_dataset(backend.get_dataset_by_id(ids[0]))) == 2000
    elif what == "published":
        assert backend.get_published(ids[0]).id == ids[0]
    elif what == "canceled":
        assert runs[ids[0]].status.is_terminal
    else:
        assert ids[-1] in runs
    if what == "trigger":
        assert [run.id for run in runs.values() if run.published_id == ids[0]] == [ids[1]]


def assert_truthful(backend: LocalBackend, run: RunRecord) -> None:
    """A finished run has whole outputs, a failed one says why, and no candidate is under way."""
    children = backend.children(run.id)
    assert all(child.status.is_terminal for child in children)
    if run.status is RunStatus.FINISHED:
        metrics = json.loads(backend.fetch_output(run.id, "Metrics").read_text())
        assert metrics.keys() == {child.id for child in children}
        folder = backend.fetch_output(run.id, "Model")
        assert check_hash(folder, read_manifest(folder)).is_file()
    elif run.status is RunStatus.FAILED:
        assert run.failure is not None
        assert run.failure.code == "RunnerDied"
