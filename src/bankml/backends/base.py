"""The boundary between bankml and what carries out its work.

A backend offers few primitives over plain records. Waiting, progress, retries, validation and
presentation are written once, above this boundary.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from bankml.config import (
        ComputeConfig,
        DatasetConfig,
        PublishConfig,
        WorkflowConfig,
        WorkspaceConfig,
    )
    from bankml.plan import Notice, Plan
    from bankml.status import RunStatus

METRICS_FILE_KIND = "Metrics"
MODEL_FILE_KIND = "Model"


@dataclass(frozen=True)
class WorkspaceRecord:
    """A workspace as the backend knows it."""

    id: str
    name: str
    location: str
    backend: str
    portal_url: str | None = None


@dataclass(frozen=True)
class ExperimentRecord:
    """An experiment: a name under which runs are kept together."""

    id: str
    name: str


@dataclass(frozen=True)
class ComputeRecord:
    """A compute target.

    Attributes:
        name: Its name in the workspace.
        state: ``Creating``, ``Resizing``, ``Succeeded``, ``Failed`` or ``Deleting``.
        vm_size: Size asked for; without meaning on the local backend.
        min_nodes: Nodes always kept.
        max_nodes: Nodes at the most.
        current_nodes: Nodes ready now, or None where unknown.
        errors: Provisioning errors, empty when there are none.
        created: Whether this call created it.
    """

    name: str
    state: str
    vm_size: str
    min_nodes: int
    max_nodes: int
    current_nodes: int | None = None
    errors: tuple[str, ...] = ()
    created: bool = False


@dataclass(frozen=True)
class DatasetRecord:
    """One version of a registered dataset.

    Attributes:
        id: The id that binds exactly this version, for example at trigger time.
        name: Name under which it is registered.
        version: Version number, from 1.
        fingerprint: Content fingerprint, or None where the backend can't tell.
        rows: Number of rows, or None where unknown.
        columns: Column names in order, empty where unknown.
        source: Where it came from: a path, a URL, ``sample`` or ``DataFrame``.
        synthetic: Whether the rows are generated rather than observed.
        created: When this version was registered (UTC).
    """

    id: str
    name: str
    version: int
    fingerprint: str | None
    rows: int | None
    columns: tuple[str, ...]
    source: str
    synthetic: bool = False
    description: str = ""
    created: datetime | None = None


@dataclass(frozen=True)
class RunFailure:
    """Why a run failed.

    Attributes:
        step: Name of the step that failed.
        code: Short code, the service's where there is one.
        message: What happened.
        log_tail: Last lines of the step's log.
    """

    step: str
    code: str
    message: str
    log_tail: str = ""


@dataclass(frozen=True)
class RunRecord:
    """A pipeline run as the backend knows it now.

    Attributes:
        id: The run's id.
        ref: A string by which another process attaches to it.
        experiment: Name of the experiment it belongs to.
        status: Its state.
        created: When it was submitted (UTC).
        started: When it began to run, or None.
        ended: When it reached a terminal state, or None.
        budget_seconds: The experiment's time-out in seconds, or None where unknown.
        task: ``classification`` or ``regression``, or None where unknown.
        primary_metric: The metric that ranks child runs, or None where unknown.
        label_column_name: The label, or None where unknown.
        dataset: Name of its dataset, or None where unknown.
        dataset_version: Version of its dataset, or None where unknown.
        reused_from: Id of the run whose outputs were reused, or None.
        published_id: Id of the published pipeline that started it, or None.
        tags: The run's tags.
        parameters: Pipeline parameters it was started with.
        failure: Why it failed, or None.
        portal_url: Where a person can look at it, or None.
        warnings: What the user should know about the run, in order.
        message: What the run is doing now or how it ended, one line.
        config: The configuration it was started with as a JSON document, without credentials;
            empty where the backend can't tell, and in a list of runs.
    """

    id: str
    ref: str
    experiment: str
    status: RunStatus
    created: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    budget_seconds: float | None = None
    task: str | None = None
    primary_metric: str | None = None
    label_column_name: str | None = None
    dataset: str | None = None
    dataset_version: int | None = None
    reused_from: str | None = None
    published_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    failure: RunFailure | None = None
    portal_url: str | None = None
    warnings: tuple[str, ...] = ()
    message: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChildRecord:
    """One candidate of an AutoML run.

    Attributes:
        id: ``<AutoML run id>_<number>``.
        number: Its iteration number, from 0.
        algorithm: Azure ML's name of the algorithm.
        preprocessor: What is done to the features before it, or an empty string.
        status: Its state.
        score: Value of the primary metric, or None.
        metrics: All its metrics by name; empty where they come from the metrics output only.
        parameters: Hyperparameters.
        started: When it began (UTC), or None.
        ended: When it ended (UTC), or None.
        error: Why it failed, or None.
    """

    id: str
    number: int
    algorithm: str
    preprocessor: str
    status: RunStatus
    score: float | None
    metrics: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    started: datetime | None = None
    ended: datetime | None = None
    error: str | None = None

    @property
    def duration_seconds(self) -> float | None:
        """Seconds from start to end, or None while one is unknown."""
        if self.started is None or self.ended is None:
            return None
        return (self.ended - self.started).total_seconds()


@dataclass(frozen=True)
class PublishedRecord:
    """A published pipeline: a pipeline with a REST endpoint.

    Attributes:
        id: Its id.
        name: Its name.
        version: Version given when it was published, for example ``1.0``.
        status: ``Active`` or ``Disabled``.
        endpoint: URL that a POST starts a run at.
        description: What it is for.
        created: When it was published (UTC), or None where unknown.
    """

    id: str
    name: str
    version: str
    status: str
    endpoint: str
    description: str = ""
    created: datetime | None = None


@dataclass(frozen=True)
class Binding:
    """How a trigger binds a dataset version.

    Attributes:
        dataset_id: The id that it sends.
        tags: Tags of the run that tell which version it is, where the id does not.
    """

    dataset_id: str
    tags: Mapping[str, str] = field(default_factory=dict)


class Backend(Protocol):
    """What carries out a workflow.

    Every method raises errors of :mod:`bankml.errors` only; what may pass (no connection, 429, 5xx)
    is a :class:`~bankml.errors.ServiceUnavailableError`.
    """

    name: ClassVar[str]
    poll_seconds: ClassVar[float]
    """Seconds between two looks at a run at the most."""
    model_modules: ClassVar[tuple[str, ...]]
    """Modules that loading a best model imports, and that take long enough to do it ahead."""

    @classmethod
    def open(cls, config: WorkflowConfig) -> Backend:
        """Return a backend for the configured workspace; no network and nothing created yet."""
        ...

    @classmethod
    def notices(cls, config: WorkflowConfig) -> Sequence[Notice]:
        """Return the options that this backend can't honour; pure."""
        ...

    @classmethod
    def workspace_of(cls, ref: str) -> WorkspaceConfig:
        """Return the section ``workspace`` that leads to where the run of a ref is; pure."""
        ...

    @classmethod
    def workspace_folder(cls, config: WorkflowConfig) -> Path | None:
        """Return the configured workspace's folder, or None where a service keeps it; pure."""
        ...

    def workspace(self) -> WorkspaceRecord:
        """Get the workspace, and create it where the backend can."""
        ...

    def get_or_create_experiment(self, name: str) -> ExperimentRecord:
        """Get the experiment of this name, or create it."""
        ...

    def get_compute(self, name: str) -> ComputeRecord | None:
        """Return the compute target of this name, or None."""
        ...

    def create_compute(self, config: ComputeConfig) -> ComputeRecord:
        """Begin to create the compute target; it may not be ready yet."""
        ...

    def get_dataset(self, name: str, version: int | None = None) -> DatasetRecord | None:
        """Return a version of a dataset (the latest where None), or None."""
        ...

    def register_dataset(
        self, config: DatasetConfig, frame: pd.DataFrame | None = None
    ) -> DatasetRecord:
        """Register the configured source, or the frame in its place.

        Content that a version of this name has: that version. Other content: a new version.
        """
        ...

    def read_dataset(
        self, dataset: DatasetRecord, skip: int = 0, take: int | None = None
    ) -> pd.DataFrame:
        """Read rows ``skip`` to ``skip + take`` without reading what lies before and behind."""
        ...

    def submit(self, plan: Plan, dataset: DatasetRecord) -> RunRecord:
        """Start a run of the planned pipeline on a dataset version."""
        ...

    def get_run(self, run: str) -> RunRecord:
        """Return a run as it is now, by id or ref."""
        ...

    def list_runs(self, experiment: str | None = None, limit: int = 50) -> Sequence[RunRecord]:
        """Return runs, newest first."""
        ...

    def children(self, run_id: str) -> Sequence[ChildRecord]:
        """Return the AutoML child runs, in the order of their numbers."""
        ...

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop; harmless on one that has ended."""
        ...

    def log(self, run_id: str) -> str:
        """Return the run's log so far."""
        ...

    def fetch_output(self, run_id: str, kind: str) -> Path:
        """Return a local file or folder with an output: kind ``Metrics`` or ``Model``."""
        ...

    def fetched_output(self, run_id: str, kind: str) -> Path | None:
        """Return the output where it is on this machine already, or None; no network."""
        ...

    def publish(self, run_id: str, config: PublishConfig) -> PublishedRecord:
        """Publish the pipeline of a run."""
        ...

    def get_published(self, published_id: str) -> PublishedRecord:
        """Return a published pipeline by id."""
        ...

    def list_published(self) -> Sequence[PublishedRecord]:
        """Return the published pipelines, newest first."""
        ...

    def set_published_status(self, published_id: str, status: str) -> PublishedRecord:
        """Set a published pipeline to ``Active`` or ``Disabled``."""
        ...

    def reachable_endpoint(self, published: PublishedRecord) -> AbstractContextManager[str]:
        """Return a context in which a POST to the endpoint's URL is answered.

        A service is simply there; the local backend uses the running ``bankml serve``, or serves
        for as long as the context lasts.
        """
        ...

    def trigger_headers(self) -> Mapping[str, str]:
        """Return the HTTP headers that authorise a trigger, fresh at each call."""
        ...


@runtime_checkable
class SupportsResume(Protocol):
    """A backend that can go on with a run whose process died."""

    def resume(self, run_id: str) -> RunRecord:
        """Go on from the child runs that had finished."""
        ...


@runtime_checkable
class SupportsBinding(Protocol):
    """A backend on which a trigger can't always bind a dataset version as it is."""

    def bind(self, published: PublishedRecord, dataset: DatasetRecord) -> Binding:
        """Return how a trigger of the pipeline binds the version, without excluded columns."""
        ...
