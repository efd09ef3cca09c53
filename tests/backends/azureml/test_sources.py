"""Rows and URLs on their way to the service."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankml import DataError, DatasetConfig
from bankml.backends.azureml.datasets import _reads
from bankml.backends.azureml.sources import (
    LONGEST_TAG,
    names_url,
    packed,
    service_encoding,
    unpacked,
    url_mark,
    write_csv,
)

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://example.org/data/bank.csv"


def definition(url: str, delimiter: str = ",", encoding: str = "utf8") -> str:
    text = (
        f'paths:\n  - file: "{url}"\n      encoding: {encoding}\n      delimiter: "{delimiter}"\n'
    )
    return json.dumps({"blocks": [], "meta": {"RsDataflow": text}})


def test_rows_are_written_as_the_service_reads_them(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 23, 9, 30, tzinfo=timezone.utc)
    table = pa.table(
        {
            "when": pa.array([moment, None], pa.timestamp("us", "UTC")),
            "text": ['say "hi"', None],
            "kind": pa.array(["a", "b"]).dictionary_encode(),
            "number": [1.5, None],
        }
    )

    write_csv(table, tmp_path / "rows.csv")

    assert (tmp_path / "rows.csv").read_text("utf-8") == (
        '"when","text","kind","number"\n"2026-11-23T09:30:00","say ""hi""","a",1.5\n,,"b",\n'
    )


@pytest.mark.parametrize(
    ("name", "expected"), [("utf-8", "utf8"), ("Latin-1", "iso88591"), ("UTF-8-SIG", "utf8bom")]
)
def test_encodings_have_the_services_names(name: str, expected: str) -> None:
    assert service_encoding(name) == expected


@pytest.mark.parametrize("name", ["koi8-r", "no-such-encoding"])
def test_an_encoding_that_the_service_does_not_read_is_named(name: str) -> None:
    with pytest.raises(DataError, match=name):
        service_encoding(name)


@pytest.mark.parametrize(
    ("found", "same"),
    [
        (definition(URL), True),
        (definition("wasbs://data@example.org/bank.csv"), True),
        (definition("wasbs://data@example.org/other.csv"), False),
        (definition(URL + "?x"), False),
        (definition(URL, delimiter=";"), False),
        (definition(URL, encoding="utf16"), False),
        ("", False),
    ],
)
def test_a_definition_is_the_same_only_if_it_reads_the_same(found: str, same: bool) -> None:
    assert names_url(found, URL, DatasetConfig(source=URL)) is same


@pytest.mark.parametrize(
    ("tags", "same"),
    [
        ({"bankml.url": url_mark(URL, DatasetConfig(source=URL))}, True),
        ({"bankml.url": url_mark(URL, DatasetConfig(source=URL, separator=";"))}, False),
        ({}, False),
    ],
)
def test_a_url_that_was_registered_here_is_known_by_its_mark(
    tags: dict[str, str], same: bool
) -> None:
    config = DatasetConfig(source=URL)
    document = SimpleNamespace(tags=tags, latest=SimpleNamespace(dataflow="anything"))

    assert _reads(document, URL, url_mark(URL, config), config) is same
    assert URL not in str(tags)


@given(st.lists(st.text(min_size=1), min_size=1))
def test_column_names_survive_a_tag_or_are_left_out(columns: list[str]) -> None:
    tag = packed(columns)

    assert len(tag) <= LONGEST_TAG
    assert unpacked(tag) in (tuple(columns), ())
