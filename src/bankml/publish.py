"""Publishing a run's pipeline, and triggering it over REST."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankml.backends.base import Binding, SupportsBinding
from bankml.datasets import Dataset
from bankml.errors import TriggerError
from bankml.rest import TriggeredRun, TriggerRequest, build_request, trigger
from bankml.runs import Run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bankml.backends.base import Backend, PublishedRecord
    from bankml.config import PublishConfig

__all__ = [
    "PublishedPipeline",
    "TriggerRequest",
    "TriggeredRun",
    "get",
    "list_published",
    "preview",
    "publish",
    "start",
    "trigger",
]


@dataclass(frozen=True, repr=False)
class PublishedPipeline:
    """A pipeline with a REST endpoint.

    Attributes:
        backend: Where it is.
        record: What is known of it.
    """

    backend: Backend
    record: PublishedRecord

    @property
    def id(self) -> str:
        """Its id."""
        return self.record.id

    @property
    def name(self) -> str:
        """Its name."""
        return self.record.name

    @property
    def version(self) -> str:
        """Version given when it was published."""
        return self.record.version

    @property
    def status(self) -> str:
        """``Active`` or ``Disabled``."""
        return self.record.status

    @property
    def endpoint(self) -> str:
        """URL that a POST starts a run at."""
        return self.record.endpoint

    def disable(self) -> PublishedPipeline:
        """Refuse triggers from now on.

        Returns:
            The pipeline in its new state.
        """
        return self._with_status("Disabled")

    def enable(self) -> PublishedPipeline:
        """Accept triggers again.

        Returns:
            The pipeline in its new state.
        """
        return self._with_status("Active")

    def _with_status(self, status: str) -> PublishedPipeline:
        return PublishedPipeline(self.backend, self.backend.set_published_status(self.id, status))

    def __repr__(self) -> str:
        """Return the id, and what :meth:`__str__` returns."""
        return f"PublishedPipeline({self.id}, {self})"

    def __str__(self) -> str:
        """Return name, version, status and endpoint as one line."""
        return f"{self.name} {self.version} ({self.status}) {self.endpoint}"

    def _repr_html_(self) -> str:
        from html import escape

        shown = {
            "Name": self.name,
            "Version": self.version,
            "Id": self.id,
            "Status": self.status,
            "Endpoint": self.endpoint,
        }
        rows = (
            f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in shown.items()
        )
        return f"<table>{''.join(rows)}</table>"


def publish(backend: Backend, run: Run | str, config: PublishConfig) -> PublishedPipeline:
    """Publish the pipeline of a run.

    Args:
        backend: Where the run is.
        run: The run, or its id.
        config: Name, version and description.

    Returns:
        The published pipeline.

    Raises:
        NotFoundError: There is no such run.
        PublishError: The run can't be published.
    """
    run_id = run if isinstance(run, str) else run.id
    return PublishedPipeline(backend, backend.publish(run_id, config))


def get(backend: Backend, published_id: str) -> PublishedPipeline:
    """Return a published pipeline by id.

    Raises:
        NotFoundError: There is none with this id.
    """
    return PublishedPipeline(backend, backend.get_published(published_id))


def list_published(backend: Backend) -> Sequence[PublishedPipeline]:
    """Return the published pipelines, newest first."""
    return [PublishedPipeline(backend, record) for record in backend.list_published()]


def start(
    backend: Backend,
    published: PublishedPipeline,
    experiment_name: str,
    *,
    dataset: Dataset | None = None,
    parameters: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    trigger_id: str | None = None,
) -> Run:
    """Trigger a published pipeline over REST and return the run as a handle.

    Args:
        backend: Where the pipeline is.
        published: The pipeline.
        experiment_name: Experiment that the run belongs to.
        dataset: Dataset version to train on, or None for the published one.
        parameters: Values for the parameters that the pipeline declares.
        tags: Tags for the run.
        trigger_id: A unique id of your own; None makes a new one.

    Returns:
        The run, not waited for.

    Raises:
        AuthenticationError: The credential is missing, expired or lacks the right.
        PublishError: The pipeline is unknown or disabled.
        TriggerError: The endpoint refused; no run was started.
        TriggerUncertainError: It can't be found out whether a run was started.
    """
    binding = _binding(backend, published, dataset)
    with backend.reachable_endpoint(published.record) as endpoint:
        triggered = trigger(
            endpoint,
            experiment_name=experiment_name,
            auth=backend.trigger_headers,
            parameters=parameters,
            dataset_id=binding.dataset_id if binding else None,
            tags=_with_tags(tags, binding),
            trigger_id=trigger_id,
        )
    return Run(backend, backend.get_run(triggered.id))


def preview(
    published: PublishedPipeline,
    experiment_name: str,
    *,
    dataset: Dataset | None = None,
    parameters: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    trigger_id: str | None = None,
) -> TriggerRequest:
    """Return the request that :func:`start` would send, without sending it.

    Where the pipeline excludes columns, the dataset's definition without them may be saved for it.
    """
    binding = _binding(published.backend, published, dataset)
    return build_request(
        published.endpoint,
        experiment_name=experiment_name,
        parameters=parameters,
        dataset_id=binding.dataset_id if binding else None,
        tags=_with_tags(tags, binding),
        trigger_id=trigger_id,
    )


def _binding(backend: Backend, published: PublishedPipeline, dataset: object) -> Binding | None:
    if dataset is None:
        return None
    if not isinstance(dataset, Dataset):
        raise TriggerError(
            "dataset must be a registered version, as Workflow.dataset() and bankml.datasets.get() "
            f"return it, not {repr(dataset)[:200]}."
        )
    if isinstance(backend, SupportsBinding):
        return backend.bind(published.record, dataset.record)
    return Binding(dataset.id)


def _with_tags(tags: Mapping[str, str] | None, binding: Binding | None) -> Mapping[str, str] | None:
    return {**(tags or {}), **binding.tags} if binding and binding.tags else tags
