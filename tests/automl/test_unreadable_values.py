"""Values that a model can't read are said, unless training had such values too."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd
import pytest

from bankml.backends.local.automl.models.encoder import FrameEncoder
from bankml.errors import DataWarning

DAYS = pd.date_range("2026-01-01", periods=60)


def encode(trained: Any, unseen: Any) -> Any:
    """Encode a column that an encoder had other values of in training."""
    encoder = FrameEncoder().fit(pd.DataFrame({"column": trained}))
    return encoder.transform(pd.DataFrame({"column": unseen}))


def test_a_text_among_numbers_is_said() -> None:
    with pytest.warns(DataWarning, match=r"1 of 2 values of the column 'column'.*has 'n/a'"):
        encoded = encode(range(60), ["1.5", "n/a"])

    assert encoded[0, 0] == 1.5
    assert pd.isna(encoded[1, 0])


def test_a_text_among_numbers_that_were_texts_is_said() -> None:
    with pytest.warns(DataWarning, match="it had only numbers"):
        encode([str(number) for number in range(60)], ["1", "unknown"])


def test_what_is_no_date_is_said() -> None:
    with pytest.warns(DataWarning, match=r"it had only dates, and here it has 'soon'"):
        encode(DAYS, ["2026-02-01", "soon"])


@pytest.mark.parametrize(
    ("trained", "unseen"),
    [
        (range(60), [1, None]),
        (range(60), ["1", None]),
        (range(60), [float("inf"), 2.0]),
        (DAYS, ["2026-02-01", None]),
        (["?", *(str(number) for number in range(60))], ["1", "?", "unknown"]),
        (["soon", *DAYS.astype(str)], ["2026-02-01", "later"]),
        (["red", "blue"] * 30, ["green", "red"]),
    ],
    ids=("missing", "texts of numbers", "infinite", "dates", "mixed", "mixed dates", "categories"),
)
def test_what_was_so_in_training_is_not_worth_a_word(trained: Any, unseen: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        encode(trained, unseen)
