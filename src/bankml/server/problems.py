"""Errors as answers, shaped like Azure ML's."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from bankml.errors import (
    BankmlError,
    ConfigError,
    DataError,
    NotFoundError,
    PublishError,
    ServiceUnavailableError,
    TriggerError,
    UnsupportedError,
)
from bankml.rest.answers import as_sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.requests import Request

_logger = logging.getLogger(__name__)
_LONGEST_TEXT = 300

_ANSWERS: tuple[tuple[type[BankmlError], int, str], ...] = (
    (NotFoundError, 404, "NotFound"),
    (PublishError, 409, "PipelineDisabled"),
    (ConfigError, 400, "InvalidParameter"),
    (UnsupportedError, 400, "Unsupported"),
    (DataError, 400, "InvalidData"),
    (TriggerError, 422, "IdempotencyKeyReused"),
    (ServiceUnavailableError, 503, "ServiceUnavailable"),
)
_CODES = {
    400: "BadRequest",
    401: "Unauthorized",
    404: "NotFound",
    405: "MethodNotAllowed",
    408: "RequestTimeout",
    413: "RequestTooLarge",
    431: "HeadersTooLarge",
}


def error_document(
    code: str, message: str, details: Sequence[dict[str, str]] = (), target: str | None = None
) -> dict[str, Any]:
    """Return an error's body.

    Args:
        code: A short code.
        message: What happened and what to do.
        details: The single problems, each with ``code``, ``message`` and ``target``.
        target: What it is about.
    """
    error = {"code": code, "message": message, "target": target, "details": list(details)}
    return {"error": error}


def error_response(
    status: int, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Return an error as an answer.

    Args:
        status: The HTTP status.
        message: What happened and what to do.
        headers: Further headers.
    """
    code = _CODES.get(status, "Error")
    return JSONResponse(error_document(code, message), status_code=status, headers=headers)


def install(app: FastAPI) -> None:
    """Make an application answer with our errors.

    Args:
        app: The application.
    """
    app.add_exception_handler(BankmlError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_a_defect)


async def _of_ours(_request: Request, error: Exception) -> JSONResponse:
    status, code = _status_of(error)
    problems = error.problems if isinstance(error, ConfigError) else ()
    details = [
        {"code": code, "message": str(problem), "target": problem.path} for problem in problems
    ]
    headers = {"Retry-After": "1"} if status == 503 else None
    return JSONResponse(error_document(code, str(error), details), status, headers=headers)


def _status_of(error: Exception) -> tuple[int, str]:
    for kind, status, code in _ANSWERS:
        if isinstance(error, kind):
            return status, code
    _logger.error("%s", error)
    return 500, "WorkspaceError"


async def _of_validation(request: Request, error: Exception) -> JSONResponse:
    if "json" not in request.headers.get("content-type", ""):
        return error_response(400, "Send the body as JSON, with Content-Type: application/json.")
    found = error.errors() if isinstance(error, RequestValidationError) else []
    details = [
        {
            "code": "BadRequest",
            "message": _shortened(str(problem["msg"])),
            "target": _shortened(".".join(str(part) for part in problem["loc"])),
        }
        for problem in found
    ]
    first = f" {details[0]['target']}: {as_sentence(details[0]['message'])}" if details else ""
    body = error_document("BadRequest", f"The request's body is not valid.{first}", details)
    return JSONResponse(body, status_code=400)


async def _of_http(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    words = {
        404: "There is nothing at this path.",
        405: "This method is not possible here; a trigger is a POST.",
    }
    return error_response(status, words.get(status, "The request can't be used."), headers)


async def _of_a_defect(_request: Request, error: Exception) -> JSONResponse:
    _logger.error("a request failed", exc_info=error)
    message = "The server failed on this request; its log says more."
    return JSONResponse(error_document("InternalServerError", message), status_code=500)


def _shortened(text: str) -> str:
    """A client's text may come back to it, but not at any length or with half characters."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= _LONGEST_TEXT else f"{clean[:_LONGEST_TEXT]}…"
