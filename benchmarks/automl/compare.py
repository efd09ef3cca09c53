"""The engine beside plain models on the same splits: ``python -m benchmarks.automl.compare bank``.

Names of data sets are arguments; none means all. Seeds are apart from those used in development.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, roc_auc_score, root_mean_squared_error

from bankml import Workflow, WorkflowConfig
from benchmarks.automl.datasets import BENCHMARKS, Benchmark, split

if TYPE_CHECKING:
    import pandas as pd

SEEDS = (200, 201, 202)
LABEL = "label"


def bankml(train: pd.DataFrame, task: str, seed: int) -> Any:
    """Train with bankml: its own process, workers, store and all."""
    with tempfile.TemporaryDirectory() as folder:
        config = WorkflowConfig().replace(
            workspace={"path": Path(folder) / "workspace"},
            dataset={"name": "benchmark", "source": None},
            automl={"task": task, "label_column_name": LABEL, "random_state": seed},
        )
        run = Workflow(config).train(train, wait=False)
        return run.wait(600, progress=False).best_model()


def hist_gradient_boosting(train: pd.DataFrame, task: str, seed: int) -> Any:
    """Train scikit-learn's histogram gradient boosting with its defaults."""
    kinds = {
        "classification": HistGradientBoostingClassifier,
        "regression": HistGradientBoostingRegressor,
    }
    model = kinds[task](random_state=seed, categorical_features="from_dtype")
    return model.fit(categories(train.drop(columns=LABEL)), train[LABEL])


def categories(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with texts as categories; those with very many values are left out."""
    texts = [name for name in frame if frame[name].dtype.kind in "OTM"]
    many = [name for name in texts if frame[name].nunique() > 250]
    kept = {name: "category" for name in texts if name not in many}
    return frame.drop(columns=many).astype(kept)


def scores(model: Any, test: pd.DataFrame, task: str) -> tuple[str, float]:
    """Return the metric's name and value on rows that the model never saw."""
    rows = test.drop(columns=LABEL)
    rows = rows if hasattr(model, "manifest") else categories(rows)
    if task == "regression":
        return "RMSE", float(root_mean_squared_error(test[LABEL], model.predict(rows)))
    chances = model.predict_proba(rows)
    loss = float(log_loss(test[LABEL], chances, labels=list(model.classes_)))
    if chances.shape[1] == 2:
        auc = roc_auc_score(test[LABEL] == model.classes_[1], chances[:, 1])
        return f"AUC (log loss {loss:.4f})", float(auc)
    return "log loss", loss


def compare(benchmark: Benchmark) -> None:
    """Print a line for each seed and tool."""
    task = "regression" if benchmark.task == "regression" else "classification"
    for seed in SEEDS:
        train, test = split(benchmark.make(seed), seed)
        for fit in (bankml, hist_gradient_boosting):
            began = time.perf_counter()
            model = fit(train, task, seed)
            seconds = time.perf_counter() - began
            name, value = scores(model, test, task)
            tool = f"{fit.__name__:<24} {seconds:6.1f} s"
            print(f"{benchmark.name:<12} {seed} {tool}  {value:.5f} {name}", flush=True)


def main() -> None:
    """Compare on the data sets named."""
    wanted = sys.argv[1:]
    for benchmark in BENCHMARKS:
        if not wanted or benchmark.name in wanted:
            compare(benchmark)


if __name__ == "__main__":
    main()
