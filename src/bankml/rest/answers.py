"""What the service's answers mean."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import requests

from bankml.errors import (
    AuthenticationError,
    BankmlError,
    PermissionDeniedError,
    PublishError,
    TriggerError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

DISABLED_STATUS = 409
NO_SUCH_EXPERIMENT = "UserError"
"""The code with which Azure ML's history service answers 404 for an experiment."""


def document_of(response: requests.Response) -> Any:
    """Return the JSON document of an answer.

    Raises:
        ValueError: It has none.
    """
    try:
        return response.json()
    except RecursionError as error:
        raise ValueError("the document is nested too deeply") from error


def refusal(response: requests.Response) -> BankmlError:
    """Return the error for an answer that says no.

    Args:
        response: An answer with a status from 300 to 499.
    """
    code, message = _error_of(response)
    request_id = response.headers.get("x-ms-request-id")
    status = response.status_code
    if status == requests.codes.unauthorized:
        return AuthenticationError(f"The endpoint does not accept the token: {message}")
    if status == requests.codes.forbidden:
        return PermissionDeniedError(
            f"The token lacks the right to start a run: {message} On Azure ML the caller needs the "
            "role 'AzureML Data Scientist' or 'Contributor' on the workspace."
        )
    if status in (requests.codes.not_found, DISABLED_STATUS, requests.codes.gone):
        return PublishError(f"The published pipeline can't be used: {message}")
    told = f" The service's id of the request is {request_id}." if request_id else ""
    return TriggerError(f"{code}: {message}{told}", status, request_id)


def is_no_such_experiment(response: requests.Response) -> bool:
    """Tell whether the history service itself says that there is no such experiment, so no run.

    Any other 404 is of something in between, or of a service that has lost its way.
    """
    code, _ = _error_of(response)
    return response.status_code == requests.codes.not_found and code == NO_SUCH_EXPERIMENT


def _error_of(response: requests.Response) -> tuple[str, str]:
    try:
        document = document_of(response)
        error = document.get("Error") or document.get("error") or {}
        code = error.get("Code") or error.get("code")
        message = error.get("Message") or error.get("message")
    except (ValueError, AttributeError):
        code = message = None
    said = as_sentence(str(message or response.reason))
    return str(code or f"HTTP {response.status_code}"), said


def as_sentence(text: str) -> str:
    """Return a text with a full stop, unless it ends as a sentence does."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def never_connected(error: requests.ConnectionError) -> bool:
    """Tell whether the request certainly did not reach the service."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    return type(reason).__name__ in (
        "NewConnectionError",
        "ConnectTimeoutError",
        "NameResolutionError",
    )


def failed_to_connect_securely(error: requests.exceptions.SSLError) -> bool:
    """Tell whether TLS failed before the request was sent, and not in the midst of an answer."""
    return any(
        frame.f_code.co_name == "connect"
        for cause in _causes(error)
        for frame, _ in traceback.walk_tb(cause.__traceback__)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it wraps, in the ways of requests and urllib3."""
    cause: object = error
    while isinstance(cause, BaseException):
        yield cause
        cause = getattr(cause, "reason", None) or next(iter(cause.args), None)
