"""FLAML with a time budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flaml import AutoML
from run import LABEL, Job, as_frame

if TYPE_CHECKING:
    import pandas as pd

_METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


def train(rows: pd.DataFrame, job: Job) -> Any:
    """Search within the budget."""
    model = AutoML()
    model.fit(
        rows.drop(columns=LABEL), rows[LABEL], seed=job.seed, time_budget=job.seconds,
        task="regression" if job.task == "regression" else "classification",
        metric=_METRICS[job.task], verbose=0, log_file_name="", ensemble=job.option == "ensemble",
    )  # fmt: skip
    return model


def predict(model: Any, rows: pd.DataFrame, job: Job) -> pd.DataFrame:
    """Return probabilities, or numbers."""
    return as_frame(model, rows.drop(columns=LABEL), job.task)
