"""Published pipelines, and the runs that triggers start: exactly one for each key."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from bankml.backends.base import PublishedRecord
from bankml.backends.local.datasets import DatasetShelf
from bankml.backends.local.endpoint import base_url, endpoint_path
from bankml.backends.local.moments import utc_now
from bankml.backends.local.notices import local_notices
from bankml.backends.local.same_request import check_same_request
from bankml.backends.local.store import datasets, published, runs
from bankml.backends.local.submission import enqueue, new_run
from bankml.backends.local.triggers import Trigger, triggered_config
from bankml.errors import NotFoundError, PublishError
from bankml.plan import Plan

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from bankml.backends.local.paths import Layout
    from bankml.backends.local.store.database import Database
    from bankml.config import PublishConfig, WorkflowConfig

ACTIVE, DISABLED = "Active", "Disabled"


class Publisher:
    """The published pipelines of one workspace."""

    def __init__(self, database: Database, layout: Layout) -> None:
        """Remember where they are.

        Args:
            database: The workspace's database.
            layout: The workspace's files.
        """
        self._database = database
        self._layout = layout
        self._shelf = DatasetShelf(database, layout)

    def publish(self, run_id: str, config: PublishConfig) -> PublishedRecord:
        """Publish the pipeline of a run; the same name and version again is a new pipeline.

        Raises:
            NotFoundError: There is no such run.
        """
        with self._database.write() as connection:
            row = runs.select_run(connection, run_id)
            if row is None:
                raise runs.no_such_run(run_id)
            pipeline = published.Published(
                id=str(uuid.uuid4()),
                name=config.name,
                version=config.version,
                status=ACTIVE,
                description=config.description,
                config=_with_publish(json.loads(row["config"]), config),
                dataset_id=row["dataset_id"],
                run_id=run_id,
                created=utc_now(),
            )
            published.insert_published(connection, pipeline)
        return self._record(pipeline)

    def get(self, published_id: str) -> PublishedRecord:
        """Return a published pipeline.

        Raises:
            NotFoundError: There is none with this id.
        """
        with self._database.read() as connection:
            return self._record(_existing(connection, published_id))

    def list(self) -> tuple[PublishedRecord, ...]:
        """Return the published pipelines, newest first."""
        with self._database.read() as connection:
            return tuple(self._record(one) for one in published.list_published(connection))

    def set_status(self, published_id: str, status: str) -> PublishedRecord:
        """Set a published pipeline to ``Active`` or ``Disabled``.

        Raises:
            NotFoundError: There is none with this id.
            PublishError: There is no such status.
        """
        if status not in (ACTIVE, DISABLED):
            raise PublishError(f"{status!r} is not a status; set {ACTIVE} or {DISABLED}.")
        with self._database.write() as connection:
            _existing(connection, published_id)
            published.update_status(connection, published_id, status)
            return self._record(_existing(connection, published_id))

    def start(self, trigger: Trigger) -> str:
        """Start the run that a trigger asks for, or find the one it has started before.

        Args:
            trigger: What is asked for.

        Returns:
            The run's id.

        Raises:
            NotFoundError: There is no such pipeline or dataset.
            PublishError: The pipeline is disabled.
            ConfigError: A parameter is unknown, or its value is not valid.
            DataError: The bound dataset can't be trained on, as far as its columns tell.
            TriggerError: The key or the tag stands for another request.
        """
        with self._database.read() as connection:
            pipeline = _existing(connection, trigger.published_id)
            known = _started(connection, trigger)
            dataset_id = trigger.dataset_id or pipeline.dataset_id
            dataset = datasets.select_dataset_by_id(connection, dataset_id)
        if known:
            return self._answer_again(trigger, known)
        if dataset is None:
            raise NotFoundError(
                f"There is no dataset with the id {dataset_id!r} in this workspace."
            )
        config = triggered_config(pipeline.config, trigger)
        self._shelf.check_columns(dataset, config.automl)
        run = new_run(
            Plan(config, local_notices(config)),
            dataset,
            published_id=pipeline.id,
            parameters=trigger.parameters,
            tags=trigger.tags,
        )
        with self._database.write() as connection:
            return self._start_once(connection, trigger, config, run)

    def _answer_again(self, trigger: Trigger, known: Mapping[str, str]) -> str:
        """Return the run that is there, and know it by all that this trigger goes by."""
        run_id = next(iter(known.values()))
        if len(known) < len(trigger.identities):
            with self._database.write() as connection:
                _remember(connection, trigger, run_id)
        return run_id

    def _start_once(
        self,
        connection: sqlite3.Connection,
        trigger: Trigger,
        config: WorkflowConfig,
        run: runs.NewRun,
    ) -> str:
        for known in _started(connection, trigger).values():
            _remember(connection, trigger, known)
            return known
        pipeline = _existing(connection, trigger.published_id)
        if pipeline.status != ACTIVE:
            raise PublishError(
                f"The published pipeline {pipeline.name!r} ({pipeline.id}) is disabled. Enable it, "
                "or trigger another one; see: bankml published"
            )
        enqueue(connection, self._layout, config, run)
        _remember(connection, trigger, run.id)
        return run.id

    def _record(self, pipeline: published.Published) -> PublishedRecord:
        return PublishedRecord(
            id=pipeline.id,
            name=pipeline.name,
            version=pipeline.version,
            status=pipeline.status,
            endpoint=base_url(self._layout) + endpoint_path(self._layout, pipeline.id),
            description=pipeline.description,
            created=pipeline.created,
        )


def _existing(connection: sqlite3.Connection, published_id: str) -> published.Published:
    pipeline = published.select_published(connection, published_id)
    if pipeline is None:
        raise NotFoundError(f"There is no published pipeline with the id {published_id!r}.")
    return pipeline


def _started(connection: sqlite3.Connection, trigger: Trigger) -> dict[str, str]:
    """Return the runs that were started for this trigger, by what it is known by.

    Raises:
        TriggerError: One of them is of another request.
    """
    found = (
        (key, published.triggered_run(connection, trigger.published_id, key))
        for key in trigger.identities
    )
    started = {key: run_id for key, run_id in found if run_id is not None}
    for run_id in started.values():
        check_same_request(connection, trigger, run_id)
    return started


def _remember(connection: sqlite3.Connection, trigger: Trigger, run_id: str) -> None:
    now = utc_now()
    for key in trigger.identities:
        published.insert_trigger(connection, trigger.published_id, key, run_id, now)


def _with_publish(document: dict[str, Any], config: PublishConfig) -> dict[str, Any]:
    return {**document, "publish": config.model_dump(mode="json")}
