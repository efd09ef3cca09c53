"""The engine on ever larger data: ``python -m benchmarks.automl.scale``.

Rows are drawn from the Bank Marketing sample with a little noise on the numbers and labels of
their own; columns and classes are generated. A whole run is measured with all of its
processes, from a Parquet file to the model, beside the size of the data as a frame in memory.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.automl.datasets import BANK
from benchmarks.automl.environments import HERE, PROJECT
from benchmarks.automl.measure import run

_PROGRAM = """
import sys
from pathlib import Path
from bankml import Workflow, WorkflowConfig
source, folder, label = sys.argv[1:]
config = WorkflowConfig().replace(
    workspace={"path": Path(folder)},
    dataset={"name": "scale", "source": source},
    automl={"label_column_name": label},
)
run = Workflow(config).train(wait=False).wait(3600, progress=False, preload=False)
board = run.leaderboard().to_pandas()
print(len(board), board["score"].iloc[0], sep="|")
"""


def more_rows(rows: int) -> pd.DataFrame:
    """Return that many rows like those of the sample, with labels drawn by a model of it.

    Labels that were copied with their rows could be learnt by heart, for thousands of trees.
    """
    random = np.random.default_rng(7)
    sample = pd.read_csv(BANK)
    drawn = sample.iloc[random.integers(0, len(sample), rows)].reset_index(drop=True)
    for name in ("age", "duration"):
        drawn[name] = drawn[name] * random.normal(1, 0.05, rows)
    texts = {name: "category" for name in sample if sample[name].dtype.kind == "O"}
    known = sample.astype(texts)
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=7)
    model.fit(known.drop(columns="y"), known["y"])
    asked = drawn.drop(columns="y").astype(known.drop(columns="y").dtypes.to_dict())
    chance = model.predict_proba(asked)[:, 1]
    return drawn.assign(y=np.where(random.random(rows) < chance, "yes", "no"))


def more_columns(columns: int) -> pd.DataFrame:
    """Return 20,000 rows of that many numbers, of which twenty matter."""
    random = np.random.default_rng(8)
    values = random.normal(size=(20_000, columns)).astype(np.float32)
    signal = values[:, : min(20, columns)].sum(axis=1) + random.normal(0, 2, len(values))
    frame = pd.DataFrame(values, columns=[f"x{place}" for place in range(columns)])
    return frame.assign(y=np.where(signal > 0, "yes", "no"))


def more_classes(classes: int) -> pd.DataFrame:
    """Return 50,000 rows of ten numbers around that many centres."""
    random = np.random.default_rng(9)
    centres = random.normal(0, 2, (classes, 10))
    label = random.integers(0, classes, 50_000)
    values = centres[label] + random.normal(size=(50_000, 10))
    frame = pd.DataFrame(values, columns=[f"x{place}" for place in range(10)])
    return frame.assign(y=[f"class {code}" for code in label])


CASES = {
    "rows": (more_rows, (10_000, 100_000, 300_000, 1_000_000, 3_000_000)),
    "columns": (more_columns, (10, 100, 500, 2_000)),
    "classes": (more_classes, (2, 10, 30, 100)),
}


def measure(kind: str, size: int) -> dict[str, object]:
    """Return what one whole run took, and how large the data was."""
    make, _ = CASES[kind]
    frame = make(size)
    in_memory = frame.memory_usage(deep=True).sum() / 1e6
    rows = len(frame)
    with tempfile.TemporaryDirectory() as folder:
        source, log = Path(folder) / "data.parquet", Path(folder) / "log.txt"
        frame.to_parquet(source, index=False)
        del frame
        arguments = [str(source), str(Path(folder) / "workspace"), "y"]
        cost = run([sys.executable, "-c", _PROGRAM, *arguments], log, PROJECT, 3600)
        if cost.returncode:
            raise SystemExit(log.read_text())
        children, score = log.read_text().strip().splitlines()[-1].split("|")
    return {
        "kind": kind, "size": size, "rows": rows, "in_memory_mb": in_memory, "children": children,
        "score": score, "us_per_row": cost.seconds / rows * 1e6,
        "peak_to_data": cost.peak_mb / in_memory, **asdict(cost),
    }  # fmt: skip


def main() -> None:
    """Measure the cases asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=list(CASES))
    parser.add_argument("--most", type=int, default=3_000_000, help="largest size")
    parser.add_argument("--results", type=Path, default=HERE / "scale.jsonl")
    asked = parser.parse_args()
    for kind in asked.kinds or CASES:
        for size in CASES[kind][1]:
            if size <= asked.most:
                result = measure(kind, size)
                with asked.results.open("a") as file:
                    file.write(json.dumps(result) + "\n")
                print(result, flush=True)


if __name__ == "__main__":
    main()
