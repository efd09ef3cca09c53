"""What a report judges a model on where no rows are given for it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bankml.errors import ModelError
from bankml.manifest import Manifest
from bankml.model_folder import VALIDATION_NAME
from bankml.models import BestModel
from bankml.report.evidence import Evidence, evidence

TRAINING = pd.DataFrame({"x": np.linspace(-1.0, 1.0, 60)}).assign(
    amount=lambda rows: rows["x"] * 3, y=lambda rows: np.where(rows["x"] > 0, "yes", "no")
)
HELD_OUT = np.arange(0, 60, 3)


class Line:
    """Predicts three times ``x``."""

    def predict(self, frame: pd.DataFrame) -> Any:
        return 3 * frame["x"].to_numpy()


class Slope:
    """Is the surer of yes, the greater ``x``."""

    classes_ = np.array(["no", "yes"])

    def predict_proba(self, frame: pd.DataFrame) -> Any:
        chance = (1 + frame["x"].to_numpy()) / 2
        return np.column_stack([1 - chance, chance])

    def predict(self, frame: pd.DataFrame) -> Any:
        return np.where(frame["x"] > 0, "yes", "no")


def model(pipeline: Any, task: str, label: str, classes: tuple[str, ...] = ()) -> BestModel:
    manifest = Manifest(
        format="skops",
        file="m",
        sha256="0" * 64,
        task=task,
        label_column_name=label,
        features=("x",),
        classes=classes,
    )
    return BestModel(pipeline, manifest, Path())


LINE = model(Line(), "regression", "amount")
SLOPE = model(Slope(), "classification", "y", ("no", "yes"))


def regression(folder: Path, rows: Any, shift: float = 0.0) -> Evidence:
    held = TRAINING.iloc[rows]
    predicted = 3 * held["x"].to_numpy() + shift
    kept = pd.DataFrame({"row": rows, "truth": held["amount"], "prediction": predicted})
    kept.to_parquet(folder / VALIDATION_NAME)
    return evidence(LINE, folder, None, TRAINING)


def test_without_kept_predictions_there_is_no_evaluation(tmp_path: Path) -> None:
    found = evidence(LINE, tmp_path, None, TRAINING)

    assert found.evaluation is None
    assert "bankml report <run> --data <file>" in found.evaluated_on
    assert found.importance is not None
    assert found.importance_on.startswith("Measured on training rows")


def test_without_training_rows_there_is_no_importance(tmp_path: Path) -> None:
    assert evidence(LINE, tmp_path, None, None).importance is None


def test_rows_that_the_model_has_not_seen_are_what_its_columns_are_measured_on(
    tmp_path: Path,
) -> None:
    found = regression(tmp_path, HELD_OUT)

    assert found.evaluation is not None
    assert found.evaluation.rows == len(HELD_OUT)
    assert "20 rows that the candidates were not fitted on" in found.evaluated_on
    assert found.importance_on.startswith("Measured on validation rows")


def test_a_model_fitted_again_on_all_rows_has_seen_them(tmp_path: Path) -> None:
    assert regression(tmp_path, HELD_OUT, shift=0.5).importance_on.startswith(
        "Measured on training rows"
    )


def test_a_model_validated_on_every_row_in_turn_has_seen_them(tmp_path: Path) -> None:
    assert regression(tmp_path, np.arange(60)).importance_on.startswith("Measured on training rows")


def test_the_columns_are_measured_on_no_more_cores_than_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text("100000 100000\n")
    monkeypatch.setattr("bankml.cores._CPU_LIMIT", quota)
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    threads = set()

    class Watched(Line):
        def predict(self, frame: pd.DataFrame) -> Any:
            threads.add(threading.get_ident())
            return super().predict(frame)

    evidence(model(Watched(), "regression", "amount"), tmp_path, None, TRAINING)

    assert threads == {threading.get_ident()}


def test_rows_without_a_label_do_not_count_where_training_left_them_out(tmp_path: Path) -> None:
    unlabelled = TRAINING.head(7).assign(amount=np.nan)
    held = TRAINING.iloc[HELD_OUT]
    kept = {"row": HELD_OUT, "truth": held["amount"], "prediction": 3 * held["x"]}
    pd.DataFrame(kept).to_parquet(tmp_path / VALIDATION_NAME)

    found = evidence(LINE, tmp_path, None, pd.concat([unlabelled, TRAINING]))

    assert found.importance is not None
    assert found.importance.rows == len(HELD_OUT)
    assert found.importance_on.startswith("Measured on validation rows")


def test_a_classifier_is_judged_by_its_kept_probabilities(tmp_path: Path) -> None:
    held = TRAINING.iloc[HELD_OUT]
    no, yes = SLOPE.predict_proba(held).T
    kept = {"row": HELD_OUT, "truth": held["y"], "probability_no": no, "probability_yes": yes}
    pd.DataFrame(kept).to_parquet(tmp_path / VALIDATION_NAME)

    found = evidence(SLOPE, tmp_path, None, TRAINING)

    assert found.evaluation is not None
    assert found.evaluation.metrics["accuracy"].estimate == 1.0
    assert found.importance_on.startswith("Measured on validation rows")


def test_damaged_predictions_are_our_error(tmp_path: Path) -> None:
    (tmp_path / VALIDATION_NAME).write_bytes(b"no parquet")

    with pytest.raises(ModelError, match=r"can't be read .* Give rows to evaluate on"):
        evidence(LINE, tmp_path, None, TRAINING)
