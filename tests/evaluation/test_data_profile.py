from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bankml.evaluation.data_profile import ColumnProfile, profile


def column(values: object) -> ColumnProfile:
    """Return the profile of one column."""
    return profile(pd.DataFrame({"column": values})).columns[0]


def test_numbers_have_quartiles_and_a_histogram() -> None:
    found = column(np.arange(101.0))

    assert found.kind == "number"
    assert found.summary["median"] == "50"
    assert found.summary["lower quartile"] == "25"
    assert len(found.bars) == 12
    assert sum(bar.count for bar in found.bars) == 101


def test_few_distinct_numbers_have_a_bar_each() -> None:
    found = column([0, 1, 1, 3])

    assert [(bar.label, bar.count, bar.share) for bar in found.bars] == [
        ("0", 1, 0.25),
        ("1", 2, 0.5),
        ("3", 1, 0.25),
    ]


def test_missing_values_are_counted_and_shares_are_of_all_rows() -> None:
    found = column(["a", "a", None, "b"])

    assert (found.kind, found.missing, found.distinct) == ("category", 1, 2)
    assert found.summary == {"most frequent": "a (50.0%)"}


def test_rare_values_are_put_together() -> None:
    values = [
        letter for number, letter in enumerate("abcdefghijklmnop") for _ in range(20 - number)
    ]

    found = column(values)

    assert found.bars[0].label == "a"
    assert found.bars[-1].label == "4 others"
    assert sum(bar.share for bar in found.bars) == pytest.approx(1.0)


def test_values_that_hardly_repeat_are_text() -> None:
    found = column([f"customer number {number}" for number in range(60)])

    assert (found.kind, found.bars) == ("text", ())
    assert "mean length" in found.summary


def test_dates_have_a_first_and_a_last_day() -> None:
    found = column(pd.date_range("2008-05-01", periods=60, freq="D"))

    assert found.kind == "date"
    assert found.summary == {"first": "2008-05-01", "last": "2008-06-29"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [([True, False], "boolean"), ([None, None], "empty"), ([np.inf, np.inf], "number")],
)
def test_other_kinds_are_recognised(values: list[object], kind: str) -> None:
    assert column(values).kind == kind


def test_repeated_rows_are_counted() -> None:
    found = profile(pd.DataFrame({"a": [1, 1, 2], "b": ["x", "x", "x"]}))

    assert (found.rows, found.duplicates) == (3, 1)
    assert list(found.to_pandas().index) == ["a", "b"]


def test_the_bank_data_has_its_known_figures(bank_csv: str) -> None:
    found = profile(pd.read_csv(bank_csv))

    assert (found.rows, found.duplicates) == (32_950, 9)
    by_name = {one.name: one for one in found.columns}
    assert by_name["age"].summary["mean"] == "40.04"
    assert by_name["duration"].summary["mean"] == "257.3"
    assert by_name["campaign"].summary["max"] == "56"
    assert by_name["euribor3m"].summary["median"] == "4.857"
    assert by_name["y"].bars[1].share == pytest.approx(0.112, abs=0.001)
