"""DataFrames are taken as they are, or refused with the column and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankml.config import DatasetConfig
from bankml.data import load_source
from bankml.data.frames import fingerprint_table, table_from_frame
from bankml.errors import DataError


def with_column(values: Any) -> pd.DataFrame:
    return pd.DataFrame({"odd": values, "y": ["no", "yes"]})


def with_names(*names: str) -> pd.DataFrame:
    return pd.DataFrame([[1] * len(names)], columns=pd.Index(names, dtype=object))


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ([[1, 2]], "must be a pandas DataFrame, not list"),
        (pd.DataFrame({0: [1], "y": [2]}), "not a text: 0"),
        (pd.DataFrame([[1, 2]], columns=["y", "y"]), "'y' 2 times"),
        (pd.DataFrame({"": [1], "y": [2]}), "column 1 has no name"),
        (with_names("\ud800", "y"), "not valid Unicode"),
        (pd.DataFrame({("a", "b"): [1], ("c", "d"): [2]}), "MultiIndex"),
        (pd.DataFrame({"a": [1], "b": [1], "y": [2]}).set_index(["a", "b"]), "MultiIndex"),
        (pd.DataFrame({"a": [], "y": []}), "no rows"),
        (pd.DataFrame(), "has no columns"),
        (with_column([1, "x"]), "'odd' can't be stored: it holds int, str"),
        (with_column([object(), object()]), "it holds object"),
        (with_column([2**70, 1]), "'odd' can't be stored"),
        (with_column([1j, 2j]), "complex"),
        (with_column(pd.Series(["\ud800", "x"], dtype=object)), "not valid Unicode"),
        (with_column([[1], [2]]), "list<"),
        (with_column([b"x", b"y"]), "binary"),
        (with_column(pd.to_timedelta([1, 2], unit="D")), "duration"),
        (with_column(pd.period_range("2023", "2024", freq="Y")), "period"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(frame: Any, words: str) -> None:
    with pytest.raises(DataError) as caught:
        table_from_frame(frame)

    assert words in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        [1, 2],
        [1.5, None],
        [True, False],
        ["x", None],
        pd.array([1, None], dtype="Int64"),
        pd.array(["x", None], dtype="string"),
        pd.Categorical(["x", "z"], categories=["x", "z", "never"]),
        pd.Categorical([1, 2]),
        pd.arrays.SparseArray([0, 1]),
        pd.to_datetime(pd.Series(["2024-01-01", None])),
        pd.date_range("2024", periods=2, tz="Europe/Zurich"),
        np.array([1, 2], dtype="float16"),
        np.array([1, 2], dtype="uint8"),
    ],
)
def test_values_survive(values: Any) -> None:
    frame = with_column(values)

    back = table_from_frame(frame).to_pandas()

    assert back["odd"].isna().tolist() == frame["odd"].isna().tolist()
    assert back["odd"].dropna().tolist() == frame["odd"].dropna().tolist()


def test_a_column_of_nothing_is_numeric_and_missing() -> None:
    assert str(table_from_frame(with_column([None, None])).schema.field("odd").type) == "double"


def test_dates_and_decimals_become_what_training_knows() -> None:
    import datetime as dt
    import decimal

    days = [dt.date(2024, 1, 1), dt.date(2024, 2, 29)]
    prices = [decimal.Decimal("1.5"), decimal.Decimal("2.25")]

    schema = table_from_frame(pd.DataFrame({"day": days, "price": prices})).schema

    assert str(schema.field("day").type) == "timestamp[us]"
    assert str(schema.field("price").type) == "double"


def test_a_frame_is_registered_by_its_content() -> None:
    frame = pd.DataFrame({"age": [30, 40], "y": ["no", "yes"]})
    loaded = load_source(DatasetConfig(), frame)
    assert loaded is not None

    assert load_source(DatasetConfig(), frame.copy(), previous=loaded.state) is None
    changed = load_source(DatasetConfig(), frame.assign(age=[30, 41]), previous=loaded.state)
    assert changed is not None
    assert changed.fingerprint != loaded.fingerprint
    assert (loaded.source, loaded.synthetic) == ("DataFrame", False)


@pytest.mark.parametrize("text", ["object", "string", "str"])
def test_categories_of_texts_are_texts_whatever_pandas_keeps_them_in(text: str) -> None:
    values = pd.Series(["red", "blue", "red", None], dtype=pd.api.types.pandas_dtype(text))
    frame = pd.DataFrame({"colour": values.astype("category"), "number": range(4)})

    table = table_from_frame(frame)

    assert pa.types.is_string(table.column("colour").type.value_type)
    assert table.column("colour").to_pylist() == ["red", "blue", "red", None]
    assert fingerprint_table(table) == (
        "add738ba27e35fe963ba08eadb6d0f1c93bdf92aeab929b5a5b21cd806260923"
    )


def test_the_fingerprint_of_known_content_is_known() -> None:
    frame = pd.DataFrame(
        {
            "age": [30, 40],
            "balance": [1.5, None],
            "job": ["clerk", None],
            "known": [True, False],
            "since": pd.to_datetime(pd.Series(["2024-01-01", None])),
        }
    )

    fingerprint = fingerprint_table(table_from_frame(frame))

    assert fingerprint == "6f24796d855acd8c3cf8d92abcd8fed0ce2040a7d7e78027bfc5968eae1e5754"


frames = st.integers(1, 30).flatmap(
    lambda rows: st.fixed_dictionaries(
        {
            "whole": st.lists(st.integers(-(2**63), 2**63 - 1), min_size=rows, max_size=rows),
            "real": st.lists(st.none() | st.floats(), min_size=rows, max_size=rows),
            "text": st.lists(
                st.none() | st.text(st.characters(codec="utf-8"), max_size=5),
                min_size=rows,
                max_size=rows,
            ),
        }
    )
)


@settings(max_examples=100, deadline=None)
@given(columns=frames, cut=st.integers(0, 30))
def test_the_fingerprint_does_not_depend_on_chunks(columns: dict[str, Any], cut: int) -> None:
    table = pa.table(columns, schema=SCHEMA)
    chunked = pa.concat_tables([table.slice(0, cut), table.slice(cut)])

    assert fingerprint_table(chunked) == fingerprint_table(table)


@settings(max_examples=100, deadline=None)
@given(columns=frames, data=st.data())
def test_another_text_is_another_fingerprint(columns: dict[str, Any], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(columns["text"]) - 1))
    other = list(columns["text"])
    other[place] = (other[place] or "") + "x"

    first = fingerprint_table(pa.table(columns, schema=SCHEMA))
    second = fingerprint_table(pa.table({**columns, "text": other}, schema=SCHEMA))

    assert first != second


SCHEMA = pa.schema([("whole", pa.int64()), ("real", pa.float64()), ("text", pa.string())])


def test_moving_text_between_cells_is_noticed() -> None:
    tables = [pa.table({"a": cells}) for cells in (["ab", "c"], ["a", "bc"], ["", "abc"])]

    assert len({fingerprint_table(table) for table in tables}) == 3
