"""Backends by name: where each is, and which extra it needs."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bankml.errors import MissingDependencyError

if TYPE_CHECKING:
    from bankml.backends.base import Backend
    from bankml.config.choices import BackendName


@dataclass(frozen=True)
class Entry:
    """Where a backend is.

    Attributes:
        module: Import path of its module.
        attribute: Name of its class.
        extra: The extra of bankml that installs what it needs.
        needs: Modules that it can't do without.
        max_python: First Python version it does not run on, or None.
    """

    module: str
    attribute: str
    extra: str
    needs: tuple[str, ...]
    max_python: tuple[int, int] | None = None


BACKENDS: dict[BackendName, Entry] = {
    "local": Entry(
        "bankml.backends.local",
        "LocalBackend",
        "local",
        ("joblib", "lightgbm", "pyarrow", "sklearn", "skops"),
    ),
    "azureml": Entry(
        "bankml.backends.azureml", "AzureMLBackend", "azure", ("azureml.core",), (3, 12)
    ),
}


def backend_class(name: BackendName) -> type[Backend]:
    """Return a backend's class.

    Args:
        name: Name of the backend, as in the configuration.

    Returns:
        The class; its constructor is not called.

    Raises:
        MissingDependencyError: A package it needs is not installed.
    """
    entry = BACKENDS[name]
    try:
        return cast(
            "type[Backend]", getattr(importlib.import_module(entry.module), entry.attribute)
        )
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "bankml":
            raise
        raise missing_dependency(name, error.name or "") from error


def check_installed(name: BackendName) -> None:
    """Check, without importing anything, that what a backend needs is there.

    Args:
        name: Name of the backend.

    Raises:
        MissingDependencyError: A package is not installed, or this Python is too new for it.
    """
    for module in BACKENDS[name].needs:
        if _is_too_new(BACKENDS[name]) or not _is_installed(module):
            raise missing_dependency(name, module)


def missing_dependency(name: BackendName, module: str) -> MissingDependencyError:
    """Return the error for a backend whose packages are not installed.

    Args:
        name: Name of the backend.
        module: The module that could not be imported.

    Returns:
        An error with the command that mends it.
    """
    entry = BACKENDS[name]
    if _is_too_new(entry):
        version = ".".join(str(part) for part in sys.version_info[:2])
        return MissingDependencyError(
            f"Backend {name!r} does not run on this Python ({version}): the Azure ML SDK v1 "
            "installs on Python 3.10 and 3.11 only. Make an environment with one of them and "
            f"install there: pip install 'bankml[{entry.extra}]'. Backend 'local' runs on this one."
        )
    return MissingDependencyError(
        f"Backend {name!r} needs the package {module!r}, which is not installed. "
        f"Install it with: pip install 'bankml[{entry.extra}]'."
    )


def _is_too_new(entry: Entry) -> bool:
    return entry.max_python is not None and sys.version_info[:2] >= entry.max_python


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
