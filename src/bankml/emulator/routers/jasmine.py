"""Jasmine: the service that checks AutoML settings before they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

if TYPE_CHECKING:
    from bankml.emulator.service import Service


def router(service: Service) -> APIRouter:
    """Return the router."""
    del service
    routes = APIRouter()

    @routes.post("/jasmine/v1.0/experimentids/{experiment}/validation", name="jasmine.validate")
    @routes.post("/jasmine/v1.0/experiment/{experiment}/validation", name="jasmine.validate")
    def validate(experiment: str) -> Response:
        del experiment
        return Response(status_code=204)

    return routes
