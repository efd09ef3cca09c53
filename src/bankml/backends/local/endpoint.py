"""Where the local endpoint is, and the token that opens it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from bankml.backends.local import processes
from bankml.backends.local.files import discard, file_errors, replacing, write_json
from bankml.errors import WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path

    from bankml.backends.local.paths import Layout

DEFAULT_URL = "http://127.0.0.1:8765"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
RESOURCE_GROUP = "local"


@dataclass(frozen=True)
class RunningServer:
    """A server that answers for a workspace.

    Attributes:
        url: How it is reached, without a path.
        host: The machine it runs on.
        pid: Its process number.
        created: When that process was created, in seconds since the epoch.
    """

    url: str
    host: str
    pid: int
    created: float


def workspace_path(layout: Layout) -> str:
    """Return the workspace's path in URLs, shaped like Azure ML's."""
    return (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers"
        f"/Microsoft.MachineLearningServices/workspaces/{quote(layout.name, safe='')}"
    )


def endpoint_path(layout: Layout, published_id: str) -> str:
    """Return the path of a published pipeline's endpoint."""
    workspace = workspace_path(layout)
    return f"/pipelines/v1.0{workspace}/PipelineRuns/PipelineSubmit/{quote(published_id, safe='')}"


def announce_server(layout: Layout, url: str) -> None:
    """Write down that this process serves the workspace, beside others that do."""
    process = processes.own_process()
    own = RunningServer(url, process.host, process.pid, process.created)
    others = [server for server in _announced(layout) if not _is_gone(server)]
    _write(layout, [*others, own])


def withdraw_server(layout: Layout) -> None:
    """Take back what :func:`announce_server` wrote; another server of the workspace stays."""
    own = processes.own_process()
    announced = _announced(layout)
    others = [server for server in announced if (server.host, server.pid) != (own.host, own.pid)]
    if others != announced:
        _write(layout, others)


def running_server(layout: Layout) -> RunningServer | None:
    """Return the latest server that answers for the workspace on this machine, or None."""
    here = [server for server in _announced(layout) if server.host == processes.this_host()]
    return next((server for server in reversed(here) if not _is_gone(server)), None)


def base_url(layout: Layout) -> str:
    """Return the running server's URL, or the one it would have by default."""
    server = running_server(layout)
    return server.url if server else DEFAULT_URL


def ensure_token(layout: Layout) -> str:
    """Return the endpoint's token; it is made if there is none.

    Raises:
        WorkspaceError: The token's file can't be read or written.
    """
    with file_errors(layout.token, "created"), contextlib.suppress(FileExistsError):
        if not layout.token.exists():
            _link_new_token(layout)
    return read_token(layout)


def read_token(layout: Layout) -> str:
    """Return the endpoint's token.

    Raises:
        WorkspaceError: There is none, or it can't be read.
    """
    with file_errors(layout.token, "read"):
        token = layout.token.read_bytes().strip()
    if not token or not token.isascii():
        raise WorkspaceError(
            f"{layout.token} holds no token; make a new one with: bankml serve --rotate-token"
        )
    return token.decode("ascii")


def rotate_token(layout: Layout) -> str:
    """Replace the endpoint's token by a new one; the old one stops to be good at once."""
    token = secrets.token_urlsafe(32)
    with replacing(layout.token) as temporary:
        _write_private(temporary, token)
    return token


def _link_new_token(layout: Layout) -> None:
    """Make a token, unless another process is faster."""
    temporary = layout.token.with_name(f".tmp-{secrets.token_hex(16)}")
    try:
        _write_private(temporary, secrets.token_urlsafe(32))
        os.link(temporary, layout.token)
    finally:
        discard(temporary)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(f"{text}\n")
        stream.flush()
        os.fsync(stream.fileno())


def _announced(layout: Layout) -> list[RunningServer]:
    try:
        return [RunningServer(**server) for server in json.loads(layout.server.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def _write(layout: Layout, servers: list[RunningServer]) -> None:
    if servers:
        write_json(layout.server, [asdict(server) for server in servers])
    else:
        discard(layout.server)


def _is_gone(server: RunningServer) -> bool:
    """Tell whether a server of this machine has died; nothing is known of another machine's."""
    here = server.host == processes.this_host()
    return here and not processes.is_alive(server.pid, server.created)
