"""Many runs and many processes: the small versions of what ``benchmarks/store`` measures."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from bankml.backends.local import LocalBackend
from bankml.backends.local.automl import ChildResult
from bankml.backends.local.store import children as child_rows
from bankml.backends.local.store import runs as run_rows
from bankml.backends.local.submission import new_run
from bankml.outputs import leaderboard
from bankml.status import RunStatus

from .conftest import plan

if TYPE_CHECKING:
    from bankml.backends.base import DatasetRecord

BENCHMARKS = Path(__file__).parents[3] / "benchmarks" / "store"
RUNS, CHILDREN = 500, 20


def score(run: int, child: int) -> float:
    """Another one for every candidate; the best is another one in every run."""
    return ((run * 7 + child * 3) % CHILDREN + run / RUNS) / CHILDREN


def fill(backend: LocalBackend, dataset: DatasetRecord) -> list[str]:
    template = new_run(plan(), dataset)
    ids = [f"{number:08d}-many" for number in range(RUNS)]
    now = datetime.now(timezone.utc)
    with backend.database.write() as connection:
        for run, run_id in enumerate(ids):
            tags = {"number": str(run)}
            experiment = f"experiment {run % 10}"
            run_rows.insert_run(
                connection, replace(template, id=run_id, experiment=experiment, tags=tags)
            )
            for child in range(CHILDREN):
                value = score(run, child)
                result = ChildResult(
                    child, "LightGBM", "", {}, "Finished", {"AUC_weighted": value}, value,
                    now, now + timedelta(seconds=1),
                )  # fmt: skip
                child_rows.child_ended(connection, run_id, result)
        connection.execute("UPDATE runs SET status = 'Finished', ended = created")
    return ids


def test_each_of_many_runs_is_found_with_its_own_candidates(
    backend: LocalBackend, dataset: DatasetRecord
) -> None:
    ids = fill(backend, dataset)

    assert [run.id for run in backend.list_runs()] == ids[:-51:-1]
    assert [run.id for run in backend.list_runs(limit=RUNS + 1)] == ids[::-1]
    assert [run.id for run in backend.list_runs("experiment 3", limit=RUNS)] == ids[3::10][::-1]
    for number in (0, 3, 250, RUNS - 1):
        [found] = backend.find_runs({"number": str(number)})
        attached = LocalBackend(backend.layout.root).get_run(found.ref)
        board = [row.child for row in leaderboard(backend, attached)]
        assert (attached.id, attached.status) == (ids[number], RunStatus.FINISHED)
        assert sorted(child.number for child in board) == list(range(CHILDREN))
        best = sorted((score(number, child) for child in range(CHILDREN)), reverse=True)
        assert [child.score for child in board] == best


def test_many_processes_at_once_lose_and_double_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, str(BENCHMARKS / "many_processes.py"), "6", "2"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "132 calls" in ended.stdout
    assert "{'lost': 0, 'doubled': 0, 'damaged': 0}" in ended.stdout
