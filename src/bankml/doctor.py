"""What ``bankml doctor`` looks at: the installation and the workspace."""

from __future__ import annotations

import platform
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bankml.backends.registry import BACKENDS, backend_class, check_installed
from bankml.cores import available_cores
from bankml.errors import BankmlError, MissingDependencyError
from bankml.manifest import installed_version
from bankml.requirements import required_versions, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bankml.config import WorkflowConfig

LOW_DISK_BYTES = 500 * 10**6
_PACKAGES = (
    "pandas",
    "pydantic",
    "requests",
    "pyarrow",
    "scikit-learn",
    "lightgbm",
    "skops",
    "fastapi",
    "uvicorn",
    "matplotlib",
    "azureml-core",
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: What was looked at.
        healthy: Whether it is as it should be.
        message: What was found, and what to do if it is not well.
    """

    subject: str
    healthy: bool
    message: str


class Checkable(Protocol):
    """A backend that can check its own workspace."""

    def integrity_check(self) -> list[str]:
        """Return what is wrong with the workspace, in words; empty when nothing is."""
        ...

    def repair(self) -> Repaired:
        """Mend what can be mended without losing anything that is registered."""
        ...


class Repaired(Protocol):
    """What a repair has done."""

    @property
    def repaired(self) -> Sequence[str]:
        """What has been mended, in words."""
        ...


def examine(config: WorkflowConfig, *, repair: bool = False) -> list[Finding]:
    """Look at the installation and the configured workspace.

    Args:
        config: The configuration.
        repair: Whether to mend what can be mended in the workspace first.

    Returns:
        What was found; without ``repair`` nothing is changed.
    """
    return [*_installation(), *_backends(config), *_disk(config), *_workspace(config, repair)]


def _installation() -> Iterator[Finding]:
    yield Finding("python", True, f"{platform.python_version()} at {sys.executable}")
    yield Finding("cores", True, str(available_cores()))
    for package in dict.fromkeys((*_PACKAGES, *required_versions())):
        yield from _package(package)


def _package(package: str) -> Iterator[Finding]:
    """Show a package that matters most, and any other whose version is none that is asked for."""
    version = installed_version(package)
    asked = unmet(package, version) if version else ""
    if asked:
        mend = f"pip install '{package}{asked}'"
        yield Finding(package, False, f"{version}, but {asked} is needed. Install it with: {mend}")
    elif package in _PACKAGES:
        yield Finding(package, True, version or "not installed")


def _backends(config: WorkflowConfig) -> Iterator[Finding]:
    for name, entry in BACKENDS.items():
        try:
            backend_class(name)
            check_installed(name)
        except MissingDependencyError as error:
            yield Finding(f"backend {name}", name != config.backend, str(error))
        else:
            yield Finding(f"backend {name}", True, f"extra [{entry.extra}]")


def _disk(config: WorkflowConfig) -> Iterator[Finding]:
    folder = _existing_folder(config)
    if folder is None:
        return
    free = shutil.disk_usage(folder).free
    words = f"{free / 1e9:.1f} GB free at {folder}"
    enough = free >= LOW_DISK_BYTES
    yield Finding("disk", enough, words if enough else f"{words}; make room before you train")


def _workspace(config: WorkflowConfig, repair: bool) -> Iterator[Finding]:
    try:
        backend = backend_class(config.backend).open(config)
        mend = getattr(backend, "repair", None) if repair else None
        done = list(mend().repaired) if mend else []
        check = getattr(backend, "integrity_check", None)
        problems = list(check()) if check else []
        record = None if problems else backend.workspace()
    except BankmlError as error:
        yield Finding("workspace", False, str(error))
        return
    for what in done:
        yield Finding("workspace", True, what)
    for problem in problems:
        yield Finding("workspace", False, problem)
    if record is not None:
        yield Finding("workspace", True, f"{record.name} ({record.location})")


def _existing_folder(config: WorkflowConfig) -> Path | None:
    """Return the workspace's folder, or the nearest above it while it does not exist."""
    try:
        folder = backend_class(config.backend).workspace_folder(config)
    except MissingDependencyError:  # which is a finding of its own
        return None
    if folder is None:
        return None
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
