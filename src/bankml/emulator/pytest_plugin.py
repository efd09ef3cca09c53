"""A pytest plugin: the fixture ``azureml_emulator``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bankml.emulator.emulator import Emulator


@pytest.fixture
def azureml_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A running emulator with a workspace of its own; its variables are set for the test."""
    from bankml.emulator.emulator import Emulator

    with Emulator(tmp_path / "azureml-workspace") as emulator:
        for name, value in emulator.environ.items():
            monkeypatch.setenv(name, value)
        yield emulator
