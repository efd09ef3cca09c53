"""Published pipelines: publish, list, disable, trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response

from bankml.emulator.bodies import NewPipeline, RunInfo, StrictRoute
from bankml.emulator.pipeline_documents import pipeline_document, run_document
from bankml.emulator.pipeline_runs import PipelineRuns
from bankml.emulator.published import PublishedPipelines
from bankml.emulator.service import workspace_path

if TYPE_CHECKING:
    from bankml.emulator.service import Service
    from bankml.emulator.store import Document

BASE = "/pipelines/v1.0"
PIPELINE = BASE + "/Pipelines/{pipeline_id}"


def router(service: Service) -> APIRouter:
    """Return the router."""
    runs = PipelineRuns(service)
    published = PublishedPipelines(service, runs)
    routes = APIRouter(route_class=StrictRoute)

    def shown(pipeline: Document, request: Request) -> Document:
        base = f"{service.url}{BASE}{workspace_path(request)}"
        return pipeline_document(pipeline, f"{base}/PipelineRuns/PipelineSubmit/{pipeline['id']}")

    @routes.post(BASE + "/Pipelines/Create", name="published.create")
    async def create(body: NewPipeline, request: Request) -> dict[str, Any]:
        return shown(published.publish(body), request)

    @routes.get(BASE + "/Pipelines", name="published.list")
    def list_pipelines(request: Request) -> list[dict[str, Any]]:
        active_only = request.query_params.get("activeOnly", "true").lower() != "false"
        return [shown(item, request) for item in published.list(active_only)]

    @routes.get(PIPELINE, name="published.get")
    def get_pipeline(pipeline_id: str, request: Request) -> dict[str, Any]:
        return shown(published.get(pipeline_id), request)

    @routes.put(PIPELINE + "/status", name="published.set_status", response_class=Response)
    async def set_status(pipeline_id: str, status: Annotated[str | int, Body()]) -> Response:
        published.set_status(pipeline_id, str(status))
        return Response(status_code=200)

    @routes.post(BASE + "/PipelineRuns/PipelineSubmit/{pipeline_id}", name="published.trigger")
    def trigger(pipeline_id: str, body: RunInfo) -> dict[str, Any]:
        run = published.submit(pipeline_id, body)
        return run_document(run, runs.status(run))

    @routes.get(BASE + "/PipelineRuns/Pipeline/{pipeline_id}", name="published.runs")
    def runs_of(pipeline_id: str) -> list[dict[str, Any]]:
        published.get(pipeline_id)
        return [run_document(run, runs.status(run)) for run in runs.of_pipeline(pipeline_id)]

    return routes
