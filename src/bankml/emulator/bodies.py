"""The bodies of requests: the keys that the emulator reads; all others are kept as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import ConfigDict, Field, with_config
from typing_extensions import Required, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from starlette.responses import Response

_OPEN = with_config(ConfigDict(extra="allow"))
Text = str | None
Texts = dict[str, Text] | None
Anything = dict[str, Any] | None
Path = Annotated[list[str], Field(min_length=1)]
"""A node of a graph: the ids of the graphs around it, and its own."""


@_OPEN
class Query(TypedDict, total=False):
    """A query for one page of a list."""

    filter: Text


@_OPEN
class RunChanges(TypedDict, total=False):
    """What is to change of a run."""

    tags: Texts
    properties: Texts
    displayName: Text
    description: Text


@_OPEN
class MetricQuery(TypedDict, total=False):
    """Which metric is wanted."""

    metricName: Required[str]


@_OPEN
class Scale(TypedDict, total=False):
    """Between how many nodes a compute target scales."""

    minNodeCount: Annotated[int, Field(ge=0, le=1000)]
    maxNodeCount: Annotated[int, Field(ge=0, le=1000)]
    nodeIdleTimeBeforeScaleDown: Text


@_OPEN
class ComputeSettings(TypedDict, total=False):
    """The settings of a compute target of its type."""

    vmSize: Text
    vmPriority: Text
    scaleSettings: Scale | None


@_OPEN
class ComputeProperties(TypedDict, total=False):
    """What a compute target is."""

    computeType: Required[str]
    description: Text
    properties: ComputeSettings | None


@_OPEN
class Compute(TypedDict, total=False):
    """A compute target that is to be there."""

    location: Text
    tags: Anything
    properties: Required[ComputeProperties]


@_OPEN
class Definition(TypedDict, total=False):
    """A version of a dataset: its dataflow."""

    dataflow: Required[str]
    properties: Anything


@_OPEN
class Dataset(TypedDict, total=False):
    """A dataset that is to be registered."""

    name: Required[str]
    datasetType: Required[str]
    description: Text
    tags: Texts
    latest: Required[Definition]


@_OPEN
class DatasetChanges(TypedDict, total=False):
    """What is to change of a dataset."""

    description: Text
    tags: Texts


@_OPEN
class SavedDataset(TypedDict, total=False):
    """A dataflow that is to be kept."""

    dataflowJson: Required[str]
    datasetType: Required[str]
    properties: Anything


@_OPEN
class DataType(TypedDict, total=False):
    """A data type."""

    Id: Required[str]


@_OPEN
class Named(TypedDict, total=False):
    """Something with a name and perhaps a value."""

    Name: Required[str]
    Value: Text
    DefaultValue: Any


@_OPEN
class TrainingOutput(TypedDict, total=False):
    """What an output of a step is: metrics or a model."""

    TrainingOutputType: Required[str]


@_OPEN
class Output(TypedDict, total=False):
    """An output of a module."""

    Name: Required[str]
    TrainingOutput: TrainingOutput | None


@_OPEN
class Structure(TypedDict, total=False):
    """The interface of a module."""

    Parameters: list[Named] | None
    MetadataParameters: list[Named] | None
    Inputs: list[Named] | None
    Outputs: list[Output] | None


@_OPEN
class Module(TypedDict, total=False):
    """A module: the kind of a step."""

    Name: Required[str]
    IdentifierHash: Required[str]
    StructuredInterface: Required[Structure]


@_OPEN
class ModuleNode(TypedDict, total=False):
    """A step in a graph."""

    Id: Required[str]
    ModuleId: Required[str]
    ModuleParameters: Required[list[Named]]
    ModuleMetadataParameters: Required[list[Named]]


@_OPEN
class DatasetDefinition(TypedDict, total=False):
    """What a dataset in a graph is: a value, or a parameter with one."""

    ParameterName: Text
    Value: Anything


@_OPEN
class DatasetNode(TypedDict, total=False):
    """A dataset in a graph."""

    Id: Required[str]
    DataSetDefinition: Required[DatasetDefinition]


@_OPEN
class Port(TypedDict, total=False):
    """One end of an edge."""

    NodeId: Text
    PortName: Text
    GraphPortName: Text


@_OPEN
class Edge(TypedDict, total=False):
    """What flows from where to where."""

    SourceOutputPort: Port | None
    DestinationInputPort: Port | None


@_OPEN
class Graph(TypedDict, total=False):
    """The steps of a pipeline and what flows between them."""

    ModuleNodes: list[ModuleNode] | None
    DatasetNodes: list[DatasetNode] | None
    Edges: list[Edge] | None


@_OPEN
class Interface(TypedDict, total=False):
    """The parameters of a graph."""

    Parameters: list[Named] | None
    DataPathParameterList: list[Named] | None


@_OPEN
class RunInfo(TypedDict, total=False):
    """What a run of a pipeline is called and given."""

    ExperimentName: Text
    Description: Text
    ParameterAssignments: Texts
    DataSetDefinitionValueAssignments: Anything
    tags: Texts
    Properties: Texts


@_OPEN
class NewRun(TypedDict, total=False):
    """A run of a graph."""

    Graph: Required[Graph]
    GraphInterface: Interface | None
    CreationInfo: RunInfo | None


@_OPEN
class NewPipeline(TypedDict, total=False):
    """A graph that is to be published."""

    Name: Required[str]
    Version: Text
    Description: Text
    Graph: Required[Graph]
    GraphInterface: Interface | None
    Properties: Texts
    ParameterAssignments: Texts
    DataSetDefinitionValueAssignments: Anything


@_OPEN
class NewEndpoint(TypedDict, total=False):
    """An endpoint that gathers published pipelines."""

    Name: Required[str]
    Description: Text
    PipelineId: Required[str]


@_OPEN
class Version(TypedDict, total=False):
    """A published pipeline as a version of an endpoint."""

    Version: Required[str]
    PipelineId: Required[str]


@_OPEN
class EndpointChanges(TypedDict, total=False):
    """What is to change of an endpoint."""

    Name: Text
    Description: Text
    DefaultVersion: Text
    PipelineVersionList: list[Version] | None
    EntityStatus: str | int | None


@_OPEN
class FileQuery(TypedDict, total=False):
    """Which files of a snapshot are wanted."""

    FileNames: Required[list[str]]


class _StrictRequest(Request):
    """A request whose JSON can be kept and sent again: no NaN, no half characters."""

    async def json(self) -> Any:
        """Return the body, or refuse it with a ``ValueError``."""
        try:
            document = json.loads(await self.body(), parse_constant=_no_constant)
            json.dumps(document, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ValueError("The body is nested too deeply") from error
        return document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class StrictRoute(APIRoute):
    """A route that reads its body strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await answer(_StrictRequest(request.scope, request.receive))

        return strict
