"""What a pipeline run trains, read from the graph that the service keeps of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bankml.backends.azureml.pipeline import METRICS_DATA, MODEL_DATA, STEP_INPUT
from bankml.backends.base import METRICS_FILE_KIND, MODEL_FILE_KIND
from bankml.plan import DATASET_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_AUTOML_DOCUMENT = "AutoMLConfig"
_FROM_PARAMETER = ("1", "GraphParameterName")


@dataclass(frozen=True)
class Graph:
    """A pipeline's graph, as far as bankml looks at it.

    Attributes:
        settings: Settings of the AutoML step that are fixed.
        parameters: Names of pipeline parameters by the setting that takes its value from them.
        defaults: Settings as they were when the pipeline was built.
        dataset_parameter: The pipeline parameter that binds the dataset, or None.
        dataset_id: Id of a dataset that is fixed, or None.
        outputs: Names of the pipeline outputs by kind (``Metrics``, ``Model``).
    """

    settings: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    dataset_parameter: str | None = None
    dataset_id: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)

    def setting(self, name: str, assigned: Mapping[str, str]) -> str | None:
        """Return the value that a run trains with, or None where it is not set.

        Args:
            name: The setting, as the SDK names it.
            assigned: Values of pipeline parameters that the run was started with.
        """
        parameter = self.parameters.get(name)
        if parameter is None:
            return self.settings.get(name)
        default = self.defaults.get(name)
        return assigned.get(parameter, None if default is None else str(default))


def read_graph(entity: Any) -> Graph:
    """Read the SDK's ``GraphEntity``.

    Args:
        entity: The graph of a pipeline with one AutoML step.
    """
    step = next(iter(entity.module_nodes or ()), None)
    assignments = list(getattr(step, "module_parameters", None) or ())
    documents = list(getattr(step, "module_metadata_parameters", None) or ())
    parameter, dataset_id = _dataset(entity.dataset_nodes or (), assignments)
    return Graph(
        settings={a.name: a.value for a in assignments if a.value and not _is_bound(a)},
        parameters={a.name: a.value for a in assignments if a.value and _is_bound(a)},
        defaults=_defaults(documents),
        dataset_parameter=parameter,
        dataset_id=dataset_id,
        outputs=_outputs(entity.edges or ()),
    )


def saved_dataset_id(value: Any) -> str | None:
    """Return the dataset's id in the SDK's ``DataSetDefinitionValue``, or None."""
    saved = getattr(value, "saved_data_set_reference", None)
    return str(saved.id) if saved is not None and saved.id else None


def _is_bound(assignment: Any) -> bool:
    return str(assignment.value_type) in _FROM_PARAMETER


def _defaults(documents: Iterable[Any]) -> Mapping[str, Any]:
    for document in documents:
        if document.name == _AUTOML_DOCUMENT and document.value:
            settings = _parsed(_parsed(document.value).get("aml_settings_json_string"))
            return settings if isinstance(settings, dict) else {}
    return {}


def _dataset(nodes: Iterable[Any], assignments: Iterable[Any]) -> tuple[str | None, str | None]:
    for node in nodes:
        definition = node.data_set_definition
        if definition is None:
            continue
        if definition.parameter_name:
            return str(definition.parameter_name), None
        if saved_dataset_id(definition.value):
            return None, saved_dataset_id(definition.value)
    prepared = next((a.value for a in assignments if a.name == "data_prep_json_string"), None)
    document = _parsed((prepared or "").replace('\\"', '"'))
    found = document.get(STEP_INPUT) if isinstance(document, dict) else None
    return None, found.get("datasetId") if isinstance(found, dict) else None


def _outputs(edges: Iterable[Any]) -> Mapping[str, str]:
    kinds = {METRICS_DATA: METRICS_FILE_KIND, MODEL_DATA: MODEL_FILE_KIND}
    found: dict[str, str] = {}
    for edge in edges:
        name = getattr(edge.destination_input_port, "graph_port_name", None)
        port = getattr(edge.source_output_port, "port_name", None)
        if name and port in kinds:
            found[kinds[port]] = str(name)
    return found


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text or "{}")
    except (ValueError, TypeError):
        return {}


def assigned_dataset(entity: Any, graph: Graph) -> str | None:
    """Return the id of the dataset that a run was started on, or None.

    Args:
        entity: The SDK's ``PipelineRunEntity``.
        graph: The run's graph.
    """
    values = entity.data_set_definition_value_assignments or {}
    name = graph.dataset_parameter or DATASET_PARAMETER
    return saved_dataset_id(values.get(name)) or graph.dataset_id
