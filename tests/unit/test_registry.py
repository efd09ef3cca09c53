"""A backend whose packages are not there says what to install, and on which Python it can be."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from bankml.backends.local import LocalBackend
from bankml.backends.registry import BACKENDS, backend_class, missing_dependency
from bankml.config import WorkflowConfig, WorkspaceConfig
from bankml.doctor import examine
from bankml.errors import MissingDependencyError

if TYPE_CHECKING:
    from pathlib import Path


def lacking(module: str) -> Any:
    def import_module(_name: str) -> NoReturn:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    return import_module


def test_a_backend_is_found_by_its_name() -> None:
    assert backend_class("local") is LocalBackend


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib, "import_module", lacking("pyarrow.parquet"))

    with pytest.raises(MissingDependencyError, match=r"'pyarrow\.parquet'.*'bankml\[local\]'"):
        backend_class("local")


def test_a_module_of_our_own_that_is_missing_is_no_missing_dependency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib, "import_module", lacking("bankml.backends.local"))

    with pytest.raises(ModuleNotFoundError):
        backend_class("local")


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ((3, 11, 7), r"needs the package 'azureml'.*pip install 'bankml\[azure\]'"),
        ((3, 12, 0), r"does not run on this Python \(3\.12\).*3\.10 and 3\.11 only"),
    ],
)
def test_the_azure_backend_says_which_python_it_needs(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], words: str
) -> None:
    monkeypatch.setattr(sys, "version_info", version)

    with pytest.raises(MissingDependencyError, match=words):
        raise missing_dependency("azureml", "azureml")


def test_the_doctor_says_so_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(BACKENDS, "azureml", replace(BACKENDS["azureml"], max_python=(3, 0)))

    found = {finding.subject: finding for finding in examine(WorkflowConfig())}

    assert "does not run on this Python" in found["backend azureml"].message
    assert found["backend azureml"].healthy  # nobody has to have it
    assert found["backend local"].message == "extra [local]"


def test_the_doctor_misses_the_backend_that_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKENDS, "azureml", replace(BACKENDS["azureml"], max_python=(3, 0)))
    where = WorkspaceConfig(subscription_id="s", resource_group="g", workspace_name="w")

    findings = examine(WorkflowConfig(backend="azureml", workspace=where))

    wrong = {finding.subject for finding in findings if not finding.healthy}
    assert wrong == {"backend azureml", "workspace"}
    assert "disk" not in {finding.subject for finding in findings}
