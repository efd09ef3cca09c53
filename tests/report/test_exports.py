from __future__ import annotations

import pandas as pd
import pytest

from bankml.report.exports import csv_text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_looks_like_a_formula_is_made_harmless(text: str) -> None:
    saved = csv_text(pd.DataFrame({"name": [text]}))

    assert f"'{text}" in saved


def test_numbers_stay_numbers() -> None:
    saved = csv_text(pd.DataFrame({"loss": [-0.5, 2.0]}))

    assert saved == "loss\n-0.5\n2.0\n"


def test_headings_and_the_index_are_made_harmless_too() -> None:
    table = pd.DataFrame({"=a": [1]}, index=pd.Index(["=b"], name="=column"))

    assert csv_text(table) == "'=column,'=a\n'=b,1\n"
