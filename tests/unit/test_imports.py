"""Importing bankml is cheap, and the folder rules hold."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bankml

HEAVY = ("azureml", "sklearn", "lightgbm", "fastapi", "matplotlib", "pandas", "pyarrow", "numpy")


def loaded_by(code: str) -> set[str]:
    program = (
        f"{code}\nimport sys; print(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "code",
    ["import bankml", "from bankml import WorkflowConfig, RunStatus, BankmlError; WorkflowConfig()",
     "import bankml.cli.app"],
)  # fmt: skip
def test_light_imports_load_nothing_heavy(code: str) -> None:
    assert loaded_by(code).isdisjoint(HEAVY)


def test_a_trigger_needs_only_requests() -> None:
    loaded = loaded_by("from bankml import trigger")

    assert "requests" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_every_public_name_is_there_and_described() -> None:
    for name in bankml.__all__:
        assert getattr(bankml, name).__doc__, name
    assert set(bankml.__all__) <= set(dir(bankml))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = bankml.no_such_name
