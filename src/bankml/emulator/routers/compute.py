"""Compute targets: created through ARM, read through the resource provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from bankml.emulator.answers import ServiceProblemError
from bankml.emulator.bodies import Compute, StrictRoute
from bankml.emulator.compute_targets import KIND, compute_config, compute_document
from bankml.emulator.faults import FaultKind
from bankml.emulator.service import workspace_path

if TYPE_CHECKING:
    from bankml.emulator.service import Service

QUOTA_ERROR = {
    "error": {
        "code": "ClusterCoreQuotaReached",
        "message": "Operation results in exceeding quota limits of Core. "
        "Maximum allowed: 0, Current in use: 0, Additional requested: 2.",
    }
}


def router(service: Service) -> APIRouter:
    """Return the router."""
    routes = APIRouter(route_class=StrictRoute)
    _add_reads(routes, service)
    _add_changes(routes, service)
    return routes


def _add_reads(routes: APIRouter, service: Service) -> None:
    @routes.get("/rp/workspaces/computes", name="compute.list")
    def list_computes() -> dict[str, Any]:
        return {"value": service.store.list(KIND)}

    @routes.get("/rp/workspaces/computes/{name}", name="compute.get")
    @routes.get("/arm/computes/{name}", name="compute.get")
    def get_compute(name: str) -> dict[str, Any]:
        return _compute(service, name)

    @routes.get("/arm-operations/{name}", name="compute.operation")
    def operation(name: str) -> dict[str, Any]:
        document = service.store.get(KIND, name)
        state = document["properties"]["provisioningState"] if document else "Succeeded"
        error = QUOTA_ERROR["error"] if state == "Failed" else None
        return {"status": state, "error": error}


def _add_changes(routes: APIRouter, service: Service) -> None:
    @routes.put("/arm/computes/{name}", name="compute.create", status_code=201)
    async def create_compute(name: str, body: Compute, request: Request) -> JSONResponse:
        resource_id = f"{workspace_path(request)}/computes/{name}"
        document = compute_document(resource_id, name, {**body})
        if service.faults.take("compute.create", FaultKind.QUOTA):
            document["properties"] |= {
                "provisioningState": "Failed",
                "provisioningErrors": [QUOTA_ERROR],
            }
        else:
            service.training.create_compute(compute_config(document))
        service.store.put(KIND, name, document)
        return JSONResponse(document, 201, _operation(service, name))

    @routes.delete(
        "/rp/workspaces/computes/{name}",
        name="compute.delete",
        response_class=Response,
        status_code=202,
    )
    @routes.delete(
        "/arm/computes/{name}", name="compute.delete", response_class=Response, status_code=202
    )
    def delete_compute(name: str) -> Response:
        _compute(service, name)
        service.store.delete(KIND, name)
        return Response(status_code=202, headers=_operation(service, name))


def _operation(service: Service, name: str) -> dict[str, str]:
    url = f"{service.url}/arm-operations/{quote(name, safe='')}?api-version=2020-02-02"
    return {"Azure-AsyncOperation": url}


def _compute(service: Service, name: str) -> dict[str, Any]:
    document = service.store.get(KIND, name)
    if document is None:
        raise ServiceProblemError(404, "ComputeTargetNotFound", f"There is no compute {name!r}.")
    return document
