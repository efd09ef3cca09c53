"""How each backend is set up for the suite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from bankml.workspace import Workspace, open_workspace
from tests import azure_sdk

if TYPE_CHECKING:
    from contextlib import ExitStack

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


class AzureML:
    """The real SDK, over the emulator of the service."""

    name: BackendName = "azureml"

    def start(self, stack: ExitStack, folders: pytest.TempPathFactory) -> None:
        azure_sdk.skip_without("azureml.pipeline")
        from bankml.backends.azureml import AzureMLBackend
        from bankml.emulator import Emulator

        # The SDK's readers of blobs are set up by variables only, and so is its cache.
        environ = stack.enter_context(pytest.MonkeyPatch.context())
        self.emulator = stack.enter_context(Emulator(folders.mktemp("azureml") / "workspace"))
        for key in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "HBI_WORKSPACE_JOB", "HOME"):
            environ.setenv(key, self.emulator.environ[key])
        environ.setenv("BANKML_CACHE", str(folders.mktemp("cache")))
        environ.setattr(AzureMLBackend, "poll_seconds", 0.3)

    def workspace_config(self) -> dict[str, Any]:
        return dict(self.emulator.config_dict)

    def open(self, config: WorkflowConfig) -> Workspace:
        from bankml.backends.azureml import AzureMLBackend

        backend = AzureMLBackend.open(config, credential=self.emulator.auth)
        return Workspace(backend, backend.workspace())


PLATFORMS: list[Platform] = [Local(), AzureML()]
