"""The bodies of requests and answers, as Azure ML's pipeline and history services have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from bankml.config.problems import printable
from bankml.plan import DATASET_PARAMETER
from bankml.rest import is_experiment_name
from bankml.suggestions import nearest

if TYPE_CHECKING:
    from datetime import datetime

    from bankml.backends.base import RunRecord

Text = Annotated[str, Field(max_length=255)]
LongText = Annotated[str, Field(max_length=5000)]
Key = Annotated[str, Field(min_length=1, max_length=255)]


def _number_as_text(value: object) -> object:
    """Azure ML's parameters are texts, but a number in JSON is as plain."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, bool) or not isinstance(value, int | float) else str(value)


def _can_be_looked_up(name: str) -> str:
    if not is_experiment_name(name):
        raise PydanticCustomError(
            "experiment_name", "a name is not '.' or '..' and has no control characters"
        )
    return name


Parameter = Annotated[Text, BeforeValidator(_number_as_text, json_schema_input_type=str | float)]
ExperimentName = Annotated[
    str, Field(min_length=1, max_length=255), AfterValidator(_can_be_looked_up)
]


class SavedDataset(BaseModel):
    """A dataset version, by its id."""

    id: Text = Field(alias="Id")


class DatasetAssignment(BaseModel):
    """What a dataset parameter is bound to."""

    saved: SavedDataset = Field(alias="SavedDataSetReference")


class TriggerBody(BaseModel):
    """The body of a trigger. Keys of the service that have no local meaning are ignored.

    A key that the service does not have is refused: it is a misspelt one, and the run would be
    another than was meant.
    """

    model_config = ConfigDict(extra="forbid")

    experiment_name: ExperimentName = Field(alias="ExperimentName")
    description: LongText | None = Field(default=None, alias="Description")
    parameters: dict[Key, Parameter] = Field(
        default_factory=dict, alias="ParameterAssignments", max_length=50
    )
    datasets: dict[Key, DatasetAssignment] = Field(
        default_factory=dict, alias="DataSetDefinitionValueAssignments", max_length=50
    )
    tags: dict[Key, LongText] = Field(default_factory=dict, max_length=100)
    properties: Any = Field(default=None, alias="Properties")
    data_paths: Any = Field(default=None, alias="DataPathAssignments")
    run_source: Any = Field(default=None, alias="RunSource")
    run_type: Any = Field(default=None, alias="RunType")
    schedule_id: Any = Field(default=None, alias="ScheduleId")
    continue_on_failure: Any = Field(default=None, alias="ContinueRunOnStepFailure")
    notification: Any = Field(default=None, alias="EnableNotification")

    @model_validator(mode="before")
    @classmethod
    def _knows_every_key(cls, body: Any) -> Any:
        valid = {field.alias or name for name, field in cls.model_fields.items()}
        unknown = sorted(body.keys() - valid) if isinstance(body, dict) else []
        if unknown:
            near = nearest(unknown[0], valid)
            hint = f". Did you mean {near!r}?" if near else f"; valid: {', '.join(sorted(valid))}"
            words = {"key": printable(unknown[0]), "hint": hint}
            raise PydanticCustomError("unknown_key", "unknown key '{key}'{hint}", words)
        return body

    def dataset_id(self) -> str | None:
        """Return the id of the dataset version that is bound, or None."""
        bound = self.datasets.get(DATASET_PARAMETER)
        return bound.saved.id if bound else None

    def unknown_datasets(self) -> list[str]:
        """Return the names of dataset parameters that no pipeline has."""
        return sorted(self.datasets.keys() - {DATASET_PARAMETER})


class RunsQuery(BaseModel):
    """The body of a query for runs."""

    model_config = ConfigDict(extra="ignore")

    filter: LongText | None = None
    top: Annotated[int, Field(ge=1, le=1000)] | None = None


def pipeline_run(record: RunRecord) -> dict[str, Any]:
    """Return a run as the pipeline service shows it."""
    return {
        "Id": record.id,
        "GraphId": record.published_id or record.id,
        "RunHistoryExperimentName": record.experiment,
        "Status": {
            "StatusCode": str(record.status),
            "StatusDetail": record.failure.message if record.failure else record.message,
            "CreationTime": _moment(record.created),
            "EndTime": _moment(record.ended),
        },
        "IsSubmitted": True,
        "HasErrors": record.failure is not None,
        "HasWarnings": bool(record.warnings),
        "TotalRunSteps": 1,
        "PipelineId": record.published_id,
        "RunSource": "Unavailable",
        "RunType": "HTTP",
        "EntityStatus": "Active",
        "CreatedDate": _moment(record.created),
        "LastModifiedDate": _moment(record.ended or record.started or record.created),
        "Properties": {"azureml.isreused": "true"} if record.reused_from else {},
        "tags": dict(record.tags),
        "ParameterAssignments": dict(record.parameters),
        "DataSetDefinitionValueAssignments": {},
    }


def history_run(record: RunRecord) -> dict[str, Any]:
    """Return a run as the history service shows it."""
    return {
        "runId": record.id,
        "rootRunId": record.id,
        "runType": "azureml.PipelineRun",
        "status": _history_status(record),
        "createdUtc": _moment(record.created),
        "startTimeUtc": _moment(record.started),
        "endTimeUtc": _moment(record.ended),
        "tags": dict(record.tags),
        "properties": {"azureml.pipelineid": record.published_id or ""},
        "error": {"error": {"message": record.failure.message}} if record.failure else None,
    }


def _history_status(record: RunRecord) -> str:
    """The history service says Completed where the pipeline service says Finished."""
    return "Completed" if str(record.status) == "Finished" else str(record.status)


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="microseconds") if moment else None
