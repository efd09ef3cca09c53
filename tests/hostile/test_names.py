"""Names of any kind are kept as they are, and never become a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bankml import ConfigError, NotFoundError, WorkflowConfig
from bankml.backends.local import LocalBackend
from bankml.config import ComputeConfig, DatasetConfig, PublishConfig
from bankml.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable
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
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalBackend:
    """A workspace whose runs stay in the queue."""
    monkeypatch.setattr("bankml.backends.local.dispatch.Dispatcher.dispatch", lambda _self: None)
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


STRANGE = {**NAMES, "10,000 characters": "x" * 10_000, "half a character": "\ud800",
           "escape sequence": "\x1b[31mred\x07", "nothing": ""}  # fmt: skip


@pytest.mark.parametrize("kind", STRANGE)
def test_an_unknown_id_of_any_kind_is_our_error(
    backend: LocalBackend, kind: str, tmp_path: Path
) -> None:
    before, name = outside(tmp_path), STRANGE[kind]
    asked: list[Callable[[str], object]] = [
        backend.get_run, backend.cancel, backend.get_published, backend.log,
        lambda name: backend.fetch_output(name, "Model"),
        lambda name: backend.publish(name, PublishConfig()),
    ]  # fmt: skip

    for ask in asked:
        with pytest.raises((NotFoundError, ConfigError)):
            ask(name)

    assert outside(tmp_path) == before


@pytest.mark.parametrize("kind", STRANGE)
def test_a_pipeline_is_published_by_any_name_or_refused(backend: LocalBackend, kind: str) -> None:
    name = STRANGE[kind]
    config = WorkflowConfig()
    run = backend.submit(Plan(config), backend.register_dataset(config.dataset, FRAME))

    try:
        settings = config.replace(publish={"name": name, "version": name, "description": name})
    except ConfigError:
        assert kind in ("10,000 characters", "half a character", "nothing")
        return
    published = backend.publish(run.id, settings.publish)

    assert (published.name, published.version) == (name, name)
    assert backend.get_published(published.id) == published
    assert name not in published.endpoint


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
