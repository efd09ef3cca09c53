"""Versioned pipeline endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from bankml.emulator.bodies import EndpointChanges, NewEndpoint, RunInfo, StrictRoute
from bankml.emulator.pipeline_documents import entity, pipeline_document, run_document
from bankml.emulator.pipeline_runs import PipelineRuns
from bankml.emulator.published import PipelineEndpoints, PublishedPipelines
from bankml.emulator.service import workspace_path

if TYPE_CHECKING:
    from bankml.emulator.service import Service
    from bankml.emulator.store import Document

BASE = "/pipelines/v1.0"
ENDPOINTS = BASE + "/PipelineEndpoints"
SUBMIT = BASE + "/PipelineRuns/PipelineEndpointSubmit/Id/{endpoint_id}"


def router(service: Service) -> APIRouter:
    """Return the router."""
    runs = PipelineRuns(service)
    published = PublishedPipelines(service, runs)
    endpoints = PipelineEndpoints(service)
    routes = APIRouter(route_class=StrictRoute)
    _add_endpoints(routes, service, endpoints)

    @routes.post(SUBMIT, name="pipeline_endpoints.trigger")
    def trigger(
        endpoint_id: str, body: RunInfo, pipelineVersion: str | None = None
    ) -> dict[str, Any]:
        pipeline_id = endpoints.pipeline_id(endpoints.get(endpoint_id), pipelineVersion)
        run = published.submit(pipeline_id, body)
        return run_document(run, runs.status(run))

    @routes.get(ENDPOINTS + "/{endpoint_id}/pipelines", name="pipeline_endpoints.pipelines")
    def pipelines(endpoint_id: str, request: Request) -> list[dict[str, Any]]:
        versions = endpoints.get(endpoint_id)["versions"]
        found = [published.get(item["PipelineId"]) for item in versions]
        base = f"{service.url}{BASE}{workspace_path(request)}/PipelineRuns/PipelineSubmit"
        return [pipeline_document(item, f"{base}/{item['id']}") for item in found]

    return routes


def _add_endpoints(routes: APIRouter, service: Service, endpoints: PipelineEndpoints) -> None:
    def shown(endpoint: Document, request: Request) -> Document:
        base = f"{service.url}{BASE}{workspace_path(request)}"
        return _document(endpoint, base)

    @routes.post(ENDPOINTS + "/Create", name="pipeline_endpoints.create")
    async def create(body: NewEndpoint, request: Request) -> dict[str, Any]:
        return shown(endpoints.create(body), request)

    @routes.get(ENDPOINTS + "/Name", name="pipeline_endpoints.by_name")
    def by_name(Name: str, request: Request) -> dict[str, Any]:
        return shown(endpoints.by_name(Name), request)

    @routes.get(ENDPOINTS + "/Id/{endpoint_id}", name="pipeline_endpoints.get")
    def get_endpoint(endpoint_id: str, request: Request) -> dict[str, Any]:
        return shown(endpoints.get(endpoint_id), request)

    @routes.put(ENDPOINTS + "/{endpoint_id}", name="pipeline_endpoints.update")
    async def update(endpoint_id: str, body: EndpointChanges, request: Request) -> dict[str, Any]:
        return shown(endpoints.update(endpoint_id, body), request)

    @routes.get(ENDPOINTS, name="pipeline_endpoints.list")
    def list_endpoints(request: Request) -> list[dict[str, Any]]:
        active_only = request.query_params.get("activeOnly", "true").lower() != "false"
        return [shown(item, request) for item in endpoints.list(active_only)]


def _document(endpoint: Document, base: str) -> Document:
    return entity(endpoint["created"]) | {
        "Id": endpoint["id"],
        "Name": endpoint["name"],
        "Description": endpoint["description"],
        "DefaultVersion": endpoint["default"],
        "PipelineVersionList": endpoint["versions"],
        "Url": f"{base}/PipelineRuns/PipelineEndpointSubmit/Id/{endpoint['id']}",
        "EntityStatus": endpoint["status"],
        "Properties": {},
        "tags": {},
        "SwaggerUrl": None,
    }
