"""Filter expressions as the SDK serialises them, each on rows that can be counted by hand."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from bankml.emulator.expressions import filter_rows
from bankml.errors import DataError

ROWS = pd.DataFrame({"n": [1.0, 2.0, 3.0, None], "t": ["ab", "Bc", "cab", None]})


def value(constant: Any) -> dict[str, Any]:
    return {"r": ["Value", constant]}


def column(name: str) -> dict[str, Any]:
    return {"r": ["RecordField", [value("row"), value(name)]]}


def call(function: str, *arguments: dict[str, Any]) -> dict[str, Any]:
    return {"r": ["Invoke", [{"r": ["Identifier", function]}, list(arguments)]]}


def equals(left: dict[str, Any], right: Any) -> dict[str, Any]:
    return call("Value_Equals", left, value(right))


def kept(body: dict[str, Any]) -> list[int]:
    function = {"r": ["Function", [["row"], {"r": ["Value", None]}, body]]}
    return list(filter_rows(ROWS, {"function_source": json.dumps(function)}).index)


@pytest.mark.parametrize(
    ("function", "operand", "result"),
    [
        ("Add", 1, 4.0), ("Subtract", 1, 2.0), ("Multiply", 4, 12.0), ("TrueDivide", 4, 0.75),
        ("FloorDivide", 2, 1.0), ("Modulo", 2, 1.0), ("Power", 3, 27.0),
    ],
)  # fmt: skip
def test_arithmetic(function: str, operand: float, result: float) -> None:
    assert 2 in kept(equals(call(function, column("n"), value(operand)), result))


@pytest.mark.parametrize(
    ("function", "rows"),
    [
        ("Value_LT", [0]), ("Value_LE", [0, 1]), ("Value_GT", [2]), ("Value_GE", [1, 2]),
        ("Value_Equals", [1]),
    ],
)  # fmt: skip
def test_a_comparison_keeps_no_missing_value(function: str, rows: list[int]) -> None:
    assert kept(call(function, column("n"), value(2))) == rows


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        (call("String_Contains", column("t"), value("ab")), [0, 2]),
        (call("String_Contains", column("t"), value(".")), []),
        (call("String_StartsWith", column("t"), value("ab")), [0]),
        (call("String_EndsWith", column("t"), value("ab")), [0, 2]),
        (equals(call("String_IndexOf", column("t"), value("ab")), 1), [2]),
        (equals(call("Length", column("t")), 3), [2]),
        (equals(call("ToUpper", column("t")), "BC"), [1]),
        (equals(call("ToLower", column("t")), "bc"), [1]),
    ],
    ids=["contains", "no pattern", "starts", "ends", "index", "length", "upper", "lower"],
)
def test_texts(condition: dict[str, Any], rows: list[int]) -> None:
    assert kept(condition) == rows


def test_conditions_are_joined_and_turned_round() -> None:
    small, ab = call("Value_LT", column("n"), value(3)), equals(column("t"), "ab")

    assert kept({"r": ["And", [small, ab]]}) == [0]
    assert kept({"r": ["Or", [small, ab]]}) == [0, 1]
    assert kept({"r": ["Not", ab]}) == [1, 2, 3]
    assert kept({"r": ["Not", call("Value_IsNull", column("n"))]}) == [0, 1, 2]


@pytest.mark.parametrize(
    ("condition", "rows"),
    [(value(True), [0, 1, 2, 3]), (value(False), []), ({"r": ["Not", value(True)]}, [])],
)
def test_a_constant_keeps_all_rows_or_none(condition: dict[str, Any], rows: list[int]) -> None:
    assert kept(condition) == rows


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (equals(column("other"), 1), "names the column 'other', which is not there"),
        (call("Value_LT", column("n"), value("a")), "compares what can't be"),
        (call("RegEx", column("t")), "does not know 'RegEx'"),
        ({"r": ["Loop", []]}, "does not know 'Loop'"),
    ],
)
def test_what_can_not_be_carried_out_is_our_error(condition: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        kept(condition)


@pytest.mark.parametrize("options", [{}, {"function_source": ""}, "x > 1"])
def test_a_filter_that_the_sdk_does_not_make_is_refused(options: Any) -> None:
    with pytest.raises(DataError, match="not one that the SDK v1 makes"):
        filter_rows(ROWS, options)
