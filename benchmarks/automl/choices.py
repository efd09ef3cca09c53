"""What two choices of the engine are worth: ``python -m benchmarks.automl.choices``.

Calibration: the final model's probabilities on unseen rows with and without its temperature.
Weights: the same candidates' ensemble chosen by log loss, and by AUC. The seeds are those of
development, as it is here that choices are made.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import log_loss, roc_auc_score

from bankml.backends.local.automl import AutoMLResult, AutoMLSettings, train
from bankml.backends.local.automl.ending.ensemble import select_ensemble
from bankml.backends.local.automl.models.assembly import load_models
from bankml.backends.local.automl.models.voting import member_values
from benchmarks.automl.datasets import BENCHMARKS, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

SEEDS = (100, 101)
_BINS = 15


def calibration_error(truth: NDArray[np.int64], chances: NDArray[np.float64]) -> float:
    """Return the expected calibration error of the most probable class, in bins of equal size."""
    confidence, right = chances.max(axis=1), chances.argmax(axis=1) == truth
    parts = np.array_split(np.argsort(confidence), _BINS)
    gaps = [len(part) * abs(confidence[part].mean() - right[part].mean()) for part in parts]
    return float(sum(gaps) / len(truth))


def calibration(result: AutoMLResult, test: pd.DataFrame) -> str:
    """Return what the model's temperature changes."""
    classifier, classes = result.model.steps[-1][1], list(result.model.classes_)
    truth = test["label"].map(classes.index).to_numpy()
    rows, temperature = test.drop(columns="label"), classifier.temperature
    after = result.model.predict_proba(rows)
    classifier.temperature = 1.0
    raw = result.model.predict_proba(rows)
    losses = [log_loss(truth, each, labels=range(len(classes))) for each in (raw, after)]
    errors = [calibration_error(truth, each) for each in (raw, after)]
    return (
        f"temperature {temperature:.2f}  log loss {losses[0]:.4f} -> {losses[1]:.4f}  "
        f"calibration error {errors[0]:.4f} -> {errors[1]:.4f}"
    )


def weights(result: AutoMLResult, folder: Path, test: pd.DataFrame) -> Iterator[str]:
    """Yield what an ensemble of two classes scores on unseen rows, by each way to choose it."""
    kept = result.validation_predictions
    assert kept is not None  # noqa: S101  # the engine always keeps them
    positive = (kept["truth"] == result.model.classes_[1]).to_numpy()
    numbers = [child.number for child in result.children if child.preprocessor]
    values = {
        number: np.load(folder / "children" / str(number) / "predictions.npy")
        for number in numbers
        if (folder / "children" / str(number) / "predictions.npy").exists()
    }
    matrix = result.model.steps[0][1].transform(test.drop(columns="label"))
    truth = (test["label"] == result.model.classes_[1]).to_numpy()
    ways = {"log loss": log_loss, "AUC": lambda true, mean: 1 - roc_auc_score(true, mean)}
    for name, loss in ways.items():
        chosen = select_ensemble(
            values, lambda mean, at, loss=loss: float(loss(positive[at], mean))
        )
        mean = np.zeros(len(test))
        for number, weight in chosen.items():
            models = load_models(folder / "children" / str(number))
            each = [member_values(model, matrix, 2)[:, 1] for model in models]
            mean += weight * np.mean(each, axis=0)
        auc, cost = roc_auc_score(truth, mean), log_loss(truth, mean)
        yield f"weights by {name}: AUC {auc:.5f} log loss {cost:.4f}"


def main() -> None:
    """Measure on the classification sets named, or on all."""
    for benchmark in BENCHMARKS:
        if benchmark.task == "regression" or (sys.argv[1:] and benchmark.name not in sys.argv[1:]):
            continue
        for seed in SEEDS:
            rows, test = split(benchmark.make(seed), seed)
            with tempfile.TemporaryDirectory() as folder:
                result = train(
                    rows,
                    AutoMLSettings("classification", "label", random_state=seed),
                    workers=2,
                    on_event=lambda _: None,
                    should_stop=lambda: False,
                    scratch=Path(folder),
                )
                print(benchmark.name, seed, calibration(result, test), flush=True)
                if benchmark.task == "binary":
                    for line in weights(result, Path(folder), test):
                        print(benchmark.name, seed, line, flush=True)


if __name__ == "__main__":
    main()
