"""The SDK is imported late, quietly, and only where it can be."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bankml import MissingDependencyError, WorkflowConfig
from bankml.backends.azureml import AzureMLBackend, sdk
from bankml.config import WorkspaceConfig

if TYPE_CHECKING:
    from bankml.emulator import Emulator

CONFIG = WorkflowConfig(
    backend="azureml",
    workspace=WorkspaceConfig(subscription_id="s", resource_group="g", workspace_name="w"),
)
PLANNING = """
import sys
from bankml import WorkflowConfig, pipeline
config = WorkflowConfig(backend="azureml", workspace={
    "subscription_id": "s", "resource_group": "g", "workspace_name": "w"})
print(pipeline.plan(config))
heavy = {"azureml", "azure", "sklearn", "lightgbm", "pyarrow"}
loaded = heavy & {name.split(".")[0] for name in sys.modules}
sys.exit(f"loaded: {loaded}" if loaded else 0)
"""


def test_a_plan_does_not_import_the_sdk() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PLANNING], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "backend 'azureml'" in done.stdout


def test_every_name_that_is_used_is_in_the_sdk(emulator: Emulator) -> None:
    del emulator
    loaded = sdk.load()

    assert [name for name in sdk.NAMES if getattr(loaded, name, None) is None] == []


def test_a_name_that_is_not_in_the_table_is_refused(emulator: Emulator) -> None:
    del emulator
    loaded = sdk.load()

    with pytest.raises(AttributeError):
        _ = loaded.Model


def test_a_python_that_is_too_new_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 12, 0))

    with pytest.raises(
        MissingDependencyError, match=r"\(3\.12\).*Python 3.10 and 3.11 only.*bankml\[azure\]"
    ):
        AzureMLBackend.open(CONFIG)


def test_an_sdk_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(MissingDependencyError, match=r"pip install 'bankml\[azure\]'"):
        AzureMLBackend.open(CONFIG)


@pytest.mark.parametrize(("wish", "off"), [(None, "true"), ("0", "true"), ("1", None)])
def test_telemetry_is_off_unless_it_is_wanted(
    wish: str | None, off: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HBI_WORKSPACE_JOB", raising=False)
    monkeypatch.delenv(sdk.TELEMETRY_VARIABLE, raising=False)
    if wish is not None:
        monkeypatch.setenv(sdk.TELEMETRY_VARIABLE, wish)

    sdk.prepare_environment()

    assert os.environ.get("HBI_WORKSPACE_JOB") == off
    monkeypatch.delenv("HBI_WORKSPACE_JOB", raising=False)
