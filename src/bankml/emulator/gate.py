"""What every request passes first: address, token, faults and the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.routing import Match, Route

from bankml.emulator.answers import error_answer
from bankml.emulator.blobs import CONTAINERS
from bankml.emulator.faults import FaultKind
from bankml.emulator.service import WORKSPACE_PATTERN, RequestRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bankml.emulator.faults import Fault
    from bankml.emulator.service import Service

logger = logging.getLogger(__name__)

OPEN_ROUTES = (
    "openapi",
    "identity.",
    "arm.metadata",
    "discovery.",
    "blob.",
    "url.",
    "artifacts.download",
)
"""Routes that need no bearer token; blobs carry a signature in their URL."""
DROPPED = 0
CARRIED_OUT = (FaultKind.UNAVAILABLE_AFTER, FaultKind.DROPPED_AFTER, FaultKind.SILENT_AFTER)


class Gate:
    """The outermost ASGI application.

    It takes the workspace out of the path, so that routes stay short; marks what is a blob or a
    public URL by the first part of the path; refuses requests without a
    token; lets faults happen; and notes every request.

    Args:
        application: What answers.
        routes: Its routes, to know a request's route by name before it is answered.
        service: What all routers share.
    """

    def __init__(self, application: ASGIApp, routes: Sequence[Route], service: Service) -> None:
        self._application = application
        self._routes = routes
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        original = scope["path"]
        self._shorten(scope)
        route = self._route(scope)
        answer = _Answer(send, lambda status: self._note(scope["method"], original, route, status))
        await self._answer(scope, receive, answer, route)
        answer.end()

    def _shorten(self, scope: Scope) -> None:
        path = scope["path"]
        if self._host(scope) in self._service.urls.hosts:
            scope["path"] = "/url" + path
        elif path.split("/")[1] in CONTAINERS:
            scope["path"] = "/blob" + path
        found = WORKSPACE_PATTERN.search(path)
        if found is None:
            return
        scope["workspace"] = found.group(0)
        scope["workspace_names"] = found.group("subscription", "group", "name")
        scope["path"] = (path[: found.start()].rstrip("/") or "/arm") + path[found.end() :]

    @staticmethod
    def _host(scope: Scope) -> str:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        return hosts[0].decode("latin-1").rpartition("@")[2].split(":")[0].lower() if hosts else ""

    def _route(self, scope: Scope) -> str:
        for route in self._routes:
            if route.matches(scope)[0] is Match.FULL:
                return route.name
        return ""

    async def _answer(self, scope: Scope, receive: Receive, send: _Answer, route: str) -> None:
        refusal = self._refusal(scope, route)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        fault = self._service.faults.take(route) if route else None
        if fault is None:
            await self._application(scope, receive, send)
        else:
            logger.info("fault %s happens on %s", fault.kind.value, route)
            await self._fail(fault, scope, receive, send)

    def _refusal(self, scope: Scope, route: str) -> ASGIApp | None:
        names = scope.get("workspace_names")
        workspace = self._service.workspace
        if names and workspace and not _same(names, workspace.path):
            return error_answer(404, "ResourceNotFound", f"There is no workspace {names[2]!r}.")
        if not route or route.startswith(OPEN_ROUTES):
            return None
        headers = dict(scope["headers"])
        problem = self._service.tokens.problem(headers.get(b"authorization", b"").decode("latin-1"))
        return error_answer(401, "AuthenticationFailed", problem) if problem else None

    async def _fail(self, fault: Fault, scope: Scope, receive: Receive, send: _Answer) -> None:
        if fault.kind in CARRIED_OUT:
            await self._application(scope, receive, _swallow)
        if fault.kind in (FaultKind.DROPPED_BEFORE, FaultKind.DROPPED_AFTER):
            await self._drop(scope, receive)
        elif fault.kind in (FaultKind.SILENT_BEFORE, FaultKind.SILENT_AFTER):
            await _until_gone(receive)
        elif fault.kind is FaultKind.TRUNCATED:
            await self._truncate(scope, receive, send)
        else:
            await _fault_answer(fault)(scope, receive, send)

    async def _truncate(self, scope: Scope, receive: Receive, send: _Answer) -> None:
        async def half(message: Message) -> None:
            if message["type"] == "http.response.body":
                body = message.get("body", b"")
                await send({**message, "body": body[: len(body) // 2], "more_body": True})
                await self._drop(scope, receive)
            else:
                await send(message)

        await self._application(scope, receive, half)

    async def _drop(self, scope: Scope, receive: Receive) -> None:
        self._service.connections.drop(scope)
        await _until_gone(receive)

    def _note(self, method: str, path: str, route: str, status: int) -> None:
        self._service.requests.append(RequestRecord(method, path, route, status))
        shown = path if path.isprintable() else ascii(path)  # one request, one line of the log
        if route:
            logger.debug("%s %s → %s (%s)", method, shown, status or "dropped", route)
        else:
            logger.warning("unknown route: %s %s → %s", method, shown, status)


class _Answer:
    """Passes an answer on; its status is noted before the client sees it."""

    def __init__(self, send: Send, note: Callable[[int], None]) -> None:
        self._send = send
        self._note = note
        self._noted = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._noted = True
            self._note(message["status"])
        await self._send(message)

    def end(self) -> None:
        """Note the request where no answer began."""
        if not self._noted:
            self._note(DROPPED)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _swallow(message: Message) -> None:
    del message


def _same(names: tuple[str, str, str], path: str) -> bool:
    own = WORKSPACE_PATTERN.search(path)
    return own is not None and tuple(map(str.lower, names)) == tuple(map(str.lower, own.groups()))


def _fault_answer(fault: Fault) -> ASGIApp:
    if fault.kind is FaultKind.EXPIRED_TOKEN:
        return error_answer(401, "AuthenticationFailed", "The token has expired.")
    if fault.kind is FaultKind.FORBIDDEN:
        return error_answer(403, "AuthorizationFailed", "The caller lacks the right to do this.")
    headers = {"Retry-After": f"{fault.retry_after:g}"}
    if fault.kind is FaultKind.THROTTLED:
        return error_answer(429, "TooManyRequests", "Too many requests.", headers)
    return error_answer(503, "ServiceUnavailable", "The service is not available.", headers)
