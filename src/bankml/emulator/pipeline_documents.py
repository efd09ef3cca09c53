"""The documents of the pipelines service: data types, modules, runs and published pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.emulator.answers import timestamp
from bankml.status import RunStatus

if TYPE_CHECKING:
    from bankml.emulator.store import Document

DATA_TYPES = (
    "AnyFile",
    "AnyDirectory",
    "AzureBlobReference",
    "AzureFilesReference",
    "AzureDataLakeReference",
    "AzureSqlDatabaseReference",
    "AzurePostgresDatabaseReference",
    "AzureDataLakeGen2Reference",
    "AzureMySqlDatabaseReference",
    "DBFSReference",
    "AzureMLModel",
    "ZipFile",
    "TrainingOutput",
    "AzureMLDataset",
)
STATUS_WORDS = {RunStatus.QUEUED: "Running", RunStatus.PREPARING: "Running"}
"""A pipeline is running while its steps wait or prepare."""


def entity(created: str) -> dict[str, Any]:
    """Return the fields that every entity has."""
    return {
        "EntityStatus": "Active",
        "CreatedDate": created,
        "LastModifiedDate": created,
        "Etag": '"1"',
    }


def data_type(body: dict[str, Any]) -> Document:
    """Return a data type."""
    names = {"Description": body["Id"], "IsDirectory": False, "ParentDataTypeIds": []}
    return names | body | entity(timestamp())


def module_document(module: Document) -> Document:
    """Return a module with the interface that the service derives from its structure."""
    structure = module.get("StructuredInterface") or {}
    interface = {
        "Parameters": [_parameter(item) for item in structure.get("Parameters") or []],
        "MetadataParameters": [
            _parameter(item) for item in structure.get("MetadataParameters") or []
        ],
        "Ports": {
            "Inputs": [_input(item) for item in structure.get("Inputs") or []],
            "Outputs": [_output(item) for item in structure.get("Outputs") or []],
        },
    }
    data = module | entity(module["CreatedDate"]) | {"UploadState": "Completed"}
    return {"Data": data, "Interface": interface}


def _parameter(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": item["Name"],
        "Documentation": item.get("Description"),
        "DefaultValue": item.get("DefaultValue"),
        "IsOptional": item.get("IsOptional"),
        "Type": item.get("ParameterType"),
        "MinMaxRules": [],
        "EnumRules": [],
    }


def _input(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": item["Name"],
        "Documentation": item.get("Label"),
        "DataTypesIds": item.get("DataTypeIdsList"),
        "IsOptional": item.get("IsOptional"),
    }


def _output(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": item["Name"],
        "Documentation": item.get("Label"),
        "DataTypeId": item.get("DataTypeId"),
        "PassThroughInputName": item.get("PassThroughDataTypeInputName"),
    }


def run_document(run: Document, status: RunStatus, error: str | None = None) -> Document:
    """Return a pipeline run.

    Args:
        run: The run as it is stored.
        status: Its state.
        error: Why it failed.
    """
    word = status.value if not run["submitted"] else STATUS_WORDS.get(status, status.value)
    return entity(run["created"]) | {
        "Id": run["id"],
        "GraphId": run["graph_id"],
        "RunHistoryExperimentName": run["experiment"],
        "Status": {
            "StatusCode": word,
            "StatusDetail": error,
            "CreationTime": run["created"],
            "EndTime": None,
        },
        "IsSubmitted": run["submitted"] is not None,
        "HasErrors": status is RunStatus.FAILED,
        "HasWarnings": False,
        "UploadState": "Completed",
        "Description": run["description"],
        "TotalRunSteps": len(run["steps"]) or 1,
        "PipelineId": run["pipeline_id"],
        "RunSource": run["source"],
        "RunType": run["type"],
        "Properties": run["properties"],
        "tags": run["tags"],
        "ParameterAssignments": run["parameters"],
        "DataSetDefinitionValueAssignments": run["datasets"],
    }


def stalled_document(run: Document) -> Document:
    """Return a pipeline run that is said to be preparing, however far it is."""
    document = run_document(run, RunStatus.PREPARING)
    document["Status"]["StatusCode"] = RunStatus.PREPARING.value
    return document


def pipeline_document(pipeline: Document, url: str) -> Document:
    """Return a published pipeline.

    Args:
        pipeline: The pipeline as it is stored.
        url: Where a POST starts a run.
    """
    return entity(pipeline["created"]) | {
        "Id": pipeline["id"],
        "Name": pipeline["name"],
        "Description": pipeline["description"],
        "Version": pipeline["version"],
        "GraphId": pipeline["graph_id"],
        "TotalRunSteps": pipeline["steps"],
        "Url": url,
        "EntityStatus": pipeline["status"],
        "ContinueRunOnStepFailure": pipeline["continue_on_failure"],
        "EnableNotification": None,
        "Properties": pipeline["properties"],
        "ParameterAssignments": pipeline["parameters"],
        "DataSetDefinitionValueAssignments": pipeline["datasets"],
    }
