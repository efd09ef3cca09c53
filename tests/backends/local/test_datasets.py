"""Dataset versions: one for each content, readable in parts, never half-made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from bankml.backends.local import LocalBackend, tables
from bankml.backends.local.datasets import DatasetShelf
from bankml.config import DatasetConfig
from bankml.errors import DataError, NotFoundError, WorkspaceCorruptError, WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path

    from bankml.backends.base import DatasetRecord


def config(**options: Any) -> DatasetConfig:
    return DatasetConfig(**{"name": "calls", "source": None, **options})


def frame(*values: int) -> pd.DataFrame:
    return pd.DataFrame({"x": values, "y": [str(value) for value in values]})


def test_the_same_rows_are_one_version(backend: LocalBackend) -> None:
    first = backend.register_dataset(config(), frame(1, 2))

    assert backend.register_dataset(config(), frame(1, 2)) == first
    assert backend.get_dataset("calls") == first
    assert (first.version, first.rows, first.columns) == (1, 2, ("x", "y"))


def test_changed_rows_are_a_new_version_and_the_old_one_stays(backend: LocalBackend) -> None:
    first = backend.register_dataset(config(), frame(1, 2))
    second = backend.register_dataset(config(), frame(1, 3))

    assert (second.version, backend.get_dataset("calls")) == (2, second)
    assert backend.get_dataset("calls", 1) == first
    assert list(backend.read_dataset(first)["x"]) == [1, 2]
    assert list(backend.read_dataset(second)["x"]) == [1, 3]


def test_content_that_comes_back_is_the_version_it_was(backend: LocalBackend) -> None:
    first = backend.register_dataset(config(), frame(1, 2, 3))
    part = backend.register_dataset(config(), frame(1, 2))
    elsewhere = backend.register_dataset(config(name="others"), frame(1, 2))

    back = backend.register_dataset(config(), frame(1, 2, 3))
    new = backend.register_dataset(config(), frame(4))

    assert back == first
    assert (part.version, elsewhere.version, new.version) == (2, 1, 3)
    assert backend.get_dataset("calls") == new


def test_lost_rows_of_an_older_version_are_restored_by_registering_them(
    backend: LocalBackend,
) -> None:
    first = backend.register_dataset(config(), frame(1, 2))
    backend.register_dataset(config(), frame(3))
    backend.layout.dataset("calls", 1).unlink()

    assert backend.register_dataset(config(), frame(1, 2)) == first
    assert list(backend.read_dataset(first)["x"]) == [1, 2]


def test_callers_that_register_the_same_at_once_get_one_version(backend: LocalBackend) -> None:
    first = backend.register_dataset(config(), frame(1))
    backend.register_dataset(config(), frame(2))

    def register(number: int) -> DatasetRecord:
        own = LocalBackend(backend.layout.root)
        return own.register_dataset(config(), frame(1 if number % 2 else 3))

    with ThreadPoolExecutor(8) as pool:
        records = list(pool.map(register, range(16)))

    assert {record.version for record in records} == {1, 3}
    assert all(record == first for record in records[1::2])


def test_a_file_is_parsed_once(
    backend: LocalBackend, small_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = backend.register_dataset(config(source=str(small_csv)))
    monkeypatch.setattr("bankml.data.content.parse_content", None)  # to parse would fail now

    assert backend.register_dataset(config(source=str(small_csv))) == first
    assert first.rows == 600


def test_a_registered_version_is_used_as_it_is(backend: LocalBackend) -> None:
    first = backend.register_dataset(config(), frame(1))
    latest = backend.register_dataset(config(), frame(2))

    assert backend.register_dataset(config(version=1)) == first
    assert backend.register_dataset(config()) == latest


@pytest.mark.parametrize("options", [{}, {"version": 7}])
def test_a_version_that_is_not_there_is_named(
    backend: LocalBackend, options: dict[str, int]
) -> None:
    with pytest.raises(NotFoundError, match=r"'calls'.*Set dataset\.source"):
        backend.register_dataset(config(**options))

    assert backend.get_dataset("calls") is None


@pytest.mark.parametrize(
    ("skip", "take", "expected"),
    [(0, 3, [0, 1, 2]), (8, 4, [8, 9, 10, 11]), (18, 5, [18, 19]), (25, 1, []), (0, 0, [])],
)
def test_parts_are_read_without_the_rest(
    backend: LocalBackend,
    monkeypatch: pytest.MonkeyPatch,
    skip: int,
    take: int,
    expected: list[int],
) -> None:
    monkeypatch.setattr(tables, "ROWS_PER_GROUP", 5)
    dataset = backend.register_dataset(config(), frame(*range(20)))
    groups: list[int] = []
    read = pq.ParquetFile.read_row_groups

    def watched(file: pq.ParquetFile, chosen: list[int]) -> object:
        groups.extend(chosen)
        return read(file, chosen)

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", watched)

    part = backend.read_dataset(dataset, skip, take)

    assert list(part["x"]) == expected
    assert list(part.columns) == ["x", "y"]
    assert groups == sorted({row // 5 for row in expected})


def test_the_rest_is_read_where_no_number_is_given(backend: LocalBackend) -> None:
    dataset = backend.register_dataset(config(), frame(*range(6)))

    assert list(backend.read_dataset(dataset, skip=4)["x"]) == [4, 5]


def test_a_source_that_is_not_there_registers_nothing(backend: LocalBackend) -> None:
    with pytest.raises(DataError):
        backend.register_dataset(config(source="no-such-file.csv"))

    assert backend.get_dataset("calls") is None
    assert list(backend.layout.datasets.iterdir()) == []


def test_a_full_disk_registers_nothing(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)

    with pytest.raises(WorkspaceError, match="disk is full"):
        backend.register_dataset(config(), frame(1))

    assert backend.get_dataset("calls") is None
    assert list(backend.layout.datasets.iterdir()) == []


@pytest.mark.parametrize("damage", ["removed", "cut"])
def test_lost_rows_are_reported_and_found_by_the_doctor(backend: LocalBackend, damage: str) -> None:
    dataset = backend.register_dataset(config(), frame(*range(100)))
    path = backend.layout.dataset("calls", 1)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:100])
    else:
        path.unlink()

    with pytest.raises(WorkspaceCorruptError, match="Register the data again"):
        backend.read_dataset(dataset)
    assert any("'calls' version 1" in problem for problem in backend.integrity_check())


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a"b;--', "🏦 / '", "x" * 255])
def test_names_are_only_names(backend: LocalBackend, name: str) -> None:
    dataset = backend.register_dataset(config(name=name), frame(1))

    assert backend.get_dataset(name) == dataset
    files = list(backend.layout.root.rglob("*.parquet"))
    assert [path.parent.parent for path in files] == [backend.layout.datasets]


def test_an_unknown_id_is_named(backend: LocalBackend) -> None:
    with pytest.raises(NotFoundError, match="'nothing'"):
        DatasetShelf(backend.database, backend.layout).by_id("nothing")
