"""What ``bankml serve`` does."""

from __future__ import annotations

import ipaddress
import logging
import signal
import ssl
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from bankml.backends.local.backend import LocalBackend
from bankml.backends.local.endpoint import (
    announce_server,
    withdraw_server,
)
from bankml.backends.local.endpoint import (
    rotate_token as make_new_token,
)
from bankml.backends.registry import backend_class
from bankml.errors import ConfigError, UnsupportedError
from bankml.server.app import create_app
from bankml.server.serving import NotifyingServer, listen, server_config, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bankml.config import WorkflowConfig

_logger = logging.getLogger("uvicorn.error")  # uvicorn shows it to the person at the terminal


def serve(
    config: WorkflowConfig,
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    public: bool = False,
    certificate: Path | None = None,
    key: Path | None = None,
    rotate_token: bool = False,
) -> None:
    """Serve the published pipelines of a local workspace until it is interrupted.

    Args:
        config: The configuration; its workspace is served.
        host: Address to listen on.
        port: Port to listen on; 0 for any free one.
        public: Whether the address may be one that other machines reach.
        certificate: File with a TLS certificate (PEM), or None for plain HTTP.
        key: File with its key (PEM), where the certificate's file does not hold it.
        rotate_token: Whether to make a new token, once the address is known to be free.

    Raises:
        UnsupportedError: The backend is not ``local``.
        ConfigError: The address is public and ``public`` is false, or the certificate is not good.
        ServiceError: The address can't be used.
        WorkspaceError: The workspace can't be opened.
    """
    if not issubclass(backend_class(config.backend), LocalBackend):
        raise UnsupportedError(
            f"The backend {config.backend!r} has endpoints of its own; only a local workspace is "
            f"served. Set backend to {LocalBackend.name!r}."
        )
    _check_address(host, public)
    _check_certificate(certificate, key)
    backend = LocalBackend.open(config)
    app = create_app(backend.layout.root)
    server = NotifyingServer(
        server_config(app, ssl_certfile=certificate, ssl_keyfile=key, log_level="info")
    )
    with closing(listen(host, port)) as listener, _leaving_on_sigterm():
        if rotate_token:
            make_new_token(backend.layout)
        url = url_of(listener, "https" if certificate else "http")
        announce_server(backend.layout, url)
        try:
            _say(backend, url, exposed=public and not _is_loopback(host), tls=bool(certificate))
            server.run([listener])
        finally:
            withdraw_server(backend.layout)


@contextmanager
def _leaving_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end the block as an exception does: what was announced has to be withdrawn."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _say(backend: LocalBackend, url: str, *, exposed: bool, tls: bool) -> None:
    _logger.info("Serving the workspace %s at %s", backend.layout.root, url)
    _logger.info("The bearer token is in %s", backend.layout.token)
    if exposed:
        _logger.warning("Other machines can reach this address; whoever has the token can train.")
    if exposed and not tls:
        _logger.warning(
            "Without TLS the token can be read on the way: give --certificate and --key."
        )


def _check_address(host: str, public: bool) -> None:
    if not public and not _is_loopback(host):
        raise ConfigError(
            f"{host} can be reached by other machines. Say --public if that is what you want, "
            "or listen on 127.0.0.1."
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_certificate(certificate: Path | None, key: Path | None) -> None:
    if certificate is None:
        if key is not None:
            raise ConfigError("A TLS key needs its certificate: give --certificate too.")
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The TLS certificate {certificate} can't be used ({error}). Give PEM files with "
            "--certificate and --key."
        ) from error
