"""The workspace: where experiments, datasets, runs and published pipelines are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml.backends.registry import backend_class

if TYPE_CHECKING:
    from bankml.backends.base import Backend, ExperimentRecord, WorkspaceRecord
    from bankml.config import WorkflowConfig


@dataclass(frozen=True)
class Workspace:
    """An opened workspace.

    Attributes:
        backend: What carries out the work in it.
        record: What is known of it.
    """

    backend: Backend
    record: WorkspaceRecord

    @property
    def name(self) -> str:
        """The workspace's name."""
        return self.record.name

    def experiment(self, name: str) -> ExperimentRecord:
        """Get the experiment of this name, or create it."""
        return self.backend.get_or_create_experiment(name)


def open_backend(config: WorkflowConfig) -> Backend:
    """Return the configured backend; no network is used and nothing is created.

    Args:
        config: The configuration.

    Returns:
        The backend, bound to the configured workspace.

    Raises:
        MissingDependencyError: A package it needs is not installed.
    """
    return backend_class(config.backend).open(config)


def open_workspace(config: WorkflowConfig) -> Workspace:
    """Open the configured workspace, and create it where the backend can.

    Args:
        config: The configuration.

    Returns:
        The workspace.

    Raises:
        MissingDependencyError: A package the backend needs is not installed.
        WorkspaceError: The workspace can't be opened.
        AuthenticationError: The service does not accept the credential.
    """
    backend = open_backend(config)
    return Workspace(backend, backend.workspace())
