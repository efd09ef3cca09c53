"""The emulator's listeners: HTTP, TLS and a proxy, all on 127.0.0.1, all in one thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from bankml.emulator.proxy import Proxy
from bankml.errors import ServiceError

if TYPE_CHECKING:
    from bankml.emulator.certificate import CertificateFiles

HOST = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 30.0
NAMES = ("http", "tls", "proxy")

_ports: dict[str, list[int]] = {name: [] for name in NAMES}
"""Ports of all listeners of this process, the earliest first: the SDK's native reader never forgets
the first proxy and blobs that it met, so the next emulator takes the earliest that are free."""

Scope = MutableMapping[str, Any]
Ends = tuple[tuple[str, int], ...]
"""The two ends of a connection: the client's, then ours."""
Application = Callable[[Any, Any, Any], Awaitable[None]]


class Connections:
    """The open connections, so that one can be dropped in the middle of a request."""

    def __init__(self) -> None:
        self._transports: dict[Ends, asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """Return a protocol for uvicorn that notes each connection here."""
        transports = self._transports

        class NotingProtocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                names = ("peername", "sockname")
                self.noted: Ends = tuple(tuple(transport.get_extra_info(name)) for name in names)
                transports[self.noted] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                super().connection_lost(exc)
                transports.pop(self.noted, None)

        return NotingProtocol

    def drop(self, scope: Scope) -> None:
        """Close the connection of a request without another byte."""
        transport = self._transports.get((tuple(scope["client"]), tuple(scope["server"])))
        if transport is not None:
            transport.abort()

    def drop_all(self) -> None:
        """Close every connection at once; idle ones would otherwise be waited for."""
        for transport in list(self._transports.values()):
            transport.abort()


class Listeners:
    """Serves an application until it is stopped.

    Args:
        connections: Notes the open connections.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._sockets = {name: _listen(name) for name in NAMES}
        self._servers: list[Server] = []
        self._thread: threading.Thread | None = None
        self._end: Callable[[], object] | None = None
        self._started = threading.Event()
        self._error: BaseException | None = None

    def port(self, name: str) -> int:
        """Return the port of a listener: ``http``, ``tls`` or ``proxy``."""
        return int(self._sockets[name].getsockname()[1])

    def start(
        self, application: Application, certificate: CertificateFiles, hosts: frozenset[str]
    ) -> None:
        """Serve in a thread; returns once requests are answered.

        Args:
            application: The ASGI application.
            certificate: What the TLS listener shows.
            hosts: Hosts whose connections the proxy leads to the TLS listener.

        Raises:
            ServiceError: The listeners did not come up.
        """
        tls = {"ssl_certfile": str(certificate.chain), "ssl_keyfile": str(certificate.key)}
        self._servers = [self._server(application), self._server(application, **tls)]
        proxy = Proxy(hosts, {"http": self.port("http"), "tls": self.port("tls")})
        self._thread = threading.Thread(
            target=self._run, args=(proxy,), name="bankml-emulator", daemon=True
        )
        self._thread.start()
        if not self._started.wait(START_SECONDS) or self._error is not None:
            self.stop()
            raise ServiceError(
                f"The emulator could not start: {self._error or 'no answer in time'}. "
                "Stop other emulators on this machine and start it again."
            ) from self._error

    def stop(self) -> None:
        """End the listeners and their thread; harmless when there are none."""
        if self._end is not None:
            self._end()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
        for listener in self._sockets.values():
            listener.close()

    def _server(self, application: Application, **options: str) -> Server:
        return Server(
            Config(
                application,
                http=self._connections.protocol(),
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                log_level="critical",
                timeout_graceful_shutdown=2,
                **options,  # type: ignore[arg-type] # names and types of two options, see start
            )
        )

    def _run(self, proxy: Proxy) -> None:
        try:
            asyncio.run(self._serve(proxy))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that started this one
            self._error = error
        finally:
            self._started.set()

    async def _serve(self, proxy: Proxy) -> None:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        self._end = lambda: loop.is_closed() or loop.call_soon_threadsafe(ended.set)
        names = ("http", "tls")
        serving = [
            asyncio.ensure_future(server.serve([self._sockets[name]]))
            for server, name in zip(self._servers, names, strict=True)
        ]
        while not all(server.started for server in self._servers):
            if any(task.done() for task in serving):
                break
            await asyncio.sleep(0.005)
        self._started.set()
        await proxy.serve(self._sockets["proxy"], ended)
        for server in self._servers:
            server.should_exit = True
        self._connections.drop_all()
        await asyncio.gather(*serving)
        self._connections.drop_all()
        await asyncio.sleep(0.01)  # the transports close in the next turns of the loop


def _listen(name: str) -> socket.socket:
    # Without the protocol asyncio leaves Nagle's algorithm on, and each answer waits for 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if not any(_bound(listener, port) for port in _ports[name]):
        listener.bind((HOST, 0))
        _ports[name].append(int(listener.getsockname()[1]))
    listener.listen(128)
    listener.setblocking(False)
    return listener


def _bound(listener: socket.socket, port: int) -> bool:
    try:
        listener.bind((HOST, port))
    except OSError:
        return False
    return True
