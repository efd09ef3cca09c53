"""A proxy that leads chosen hosts to the emulator and lets every other host through.

It knows ``CONNECT`` and requests in absolute form (RFC 9110 section 9.3.6, RFC 9112 section 3.2.2).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

HEAD_LIMIT = 64 * 1024
CHUNK = 64 * 1024


class Proxy:
    """A proxy for one event loop.

    Args:
        hosts: Hosts that are led to the emulator.
        ports: The emulator's ports by ``http`` and ``tls``.
    """

    def __init__(self, hosts: frozenset[str], ports: Mapping[str, int]) -> None:
        self._hosts = hosts
        self._ports = ports
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, listener: socket.socket, ended: asyncio.Event) -> None:
        """Answer until the event is set, then drop what is still open."""
        server = await asyncio.start_server(self._accept, sock=listener, limit=HEAD_LIMIT)
        await ended.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._handle(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await self._forward(head, reader, writer)
        except (
            OSError,
            ValueError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
        ) as error:
            logger.info("proxy: %s", error)
            with contextlib.suppress(OSError):
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        finally:
            await _close(writer)

    async def _forward(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        method, target, version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        tunnel = method == "CONNECT"
        parts = urlsplit(f"//{target}" if tunnel else target)
        upstream_reader, upstream = await self._connect(
            parts.hostname or "", parts.port or (443 if tunnel else 80), tunnel
        )
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
            else:
                path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                upstream.write(_closing(f"{method} {path} {version}", head))
            await asyncio.gather(_pump(reader, upstream), _pump(upstream_reader, writer))
        finally:
            await _close(upstream)

    async def _connect(
        self, host: str, port: int, tunnel: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if host in self._hosts:
            host, port = "127.0.0.1", self._ports["tls" if tunnel else "http"]
        return await asyncio.open_connection(host, port)


def _closing(request_line: str, head: bytes) -> bytes:
    lines = head.split(b"\r\n")[1:-2]
    hop = (b"connection:", b"proxy-connection:", b"proxy-authorization:")
    kept = [line for line in lines if not line.lower().startswith(hop)]
    return b"\r\n".join([request_line.encode("latin-1"), *kept, b"Connection: close", b"", b""])


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        else:
            writer.close()


async def _close(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.close()
        await writer.wait_closed()
