"""What the emulator asks of the engine that trains, and the local engine that answers it."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Protocol

from bankml.backends.base import METRICS_FILE_KIND, MODEL_FILE_KIND
from bankml.model_folder import MODEL_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from bankml.backends.base import Backend, ChildRecord, RunRecord
    from bankml.config import ComputeConfig, WorkflowConfig


class Training(Protocol):
    """Carries out AutoML runs."""

    def create_compute(self, config: ComputeConfig) -> None:
        """Make the compute target known."""
        ...

    def submit(self, config: WorkflowConfig, frame: pd.DataFrame) -> str:
        """Start a run on the rows of a frame and return its id."""
        ...

    def run(self, run_id: str) -> RunRecord:
        """Return a run as it is now."""
        ...

    def children(self, run_id: str) -> Sequence[ChildRecord]:
        """Return the candidates of a run, by number."""
        ...

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop."""
        ...

    def log(self, run_id: str) -> str:
        """Return the run's log so far."""
        ...

    def metrics(self, run_id: str) -> bytes:
        """Return the metrics of all candidates as JSON: values in lists, by metric, by child id."""
        ...

    def model(self, run_id: str) -> bytes:
        """Return the best model as a pickle."""
        ...


class LocalTraining:
    """Training by the local backend.

    Args:
        workspace: Folder of the local workspace.
    """

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._backend = self._open()

    def _open(self) -> Backend:
        from bankml.backends.registry import backend_class
        from bankml.config import WorkflowConfig, WorkspaceConfig

        config = WorkflowConfig(backend="local", workspace=WorkspaceConfig(path=self._workspace))
        backend = backend_class("local").open(config)
        backend.workspace()
        return backend

    def create_compute(self, config: ComputeConfig) -> None:
        """Make the compute target known."""
        self._backend.create_compute(config)

    def submit(self, config: WorkflowConfig, frame: pd.DataFrame) -> str:
        """Register the frame as a dataset version, start a run on it and return the run's id."""
        from bankml.plan import Plan

        config = config.replace(workspace={"path": self._workspace})
        self._backend.get_or_create_experiment(config.experiment_name)
        if self._backend.get_compute(config.compute.name) is None:
            self._backend.create_compute(config.compute)
        dataset = self._backend.register_dataset(config.dataset, frame)
        return self._backend.submit(Plan(config), dataset).id

    def run(self, run_id: str) -> RunRecord:
        """Return a run as it is now."""
        return self._backend.get_run(run_id)

    def children(self, run_id: str) -> Sequence[ChildRecord]:
        """Return the candidates of a run, by number."""
        return self._backend.children(run_id)

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop."""
        self._backend.cancel(run_id)

    def log(self, run_id: str) -> str:
        """Return the run's log so far."""
        return self._backend.log(run_id)

    def metrics(self, run_id: str) -> bytes:
        """Return the metrics of all candidates as JSON."""
        return self._backend.fetch_output(run_id, METRICS_FILE_KIND).read_bytes()

    def model(self, run_id: str) -> bytes:
        """Return the best model as a pickle.

        The file was written by this workspace's own run, so every type in it is trusted.
        """
        import skops.io

        folder = self._backend.fetch_output(run_id, MODEL_FILE_KIND)
        path = folder / MODEL_NAME
        model = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
        return pickle.dumps(model)
