"""How exactly a time-out is kept, and what a run makes of its time.

``python -m benchmarks.automl.time_out`` trains on the data of `benchmarks.automl.scale`, of which
a fifth is held out, with ever longer time-outs, and prints for each when the run ended, counted
from its submission, and how good its model is on the rows held out.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from bankml import Run, RunStatus, Workflow, WorkflowConfig
from benchmarks.automl.scale import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

LIMITS = {
    ("rows", 100_000): (3, 5, 60),
    ("rows", 1_000_000): (6, 15, 24, 120),
    ("rows", 3_000_000): (15, 30, 60, 300),
    ("columns", 2_000): (7, 9, 15, 60),
    ("classes", 100): (4, 6, 60),
}


def measure(kind: str, size: int, limits: tuple[int, ...]) -> Iterator[tuple[str, ...]]:
    """Yield for each limit the seconds until the run ended, the log loss, and why it ended."""
    make, _ = CASES[kind]
    known, unseen = train_test_split(make(size), test_size=0.2, random_state=0)
    for limit in limits:
        with tempfile.TemporaryDirectory() as folder:
            config = WorkflowConfig().replace(
                workspace={"path": Path(folder)},
                dataset={"name": "limits"},
                automl={"label_column_name": "y", "experiment_timeout_minutes": limit / 60},
            )
            run = Workflow(config).train(known, wait=False)
            submitted = time.monotonic()
            run.wait(3600, progress=False, raise_on_failure=False, preload=False)
            seconds = time.monotonic() - submitted
            why = (run.refresh().message or "").splitlines()[0].rpartition("; ")[2]
            yield f"{size:,} {kind}", str(limit), f"{seconds:.1f}", _log_loss(run, unseen), why


def _log_loss(run: Run, unseen: pd.DataFrame) -> str:
    if run.status() is not RunStatus.FINISHED:
        return "no model"
    model = run.best_model()
    chances = model.predict_proba(unseen.drop(columns="y"))
    return f"{log_loss(unseen['y'], chances, labels=np.asarray(model.classes_)):.4f}"


def main() -> None:
    """Measure, and print each row as it comes: all of them take ten minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=list(CASES))
    asked = parser.parse_args()
    print("data | time-out, s | ended, s | log loss | because", flush=True)
    for (kind, size), limits in LIMITS.items():
        if kind in asked.kinds:
            for row in measure(kind, size, limits):
                print(" | ".join(row), flush=True)


if __name__ == "__main__":
    main()
