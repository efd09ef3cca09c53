"""The emulator as one ASGI application."""

from __future__ import annotations

import importlib
import logging
import re
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Route

from bankml.emulator.answers import ServiceProblemError, error_answer
from bankml.emulator.gate import Gate
from bankml.errors import BankmlError

if TYPE_CHECKING:
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
DESCRIPTION = "/openapi.json"
LONGEST_TEXT = 300
_ERROR = {"application/json": {"schema": {"type": "object", "required": ["error"]}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "A refusal, which says why", "content": _ERROR},
    "501": {"description": "Not emulated", "content": _ERROR},
    "503": {"description": "A fault that was asked for", "content": _ERROR},
}
"""Answers that every route may give."""
_IN_BRACES = re.compile(r"{(\w+)}")
logger = logging.getLogger(__name__)

ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def create_app(service: Service) -> ASGIApp:
    """Return the application for a service."""
    application = FastAPI(
        title="bankml emulator",
        description="The part of Azure ML v1 that is emulated. In front of a service's own path, "
        "after its version, a workspace's resource id may stand.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        responses=ANSWERS,
        redirect_slashes=False,
    )
    application.add_exception_handler(ServiceProblemError, _problem)
    application.add_exception_handler(BankmlError, _error)
    application.add_exception_handler(RequestValidationError, _invalid)
    application.add_exception_handler(HTTPException, _unusable)
    application.add_exception_handler(Exception, _defect)
    routes: list[Route] = []
    for name in ROUTERS:
        module = importlib.import_module(f"bankml.emulator.routers.{name}")
        router: APIRouter = module.router(service)
        application.include_router(router)
        routes += [route for route in router.routes if isinstance(route, Route)]
    description = Route(
        DESCRIPTION, lambda _: JSONResponse(_described(application)), name="openapi"
    )
    application.router.routes.append(description)
    routes.append(description)
    application.add_api_route(
        "/{path:path}", _unknown, methods=ALL_METHODS, include_in_schema=False
    )
    return Gate(application, routes, service)


async def _unknown(request: Request) -> JSONResponse:
    where = f"{request.method} {request.url.path}"
    return error_answer(
        501,
        "NotImplemented",
        f"The emulator has no route {where}. What it covers is told by help(bankml.emulator); "
        "leave out the call that needs this route, or make it on Azure ML.",
    )


def _described(application: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, with all path parameters and without FastAPI's 422."""
    document = application.openapi()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            given = operation.setdefault("parameters", [])
            known = {item["name"] for item in given if item["in"] == "path"}
            for name in sorted(set(_IN_BRACES.findall(path)) - known):
                text = {"type": "string"}
                given.append({"name": name, "in": "path", "required": True, "schema": text})
    return document


def _invalid(request: Request, error: Exception) -> JSONResponse:
    del request
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])[:LONGEST_TEXT]
    return error_answer(400, "BadRequest", f"{where}: {problem['msg'][:LONGEST_TEXT]}")


def _unusable(request: Request, error: Exception) -> JSONResponse:
    del request
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    return error_answer(error.status_code, "BadRequest", str(error.detail)[:LONGEST_TEXT])


def _defect(request: Request, error: Exception) -> JSONResponse:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return error_answer(500, "InternalServerError", "The emulator failed; its log says more.")


def _problem(request: Request, error: Exception) -> JSONResponse:
    del request
    assert isinstance(error, ServiceProblemError)  # noqa: S101 - registered for this type only
    return error_answer(error.status, error.code, error.message)


def _error(request: Request, error: Exception) -> JSONResponse:
    del request
    return error_answer(400, "UserError", str(error))
