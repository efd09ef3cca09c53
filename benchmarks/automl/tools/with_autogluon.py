"""AutoGluon with one of its presets and a time limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autogluon.tabular import TabularPredictor
from run import LABEL, Job

if TYPE_CHECKING:
    import pandas as pd

_METRICS = {
    "binary": "roc_auc",
    "multiclass": "log_loss",
    "regression": "root_mean_squared_error",
}


def train(rows: pd.DataFrame, job: Job) -> Any:
    """Train with the preset."""
    predictor = TabularPredictor(
        label=LABEL, problem_type=job.task, eval_metric=_METRICS[job.task],
        path=str(job.folder / "models"), verbosity=0,
    )  # fmt: skip
    return predictor.fit(rows, presets=f"{job.option}_quality", time_limit=job.seconds)


def predict(model: Any, rows: pd.DataFrame, job: Job) -> pd.DataFrame:
    """Return probabilities, or numbers."""
    if job.task == "regression":
        return model.predict(rows).to_frame("prediction").reset_index(drop=True)
    return model.predict_proba(rows).reset_index(drop=True)
