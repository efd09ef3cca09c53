"""Data that can't be trained on is refused before anything is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from bankml.backends.local.automl import AutoMLSettings
from bankml.backends.local.automl.data.preparation import PreparedData, prepare
from bankml.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 300
NUMBERS = np.random.default_rng(3).normal(size=ROWS)
DAYS = pd.date_range("2026-01-01", periods=2)


def prepared(folder: Path, frame: pd.DataFrame, **settings: Any) -> PreparedData:
    task = settings.pop("task", "classification")
    return prepare(frame, AutoMLSettings(task, "label", **settings), folder)


def labelled(label: Any) -> pd.DataFrame:
    return pd.DataFrame({"number": NUMBERS, "label": pd.Series(label)})


def test_one_row_of_the_only_other_class_is_not_enough(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Only 'x' is the label 'label' of more than one row"):
        prepared(tmp_path, labelled(["rare", *["x"] * (ROWS - 1)]))


def test_one_row_of_a_third_class_is(tmp_path: Path) -> None:
    assert prepared(tmp_path, labelled(["rare", *["x", "y"] * 149, "x"])).store.classes == 3


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ([DAYS[0], DAYS[1]] * 150, "datetime64"),
        (pd.Categorical([DAYS[0], DAYS[1]] * 150), "datetime64"),
        (pd.to_timedelta([1, 2] * 150, unit="D"), "timedelta64"),
        ([1, "x"] * 150, "mixed-integer"),
    ],
)
def test_labels_that_a_model_can_not_keep_are_refused(
    tmp_path: Path, label: Any, kind: str
) -> None:
    with pytest.raises(DataError, match=rf"of the kind '{kind}', but classes must be"):
        prepared(tmp_path, labelled(label))


@pytest.mark.parametrize(
    "label",
    [
        ["a", "b"] * 150,
        [0, 1] * 150,
        [0.5, 1.5] * 150,
        [True, False] * 150,
        pd.array([0, 1] * 150, dtype="Int64"),
        pd.array([True, False] * 150, dtype="boolean"),
        pd.array(["a", "b"] * 150, dtype="string"),
        pd.Categorical(["a", "b"] * 150),
        pd.Categorical([1, 2] * 150),
    ],
    ids=(
        "texts",
        "integers",
        "numbers",
        "booleans",
        "Int64",
        "boolean",
        "string",
        "categories",
        "categories of numbers",
    ),
)
def test_texts_numbers_and_booleans_are_classes(tmp_path: Path, label: Any) -> None:
    assert prepared(tmp_path, labelled(label)).store.classes == 2


@pytest.mark.parametrize(
    ("share", "what"),
    [(0.001, "0 of 300 rows are held out"), (0.999, "of 300 rows are left to learn from")],
)
@pytest.mark.parametrize(
    ("task", "label"), [("classification", ["a", "b"] * 150), ("regression", NUMBERS)]
)
def test_a_share_that_leaves_a_side_without_rows_is_refused(
    tmp_path: Path, share: float, what: str, task: str, label: Any
) -> None:
    with pytest.raises(DataError, match=what):
        prepared(tmp_path, labelled(label), task=task, validation_size=share)


@pytest.mark.parametrize(
    ("label", "advice"),
    [
        (NUMBERS * 1e-200, "multiply it by a power of ten"),
        (NUMBERS * 1e200, "multiply it by a power of ten"),
        (NUMBERS + 1e9, "Subtract its mean"),
    ],
    ids=("tiny", "huge", "far from zero"),
)
def test_numbers_whose_differences_would_be_lost_are_refused(
    tmp_path: Path, label: Any, advice: str
) -> None:
    with pytest.raises(DataError, match=advice):
        prepared(tmp_path, labelled(label), task="regression")


def test_a_column_without_values_is_left_out_with_a_note(tmp_path: Path) -> None:
    data = prepared(tmp_path, labelled(["a", "b"] * 150).assign(empty=np.nan))

    assert data.shape.columns == 1
    assert data.notes == ("Columns that hold nothing to learn from were left out: empty.",)


def test_texts_without_a_word_in_common_are_left_out_with_a_note(tmp_path: Path) -> None:
    texts = [f"a{row} b{row} c{row}" for row in range(ROWS)]

    data = prepared(tmp_path, labelled(["a", "b"] * 150).assign(text=texts))

    assert data.notes == ("Columns that hold nothing to learn from were left out: text.",)
