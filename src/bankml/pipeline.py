"""The pipeline: planned without side effects, then submitted as a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.backends.registry import backend_class
from bankml.data.chosen_columns import check_columns, check_planned_frame
from bankml.data.source import describe_source
from bankml.plan import Notice, Plan
from bankml.runs import Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from bankml.backends.base import Backend
    from bankml.config import WorkflowConfig
    from bankml.datasets import Dataset


def plan(config: WorkflowConfig, frame: pd.DataFrame | None = None) -> Plan:
    """Return everything that a run would do. No network, nothing created.

    Args:
        config: The configuration.
        frame: Rows to be used in place of the configured source.

    Returns:
        The plan; printing it shows the actions in order and the notices.

    Raises:
        MissingDependencyError: A package the backend needs is not installed.
        DataError: The frame can't be trained on as it is configured.
    """
    source = describe_source(config.dataset, frame)
    if frame is not None:
        check_planned_frame(frame, config.automl)
    backend = backend_class(config.backend)
    return Plan(
        config,
        notices=(*_general_notices(config), *backend.notices(config)),
        data_source=source,
        workspace=_place(config, backend.workspace_folder(config)),
    )


def check_dataset(plan: Plan, dataset: Dataset) -> None:
    """Check that a dataset has the columns that a plan names, where its columns are known.

    Args:
        plan: What is to be done.
        dataset: The training data.

    Raises:
        DataError: The label or an excluded column is not there.
    """
    automl, columns = plan.config.automl, dataset.record.columns
    if columns:
        check_columns(columns, automl.label_column_name, automl.exclude_columns)


def submit(backend: Backend, plan: Plan, dataset: Dataset) -> Run:
    """Start a run of the planned pipeline.

    Args:
        backend: What carries it out.
        plan: What to do.
        dataset: The training data.

    Returns:
        The run, not waited for.

    Raises:
        UnsupportedError: The backend can't do what is planned.
        DataError: The data can't be trained on as it is planned, as far as its columns tell.
    """
    check_dataset(plan, dataset)
    return Run(backend, backend.submit(plan, dataset.record))


def _place(config: WorkflowConfig, folder: Path | None) -> str:
    if folder is not None:
        return f"folder {folder}"
    return f"{config.workspace.workspace_name} in {config.workspace.resource_group}"


def _general_notices(config: WorkflowConfig) -> Iterator[Notice]:
    automl = config.automl
    if automl.iteration_timeout_minutes and (
        automl.iteration_timeout_minutes > automl.experiment_timeout_minutes
    ):
        yield Notice(
            "automl.iteration_timeout_minutes",
            "is longer than experiment_timeout_minutes, which ends a candidate first",
        )
