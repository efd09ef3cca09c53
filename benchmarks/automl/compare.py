"""The engine beside its peers on the same splits: ``python -m benchmarks.automl.compare``.

Every tool runs in turn, in an environment and a process of its own. Results are added to a file
as they come, so that a comparison which was interrupted goes on where it stopped;
``benchmarks.automl.report`` makes the tables and the plot of it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score, root_mean_squared_error

from benchmarks.automl.datasets import BENCHMARKS, Benchmark, split
from benchmarks.automl.environments import HERE, PROJECT, python_of
from benchmarks.automl.measure import run

if TYPE_CHECKING:
    from collections.abc import Sequence

# Apart from the seeds used in development, which are 100 to 119.
FIRST_SEED = 200
BUDGET_SECONDS = 60.0
_OVERRUN = 6


@dataclass(frozen=True)
class Tool:
    """One column of the comparison.

    Attributes:
        name: Its name in the tables.
        module: The script in ``tools``.
        option: What the script is told.
        environment: The requirements file's name.
    """

    name: str
    module: str
    option: str
    environment: str


TOOLS = (
    Tool("bankml", "with_bankml", "", "bankml"),
    Tool("LightGBM default", "with_defaults", "lightgbm", "defaults"),
    Tool("HistGradientBoosting default", "with_defaults", "sklearn", "defaults"),
    Tool("FLAML", "with_flaml", "", "flaml"),
    Tool("AutoGluon medium", "with_autogluon", "medium", "autogluon"),
    Tool("AutoGluon good", "with_autogluon", "good", "autogluon"),
)


def compare(
    benchmark: Benchmark, seed: int, tool: Tool, seconds: float, cache: Path
) -> dict[str, object]:
    """Train a tool on one split.

    Returns:
        Who, on what, the scores on the test rows, and what it took; ``error`` where it failed.
    """
    train, test = split(benchmark.make(seed), seed)
    who = {"dataset": benchmark.name, "task": benchmark.task, "seed": seed, "tool": tool.name}
    python = python_of(tool.environment, cache)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        train.to_parquet(folder / "train.parquet")
        test.to_parquet(folder / "test.parquet")
        arguments = [tool.module, tool.option, benchmark.task, str(seed), str(seconds), temporary]
        command = [str(python), str(HERE / "tools" / "run.py"), *arguments]
        log = folder / "log.txt"
        cost = run(command, log, PROJECT, seconds * _OVERRUN + 120)
        if cost.returncode:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            return {**who, **asdict(cost), "error": "".join(last)}
        predictions = pd.read_parquet(folder / "predictions.parquet")
        times = json.loads((folder / "times.json").read_text())
    return {**who, **scores(predictions, test["label"], benchmark.task), **asdict(cost), **times}


def scores(predictions: pd.DataFrame, truth: pd.Series, task: str) -> dict[str, float]:
    """Return the scores of predictions for rows that the tool never saw."""
    if task == "regression":
        return {"rmse": float(root_mean_squared_error(truth, predictions["prediction"]))}
    labels = sorted(predictions.columns)
    chances = predictions[labels].to_numpy(np.float64)
    chances = chances / chances.sum(axis=1, keepdims=True)
    named = truth.astype(str)
    found = {"log_loss": float(log_loss(named, chances, labels=labels))}
    if task == "binary":
        found["auc"] = float(roc_auc_score(named == labels[1], chances[:, 1]))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare what is asked for and not in the results yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", nargs="*", help="names from datasets.py; all if none is given")
    parser.add_argument("--tools", nargs="*", default=[tool.name for tool in TOOLS])
    parser.add_argument(
        "--seeds", nargs="*", type=int, help=f"{FIRST_SEED} and on, as many as a data set needs"
    )
    parser.add_argument("--seconds", type=float, default=BUDGET_SECONDS, help="the peers' budget")
    parser.add_argument("--results", type=Path, default=HERE / "results.jsonl")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/bankml-benchmarks")
    asked = parser.parse_args(arguments)
    known = read(asked.results)
    for benchmark in BENCHMARKS:
        if asked.datasets and benchmark.name not in asked.datasets:
            continue
        for seed in asked.seeds or range(FIRST_SEED, FIRST_SEED + benchmark.splits):
            for tool in TOOLS:
                if tool.name not in asked.tools or _key(benchmark.name, seed, tool.name) in known:
                    continue
                result = compare(benchmark, seed, tool, asked.seconds, asked.cache)
                with asked.results.open("a") as file:
                    file.write(json.dumps(result) + "\n")
                print(_line(result), flush=True)


def read(path: Path) -> dict[tuple[str, int, str], dict[str, object]]:
    """Return the results so far, by data set, seed and tool."""
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {_key(row["dataset"], row["seed"], row["tool"]): row for row in rows}


def _key(dataset: str, seed: int, tool: str) -> tuple[str, int, str]:
    return dataset, seed, tool


def _line(result: dict[str, object]) -> str:
    shown = {
        name: round(value, 5) if isinstance(value, float) else value
        for name, value in result.items()
    }
    return "  ".join(f"{name}={value}" for name, value in shown.items())


if __name__ == "__main__":
    main()
