"""kill -9 at any point: nothing answered as done is lost, and nothing half-made is readable.

Even seeds kill from outside, after a random time, a runner too; odd ones have the caller die right
before its n-th step on the disk. ``BANKML_CRASH_SEEDS`` sets how many there are; the suite tries
a few, and 400 go through every step of the first round. As many times a runner dies right before
its n-th step, and its run is resumed.
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

from bankml.backends.local import LocalBackend, integrity
from bankml.backends.local.datasets import DatasetShelf
from bankml.backends.local.dispatch import START_SECONDS
from bankml.backends.local.triggers import Trigger
from bankml.config import WorkflowConfig
from bankml.doctor import examine
from bankml.manifest import check_hash, read_manifest
from bankml.status import RunStatus

from . import standin
from .conftest import DEADLINE_SECONDS, plan, wait_for_end, wait_until

if TYPE_CHECKING:
    from datetime import datetime

    from bankml.backends.base import DatasetRecord, RunRecord

SEEDS = int(os.environ.get("BANKML_CRASH_SEEDS", "4"))
STRIDE = 61  # no divisor in common with the number of steps below, so that few seeds lie far apart
STEPS = 200
RUNNER_STEPS = 100
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_kill_anything_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    root = tmp_path / "workspace"
    if seed % 2:
        said = call_until_it_dies(root, last=1 + seed // 2 * STRIDE % STEPS)
    else:
        said = kill_on_the_way(root, random.Random(seed))
    backend = LocalBackend(root, cores=2, start=standin.start)
    backend.workspace()  # the caller may have died before there was one
    runs = {run.id: run for run in ended_runs(backend)}

    assert backend.integrity_check() == []
    for what, *ids in said:
        assert_kept(backend, runs, what, ids)
    for run in runs.values():
        assert_truthful(backend, run)
    assert_triggered_once(backend)
    monkeypatch.setattr(integrity, "ABANDONED_SECONDS", 0.0)
    backend.repair()
    assert not list(root.rglob(".tmp-*"))
    findings = examine(WorkflowConfig().replace(workspace={"path": str(root)}))
    assert [one for one in findings if one.subject == "workspace" and not one.healthy] == []


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_run_whose_runner_died_anywhere_is_resumed(
    backend: LocalBackend, dataset: DatasetRecord, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv(standin.LAST_STEP, str(1 + seed * STRIDE % RUNNER_STEPS))
    run = backend.submit(plan(iterations=4, reuse=False), dataset)
    broken = wait_for_end(backend, run)
    kept = finished(backend, run)

    assert_truthful(backend, broken)
    assert broken.failure is None or "SIGKILL" in broken.failure.message
    assert backend.integrity_check() == []
    monkeypatch.delenv(standin.LAST_STEP)
    if broken.failure is not None:
        backend.resume(run.id)

    assert wait_for_end(backend, run).status is RunStatus.FINISHED
    assert_truthful(backend, backend.get_run(run.id))
    again = finished(backend, run)
    assert again.items() >= kept.items()
    assert len(again) == 4
    assert backend.integrity_check() == []


def finished(backend: LocalBackend, run: RunRecord) -> dict[str, datetime | None]:
    """When the finished candidates began: one that is tried again begins later."""
    children = backend.children(run.id)
    return {child.id: child.started for child in children if child.status is RunStatus.FINISHED}


def caller(root: Path, last: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.backends.local.busy_caller", str(root), "7", str(last)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def call_until_it_dies(root: Path, last: int) -> list[list[str]]:
    """Let a caller die before a step; return what it was told until then."""
    with caller(root, last) as process:
        assert process.stdout is not None
        lines = process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return told(lines)


def kill_on_the_way(root: Path, chance: random.Random) -> list[list[str]]:
    """Kill a caller after a while, and a runner; return what the caller was told before."""
    with caller(root, 0) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(chance.randrange(10))]
        with_grace(process, chance.uniform(0, 0.05))
        for pid in runner_pids(root)[:1]:
            os.kill(pid, signal.SIGKILL)
        lines += [process.stdout.readline() for _ in range(chance.randrange(5))]
        process.kill()
        lines += process.stdout.readlines()
    return told(lines)


def told(lines: list[str]) -> list[list[str]]:
    return [line.split() for line in lines if line.endswith("\n")]


def with_grace(process: subprocess.Popen[str], seconds: float) -> None:
    """Let the caller get a little further, to no particular point."""
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)


def runner_pids(root: Path) -> list[int]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if str(root) in line and str(Path(standin.__file__)) in line:
            found.append(process.pid)
    return found


def ended_runs(backend: LocalBackend) -> list[RunRecord]:
    """Every run, once all have ended; looking at them is what gets the queue on."""
    wait_until(
        lambda: all(run.status.is_terminal for run in backend.list_runs(limit=10_000)),
        START_SECONDS + DEADLINE_SECONDS,  # a runner that was claimed may never have been started
    )
    return list(backend.list_runs(limit=10_000))


def assert_kept(
    backend: LocalBackend, runs: dict[str, RunRecord], what: str, ids: list[str]
) -> None:
    """What was answered as done is there."""
    if what == "dataset":
        dataset = DatasetShelf(backend.database, backend.layout).by_id(ids[0])
        assert len(backend.read_dataset(dataset)) == 2000
    elif what == "published":
        assert backend.get_published(ids[0]).id == ids[0]
    else:
        assert ids[-1] in runs
    if what == "trigger":
        assert [run.id for run in runs.values() if run.published_id == ids[0]] == [ids[1]]


def assert_truthful(backend: LocalBackend, run: RunRecord) -> None:
    """A finished run has whole outputs, a failed one says why, and no candidate is under way."""
    attached = LocalBackend(backend.layout.root).get_run(run.ref)
    assert attached.status is run.status
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


def assert_triggered_once(backend: LocalBackend) -> None:
    """Who repeats a trigger, since no answer came, has started one run in all."""
    for published in backend.list_published():
        again = backend.submit_published(Trigger(published.id, "nightly", key="key"))
        runs = backend.list_runs(limit=10_000)
        assert [run.id for run in runs if run.published_id == published.id] == [again.id]
    ended_runs(backend)
