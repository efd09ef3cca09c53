"""How fast a store with many runs answers: 10,000 runs of 50 children by default.

python benchmarks/store/many_runs.py [runs] [children]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from bankml.backends.local import LocalBackend
from bankml.backends.local.store.runs import insert_run
from bankml.backends.local.submission import new_run
from bankml.config import WorkflowConfig
from bankml.metrics.names import CLASSIFICATION_METRICS
from bankml.outputs import leaderboard
from bankml.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS = 20


def fill(backend: LocalBackend, runs: int, children: int) -> list[str]:
    """Write finished runs with their candidates; return the ids.

    Args:
        backend: An empty workspace.
        runs: How many runs.
        children: How many candidates each.
    """
    config = WorkflowConfig()
    frame = pd.DataFrame({"x": [1, 2], "y": ["yes", "no"]})
    dataset = backend.register_dataset(config.dataset, frame)
    template = new_run(Plan(config), dataset)
    now = datetime.now(timezone.utc).isoformat(timespec="microseconds")
    metrics = json.dumps(dict.fromkeys(CLASSIFICATION_METRICS, 0.9123456789))
    rows = [
        (number, "LightGBM", "MaxAbsScaler", "Finished", 0.9 + number / 1000, metrics,
         '{"n_estimators": 100, "num_leaves": 31}', now, now, None)
        for number in range(children)
    ]  # fmt: skip
    ids = [f"{number:08d}-benchmark" for number in range(runs)]
    with backend.database.write() as connection:
        for number, run_id in enumerate(ids):
            tags = {"bankml.trigger_id": f"trigger {number}"}
            experiment = f"experiment {number % 10}"
            insert_run(connection, replace(template, id=run_id, experiment=experiment, tags=tags))
            connection.executemany(
                "INSERT INTO children VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(run_id, *row) for row in rows],
            )
        connection.execute(
            "UPDATE runs SET status = 'Finished', started = created, ended = created"
        )
    metrics_file = {f"child_{number}": {name: [0.9] for name in CLASSIFICATION_METRICS}
                    for number in range(children)}  # fmt: skip
    for run_id in ids[:: max(1, runs // REPEATS)]:
        backend.layout.run(run_id).mkdir()
        backend.layout.metrics(run_id).write_text(json.dumps(metrics_file))
    return ids


def milliseconds(action: Callable[[], object]) -> list[float]:
    """Return how long an action takes, several times over."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)


def measure(backend: LocalBackend, ids: list[str]) -> dict[str, list[float]]:
    """Return the times of every question that a user asks.

    Args:
        backend: A full workspace.
        ids: Its runs.
    """
    middle = ids[len(ids) // 2]
    reference = backend.get_run(middle).ref
    tag = {"bankml.trigger_id": f"trigger {len(ids) // 2}"}
    fresh = backend.layout.root
    return {
        "list 50 runs": milliseconds(backend.list_runs),
        "list 50 of an experiment": milliseconds(lambda: backend.list_runs("experiment 3")),
        "attach": milliseconds(lambda: backend.get_run(reference)),
        "attach by a new backend": milliseconds(lambda: LocalBackend(fresh).get_run(reference)),
        "children": milliseconds(lambda: backend.children(middle)),
        "leaderboard": milliseconds(lambda: leaderboard(backend, backend.get_run(reference))),
        "find by tag": milliseconds(lambda: backend.find_runs(tag)),
        "look after the queue": milliseconds(backend.look_after),
        "get or create experiment": milliseconds(
            lambda: backend.get_or_create_experiment("experiment 3")
        ),
    }


def main() -> None:
    """Fill a store, measure, and print a table."""
    runs, children = (int(argument) for argument in (*sys.argv[1:], "10000", "50")[:2])
    with tempfile.TemporaryDirectory() as folder:
        backend = LocalBackend(Path(folder) / "workspace")
        start = time.perf_counter()
        ids = fill(backend, runs, children)
        size = backend.layout.database.stat().st_size / 1e6
        print(f"{runs} runs x {children} children, {size:.0f} MB, "
              f"filled in {time.perf_counter() - start:.0f} s")  # fmt: skip
        for name, times in measure(backend, ids).items():
            print(
                f"{name:<26} median {statistics.median(times):7.2f} ms, worst {times[-1]:7.2f} ms"
            )
        backend.database.close()


if __name__ == "__main__":
    main()
