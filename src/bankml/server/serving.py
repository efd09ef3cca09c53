"""Running the application: on a socket of its own, in this thread or in another."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn

from bankml.backends.local.backend import LocalBackend
from bankml.backends.local.endpoint import endpoint_path, ensure_token
from bankml.errors import ServiceError, WorkspaceError
from bankml.server.app import create_app
from bankml.server.connections import PatientProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from bankml.backends.local.paths import Layout
    from bankml.config import WorkflowConfig

START_SECONDS = 30.0
MAX_CONNECTIONS = 1000
_MAX_INCOMPLETE_BYTES = 32_768


class NotifyingServer(uvicorn.Server):
    """A uvicorn server that says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Prepare the event that says so."""
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, and say so."""
        await super().startup(sockets)
        self.ready.set()


def server_config(app: FastAPI, **options: Any) -> uvicorn.Config:
    """Return uvicorn's configuration with our limits.

    Args:
        app: The application.
        **options: Further options of ``uvicorn.Config``.
    """
    return uvicorn.Config(
        app,
        http=PatientProtocol,  # h11: the parser whose header limit can be set
        h11_max_incomplete_event_size=_MAX_INCOMPLETE_BYTES,
        limit_concurrency=MAX_CONNECTIONS,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        **options,
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 for any free one.

    Raises:
        ServiceError: The address can't be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol asyncio leaves Nagle's algorithm on, and each answer waits for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise ServiceError(
            f"Can't listen on {host}:{port} ({error.strerror}). Is `bankml serve` running already? "
            "Choose another port with --port."
        ) from error
    return listener


def url_of(listener: socket.socket, scheme: str = "http") -> str:
    """Return the URL by which this machine reaches a listening socket."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@dataclass(frozen=True)
class RunningServer:
    """A server in another thread of this process.

    Attributes:
        url: How it is reached, without a path.
        token: The bearer token that it wants.
        layout: The workspace that it serves.
    """

    url: str
    token: str = field(repr=False)
    layout: Layout

    def endpoint(self, published_id: str) -> str:
        """Return the URL of a published pipeline's endpoint."""
        return self.url + endpoint_path(self.layout, published_id)


@contextmanager
def running_server(config: WorkflowConfig) -> Iterator[RunningServer]:
    """Serve the configured local workspace for as long as the context lasts.

    Args:
        config: The configuration.

    Yields:
        Where the server is and how it is used.

    Raises:
        WorkspaceError: The workspace can't be opened, or the server did not start.
    """
    layout = LocalBackend.open(config).layout
    with serve_in_thread(layout.root) as url:
        yield RunningServer(url, ensure_token(layout), layout)


@contextmanager
def serve_in_thread(workspace: Path) -> Iterator[str]:
    """Serve a workspace on a free port of the loopback for as long as the context lasts.

    Args:
        workspace: The workspace's folder.

    Yields:
        The server's URL, without a path.

    Raises:
        WorkspaceError: The server did not start.
    """
    config = server_config(create_app(workspace), log_config=None, access_log=False)
    server = NotifyingServer(config)
    with closing(listen("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), name="bankml-server")
        thread.start()
        try:
            if not server.ready.wait(START_SECONDS):
                raise WorkspaceError("The local endpoint did not start; try `bankml serve`.")
            yield url_of(listener)
        finally:
            server.should_exit = True
            thread.join()
