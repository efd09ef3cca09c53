"""Published pipelines."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from bankml.backends.azureml.children import utc
from bankml.backends.azureml.graphs import saved_dataset_id
from bankml.backends.azureml.submission import dataset_tags
from bankml.backends.base import Binding, DatasetRecord, PublishedRecord
from bankml.errors import PublishError
from bankml.plan import DATASET_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bankml.backends.azureml.datasets import Datasets
    from bankml.backends.azureml.session import Session
    from bankml.config import PublishConfig

STATUSES = {"0": "Active", "1": "Disabled", "2": "Disabled", "Deprecated": "Disabled"}
"""The service's other words for a state; a deprecated pipeline should not be triggered either."""

SETTABLE = ("Active", "Disabled")
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


def publish(session: Session, run_id: str, config: PublishConfig) -> PublishedRecord:
    """Publish the pipeline of a run. Four requests.

    Args:
        session: The workspace.
        run_id: The run.
        config: Name, version and description.

    Raises:
        NotFoundError: There is no such run.
    """
    provider = session.sdk.PublishedPipelineProvider(session.pipelines(), session.workspace(), None)
    made = session.call(
        f"publish the pipeline of run {run_id}",
        lambda: provider.create_from_pipeline_run(
            name=config.name, description=config.description, version=config.version,
            pipeline_run_id=run_id,
        ),
        may_repeat=False,
    )  # fmt: skip
    return PublishedRecord(
        id=str(made.id),
        name=str(made.name),
        version=str(made.version),
        status=_status(made.status),
        endpoint=str(made.endpoint),
        description=str(made.description or ""),
    )


def get_published(session: Session, published_id: str) -> PublishedRecord:
    """Return a published pipeline by id. One request.

    Raises:
        NotFoundError: There is none with this id.
    """
    pipelines = session.pipelines()
    return _record(
        session.call(
            f"look up published pipeline {published_id}",
            lambda: pipelines.get_pipeline_async(published_id),
        )
    )


def bind(
    session: Session, datasets: Datasets, published_id: str, dataset: DatasetRecord
) -> Binding:
    """Return how a trigger binds a dataset version.

    Azure ML excludes no columns by itself: they are dropped from the data that a run is made with.
    So what the published data drops is dropped from this version too.

    Args:
        session: The workspace.
        datasets: Its datasets.
        published_id: The published pipeline.
        dataset: The version.

    Raises:
        NotFoundError: There is no such pipeline.
    """
    pipelines = session.pipelines()
    entity = session.call(
        f"look up published pipeline {published_id}",
        lambda: pipelines.get_pipeline_async(published_id),
    )
    values = entity.data_set_definition_value_assignments or {}
    own = saved_dataset_id(values.get(DATASET_PARAMETER))
    dropped = datasets.dropped(own) if own else ()
    columns = datasets.columns(dataset) if dropped else ()
    excluded = [name for name in dropped if name in columns]
    if not excluded:
        return Binding(dataset.id)
    return Binding(datasets.save_without(dataset, excluded), dataset_tags(dataset))


def list_published(session: Session) -> Sequence[PublishedRecord]:
    """Return the published pipelines, newest first. One request."""
    pipelines = session.pipelines()
    entities = session.call(
        "list the published pipelines",
        lambda: pipelines.get_all_published_pipelines(active_only=False),
    )
    records = [_record(entity) for entity in entities or ()]
    return sorted(records, key=lambda record: record.created or _LONG_AGO, reverse=True)


def set_status(session: Session, published_id: str, status: str) -> PublishedRecord:
    """Set a published pipeline to ``Active`` or ``Disabled``. Two requests.

    Raises:
        PublishError: It is another status.
        NotFoundError: There is none with this id.
    """
    if status not in SETTABLE:
        raise PublishError(f"A published pipeline is Active or Disabled, not {status!r}.")
    pipelines = session.pipelines()
    session.call(
        f"set published pipeline {published_id} to {status}",
        lambda: pipelines.update_published_pipeline_status_async(published_id, status),
    )
    return get_published(session, published_id)


def _record(entity: Any) -> PublishedRecord:
    return PublishedRecord(
        id=str(entity.id),
        name=str(entity.name),
        version=str(entity.version),
        status=_status(entity.entity_status),
        endpoint=str(entity.url or ""),
        description=str(entity.description or ""),
        created=utc(entity.created_date),
    )


def _status(word: Any) -> str:
    return STATUSES.get(str(word), str(word or "Active"))
