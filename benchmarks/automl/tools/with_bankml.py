"""bankml with its defaults: its own process, workers, store and all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from run import LABEL, Job, as_frame

from bankml import Workflow, WorkflowConfig

if TYPE_CHECKING:
    import pandas as pd


def train(rows: pd.DataFrame, job: Job) -> Any:
    """Train, and load the best model."""
    task = "regression" if job.task == "regression" else "classification"
    config = WorkflowConfig().replace(
        workspace={"path": job.folder / "workspace"},
        dataset={"name": "benchmark", "source": None},
        automl={"task": task, "label_column_name": LABEL, "random_state": job.seed},
    )
    return Workflow(config).train(rows, wait=False).wait(600, progress=False).best_model()


def predict(model: Any, rows: pd.DataFrame, job: Job) -> pd.DataFrame:
    """Return probabilities, or numbers."""
    return as_frame(model, rows.drop(columns=LABEL), job.task)
