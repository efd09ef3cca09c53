"""Artifacts of runs: logs, the environment and the model of a candidate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from bankml.emulator.artifacts import Artifacts
from bankml.emulator.bodies import StrictRoute
from bankml.emulator.history import History

if TYPE_CHECKING:
    from bankml.emulator.service import Service

BASE = "/artifact/v2.0/artifacts"
PREFIX = "/prefix/contentinfo/ExperimentRun/{container}"


def router(service: Service) -> APIRouter:
    """Return the router."""
    history = History(service)
    artifacts = Artifacts(service, history)
    routes = APIRouter(route_class=StrictRoute)

    @routes.get(
        "/artifacts/logs/{run_id}", name="artifacts.download_log", response_class=PlainTextResponse
    )
    def download_log(run_id: str) -> PlainTextResponse:
        return PlainTextResponse(history.log(run_id))

    @routes.get(
        "/artifacts/files/{run_id}/{path:path}",
        name="artifacts.download_file",
        response_class=Response,
    )
    def download_file(run_id: str, path: str) -> Response:
        return Response(artifacts.read(run_id, path), media_type="application/octet-stream")

    @routes.get(BASE + PREFIX, name="artifacts.prefix")
    @routes.get(BASE + PREFIX + "/{path:path}", name="artifacts.prefix")
    def prefix(container: str, path: str = "") -> dict[str, Any]:
        return {"value": artifacts.contents(container, path), "continuationToken": None}

    @routes.get(BASE + "/contentinfo/ExperimentRun/{container}/{path:path}", name="artifacts.info")
    def info(container: str, path: str) -> dict[str, Any]:
        return artifacts.content(container, path)

    @routes.get(BASE + "/ExperimentRun/{container}", name="artifacts.list")
    def list_artifacts(container: str) -> dict[str, Any]:
        return {"value": artifacts.contents(container, ""), "continuationToken": None}

    return routes
