"""What the server tells of itself: its OpenAPI document, with the answers that it really gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI


class ErrorDetail(BaseModel):
    """One of several problems."""

    code: str
    message: str
    target: str


class ErrorContent(BaseModel):
    """What went wrong and what to do."""

    code: str
    message: str
    target: str | None
    details: list[ErrorDetail]


class ErrorAnswer(BaseModel):
    """The body of every answer that is not 200."""

    error: ErrorContent


ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The request is not valid", "model": ErrorAnswer},
    401: {"description": "The token is missing or not the right one", "model": ErrorAnswer},
    404: {"description": "There is no such thing", "model": ErrorAnswer},
    405: {"description": "This method is not possible here", "model": ErrorAnswer},
    408: {"description": "The body did not arrive in time", "model": ErrorAnswer},
    409: {"description": "The published pipeline is disabled", "model": ErrorAnswer},
    413: {"description": "The body is too large", "model": ErrorAnswer},
    422: {"description": "The idempotency key stands for another request", "model": ErrorAnswer},
    431: {"description": "The headers are too large", "model": ErrorAnswer},
    503: {"description": "The workspace is busy; see Retry-After", "model": ErrorAnswer},
}


def describe(app: FastAPI, places: Mapping[str, str]) -> None:
    """Make an application's OpenAPI document that of one workspace.

    Args:
        app: The application.
        places: Values of the path parameters that name the workspace; they are written out.
    """
    generic = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _of_one_workspace(generic(), places)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way


def _of_one_workspace(document: dict[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    for operations in document["paths"].values():
        for operation in operations.values():
            given = operation["parameters"]
            operation["parameters"] = [item for item in given if item["name"] not in places]
    document["paths"] = {
        path.format_map(_Known(places)): of for path, of in document["paths"].items()
    }
    return document


class _Known(dict[str, str]):
    """Leaves in braces what it does not know."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"
