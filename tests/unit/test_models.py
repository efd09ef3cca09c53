"""The best model takes raw rows in any order and says what it can't do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from bankml import DataError, ModelError, ModelMismatchError, load_model
from bankml.backends.local.automl.persistence import save_model
from bankml.manifest import Manifest, sha256_of, write_manifest
from bankml.models import BestModel

ROWS = pd.DataFrame({"age": [20.0, 30.0, 60.0, 70.0], "balance": [1.0, 5.0, 2.0, 4.0]})
LABELS = np.array(["no", "no", "yes", "yes"])


class Sums:
    """A regression that can be checked by hand, and has no drawing of itself."""

    steps = (("sum", None),)

    def predict(self, frame: pd.DataFrame) -> Any:
        return frame.sum(axis=1).to_numpy()


class Lengths:
    """Predicts how many bytes a text has."""

    def predict(self, frame: pd.DataFrame) -> Any:
        return [len(name.encode()) for name in frame["name"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a classifier that was fitted on two columns."""
    path = tmp_path / "model"
    path.mkdir()
    pipeline = Pipeline([("scale", StandardScaler()), ("classify", LogisticRegression())])
    save_model(pipeline.fit(ROWS, LABELS), path / "model.skops")
    manifest = Manifest(
        format="skops",
        file="model.skops",
        sha256=sha256_of(path / "model.skops"),
        algorithm="LogisticRegression",
        primary_metric="AUC_weighted",
        score=0.9,
        features=("age", "balance"),
        synthetic=True,
    )
    write_manifest(path, manifest)
    return path


@pytest.fixture
def model(folder: Path) -> BestModel:
    return load_model(folder)


def regression(*features: str) -> BestModel:
    manifest = Manifest(
        format="skops", file="m", sha256="0" * 64, task="regression", features=features
    )
    return BestModel(Sums(), manifest, Path())


def test_columns_may_come_in_any_order_and_with_the_label(model: BestModel) -> None:
    shuffled = ROWS.assign(y=LABELS)[["y", "balance", "age"]]

    assert list(model.predict(shuffled)) == list(LABELS)
    assert np.array_equal(model.predict_proba(shuffled), model.predict_proba(ROWS))


def test_probabilities_are_in_the_order_of_the_classes(model: BestModel) -> None:
    probabilities = model.predict_proba(ROWS)

    assert list(model.classes_) == ["no", "yes"]
    assert list(model.classes_[probabilities.argmax(axis=1)]) == list(LABELS)


def test_a_missing_column_is_named(model: BestModel) -> None:
    with pytest.raises(ModelError, match=r"the column\(s\) 'balance'; .* trained on 2 columns"):
        model.predict(ROWS[["age"]])


@pytest.mark.parametrize(
    "rows", [ROWS["age"], {"age": [1]}, [1, 2], ROWS.to_numpy(), "v.csv", Path("v.csv")]
)
def test_what_is_no_frame_is_refused(model: BestModel, rows: Any) -> None:
    for predict in (model.predict, model.predict_proba):
        with pytest.raises(DataError, match=f"a pandas DataFrame, not {type(rows).__name__}"):
            predict(rows)


def test_a_feature_that_is_there_twice_is_named(model: BestModel) -> None:
    twice = pd.concat([ROWS, ROWS[["age"]]], axis=1)

    with pytest.raises(DataError, match="the column 'age' more than once"):
        model.predict(twice)


def test_a_text_that_is_not_unicode_is_our_error() -> None:
    names = pd.DataFrame({"name": pd.Series(["\udc80"], dtype=object)})

    with pytest.raises(DataError, match=r"'\\udc80', which is not valid Unicode"):
        BestModel(Lengths(), regression("name").manifest, Path()).predict(names)


def test_of_many_missing_columns_the_first_five_are_named() -> None:
    model = regression(*(f"c{number}" for number in range(8)))

    with pytest.raises(ModelError, match="the columns 'c0', 'c1', 'c2', 'c3', 'c4' and 3 more"):
        model.predict(pd.DataFrame({"other": [1]}))


def test_a_column_of_nearly_the_same_name_is_suggested(model: BestModel) -> None:
    with pytest.raises(ModelError, match=re.escape("rows.rename(columns={'Age': 'age'})")):
        model.predict(ROWS.rename(columns={"age": "Age"}))


def test_where_the_columns_are_not_known_all_are_taken() -> None:
    assert list(regression().predict(ROWS)) == [21.0, 35.0, 62.0, 74.0]


def test_a_regression_has_no_probabilities() -> None:
    with pytest.raises(ModelError, match=r"use predict\(\)"):
        regression("age").predict_proba(ROWS)


def test_the_model_says_what_it_is(model: BestModel) -> None:
    assert repr(model) == (
        "BestModel(LogisticRegression AUC_weighted=0.90000 trained on synthetic data: "
        "scale → classify)"
    )
    assert [name for name, _ in model.steps] == ["scale", "classify"]


def test_a_notebook_shows_the_pipeline_or_else_the_words(model: BestModel) -> None:
    assert "StandardScaler" in model._repr_html_()
    assert regression()._repr_html_() == "<pre>BestModel(: sum)</pre>"


def test_a_saved_model_is_loaded_as_it_was(model: BestModel, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    for target in (tmp_path / "new" / "folder", tmp_path / "empty"):
        loaded = load_model(model.save(target))
        assert loaded.manifest == model.manifest
        assert np.array_equal(loaded.predict_proba(ROWS), model.predict_proba(ROWS))


def test_nothing_is_saved_over(model: BestModel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("kept")

    for taken in (tmp_path / "file", tmp_path / "full"):
        with pytest.raises(ModelError, match="not empty; choose another folder"):
            model.save(taken)
    assert (tmp_path / "file").read_text() == "kept"
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["file"]


def test_a_model_of_other_packages_is_loaded_only_when_asked_for(
    folder: Path, model: BestModel
) -> None:
    other = model.manifest.model_copy(update={"packages": {"scikit-learn": "0.1.0"}})
    write_manifest(folder, other)

    with pytest.raises(ModelMismatchError, match=r"pip install 'scikit-learn==0\.1\.0'"):
        load_model(folder)
    assert list(load_model(folder, check_versions=False).predict(ROWS)) == list(LABELS)


def test_a_model_whose_file_is_gone_is_our_error(folder: Path) -> None:
    (folder / "model.skops").unlink()

    with pytest.raises(ModelError, match=r"model\.skops is missing; fetch or save"):
        load_model(folder)
