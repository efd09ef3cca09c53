"""From the graph of a pipeline to the settings of an AutoML run."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankml.config import AutoMLConfig, PipelineConfig, WorkflowConfig
from bankml.config.choices import MODELS
from bankml.emulator.answers import ServiceProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

UNLIMITED_ITERATIONS = 1000
DEFAULT_TIMEOUT_MINUTES = 6 * 24 * 60.0
"""Azure ML's own default: six days."""
AUTOML_MODULE = "AutoMLCloud"
_NUMBERS = (
    "experiment_timeout_minutes",
    "iteration_timeout_minutes",
    "iterations",
    "max_concurrent_iterations",
    "n_cross_validations",
    "validation_size",
)
"""Settings that are numbers, also where the SDK sent none."""


@dataclass(frozen=True)
class Step:
    """One node of the graph that trains.

    Attributes:
        node_id: The node's id.
        name: The step's name.
        settings: AutoML settings as the SDK sent them.
        parameters: Module parameters, pipeline parameters resolved.
        dataset: The definition of the training data.
        outputs: Kind of each output (``Metrics`` or ``Model``) by its name in the step.
        allow_reuse: Whether earlier outputs may be reused.
    """

    node_id: str
    name: str
    settings: Mapping[str, Any]
    parameters: Mapping[str, str | None]
    dataset: Mapping[str, Any]
    outputs: Mapping[str, str]
    allow_reuse: bool


def parameter_defaults(interface: Mapping[str, Any]) -> dict[str, str]:
    """Return the default of each pipeline parameter that a graph declares."""
    declared = interface.get("Parameters") or []
    return {item["Name"]: item.get("DefaultValue") for item in declared}


def dataset_defaults(graph: Mapping[str, Any], interface: Mapping[str, Any]) -> dict[str, Any]:
    """Return the default of each dataset parameter that a graph declares."""
    declared = interface.get("DataPathParameterList") or []
    defaults = {item["Name"]: item.get("DefaultValue") for item in declared}
    for node in graph.get("DatasetNodes") or []:
        definition = node.get("DataSetDefinition") or {}
        if definition.get("ParameterName") and definition.get("Value"):
            defaults.setdefault(definition["ParameterName"], definition["Value"])
    return defaults


def pipeline_outputs(graph: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return node id and output name of each output of the whole pipeline, by its name."""
    found = {}
    for edge in graph.get("Edges") or []:
        name = (edge.get("DestinationInputPort") or {}).get("GraphPortName")
        source = edge.get("SourceOutputPort") or {}
        if name:
            found[name] = (source.get("NodeId", ""), source.get("PortName", ""))
    return found


def steps(
    graph: Mapping[str, Any],
    modules: Mapping[str, Mapping[str, Any]],
    parameters: Mapping[str, str],
    datasets: Mapping[str, Any],
) -> list[Step]:
    """Return the steps of a graph.

    Args:
        graph: The graph as the SDK sent it.
        modules: Modules by id.
        parameters: Values of the pipeline parameters.
        datasets: Definitions of the dataset parameters.

    Returns:
        The steps, in the graph's order.
    """
    nodes = graph.get("ModuleNodes") or []
    return [_step(graph, node, modules[node["ModuleId"]], parameters, datasets) for node in nodes]


def _step(
    graph: Mapping[str, Any],
    node: Mapping[str, Any],
    module: Mapping[str, Any],
    parameters: Mapping[str, str],
    datasets: Mapping[str, Any],
) -> Step:
    if module.get("ModuleExecutionType") != AUTOML_MODULE:
        raise ServiceProblemError(
            400,
            "UserError",
            f"Step {module.get('Name')!r} is a {module.get('StepType')}. The emulator trains "
            "AutoMLStep only; run the pipeline without this step, or on Azure ML.",
        )
    metadata = {item["Name"]: item.get("Value") for item in node["ModuleMetadataParameters"]}
    configuration = _settings(metadata.get("AutoMLConfig"))
    outputs = module["StructuredInterface"].get("Outputs") or []
    return Step(
        node_id=node["Id"],
        name=module["Name"],
        settings=_settings(configuration.get("aml_settings_json_string")),
        parameters=_resolved(node["ModuleParameters"], parameters),
        dataset=_training_data(graph, node, datasets),
        outputs={
            output["Name"]: output["TrainingOutput"]["TrainingOutputType"]
            for output in outputs
            if output.get("TrainingOutput")
        },
        allow_reuse=bool(module.get("IsDeterministic")) and not node.get("RegenerateOutput"),
    )


def _settings(text: str | None) -> dict[str, Any]:
    """Read settings that are JSON in a text."""
    try:
        settings = json.loads(text or "{}")
    except (ValueError, TypeError, RecursionError) as error:
        raise ServiceProblemError(
            400, "UserError", f"The settings are not JSON: {error}"
        ) from error
    if not isinstance(settings, dict):
        raise ServiceProblemError(400, "UserError", "The settings are not a JSON object.")
    return settings


def _resolved(items: list[dict[str, Any]], parameters: Mapping[str, str]) -> dict[str, str | None]:
    """Return module parameters by name; a value of type 1 names a pipeline parameter."""
    graph_parameter = ("1", "GraphParameterName")
    return {
        item["Name"]: parameters.get(item.get("Value") or "")
        if item.get("ValueType") in graph_parameter
        else item.get("Value")
        for item in items
    }


def _training_data(
    graph: Mapping[str, Any], node: Mapping[str, Any], datasets: Mapping[str, Any]
) -> Mapping[str, Any]:
    definitions = {
        item["Id"]: item["DataSetDefinition"] for item in graph.get("DatasetNodes") or []
    }
    for edge in graph.get("Edges") or []:
        target = edge.get("DestinationInputPort") or {}
        source = definitions.get((edge.get("SourceOutputPort") or {}).get("NodeId"))
        if target.get("NodeId") == node["Id"] and source is not None:
            name = source.get("ParameterName")
            return (datasets.get(name) if name else None) or source.get("Value") or {}
    raise ServiceProblemError(400, "UserError", "The AutoML step has no training data.")


def workflow_config(step: Step, experiment: str) -> WorkflowConfig:
    """Return the configuration of the local run that carries out a step.

    Args:
        step: The step.
        experiment: Name of the experiment.

    Returns:
        A configuration of the local backend, without compute and data.

    Raises:
        ConfigError: A setting is one that the engine does not know.
        ServiceProblemError: A pipeline parameter gave a setting a value that can't be read.
    """
    settings = {**step.settings, **_bound(step)}
    task = settings.get("task_type", "classification")
    if settings.get("is_timeseries"):
        task = "forecasting"
    values = {
        "task": task,
        "primary_metric": settings.get("primary_metric"),
        "label_column_name": settings.get("label_column_name"),
        "experiment_timeout_minutes": _minutes(settings.get("experiment_timeout_minutes")),
        "iteration_timeout_minutes": settings.get("iteration_timeout_minutes"),
        "iterations": _iterations(settings.get("iterations")),
        "max_concurrent_iterations": settings.get("max_concurrent_iterations"),
        "enable_early_stopping": settings.get("enable_early_stopping"),
        "featurization": "off" if settings.get("featurization") == "off" else "auto",
        "allowed_models": settings.get("whitelist_models"),
        "blocked_models": _known(task, settings.get("blacklist_algos")),
        "enable_voting_ensemble": settings.get("enable_ensembling"),
        "n_cross_validations": settings.get("n_cross_validations"),
        "validation_size": settings.get("validation_size") or None,
        "missing_label": "drop" if settings.get("exclude_nan_labels", True) else "error",
    }
    given = {key: value for key, value in values.items() if value is not None}
    return WorkflowConfig(
        experiment_name=experiment,
        automl=AutoMLConfig(**given),
        pipeline=PipelineConfig(step_name=step.name, allow_reuse=step.allow_reuse),
    )


def _bound(step: Step) -> dict[str, Any]:
    """Return the settings that a pipeline parameter gave another value."""
    changed = {}
    for name, value in step.parameters.items():
        if name in step.settings and value is not None and str(step.settings[name]) != value:
            changed[name] = _typed(name, value, step.settings[name])
    return changed


def _typed(name: str, value: str, example: object) -> Any:
    if isinstance(example, bool):
        return value.strip().lower() == "true"
    if isinstance(example, list):
        return example
    if isinstance(example, str):
        return value
    number = _number(value)
    if number is None and (example is not None or name in _NUMBERS):
        raise ServiceProblemError(
            400, "UserError", f"The setting {name!r} must be a number, not {value!r}."
        )
    return value if number is None else number


def _number(value: str) -> int | float | None:
    for kind in (int, float):
        with suppress(ValueError):
            return kind(value)
    return None


def _minutes(value: float | None) -> float:
    return DEFAULT_TIMEOUT_MINUTES if value is None else max(float(value), 0.05)


def _known(task: str, models: list[str] | None) -> list[str] | None:
    """Return the models that we have too; blocking another one changes nothing."""
    return [name for name in models if name in MODELS.get(task, ())] if models else None


def _iterations(value: int | None) -> int | None:
    return None if value is None or value >= UNLIMITED_ITERATIONS else value
