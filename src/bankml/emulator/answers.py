"""Shapes that every service shares: times, ids and errors."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone
from typing import Any

from starlette.responses import JSONResponse

_NAMESPACE = uuid.UUID("5f1a0c1e-6d0b-4f57-9c52-1d2f6a1f7d11")


class ServiceProblemError(Exception):
    """A refusal that becomes an error answer.

    Attributes:
        status: The HTTP status.
        code: The service's code for it.
        message: What is wrong.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(message)


def not_found(what: str) -> ServiceProblemError:
    """Return the refusal for something that isn't there."""
    return ServiceProblemError(404, "ResourceNotFound", f"{what} was not found.")


def error_body(code: str, message: str) -> dict[str, Any]:
    """Return an error in the services' shape; the SDK needs ``details`` to be there."""
    detail: dict[str, Any] = {
        "code": code,
        "message": message,
        "target": None,
        "details": [],
        "innerError": None,
    }
    return {
        "error": detail,
        "correlation": {"operation": uuid.uuid4().hex, "request": uuid.uuid4().hex[:16]},
        "environment": "emulator",
        "location": "emulator",
        "time": timestamp(),
    }


def error_answer(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Return an error answer."""
    return JSONResponse(error_body(code, message), status, headers)


def timestamp(moment: datetime | None = None) -> str:
    """Return a time (now where None) as the services write it."""
    moment = moment or datetime.now(timezone.utc)
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")


def new_id() -> str:
    """Return a new random id."""
    return str(uuid.uuid4())


def stable_id(*parts: str) -> str:
    """Return the id that always belongs to these parts."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))
