"""Train one tool and write its predictions: run by ``compare.py`` in the tool's environment.

It needs nothing but the tool itself, pandas and pyarrow.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

LABEL = "label"


@dataclass(frozen=True)
class Job:
    """What a tool is asked to do.

    Attributes:
        task: ``binary``, ``multiclass`` or ``regression``.
        seed: The tool's seed, where it has one.
        seconds: Time that a tool with a budget may take.
        option: What tells two uses of the same tool apart, such as a preset.
        folder: An empty folder for the tool's files.
    """

    task: str
    seed: int
    seconds: float
    option: str
    folder: Path


def main() -> None:
    """Read the rows, train, predict and write what was predicted."""
    module, option, task, seed, seconds, folder = sys.argv[1:]
    where = Path(folder)
    train = pd.read_parquet(where / "train.parquet")
    test = pd.read_parquet(where / "test.parquet")
    files = where / "files"
    files.mkdir()
    job = Job(task, int(seed), float(seconds), option, files)
    tool: Any = importlib.import_module(module)
    began = time.perf_counter()
    model = tool.train(train, job)
    trained = time.perf_counter()
    predictions = tool.predict(model, test, job)
    ended = time.perf_counter()
    predictions.columns = [str(name) for name in predictions.columns]
    predictions.to_parquet(where / "predictions.parquet", index=False)
    times = {"train": trained - began, "predict": ended - trained}
    (where / "times.json").write_text(json.dumps(times))


def as_categories(frame: pd.DataFrame, categories: dict[str, Any] | None = None) -> pd.DataFrame:
    """Return a frame whose texts are categories, for models that need to be told.

    Args:
        frame: The rows.
        categories: The categories of the training rows by column, or None to make them.

    Returns:
        The frame without its columns of more than 250 different texts.
    """
    texts = [name for name in frame if frame[name].dtype.kind not in "iufb"]
    if categories is None:
        categories = {
            name: pd.CategoricalDtype(sorted(frame[name].dropna().unique())) for name in texts
        }
    many = [name for name in texts if len(categories[name].categories) > 250]
    kept = {name: categories[name] for name in texts if name not in many}
    return frame.drop(columns=many).astype(kept)


def as_frame(model: Any, rows: Any, task: str) -> pd.DataFrame:
    """Return what a model of scikit-learn's kind predicts, one column per class."""
    if task == "regression":
        return pd.DataFrame({"prediction": model.predict(rows)})
    return pd.DataFrame(model.predict_proba(rows), columns=list(model.classes_))


if __name__ == "__main__":
    main()
