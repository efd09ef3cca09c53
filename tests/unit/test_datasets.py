"""A dataset is a view on registered rows: parts of it are taken without reading the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from bankml.backends.local import LocalBackend
from bankml.config import DatasetConfig
from bankml.datasets import Dataset, get, get_or_register
from bankml.errors import ConfigError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = DatasetConfig(name="numbers", source=None)
ROWS = pd.DataFrame({"x": range(10), "y": ["yes", "no"] * 5})


@pytest.fixture
def backend(tmp_path: Path) -> LocalBackend:
    return LocalBackend(tmp_path / "workspace")


@pytest.fixture
def dataset(backend: LocalBackend) -> Dataset:
    return get_or_register(backend, CONFIG, ROWS)


def numbers(dataset: Dataset) -> list[int]:
    return list(dataset.to_pandas()["x"])


def test_rows_are_taken_and_skipped_in_any_order(dataset: Dataset) -> None:
    assert numbers(dataset.take(3)) == [0, 1, 2]
    assert numbers(dataset.take(3).take(5)) == [0, 1, 2]
    assert numbers(dataset.skip(7)) == [7, 8, 9]
    assert numbers(dataset.skip(2).take(3)) == [2, 3, 4]
    assert numbers(dataset.take(5).skip(3)) == [3, 4]
    assert numbers(dataset.take(2).skip(3)) == []


def test_a_frame_beside_a_pinned_version_is_refused(backend: LocalBackend) -> None:
    pinned = DatasetConfig(name="numbers", source=None, version=1)
    get_or_register(backend, CONFIG, ROWS)

    with pytest.raises(ConfigError, match=r"dataset\.version is 1.*set dataset\.version to None"):
        get_or_register(backend, pinned, ROWS.head(3))

    assert get(backend, "numbers").version == 1


@pytest.mark.parametrize("count", [-1, -100])
def test_a_negative_number_of_rows_is_refused(dataset: Dataset, count: int) -> None:
    for part in (dataset.take, dataset.skip):
        with pytest.raises(ValueError, match=f"0 or more, not {count}"):
            part(count)


def test_a_dataset_describes_its_numbers(dataset: Dataset) -> None:
    assert dataset.describe().loc["mean", "x"] == 4.5
    assert str(dataset) == "numbers version 1, 10 rows"


def test_a_dataset_is_shown_short(dataset: Dataset) -> None:
    assert repr(dataset) == "Dataset(numbers version 1, 10 rows)"
    assert repr(dataset.skip(2).take(3)) == (
        "Dataset(numbers version 1, 10 rows from row 2 on, at most 3 of them)"
    )


def test_without_a_source_the_latest_version_is_taken(
    backend: LocalBackend, dataset: Dataset
) -> None:
    newer = get_or_register(backend, CONFIG, ROWS.head(3))

    assert (dataset.version, newer.version) == (1, 2)
    assert get_or_register(backend, CONFIG).version == 2
    assert numbers(get(backend, "numbers", 1)) == list(range(10))


@pytest.mark.parametrize(
    ("version", "words"),
    [(None, "There is no dataset 'numbers'"), (3, "There is no version 3 of dataset")],
)
def test_what_is_not_registered_is_said(
    backend: LocalBackend, version: int | None, words: str
) -> None:
    with pytest.raises(NotFoundError, match=words):
        get(backend, "numbers", version)
