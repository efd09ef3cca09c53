"""What SECURITY.md says of the endpoint."""

from __future__ import annotations

import hmac
import logging
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from bankml.backends.local import LocalBackend
from bankml.backends.local.endpoint import read_token
from bankml.config import WorkflowConfig
from bankml.server import connections, gate, serve
from bankml.server.serving import NotifyingServer

if TYPE_CHECKING:
    from .conftest import Site

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is tested


@pytest.fixture
def config(tmp_path: Path) -> WorkflowConfig:
    return WorkflowConfig().replace(workspace={"path": tmp_path / "workspace"})


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings of a server that ends as soon as it serves."""
    monkeypatch.setattr(NotifyingServer, "run", lambda *_: None)
    found: list[str] = []
    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "warning", found.append)
    return found


@pytest.fixture
def certificate(tmp_path: Path) -> Any:
    """A certificate for 127.0.0.1, its key and what trusts it."""
    pytest.importorskip("cryptography")
    from bankml.emulator.certificate import write_certificate

    return write_certificate(tmp_path, ["127.0.0.1"])


@pytest.mark.parametrize("wrong", ["", "x", "Bearer x", "Bearer " + "x" * 10_000])
def test_tokens_are_compared_in_constant_time(
    site: Site, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    compared: list[tuple[int, int]] = []
    in_constant_time = hmac.compare_digest

    def noting(given: bytes, expected: bytes) -> bool:
        compared.append((len(given), len(expected)))
        return in_constant_time(given, expected)

    monkeypatch.setattr(hmac, "compare_digest", noting)

    answer = site.client.get(site.run_path("x"), headers={"Authorization": wrong})

    assert answer.status_code == 401
    assert compared
    assert set(compared) == {(32, 32)}  # digests: the lengths say nothing of the token


def test_the_command_rotates_the_token(config: WorkflowConfig, warnings: list[str]) -> None:
    serve(config, port=0)
    layout = LocalBackend.open(config).layout
    old = read_token(layout)
    serve(config, port=0)
    kept = read_token(layout)
    serve(config, port=0, rotate_token=True)

    assert old == kept
    assert read_token(layout) != old
    assert layout.token.stat().st_mode & 0o777 == 0o600
    assert warnings == []


def test_a_public_address_is_warned_of(config: WorkflowConfig, warnings: list[str]) -> None:
    serve(config, host=EVERYWHERE, port=0, public=True)

    assert len(warnings) == 2
    assert "Other machines" in warnings[0]
    assert "Without TLS" in warnings[1]


def test_with_tls_the_second_warning_is_not_needed(
    config: WorkflowConfig, warnings: list[str], certificate: Any
) -> None:
    serve(config, host=EVERYWHERE, port=0, public=True, certificate=certificate.chain,
          key=certificate.key)  # fmt: skip

    assert len(warnings) == 1


def test_the_command_serves_over_tls(config: WorkflowConfig, certificate: Any) -> None:
    words = ["serve", "--workspace", str(config.workspace.path), "--port", "0"]
    files = ["--certificate", str(certificate.chain), "--key", str(certificate.key)]
    with subprocess.Popen(
        [str(Path(sys.executable).with_name("bankml")), *words, *files],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        log = ""
        for line in process.stderr:
            log += line
            if "Application startup complete" in line:
                break
        url = log.split(" at https://")[1].split()[0]
        answer = requests.get(f"https://{url}/", verify=str(certificate.bundle), timeout=30)
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://{url}/", timeout=30)
        process.send_signal(signal.SIGINT)

    assert answer.status_code == 401


def test_a_body_that_comes_too_slowly_is_given_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.2)
    host, port = site.client.url.removeprefix("http://").split(":")
    token = site.backend.trigger_headers()["Authorization"]
    head = f"POST {site.endpoint} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"

    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"{head}Content-Length: 10\r\n\r\n{{".encode())
        answer = connection.recv(100)

    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_request_that_never_becomes_one_gives_its_place_up(
    site: Site, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    host, port = site.client.url.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(sent)

        assert connection.recv(100) == b""


def test_a_second_request_on_a_connection_has_to_arrive_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    host, port = site.client.url.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(4000).startswith(b"HTTP/1.1 401")
        connection.sendall(b"GET / HT")

        assert connection.recv(4000).count(b"HTTP/1.1") == 0


@pytest.mark.parametrize("origin", ["null", "https://example.org"])
@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
def test_no_other_site_may_read(site: Site, origin: str, method: str) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    answer = site.client.request(method, site.endpoint, headers=headers)

    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_page_may_be_read_with_a_password_but_nothing_started(site: Site) -> None:
    token = site.backend.trigger_headers()["Authorization"].removeprefix("Bearer ")
    session = requests.Session()
    session.trust_env = False
    session.auth = ("any", token)

    page = session.get(f"{site.client.url}/", timeout=30)
    trigger = session.post(
        f"{site.client.url}{site.endpoint}", json={"ExperimentName": "e"}, timeout=30
    )
    session.close()

    assert (page.status_code, trigger.status_code) == (200, 401)
    assert site.triggered() == 0
