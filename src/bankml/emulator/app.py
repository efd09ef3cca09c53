"""The emulator as one ASGI application."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request
from starlette.routing import Route

from bankml.emulator.answers import ServiceProblemError, error_answer
from bankml.emulator.gate import Gate
from bankml.errors import BankmlError

if TYPE_CHECKING:
    from fastapi.responses import JSONResponse
    from starlette.types import ASGIApp

    from bankml.emulator.service import Service

ROUTERS = (
    "identity",
    "arm",
    "discovery",
    "compute",
    "history",
    "metrics",
    "datasets",
    "datastores",
    "pipelines",
    "published",
    "pipeline_endpoints",
    "content",
    "artifacts",
    "jasmine",
    "environments",
    "blobs",
)
"""Modules of the routers, in the order in which they are asked."""
ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def create_app(service: Service) -> ASGIApp:
    """Return the application for a service."""
    application = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    application.add_exception_handler(ServiceProblemError, _problem)
    application.add_exception_handler(BankmlError, _error)
    routes: list[Route] = []
    for name in ROUTERS:
        module = importlib.import_module(f"bankml.emulator.routers.{name}")
        router: APIRouter = module.router(service)
        application.include_router(router)
        routes += [route for route in router.routes if isinstance(route, Route)]
    application.add_api_route("/{path:path}", _unknown, methods=ALL_METHODS)
    return Gate(application, routes, service)


async def _unknown(request: Request) -> JSONResponse:
    where = f"{request.method} {request.url.path}"
    return error_answer(
        501,
        "NotImplemented",
        f"The emulator has no route {where}. What it covers is told by help(bankml.emulator); "
        "leave out the call that needs this route, or make it on Azure ML.",
    )


def _problem(request: Request, error: Exception) -> JSONResponse:
    del request
    assert isinstance(error, ServiceProblemError)  # noqa: S101 - registered for this type only
    return error_answer(error.status, error.code, error.message)


def _error(request: Request, error: Exception) -> JSONResponse:
    del request
    return error_answer(400, "UserError", str(error))
