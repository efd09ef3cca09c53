"""What every request passes first: its id, the limits on its size, the token."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from typing import TYPE_CHECKING

import anyio

from bankml.backends.local.endpoint import read_token
from bankml.rest import HONOURS_HEADER, IDEMPOTENCY_HEADER
from bankml.server.problems import error_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bankml.backends.local.paths import Layout

MAX_BODY_BYTES = 1_000_000
MAX_HEADER_BYTES = 16_384
BODY_SECONDS = 20.0
REQUEST_ID_HEADER = b"x-ms-request-id"
_HONOURS = (HONOURS_HEADER.encode(), IDEMPOTENCY_HEADER.encode())
PAGES = ("/runs/", "/published/")


class Gate:
    """Lets requests through that are small enough and carry the token.

    The token is read anew for each request, so that a rotated one holds at once.
    """

    def __init__(self, app: ASGIApp, layout: Layout) -> None:
        """Remember what lies behind.

        Args:
            app: The application.
            layout: The workspace whose token opens it.
        """
        self._app = app
        self._layout = layout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _with_request_id(send)
        refusal = await self._refusal(scope)
        if refusal is not None:
            await error_response(*refusal)(scope, receive, send)
            return
        body = await _read_body(scope, receive)
        if isinstance(body, tuple):
            await error_response(*body)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    async def _refusal(self, scope: Scope) -> tuple[int, str, dict[str, str]] | None:
        headers = scope["headers"]
        if sum(len(name) + len(value) for name, value in headers) > MAX_HEADER_BYTES:
            return 431, f"The headers are longer than {MAX_HEADER_BYTES} bytes.", {}
        given = [value for name, value in headers if name == b"authorization"]
        expected = await anyio.to_thread.run_sync(read_token, self._layout)
        page = _is_page(scope)
        credential = given[0] if len(given) == 1 else b""
        if _same(_presented(credential, page), expected.encode()):
            return None
        message = (
            "The bearer token is missing or not the right one. Send the header "
            "'Authorization: Bearer <token>' with the token in the workspace's file 'token'."
        )
        return 401, message, {"WWW-Authenticate": _BASIC if page else "Bearer"}


_BASIC = 'Basic realm="bankml: any name, and the token as the password", charset="UTF-8"'


def _is_page(scope: Scope) -> bool:
    """Tell whether a browser asks to read; it signs in with the token as a password (RFC 7617).

    Nothing can be started that way: what a browser sends by itself must never trigger a run.
    """
    path = scope["path"]
    return scope["method"] in ("GET", "HEAD") and (path == "/" or path.startswith(PAGES))


def _presented(credential: bytes, page: bool) -> bytes:
    scheme, _, value = credential.partition(b" ")
    if scheme.lower() == b"bearer":
        return value.strip(b" ")
    return _basic_password(value) if page and scheme.lower() == b"basic" else b""


def _basic_password(encoded: bytes) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


def _same(given: bytes, expected: bytes) -> bool:
    """Compare in a time that depends neither on the texts nor on their lengths."""
    digests = (hashlib.sha256(text).digest() for text in (given, expected))
    return hmac.compare_digest(*digests)


async def _read_body(scope: Scope, receive: Receive) -> bytes | tuple[int, str]:
    too_large = (413, f"The body is larger than {MAX_BODY_BYTES} bytes.")
    length = dict(scope["headers"]).get(b"content-length", b"0")
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        return too_large
    body = bytearray()
    with anyio.move_on_after(BODY_SECONDS):
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > MAX_BODY_BYTES:
                return too_large
            if not message.get("more_body", False):
                return bytes(body)
    return 408, f"The body did not arrive within {BODY_SECONDS:g} seconds."


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def _with_request_id(send: Send) -> Send:
    request_id = uuid.uuid4().hex.encode()

    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", []), (REQUEST_ID_HEADER, request_id), _HONOURS]
            message = {**message, "headers": headers}
        await send(message)

    return marked
