"""The backend on Azure ML: the boundary's primitives, each carried out by one of the parts."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, ClassVar

from bankml.backends.azureml import compute, publishing, sdk, settings, submission
from bankml.backends.azureml.datasets import Datasets
from bankml.backends.azureml.outputs import Outputs
from bankml.backends.azureml.refs import parse_ref
from bankml.backends.azureml.runs import Runs
from bankml.backends.azureml.service import Service
from bankml.backends.azureml.session import Session
from bankml.backends.base import (
    Binding,
    ChildRecord,
    ComputeRecord,
    DatasetRecord,
    ExperimentRecord,
    PublishedRecord,
    RunRecord,
    WorkspaceRecord,
)
from bankml.backends.registry import check_installed
from bankml.clock import SYSTEM_CLOCK, Clock
from bankml.config import WorkspaceConfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from bankml.config import ComputeConfig, DatasetConfig, PublishConfig, WorkflowConfig
    from bankml.plan import Notice, Plan


class AzureMLBackend:
    """Carries out workflows in an Azure ML workspace, with the Azure ML SDK v1.

    Args:
        session: The workspace.
    """

    name: ClassVar[str] = "azureml"
    poll_seconds: ClassVar[float] = 10.0
    model_modules: ClassVar[tuple[str, ...]] = ()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._datasets = Datasets(session)
        self._runs = Runs(session, self._datasets)
        self._outputs = Outputs(session, self._runs)

    @classmethod
    def open(
        cls,
        config: WorkflowConfig,
        credential: object | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> AzureMLBackend:
        """Return a backend for the configured workspace; no network and nothing created yet.

        Args:
            config: The configuration.
            credential: Used in place of ``workspace.auth``: a credential of azure-identity, or an
                authentication object of the SDK.
            clock: The time.

        Raises:
            MissingDependencyError: The SDK is not installed, or this Python is too new for it.
        """
        check_installed("azureml")
        service = Service(sdk.load, config.workspace, credential, clock)
        return cls(Session(config, service))

    @classmethod
    def notices(cls, config: WorkflowConfig) -> Sequence[Notice]:
        """Return the options that Azure ML honours differently or not at all; pure."""
        return settings.notices(config)

    @classmethod
    def workspace_of(cls, ref: str) -> WorkspaceConfig:
        """Return the section ``workspace`` of the Azure workspace that a run's ref names; pure."""
        found = parse_ref(ref)
        return WorkspaceConfig(
            subscription_id=found.subscription_id,
            resource_group=found.resource_group,
            workspace_name=found.workspace_name,
        )

    @classmethod
    def workspace_folder(cls, config: WorkflowConfig) -> None:
        """Return None: a workspace of Azure ML is in no folder."""
        del config

    def workspace(self) -> WorkspaceRecord:
        """Get the workspace; one that does not exist has to be made in Azure."""
        workspace = self._session.workspace()
        config = self._session.config.workspace
        return WorkspaceRecord(
            id=self._session.arm_id(),
            name=str(workspace.name),
            location=str(workspace.location),
            backend=self.name,
            portal_url=(
                f"https://ml.azure.com/home?wsid=/subscriptions/{config.subscription_id}"
                f"/resourcegroups/{config.resource_group}/workspaces/{config.workspace_name}"
            ),
        )

    def get_or_create_experiment(self, name: str) -> ExperimentRecord:
        """Get the experiment of this name, or create it."""
        experiment = self._session.experiment(name)
        return ExperimentRecord(id=str(experiment.id), name=str(experiment.name))

    def get_compute(self, name: str) -> ComputeRecord | None:
        """Return the compute target of this name, or None."""
        return compute.get_compute(self._session, name)

    def create_compute(self, config: ComputeConfig) -> ComputeRecord:
        """Begin to create the compute target; it may not be ready yet."""
        return compute.create_compute(self._session, config)

    def get_dataset(self, name: str, version: int | None = None) -> DatasetRecord | None:
        """Return a version of a dataset (the latest where None), or None."""
        return self._datasets.get(name, version)

    def register_dataset(
        self, config: DatasetConfig, frame: pd.DataFrame | None = None
    ) -> DatasetRecord:
        """Register the configured source, or the frame in its place.

        A URL is left to the service; anything else is uploaded under a path made of its hash.
        """
        return self._datasets.register(config, frame)

    def read_dataset(
        self, dataset: DatasetRecord, skip: int = 0, take: int | None = None
    ) -> pd.DataFrame:
        """Read rows ``skip`` to ``skip + take`` without reading what lies behind them."""
        return self._datasets.read(dataset, skip, take)

    def submit(self, plan: Plan, dataset: DatasetRecord) -> RunRecord:
        """Start a run of the planned pipeline on a dataset version."""
        tabular = self._datasets.without(dataset, plan.config.automl.exclude_columns)
        run_id = submission.submit(self._session, plan, dataset, tabular)
        self._runs.remember(run_id, submission.tags(plan, dataset))
        return self._runs.get(run_id)

    def get_run(self, run: str) -> RunRecord:
        """Return a run as it is now, by id or ref."""
        return self._runs.get(run)

    def list_runs(self, experiment: str | None = None, limit: int = 50) -> Sequence[RunRecord]:
        """Return runs, newest first; without an experiment, those of all that are not archived."""
        return self._runs.newest(experiment, limit)

    def children(self, run_id: str) -> Sequence[ChildRecord]:
        """Return the AutoML child runs, in the order of their numbers."""
        return self._runs.children(run_id)

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop; harmless on one that has ended."""
        self._runs.cancel(run_id)

    def log(self, run_id: str) -> str:
        """Return the run's log so far."""
        return self._runs.log(run_id)

    def fetch_output(self, run_id: str, kind: str) -> Path:
        """Return a local file (``Metrics``) or folder (``Model``) with an output, fetched once."""
        return self._outputs.fetch(run_id, kind)

    def fetched_output(self, run_id: str, kind: str) -> Path | None:
        """Return the output where it was fetched before, or None; no request."""
        return self._outputs.fetched(run_id, kind)

    def publish(self, run_id: str, config: PublishConfig) -> PublishedRecord:
        """Publish the pipeline of a run."""
        return publishing.publish(self._session, self._runs.id_of(run_id), config)

    def get_published(self, published_id: str) -> PublishedRecord:
        """Return a published pipeline by id."""
        return publishing.get_published(self._session, published_id)

    def list_published(self) -> Sequence[PublishedRecord]:
        """Return the published pipelines, newest first."""
        return publishing.list_published(self._session)

    def set_published_status(self, published_id: str, status: str) -> PublishedRecord:
        """Set a published pipeline to ``Active`` or ``Disabled``."""
        return publishing.set_status(self._session, published_id, status)

    def bind(self, published: PublishedRecord, dataset: DatasetRecord) -> Binding:
        """Return how a trigger of the pipeline binds the version, without excluded columns."""
        return publishing.bind(self._session, self._datasets, published.id, dataset)

    def reachable_endpoint(self, published: PublishedRecord) -> AbstractContextManager[str]:
        """Return a context with the endpoint's URL: a service is simply there."""
        return nullcontext(published.endpoint)

    def trigger_headers(self) -> Mapping[str, str]:
        """Return the HTTP headers that authorise a trigger, with a token that is fresh."""
        return self._session.authorisation()
