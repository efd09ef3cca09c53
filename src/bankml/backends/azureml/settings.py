"""The configuration in Azure ML's terms, and what Azure ML honours differently. No SDK here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bankml.config.choices import AZURE_MODELS
from bankml.errors import UnsupportedError
from bankml.plan import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bankml.config import AutoMLConfig, WorkflowConfig

SHORTEST_EXPERIMENT_MINUTES = 15
"""The SDK refuses a shorter experiment."""

PARAMETERS = (
    "experiment_timeout_minutes",
    "iterations",
    "max_concurrent_iterations",
    "primary_metric",
)
"""Settings that the pipeline declares as parameters, to be changed at trigger time."""

MOST_ITERATIONS = 1000
"""What Azure ML takes where the number of candidates is not limited."""


def experiment_minutes(automl: AutoMLConfig) -> int:
    """Return the experiment's time-out as Azure ML takes it: whole minutes, 15 at least."""
    return max(math.ceil(automl.experiment_timeout_minutes), SHORTEST_EXPERIMENT_MINUTES)


def automl_arguments(automl: AutoMLConfig) -> dict[str, Any]:
    """Return the keyword arguments of the SDK's ``AutoMLConfig`` that come from ours.

    Args:
        automl: What AutoML is to find.

    Returns:
        Everything but the data, the compute and the folder. The debug log is given to the service
        only: told of it, the SDK would write one into the current folder.

    Raises:
        UnsupportedError: The task is forecasting, whose settings can't be given yet, or Azure ML
            has none of the allowed models.
    """
    if automl.task == "forecasting":
        raise UnsupportedError(
            "A forecast needs a time column and a horizon, which the configuration can't give yet. "
            "Use task 'regression' or 'classification'."
        )
    arguments: dict[str, Any] = {
        "task": automl.task,
        "primary_metric": automl.primary_metric,
        "label_column_name": automl.label_column_name,
        "experiment_timeout_minutes": experiment_minutes(automl),
        "iterations": automl.iterations or MOST_ITERATIONS,
        "max_concurrent_iterations": automl.max_concurrent_iterations,
        "enable_early_stopping": automl.enable_early_stopping,
        "featurization": automl.featurization,
        "enable_voting_ensemble": automl.enable_voting_ensemble,
        "debug_log": None,
    }
    return arguments | dict(_optional(automl))


def notices(config: WorkflowConfig) -> tuple[Notice, ...]:
    """Return the options that Azure ML honours differently or not at all."""
    return (*_automl_notices(config.automl), *_data_notices(config))


def _optional(automl: AutoMLConfig) -> Iterator[tuple[str, Any]]:
    if automl.iteration_timeout_minutes is not None:
        yield "iteration_timeout_minutes", math.ceil(automl.iteration_timeout_minutes)
    if automl.allowed_models is not None:
        yield "allowed_models", _allowed(automl, automl.allowed_models)
    elif blocked := _of_azure(automl.task, automl.blocked_models):
        yield "blocked_models", blocked
    if not automl.enable_voting_ensemble:
        yield "enable_stack_ensemble", False
    if automl.n_cross_validations:
        yield "n_cross_validations", automl.n_cross_validations
    if automl.validation_size:
        yield "validation_size", automl.validation_size


def _of_azure(task: str, models: Sequence[str]) -> list[str]:
    return [name for name in models if name in AZURE_MODELS[task]]


def _allowed(automl: AutoMLConfig, wanted: Sequence[str]) -> list[str]:
    allowed = [name for name in _of_azure(automl.task, wanted) if name not in automl.blocked_models]
    if not allowed:
        raise UnsupportedError(
            f"Azure ML has none of automl.allowed_models ({', '.join(wanted)}). "
            f"It has {', '.join(AZURE_MODELS[automl.task])}."
        )
    return allowed


def _automl_notices(automl: AutoMLConfig) -> Iterator[Notice]:
    minutes = experiment_minutes(automl)
    if minutes != automl.experiment_timeout_minutes:
        yield Notice(
            "automl.experiment_timeout_minutes",
            f"Azure ML takes whole minutes, {SHORTEST_EXPERIMENT_MINUTES} at least: "
            f"{automl.experiment_timeout_minutes:g} becomes {minutes}",
        )
    iteration = automl.iteration_timeout_minutes
    if iteration is not None and iteration != math.ceil(iteration):
        yield Notice(
            "automl.iteration_timeout_minutes",
            f"Azure ML takes whole minutes: {iteration:g} becomes {math.ceil(iteration)}",
        )
    wanted = automl.allowed_models or ()
    lacking = [name for name in wanted if name not in AZURE_MODELS[automl.task]]
    if lacking:
        yield Notice("automl.allowed_models", f"Azure ML lacks {', '.join(lacking)}")
    if "random_state" in automl.model_fields_set:
        yield Notice("automl.random_state", "Azure ML's AutoML takes no seed; it is not used")
    if automl.missing_label == "error":
        yield Notice(
            "automl.missing_label", "Azure ML leaves rows without a label out, and says nothing"
        )
    if automl.exclude_columns:
        yield Notice(
            "automl.exclude_columns",
            "are dropped from the data, also where Workflow.trigger() binds another dataset; "
            "bankml.trigger() and a POST of your own bind it with all its columns",
        )
    if automl.task == "forecasting":
        yield Notice("automl.task", "a forecast can't be submitted yet; the run will be refused")


def _data_notices(config: WorkflowConfig) -> Iterator[Notice]:
    dataset, source = config.dataset, config.dataset.source or ""
    if source.startswith(("http://", "https://")):
        yield Notice(
            "dataset.source",
            "Azure ML reads the URL itself, at each run; its rows are not fingerprinted",
        )
        if "max_megabytes" in dataset.model_fields_set:
            yield Notice("dataset.max_megabytes", "does not limit what Azure ML reads itself")
    if "path" in config.workspace.model_fields_set:
        yield Notice("workspace.path", "has no meaning on Azure ML; it is not used")
