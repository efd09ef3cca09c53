"""Names of any kind are kept as they are, and never become a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bankml.backends.local import LocalBackend
from bankml.config import ComputeConfig, DatasetConfig

if TYPE_CHECKING:
    from pathlib import Path

FRAME = pd.DataFrame({"age": [30, 40], "y": ["no", "yes"]})
NAMES = {
    "traversal": "../../../etc/passwd",
    "absolute": "/etc/passwd",
    "backslashes": "..\\..\\windows",
    "quotes": 'it\'s "quoted" `so`',
    "SQL": "x'); DROP TABLE runs; --",
    "emoji": "🏦📈 bank",
    "right to left": "\u202egnp.exe",
    "newline": "two\nlines",
    "NUL": "before\0after",
    "dots": "..",
    "percent": "%2e%2e%2f",
    "formula": "=HYPERLINK(1)",
    "markup": "<script>alert(1)</script>",
    "surrounding space": " name ",
    "255 characters": "ä" * 255,
}


@pytest.fixture
def backend(tmp_path: Path) -> LocalBackend:
    backend = LocalBackend(tmp_path / "workspace", cores=1)
    backend.workspace()
    return backend


def outside(folder: Path) -> set[str]:
    """Everything in the folder that is not in the workspace."""
    inside = folder / "workspace"
    return {str(path) for path in folder.rglob("*") if inside not in (path, *path.parents)}


@pytest.mark.parametrize("kind", NAMES)
def test_a_dataset_of_any_name_is_found_again(
    backend: LocalBackend, kind: str, tmp_path: Path
) -> None:
    before = outside(tmp_path)

    record = backend.register_dataset(DatasetConfig(name=NAMES[kind]), FRAME)

    found = backend.get_dataset(NAMES[kind])
    assert found is not None
    assert (found.name, found.id) == (NAMES[kind], record.id)
    assert backend.read_dataset(found)["age"].tolist() == [30, 40]
    assert outside(tmp_path) == before


@pytest.mark.parametrize("kind", NAMES)
def test_experiments_and_compute_take_any_name(backend: LocalBackend, kind: str) -> None:
    name = NAMES[kind]

    backend.create_compute(ComputeConfig(name=name))
    first, second = (backend.get_or_create_experiment(name) for _ in range(2))

    compute = backend.get_compute(name)
    assert compute is not None
    assert compute.name == name
    assert first == second
    assert first.name == name


def test_similar_names_stay_apart(backend: LocalBackend) -> None:
    names = ["a", "A", "a ", "a/", "á", "a\u0301"]

    records = [backend.register_dataset(DatasetConfig(name=name), FRAME) for name in names]

    assert len({record.id for record in records}) == len(names)
    assert {record.version for record in records} == {1}


@pytest.mark.parametrize("column", ["a/b", "it's", '"', "🏦", "=1+1", "x" * 10_000, "a\nb", " "])
def test_columns_of_any_name_are_kept(backend: LocalBackend, column: str) -> None:
    frame: Any = pd.DataFrame({column: [1, 2], "y": ["no", "yes"]})

    record = backend.register_dataset(DatasetConfig(name="columns"), frame)

    assert record.columns == (column, "y")
    assert list(backend.read_dataset(record)) == [column, "y"]
