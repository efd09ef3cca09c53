"""How each backend is set up for the suite."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

from bankml.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from contextlib import ExitStack

    import pytest

    from bankml import WorkflowConfig
    from bankml.config.choices import BackendName


class Platform(Protocol):
    """A backend and where it works."""

    name: BackendName

    def start(self, stack: ExitStack, folders: pytest.TempPathFactory) -> None:
        """Start what the backend needs; the stack ends it."""
        ...

    def workspace_config(self) -> dict[str, Any]:
        """Return the section ``workspace``."""
        ...

    def open(self, config: WorkflowConfig) -> Workspace:
        """Open the workspace."""
        ...


class Local:
    """A folder."""

    name: BackendName = "local"

    def start(self, stack: ExitStack, folders: pytest.TempPathFactory) -> None:
        del stack
        self.folder = folders.mktemp("local") / "workspace"

    def workspace_config(self) -> dict[str, Any]:
        return {"path": self.folder}

    def open(self, config: WorkflowConfig) -> Workspace:
        return open_workspace(config)


PLATFORMS: list[Platform] = [Local()]

if sys.version_info < (3, 12):
    pass
