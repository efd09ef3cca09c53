"""What the service's answers mean."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import requests

from bankml.errors import (
    AuthenticationError,
    BankmlError,
    PermissionDeniedError,
    PublishError,
    TriggerError,
)

DISABLED_STATUS = 409


def retry_after(response: requests.Response) -> float | None:
    """Return the seconds that the answer asks to wait, or None.

    Both forms of the header are understood (RFC 9110, section 10.2.3).
    """
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    return _seconds_until(value)


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
    quoted = f" Quote the request id {request_id} to support." if request_id else ""
    return TriggerError(f"{code}: {message}{quoted}", status, request_id)


def _error_of(response: requests.Response) -> tuple[str, str]:
    try:
        document = response.json()
        error = document.get("Error") or document.get("error") or {}
        code = error.get("Code") or error.get("code")
        message = error.get("Message") or error.get("message")
    except (ValueError, AttributeError):
        code = message = None
    return str(code or f"HTTP {response.status_code}"), str(message or response.reason)


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


def _seconds_until(http_date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(http_date)
    except ValueError:
        return None
    return max((moment - datetime.now(timezone.utc)).total_seconds(), 0.0)
