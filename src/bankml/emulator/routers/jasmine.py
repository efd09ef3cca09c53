"""Jasmine: the service that checks AutoML settings before they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

from bankml.emulator.bodies import StrictRoute

if TYPE_CHECKING:
    from bankml.emulator.service import Service


def router(service: Service) -> APIRouter:
    """Return the router."""
    del service
    routes = APIRouter(route_class=StrictRoute)

    @routes.post(
        "/jasmine/v1.0/experimentids/{experiment}/validation",
        name="jasmine.validate",
        status_code=204,
    )
    @routes.post(
        "/jasmine/v1.0/experiment/{experiment}/validation", name="jasmine.validate", status_code=204
    )
    def validate(experiment: str) -> Response:
        del experiment
        return Response(status_code=204)

    return routes
