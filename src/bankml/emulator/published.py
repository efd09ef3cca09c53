"""Published pipelines and the versioned endpoints that gather them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.emulator.answers import ServiceProblemError, new_id, not_found, timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.emulator.pipeline_runs import PipelineRuns
    from bankml.emulator.service import Service
    from bankml.emulator.store import Document

PIPELINE_KIND = "published-pipeline"
ENDPOINT_KIND = "pipeline-endpoint"
ACTIVE = "Active"
STATUSES = {"0": ACTIVE, "1": "Deprecated", "2": "Disabled"}


class PublishedPipelines:
    """Published pipelines in the emulator's store.

    Args:
        service: What all routers share.
        runs: The pipeline runs.
    """

    def __init__(self, service: Service, runs: PipelineRuns) -> None:
        self._store = service.store
        self._runs = runs

    def publish(self, body: Mapping[str, Any]) -> Document:
        """Publish a graph."""
        pipeline_id = new_id()
        return self._store.put(
            PIPELINE_KIND,
            pipeline_id,
            {
                "id": pipeline_id,
                "name": body["Name"],
                "description": body.get("Description"),
                "version": body.get("Version"),
                "graph_id": self._runs.save_graph(body["Graph"], body.get("GraphInterface")),
                "steps": len(body["Graph"].get("ModuleNodes") or []),
                "status": ACTIVE,
                "continue_on_failure": body.get("ContinueRunOnStepFailure"),
                "properties": body.get("Properties") or {},
                "parameters": body.get("ParameterAssignments") or {},
                "datasets": body.get("DataSetDefinitionValueAssignments") or {},
                "created": timestamp(),
            },
        )

    def get(self, pipeline_id: str) -> Document:
        """Return a published pipeline by id."""
        pipeline = self._store.get(PIPELINE_KIND, pipeline_id)
        if pipeline is None:
            raise not_found(f"Published pipeline {pipeline_id!r}")
        return pipeline

    def list(self, active_only: bool) -> list[Document]:
        """Return the published pipelines, the newest first."""
        pipelines = self._store.list(PIPELINE_KIND)[::-1]
        return [item for item in pipelines if item["status"] == ACTIVE or not active_only]

    def set_status(self, pipeline_id: str, status: str) -> Document:
        """Set a pipeline to ``Active``, ``Deprecated`` or ``Disabled``."""
        pipeline = self.get(pipeline_id)
        pipeline["status"] = STATUSES.get(status, status)
        return self._store.put(PIPELINE_KIND, pipeline_id, pipeline)

    def submit(self, pipeline_id: str, body: Mapping[str, Any]) -> Document:
        """Start a run of a published pipeline.

        Args:
            pipeline_id: Its id.
            body: The body of the trigger: ``ExperimentName``, ``ParameterAssignments``, ….
        """
        pipeline = self.get(pipeline_id)
        if pipeline["status"] != ACTIVE:
            raise ServiceProblemError(
                409, "Conflict", f"Pipeline {pipeline_id} is {pipeline['status'].lower()}."
            )
        experiment = body.get("ExperimentName")
        if not experiment:
            raise ServiceProblemError(400, "BadRequest", "ExperimentName is required.")
        info = {key: value for key, value in body.items() if value is not None}
        for key in ("parameters", "datasets"):
            name = _BODY_KEYS[key]
            info[name] = pipeline[key] | (info.get(name) or {})
        run = self._runs.create(pipeline["graph_id"], experiment, info, pipeline_id)
        return self._runs.submit(run["id"])


_BODY_KEYS = {
    "parameters": "ParameterAssignments",
    "datasets": "DataSetDefinitionValueAssignments",
}


class PipelineEndpoints:
    """Versioned endpoints: one address for a row of published pipelines.

    Args:
        service: What all routers share.
    """

    def __init__(self, service: Service) -> None:
        self._store = service.store

    def create(self, body: Mapping[str, Any]) -> Document:
        """Create an endpoint whose version 0 is a published pipeline."""
        if self._named(body["Name"]) is not None:
            raise ServiceProblemError(
                400, "BadRequest", f"There is already an endpoint {body['Name']!r}."
            )
        endpoint_id = new_id()
        return self._store.put(
            ENDPOINT_KIND,
            endpoint_id,
            {
                "id": endpoint_id,
                "name": body["Name"],
                "description": body.get("Description"),
                "default": "0",
                "versions": [{"Version": "0", "PipelineId": body["PipelineId"]}],
                "status": ACTIVE,
                "created": timestamp(),
            },
        )

    def get(self, endpoint_id: str) -> Document:
        """Return an endpoint by id."""
        endpoint = self._store.get(ENDPOINT_KIND, endpoint_id)
        if endpoint is None:
            raise not_found(f"Pipeline endpoint {endpoint_id!r}")
        return endpoint

    def by_name(self, name: str) -> Document:
        """Return an endpoint by name."""
        endpoint = self._named(name)
        if endpoint is None:
            raise not_found(f"Pipeline endpoint {name!r}")
        return endpoint

    def list(self, active_only: bool) -> list[Document]:
        """Return the endpoints, the newest first."""
        endpoints = self._store.list(ENDPOINT_KIND)[::-1]
        return [item for item in endpoints if item["status"] == ACTIVE or not active_only]

    def update(self, endpoint_id: str, body: Mapping[str, Any]) -> Document:
        """Take over name, description, versions, default version and status."""
        endpoint = self.get(endpoint_id)
        keys = {
            "name": "Name",
            "description": "Description",
            "default": "DefaultVersion",
            "versions": "PipelineVersionList",
        }
        for key, name in keys.items():
            endpoint[key] = body.get(name) or endpoint[key]
        status = body.get("EntityStatus")
        endpoint["status"] = STATUSES.get(str(status), status) if status else endpoint["status"]
        return self._store.put(ENDPOINT_KIND, endpoint_id, endpoint)

    def pipeline_id(self, endpoint: Document, version: str | None) -> str:
        """Return the published pipeline of a version, of the default one where None."""
        wanted = version or endpoint["default"]
        for item in endpoint["versions"]:
            if str(item["Version"]) == str(wanted):
                return str(item["PipelineId"])
        raise not_found(f"Version {wanted!r} of pipeline endpoint {endpoint['name']!r}")

    def _named(self, name: str) -> Document | None:
        endpoints = self._store.list(ENDPOINT_KIND)
        return next((item for item in endpoints if item["name"] == name), None)
