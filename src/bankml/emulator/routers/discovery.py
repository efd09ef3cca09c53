"""Discovery: where the services are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from bankml.emulator.bodies import StrictRoute

if TYPE_CHECKING:
    from bankml.emulator.service import Service

SERVICES = (
    "api",
    "experimentation",
    "history",
    "hyperdrive",
    "modelmanagement",
    "studio",
    "pipelines",
    "notebooks",
    "inference",
    "amlstudio",
    "mlflow",
    "artifacts",
    "registry",
    "catalog",
    "gallery",
)


def router(service: Service) -> APIRouter:
    """Return the router."""
    routes = APIRouter(route_class=StrictRoute)

    @routes.get("/discovery", name="discovery.get")
    @routes.get("/discovery/{rest:path}", name="discovery.get")
    def discovery() -> dict[str, str]:
        return dict.fromkeys(SERVICES, service.url)

    return routes
