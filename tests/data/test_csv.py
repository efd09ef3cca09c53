"""CSV files are read as pandas would read them, or refused with what to do."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankml.config import DatasetConfig
from bankml.data import load_source
from bankml.data.content import parse_content
from bankml.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def read(content: bytes, **options: Any) -> pd.DataFrame:
    frame = parse_content(content, DatasetConfig(**options), "bank.csv").to_pandas()
    assert isinstance(frame, pd.DataFrame)
    return frame


def refusal(content: bytes, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        read(content, **options)
    return str(caught.value)


def no_gaps(frame: pd.DataFrame) -> list[list[Any]]:
    return frame.astype(object).where(frame.notna(), "missing").to_numpy().tolist()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n \r\n", "is empty"),
        (b"age,y", "header but no rows"),
        (b"age,y\r\n", "header but no rows"),
        (b"note\ngood, but late\n", "line 2 has 2 fields, the header has 1"),
        (b"age;y\n30;no\n", "set dataset.separator to ';'"),
        (b"a;b\n1,5;2,3\n", "set dataset.separator to ';'"),
        (b"age\ty\n30\tno\n", r"set dataset.separator to '\t' (tab)"),
        (b"age|y\n30|no\n", "set dataset.separator to '|'"),
        (b"age,y,age\n1,2,3\n", "the column name 'age' 2 times (columns 1, 3)"),
        (b"a,b\n1,2\n3\n", "line 3 has 1 fields, the header has 2"),
        (b'a,b\n"x\ny",2\n1,2,3\n', "line 4 has 3 fields, the header has 2"),
        (b'a,b\n1,"x\n2,3\n', "begins on line 2 is never closed"),
        (b"a,b\n1,\x00\n", "not a text file: line 2 has a NUL byte"),
        ("a,b\n1,2\n".encode("utf-16"), "set dataset.encoding to 'utf-16'"),
        ("a,b\n1,2\n".encode("utf-16-le"), "set dataset.encoding to 'utf-16-le'"),
        ("a,b\n1,2\n".encode("utf-16-be"), "set dataset.encoding to 'utf-16-be'"),
        ("a,b\n1,2\n".encode("utf-32"), "set dataset.encoding to 'utf-32'"),
        ("a,b\n1,2\nü,3\n".encode("latin-1"), "line 3 has the byte 0xfc"),
        (b"PK\x03\x04rest", "zip archive or an Excel workbook"),
        (b"<!DOCTYPE html>\n<p>Sign in</p>", "web page"),
        (b"<html>, yes\n", "web page"),
        (b'{"a": 1, "b": 2}\n', "looks like JSON"),
        (b"PAR1 but no more", "damaged Parquet"),
        (gzip.compress(b"a,b\n1,2\n")[:-6], "damaged gzip"),
    ],
)
def test_what_is_not_a_table_is_refused_with_what_to_do(content: bytes, words: str) -> None:
    assert words in refusal(content)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=repr)
def test_in_a_file_of_one_column_a_blank_line_is_a_missing_value(end: str) -> None:
    lines = ["", "note", "good", "", '"bad, late"', '""', '"two\n\nlines"', "", ""]

    frame = read(end.join(lines).encode())

    assert list(frame) == ["note"]
    assert frame["note"].isna().tolist() == [False, True, False, True, False]
    assert frame["note"].dropna().tolist() == ["good", "bad, late", "two\n\nlines"]
    assert len(read(f"a,b{end}1,2{end}{end}3,4{end}".encode())) == 2


def test_dates_of_one_column_stay_in_their_rows() -> None:
    frame = read(b"day\n2024-01-31\n\n2024-03-01\n")

    assert frame["day"].isna().tolist() == [False, True, False]
    assert frame["day"].dt.month.dropna().tolist() == [1, 3]


def test_latin_1_names_the_setting_that_makes_it_readable() -> None:
    content = "job,y\nMüller,no\n".encode("latin-1")

    assert "dataset.encoding" in refusal(content)
    assert read(content, encoding="latin-1")["job"][0] == "Müller"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "utf-7"])
def test_every_encoding_gives_the_same_rows(encoding: str) -> None:
    frame = read("job,y\nMüller,no\n".encode(encoding), encoding=encoding)

    assert frame.to_dict("list") == {"job": ["Müller"], "y": ["no"]}


def test_a_byte_that_is_not_utf_8_is_found_far_behind() -> None:
    content = b"a,b\n" + b"1,xx\n" * 1_000_000 + b"1,\xc3\n" + b"1,x\n"

    assert "line 1000002 has the byte 0xc3" in refusal(content)


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "a\0b", "hex"])
def test_an_unknown_encoding_is_named(encoding: str) -> None:
    assert "encoding" in refusal(b"a,b\n1,2\n", encoding=encoding)


def test_text_in_another_encoding_than_configured() -> None:
    assert "is not text in 'utf-16'" in refusal(b"a,b\n1,2\n3", encoding="utf-16")


@pytest.mark.parametrize("separator", ["\n", '"', "§", "\0"])
def test_a_separator_that_cannot_separate(separator: str) -> None:
    assert "dataset.separator" in refusal(b"a,b\n1,2\n", separator=separator)


@pytest.mark.parametrize("separator", [";", "\t", "|", " "])
def test_other_separators(separator: str) -> None:
    frame = read(f"a{separator}b\n1,5{separator}2\n".encode(), separator=separator)

    assert frame.to_dict("list") == {"a": ["1,5"], "b": [2]}


def test_types_and_missing_values_are_those_of_pandas() -> None:
    text = (
        "whole,gaps,real,flag,empty,word,mixed,gone,euro\n"
        "1,1,1.5,True,,x,1,NA,1.5e3\n"
        "-2,,nan,False,,,x,None,-0.5\n"
        "3,3,2.5,True,,NULL,2.5,n/a,7\n"
    )

    ours, theirs = read(text.encode()), pd.read_csv(io.StringIO(text))

    assert ours.dtypes.to_dict() == theirs.dtypes.to_dict()
    assert no_gaps(ours) == no_gaps(theirs)


def test_a_type_that_changes_late_in_the_file_is_seen() -> None:
    rows = "".join(f"{number},no\n" for number in range(300_000))

    frame = read(f"a,y\n{rows}late,no\n".encode())

    assert frame["a"].iloc[[0, -1]].tolist() == ["0", "late"]


def test_a_header_without_a_name_is_named_as_pandas_does() -> None:
    assert list(read(b",a\n0,1\n")) == ["Unnamed: 0", "a"]


def test_line_breaks_and_quotes_within_quotes_survive() -> None:
    frame = read(b'a,b\r\n"x\r\ny","say ""hi"""\r\n')

    assert frame.to_dict("list") == {"a": ["x\r\ny"], "b": ['say "hi"']}


def test_a_lone_inch_mark_is_no_open_quote() -> None:
    assert read(b'a,b\n5",2\n6,3\n')["a"].tolist() == ['5"', "6"]


def test_gzip_is_unpacked_up_to_the_limit() -> None:
    content = gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000)

    assert len(read(content)) == 1_000_000
    assert "max_megabytes" in refusal(content, max_megabytes=1.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2024-02-29", "2023-01-01"], "2024-02-29"),
        (["2024-02-29 10:30:00", ""], "2024-02-29 10:30"),
        (["2024/02/29", "2023/12/01"], "2024-02-29"),
        (["29.02.2024", "01.12.2023"], "2024-02-29"),
        (["29.02.2024 10:30", "01.12.2023 00:00"], "2024-02-29 10:30"),
        (["29/02/2024", "01/12/2023"], "2024-02-29"),
        (["02/29/2024", "12/01/2023"], "2024-02-29"),
        (["29-02-2024 10:30:00", "01-12-2023 00:00:00"], "2024-02-29 10:30"),
        (["01/01/2024", "02/02/2024"], "2024-01-01"),
    ],
)
def test_dates_are_recognised(values: list[str], expected: str) -> None:
    rows = "".join(f"{value},no\n" for value in values)

    day = read(f"day,y\n{rows}".encode())["day"]

    assert day.dtype.kind == "M"
    assert day[0] == pd.Timestamp(expected)


def test_dates_behind_many_missing_ones_are_recognised() -> None:
    missing = ",no\n" * 200

    assert read(f"day,y\n{missing}29.02.2024,no\n".encode())["day"].dtype.kind == "M"


@pytest.mark.parametrize(
    "values",
    [
        ["01/02/2024", "03/04/2024"],
        ["29/02/2024", "02/29/2024"],
        ["29.02.2024", "soon"],
        ["30.02.2024", "01.01.2024"],
        ["12:30", "13:45"],
        ["2024", "mar"],
    ],
)
def test_what_may_be_something_else_stays_text(values: list[str]) -> None:
    rows = "".join(f"{value},no\n" for value in values)

    assert read(f"day,y\n{rows}".encode())["day"].tolist() == values


def test_a_time_zone_is_kept() -> None:
    when = read(b"when,y\n2024-01-01T10:00:00Z,no\n")["when"]

    assert when[0] == pd.Timestamp("2024-01-01 10:00", tz="UTC")


cells = st.one_of(
    st.integers(-(2**53), 2**53).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(st.characters(exclude_characters="\0\r", codec="utf-8"), max_size=8),
)
names = st.text("abcdefghXYZ", min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), header=st.lists(names, min_size=2, max_size=5, unique=True))
def test_texts_survive_the_way_through_a_file(data: st.DataObject, header: list[str]) -> None:
    row = st.tuples(*[cells.map(lambda text: "t" + text)] * len(header))
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    frame = pd.DataFrame(rows, columns=header, dtype=object)

    back = read(frame.to_csv(index=False).encode())

    assert back.to_numpy().tolist() == frame.to_numpy().tolist()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_numbers_survive_to_the_last_bit(rows: list[tuple[int, float]]) -> None:
    text = "whole,real\n" + "".join(f"{whole},{real!r}\n" for whole, real in rows)

    back = read(text.encode())

    assert list(back.itertuples(index=False, name=None)) == rows


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text('a1,;"\n\r\t |\ufeff\x00é-/:.', max_size=60).map(str.encode),
        st.binary(max_size=60).map(lambda tail: b"a,b\n1,2\n" + tail),
        st.binary(max_size=60).map(lambda tail: b"\x1f\x8b\x08" + tail),
        st.binary(max_size=60).map(lambda tail: b"PAR1" + tail + b"PAR1"),
    ),
    st.sampled_from(["utf-8", "latin-1", "utf-16", "utf-7"]),
)
def test_any_bytes_give_a_table_or_our_error(content: bytes, encoding: str) -> None:
    try:
        frame = read(content, encoding=encoding)
    except DataError:
        return
    assert frame.shape[0] >= 1
    assert frame.shape[1] >= 1
    assert frame.columns.is_unique


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes(b"\xef\xbb\xbfage,y\n30,no\n")

    loaded = load_source(DatasetConfig(source=str(path)))

    assert loaded is not None
    assert loaded.table.column_names == ["age", "y"]
