"""Models on disk: every algorithm comes back the same, forged trees do not."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from bankml.backends.local.automl.algorithms import ALGORITHMS
from bankml.backends.local.automl.data.meaning import Meaning
from bankml.backends.local.automl.features.encoding import FrameEncoding
from bankml.backends.local.automl.models.assembly import assemble
from bankml.backends.local.automl.models.encoder import FrameEncoder
from bankml.backends.local.automl.persistence import load_model, save_model
from bankml.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from sklearn.pipeline import Pipeline

    from tests.automl.conftest import Train


def never_saved(folder: Path) -> Pipeline:
    """Put the model of a run of one candidate together again, from what its workers left."""
    meaning = Meaning.read(folder / "scratch")
    members = [([folder / "scratch/children/0/refitted"], 1.0)]
    return assemble(meaning.encoding, True, members, meaning.classes)


# With few columns some of scikit-learn's estimators keep other things, such as trees of neighbours.
@pytest.mark.parametrize("columns", [("number", "colour", "shop"), ("number",)], ids=len)
@pytest.mark.parametrize(
    ("task", "algorithm"), [(task, name) for task, names in ALGORITHMS.items() for name in names]
)
def test_every_algorithm_predicts_the_same_after_a_round_trip(
    mixed_frame: pd.DataFrame, run_engine: Train, tmp_path: Path,
    task: str, algorithm: str, columns: tuple[str, ...],
) -> None:  # fmt: skip
    label = "label" if task == "classification" else "amount"
    frame = mixed_frame[[*columns, label]].head(200)
    result = run_engine(
        frame, task=task, label_column_name=label, allowed_models=(algorithm,), iterations=1,
        workers=1, primary_metric="accuracy" if task == "classification" else "r2_score",
    )  # fmt: skip

    assert np.array_equal(result.model.predict(frame), never_saved(tmp_path).predict(frame))


def test_machines_of_three_classes_come_back_the_same(
    mixed_frame: pd.DataFrame, run_engine: Train, tmp_path: Path
) -> None:
    frame = mixed_frame[["number", "shop"]].assign(label=mixed_frame["amount"].round().clip(0, 2))
    result = run_engine(frame, allowed_models=("SVM",), iterations=1, workers=1)

    saved, model = result.model, never_saved(tmp_path)
    assert np.array_equal(saved.predict_proba(frame), model.predict_proba(frame))


def test_a_network_is_kept_without_what_it_only_learns_on(
    mixed_frame: pd.DataFrame, run_engine: Train, tmp_path: Path
) -> None:
    frame = mixed_frame[["number", "label"]].head(200)
    run_engine(frame, allowed_models=("MultiLayerPerceptron",), iterations=1, workers=1)

    kept = skops.io.get_untrusted_types(file=tmp_path / "scratch/model.skops")
    assert not [name for name in kept if "neural_network" in name]
    with zipfile.ZipFile(tmp_path / "scratch/model.skops") as file:
        described = file.read("schema.json")
    assert b'"coefs_"' in described
    assert b'"_best_coefs"' not in described


def test_a_model_of_many_columns_is_described_in_short(run_engine: Train, tmp_path: Path) -> None:
    matrix = np.random.default_rng(0).standard_normal((300, 250))
    frame = pd.DataFrame(matrix, columns=[f"number {place}" for place in range(250)])
    frame["label"] = np.where(matrix[:, :3].sum(axis=1) > 0, "yes", "no")
    run_engine(frame, allowed_models=("MultiLayerPerceptron",), iterations=1, workers=1)

    with zipfile.ZipFile(tmp_path / "scratch/model.skops") as file:
        described = file.read("schema.json")
    assert described.count(b'"__loader__"') < 10 * 250


def test_an_encoder_keeps_the_order_of_its_columns_in_a_file(
    mixed_frame: pd.DataFrame, tmp_path: Path
) -> None:
    frame = mixed_frame[["colour", "number", "shop", "amount"]]
    encoder = FrameEncoder().fit(frame)

    save_model(make_pipeline(encoder), tmp_path / "model.skops")
    saved = load_model(tmp_path / "model.skops").steps[0][1]

    assert saved.feature_names_in_.tolist() == ["colour", "number", "shop", "amount"]
    np.testing.assert_array_equal(saved.transform(frame), encoder.transform(frame))


def test_an_encoder_of_an_older_file_is_read(mixed_frame: pd.DataFrame) -> None:
    frame = mixed_frame[["number", "colour"]]
    encoding = FrameEncoder().fit(frame).encoding_

    read = FrameEncoding.__new__(FrameEncoding)
    read.__setstate__({"encoders": encoding.encoders, "dropped": encoding.dropped})

    assert read == encoding


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    path.write_bytes(b"no model at all")

    with pytest.raises(ModelError, match="can't be read"):
        load_model(path)


def test_a_model_that_could_not_be_read_again_is_not_kept(tmp_path: Path) -> None:
    numbers = np.arange(40.0).reshape(-1, 1)
    neighbours = KNeighborsClassifier(algorithm="kd_tree").fit(numbers, numbers[:, 0] > 20)

    with pytest.raises(ModelError, match=r"KDTree.*blocked_models"):
        save_model(make_pipeline(neighbours), tmp_path / "model.skops")

    assert not (tmp_path / "model.skops").exists()
