"""The service's and the SDK's errors, read: status, code, message, how long to wait.

The SDK raises many classes, some of which keep the HTTP answer, some only a text that quotes it.
What can be known is taken from whichever there is. Nothing secret is kept: the signatures of blob
URLs and bearer tokens are cut out.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_MESSAGE = 600
_STATUS_TEXTS = (
    re.compile(r"Response Code: (\d{3})"),
    re.compile(r"Request failed \((\d{3})\)"),
    re.compile(r"status code:? '?(\d{3})"),
    re.compile(r"\bCode: (\d{3})\b"),
    re.compile(r"^(\d{3}) (?:Client|Server) Error"),
)
_FORBIDDEN_TEXT = "invalid status code 'Forbidden'"
_QUOTED_ANSWER = re.compile(r"Content: (b?['\"].*['\"])\s*\Z", re.DOTALL)
_RETRY_AFTER_TEXT = re.compile(r"['\"]retry-after['\"]:\s*['\"](\d+)", re.IGNORECASE)
_SECRETS = re.compile(
    r"(?i)(\b(?:sig|skoid|sktid|client_secret|access_token)=|Bearer\s+)[^\s&'\"<>]+"
)


@dataclass(frozen=True)
class Problem:
    """What is known of an error.

    Attributes:
        status: The HTTP status, or None where there was no answer.
        code: The service's error code, or an empty string.
        message: What the service or the SDK says, without secrets.
        retry_after: Seconds the service asks to wait, or None.
    """

    status: int | None
    code: str
    message: str
    retry_after: float | None = None


def read_problem(error: BaseException) -> Problem:
    """Read an error of the SDK or of what it is built on.

    Args:
        error: The error; what it was raised from is looked at as well.
    """
    for link in chain(error):
        response = _response_of(link)
        if response is not None:
            return _from_response(response, link)
    for link in chain(error):
        status = _status_in(_text(link))
        if status is not None:
            return _from_text(status, _text(link))
    return Problem(None, "", _short(_text(error)))


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it was raised from, the outermost first."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        inner = getattr(link, "inner_exception", None)
        link = inner if isinstance(inner, BaseException) else link.__cause__ or link.__context__


def redact(text: str) -> str:
    """Cut signatures and tokens out of a text."""
    return _SECRETS.sub(r"\1***", text)


def error_body(document: Any) -> tuple[str, str]:
    """Return code and message of the service's error document, empty where it has none.

    Args:
        document: ``{"error": {"code", "message", …}}`` in either case, or a deeper one.
    """
    body = _get(document, "error") or document
    inner = _get(body, "error")
    body = inner if isinstance(inner, dict) else body
    code, message = _get(body, "code"), _get(body, "message")
    return str(code or ""), _short(str(message or ""))


def _response_of(error: BaseException) -> Any | None:
    response = getattr(error, "response", None)
    return response if getattr(response, "status_code", None) is not None else None


def _from_response(response: Any, error: BaseException) -> Problem:
    code, message = error_body(_document(response))
    headers = getattr(response, "headers", None) or {}
    return Problem(
        int(response.status_code), code, message or _short(_text(error)),
        _seconds(headers.get("Retry-After")),
    )  # fmt: skip


def _from_text(status: int, text: str) -> Problem:
    code, message = error_body(_quoted_document(text))
    found = _RETRY_AFTER_TEXT.search(text)
    return Problem(status, code, message or _short(text), _seconds(found[1] if found else None))


def _status_in(text: str) -> int | None:
    if _FORBIDDEN_TEXT in text:
        return 403
    found = (pattern.search(text) for pattern in _STATUS_TEXTS)
    return next((int(match[1]) for match in found if match), None)


def _text(error: BaseException) -> str:
    message = getattr(error, "message", None)
    if isinstance(message, str) and message:
        return message
    try:
        return str(error) or type(error).__name__
    except TypeError:  # the SDK's ServiceException can't print an answer without "details"
        return type(error).__name__


def _document(response: Any) -> Any:
    for name in ("text", "content", "_content"):
        body = getattr(response, name, None)
        body = body() if callable(body) else body
        if isinstance(body, str | bytes) and body:
            return _parsed(body)
    return {}


def _quoted_document(text: str) -> Any:
    quoted = _QUOTED_ANSWER.search(text)
    if quoted is None:
        return {}
    try:
        return _parsed(ast.literal_eval(quoted[1]))
    except (ValueError, SyntaxError):
        return {}


def _parsed(body: str | bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return {}


def _get(document: Any, key: str) -> Any:
    if not isinstance(document, dict):
        return None
    return document.get(key, document.get(key.capitalize()))


def _seconds(value: str | None) -> float | None:
    try:
        return None if value is None else max(float(value), 0.0)
    except ValueError:
        return None


def _short(text: str) -> str:
    line = " ".join(redact(text).split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]}…"
