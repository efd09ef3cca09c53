"""From a plan and a dataset version to a run in the queue, or to one that is reused."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from bankml.backends.local.automl.algorithms import selected_algorithms
from bankml.backends.local.moments import utc_now
from bankml.backends.local.notices import unknown_algorithms
from bankml.backends.local.store import runs as rows
from bankml.backends.local.store.catalogue import ensure_experiment, insert_compute
from bankml.errors import UnsupportedError
from bankml.model_folder import MANIFEST_NAME
from bankml.tags import SYNTHETIC_TAG

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime

    from bankml.backends.base import DatasetRecord
    from bankml.backends.local.paths import Layout
    from bankml.config import WorkflowConfig
    from bankml.plan import Plan

SYNTHETIC_WARNING = "Trained on generated sample rows, not on observed data."


def check_supported(config: WorkflowConfig) -> None:
    """Check that the local engine can do what is asked.

    Raises:
        UnsupportedError: It can't; the message says what can.
    """
    automl = config.automl
    if automl.task == "forecasting":
        raise UnsupportedError(
            "Forecasting is not available on the local backend. Set backend to 'azureml', "
            "or automl.task to 'regression' on features that you made from the dates."
        )
    if not selected_algorithms(automl.task, automl.allowed_models, automl.blocked_models):
        unknown = ", ".join(unknown_algorithms(config))
        lacks = f" The local engine lacks {unknown}." if unknown else ""
        raise UnsupportedError(
            f"automl.allowed_models and automl.blocked_models leave no algorithm.{lacks} "
            "Allow LightGBM, for example, or set backend to 'azureml'."
        )


def new_run(
    plan: Plan,
    dataset: DatasetRecord,
    *,
    published_id: str | None = None,
    parameters: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> rows.NewRun:
    """Return the run that a plan describes, not yet written.

    Args:
        plan: What to do.
        dataset: The version to train on.
        published_id: The published pipeline that starts it, or None.
        parameters: The pipeline parameters it is started with.
        tags: Its tags.

    Raises:
        UnsupportedError: The local engine can't do it.
    """
    config, automl = plan.config, plan.config.automl
    check_supported(config)
    warnings = [str(notice) for notice in plan.notices]
    tags = dict(tags or {})
    if dataset.synthetic:
        tags[SYNTHETIC_TAG] = "true"
        warnings.insert(0, SYNTHETIC_WARNING)
    return rows.NewRun(
        id=str(uuid.uuid4()),
        experiment=config.experiment_name,
        config=stored_config(config),
        dataset_id=dataset.id,
        dataset=dataset.name,
        dataset_version=dataset.version,
        reuse_key=reuse_key(plan, dataset),
        step=config.pipeline.step_name,
        compute=config.compute.name,
        concurrency=automl.max_concurrent_iterations,
        max_nodes=config.compute.max_nodes,
        created=utc_now(),
        budget_seconds=automl.experiment_timeout_minutes * 60,
        task=automl.task,
        primary_metric=automl.primary_metric,
        label_column_name=automl.label_column_name,
        published_id=published_id,
        parameters=parameters or {},
        tags=tags,
        warnings=tuple(warnings),
    )


def enqueue(
    connection: sqlite3.Connection, layout: Layout, config: WorkflowConfig, run: rows.NewRun
) -> None:
    """Write a run; if another one has its outputs already, finish it with those.

    Args:
        connection: A connection in a write transaction.
        layout: The workspace's files.
        config: The run's configuration.
        run: The run.
    """
    ensure_experiment(connection, run.experiment)
    insert_compute(connection, config.compute)
    rows.insert_run(connection, run)
    if not config.pipeline.allow_reuse:
        return
    source = rows.select_reusable(connection, run.reuse_key)
    if source is not None and _has_outputs(layout, source["id"]):
        rows.set_reused(connection, run.id, source["id"], _now_after(run.created))


def reuse_key(plan: Plan, dataset: DatasetRecord) -> str:
    """Return a text that is equal for runs that would give the same outputs."""
    from bankml.backends.local.manifests import bankml_version

    parts = (dataset.fingerprint or dataset.id, plan.settings_fingerprint(), bankml_version())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def stored_config(config: WorkflowConfig) -> dict[str, Any]:
    """Return the configuration as it is stored: without what a URL may carry of a secret."""
    document = config.model_dump(mode="json")
    source = document["dataset"]["source"]
    if source and "://" in source:
        document["dataset"]["source"] = _without_credentials(source)
    return document


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _has_outputs(layout: Layout, run_id: str) -> bool:
    return layout.metrics(run_id).is_file() and (layout.model(run_id) / MANIFEST_NAME).is_file()


def _now_after(moment: datetime) -> datetime:
    return max(utc_now(), moment)
