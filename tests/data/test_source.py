"""One way in for files, URLs, frames and the sample."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bankml.config import DatasetConfig
from bankml.data import describe_source, fingerprint_source, load_source, source_kind
from bankml.data.source import read_source
from bankml.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

FRAME = pd.DataFrame({"age": [30, 40], "y": ["no", "yes"]})


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"source": "sample"}, "sample", "32,950 synthetic rows"),
        ({"source": "data/bank.csv"}, "path", "file data/bank.csv"),
        ({"source": "HTTPS://host/bank.csv?sig=SECRET"}, "url", "URL https://host/bank.csv"),
        ({"source": None}, "registered", "the latest version that is registered"),
        ({"source": "sample", "version": 3}, "registered", "version 3 that is registered"),
    ],
)
def test_a_source_is_described_without_a_look_at_it(
    options: dict[str, Any], kind: str, words: str
) -> None:
    config = DatasetConfig(**options)

    assert source_kind(config) == kind
    assert words in describe_source(config)
    assert "SECRET" not in describe_source(config)


def test_a_frame_takes_the_place_of_the_source() -> None:
    config = DatasetConfig(source="data/bank.csv")

    assert source_kind(config, FRAME) == "frame"
    assert describe_source(config, FRAME) == "a DataFrame of 2 rows and 2 columns"


def test_a_file_is_loaded_with_its_fingerprint(small_csv: Path, small_frame: pd.DataFrame) -> None:
    config = DatasetConfig(source=str(small_csv))

    loaded = load_source(config)

    assert loaded is not None
    pd.testing.assert_frame_equal(loaded.table.to_pandas(), small_frame, check_dtype=False)
    assert loaded.fingerprint == fingerprint_source(config)
    assert loaded.source == str(small_csv)
    assert not loaded.synthetic


def test_an_unchanged_file_is_not_parsed_again(
    small_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = DatasetConfig(source=str(small_csv))
    loaded = load_source(config)
    assert loaded is not None
    monkeypatch.setattr("bankml.data.content.parse_content", None)
    os.utime(small_csv, (0, 0))

    assert load_source(config, previous=loaded.state) is None


def test_a_changed_byte_is_seen_behind_the_same_time_and_size(small_csv: Path) -> None:
    config = DatasetConfig(source=str(small_csv))
    loaded = load_source(config)
    assert loaded is not None
    before = small_csv.stat()
    small_csv.write_bytes(small_csv.read_bytes().replace(b"clerk", b"clark", 1))
    os.utime(small_csv, ns=(before.st_atime_ns, before.st_mtime_ns))

    changed = load_source(config, previous=loaded.state)

    assert changed is not None
    assert changed.fingerprint != loaded.fingerprint


@pytest.mark.parametrize("option", [{"separator": ";"}, {"encoding": "latin-1"}])
def test_reading_options_are_part_of_the_fingerprint(
    small_csv: Path, option: dict[str, Any]
) -> None:
    plain = fingerprint_source(DatasetConfig(source=str(small_csv)))

    assert fingerprint_source(DatasetConfig(source=str(small_csv), **option)) != plain


@pytest.mark.parametrize("source", [None, "http://127.0.0.1:9/never-asked.csv"])
def test_what_has_to_be_fetched_has_no_fingerprint_before(source: str | None) -> None:
    assert fingerprint_source(DatasetConfig(source=source)) is None


def test_parquet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bank.parquet"
    FRAME.assign(job=pd.Categorical(["clerk", "farmer"])).to_parquet(path)

    loaded = load_source(DatasetConfig(source=str(path)))

    assert loaded is not None
    assert loaded.table.to_pydict() == {
        "age": [30, 40],
        "y": ["no", "yes"],
        "job": ["clerk", "farmer"],
    }


def test_one_column_is_refused_for_training_and_read_for_prediction(tmp_path: Path) -> None:
    config = DatasetConfig(source=str(tmp_path / "notes.csv"))
    (tmp_path / "notes.csv").write_text("note\ngood\nbad\n")
    frame = pd.DataFrame({"note": ["good", "bad"]})

    with pytest.raises(DataError, match="only one column; training needs a label and"):
        load_source(config)
    with pytest.raises(DataError, match="only one column; training needs a label and"):
        load_source(DatasetConfig(), frame)
    loaded = read_source(config)

    assert loaded is not None
    assert loaded.table.to_pydict() == frame.to_dict("list")


def test_a_cut_parquet_file_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    FRAME.to_parquet(buffer)
    path = tmp_path / "cut.parquet"
    path.write_bytes(buffer.getvalue()[:-20])

    with pytest.raises(DataError, match="damaged Parquet"):
        load_source(DatasetConfig(source=str(path)))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("missing.csv", "There is no file missing.csv (looked for it in"),
        ("/missing.csv", "There is no file /missing.csv."),
        (".", "is a folder"),
        ("/dev/zero", "not a regular file"),
        ("s3://bucket/bank.csv", "s3://… is not supported"),
        ("é" * 200, "File name too long"),
        ("bank\0.csv", "can't be read"),
        ("~nobody-of-this-name/bank.csv", "can't be read"),
        (None, "has no source to read"),
    ],
)
def test_what_is_no_file_is_refused(source: str | None, words: str) -> None:
    with pytest.raises(DataError) as caught:
        load_source(DatasetConfig(source=source))

    assert words in str(caught.value)


def test_the_home_folder_is_understood(small_csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(small_csv.parent))

    loaded = load_source(DatasetConfig(source=f"~/{small_csv.name}"))

    assert loaded is not None


def test_the_bank_data_is_read_as_published(bank_csv: Path) -> None:
    loaded = load_source(DatasetConfig(source=str(bank_csv)))
    assert loaded is not None

    frame = loaded.table.to_pandas()

    assert frame.shape == (32_950, 21)
    assert frame["age"].mean() == pytest.approx(40.040212, abs=1e-6)
    assert frame["duration"].mean() == pytest.approx(257.335205, abs=1e-6)
    assert frame["campaign"].max() == 56
    quartiles = frame["euribor3m"].quantile([0.25, 0.5, 0.75]).round(3).tolist()
    assert quartiles == [1.344, 4.857, 4.961]
    assert frame.duplicated().sum() == 9
    assert (frame["y"] == "yes").mean() == pytest.approx(0.112, abs=1e-3)
    pd.testing.assert_frame_equal(frame, pd.read_csv(bank_csv))
