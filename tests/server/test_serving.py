"""Real servers on real sockets."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
import requests

from bankml.backends.local import LocalBackend
from bankml.backends.local.endpoint import running_server as announced
from bankml.config import WorkflowConfig
from bankml.errors import ConfigError, ServiceError, UnsupportedError
from bankml.server import running_server, serve
from bankml.server.serving import listen, url_of

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Site


def test_an_endpoint_is_reachable_without_a_server_running(site: Site) -> None:
    with site.backend.reachable_endpoint(site.published) as url:
        answer = requests.post(
            url, json={"ExperimentName": "e"}, headers=site.backend.trigger_headers(), timeout=30
        )

    assert answer.status_code == 200
    servers = [thread for thread in threading.enumerate() if thread.name == "bankml-server"]
    assert len(servers) == 1  # the fixture's
    with pytest.raises(requests.ConnectionError):
        requests.post(url, timeout=5)


def test_a_server_for_tests_knows_its_endpoints(site: Site) -> None:
    config = WorkflowConfig().replace(workspace={"path": site.backend.layout.root})

    with running_server(config) as server:
        headers = {"Authorization": f"Bearer {server.token}"}
        answer = requests.post(
            server.endpoint(site.published.id),
            json={"ExperimentName": "e"},
            headers=headers,
            timeout=30,
        )

    assert answer.status_code == 200
    assert server.token not in repr(server)


def test_headers_without_end_are_cut_off(site: Site) -> None:
    with site.backend.reachable_endpoint(site.published) as url:
        port = int(url.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nx: " + b"x" * 100_000)
            answer = connection.recv(100)

    assert answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serve_announces_itself_and_ends_on_a_signal(site: Site, ending: signal.Signals) -> None:
    root = site.backend.layout.root
    script = (
        "import sys; from bankml.config import WorkflowConfig; from bankml.server import serve;"
        "serve(WorkflowConfig(workspace={'path': sys.argv[1]}), port=0)"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, str(root)],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "Application startup complete" in line:
                break
        with site.backend.reachable_endpoint(site.published) as url:
            answer = requests.post(
                url, json={"ExperimentName": "e"},
                headers=site.backend.trigger_headers(), timeout=30,
            )  # fmt: skip
        process.send_signal(ending)
        lines += process.stderr.readlines()
        assert process.stdout is not None
        lines += process.stdout.readlines()

    log = "".join(lines)
    assert answer.status_code == 200
    assert re.search(r"at http://127\.0\.0\.1:\d+", log)
    assert str(site.backend.layout.token) in log
    assert site.backend.layout.token.read_text().strip() not in log
    assert announced(site.backend.layout) is None
    assert not site.backend.layout.server.exists()


@pytest.fixture
def config(tmp_path: Path) -> WorkflowConfig:
    return WorkflowConfig().replace(workspace={"path": tmp_path / "workspace"})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org"])  # noqa: S104 - refused
def test_a_public_address_needs_to_be_asked_for(config: WorkflowConfig, host: str) -> None:
    with pytest.raises(ConfigError, match="--public"):
        serve(config, host=host)

    assert not config.workspace.path.exists()


def test_a_port_in_use_is_named(config: WorkflowConfig) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=rf"127\.0\.0\.1:{port}.*--port"):
            serve(config, port=port)

    assert announced(LocalBackend.open(config).layout) is None


def test_a_server_that_cant_listen_leaves_the_token_as_it_is(config: WorkflowConfig) -> None:
    headers = LocalBackend.open(config).trigger_headers()

    with listen("127.0.0.1", 0) as taken, pytest.raises(ServiceError):
        serve(config, port=taken.getsockname()[1], rotate_token=True)

    assert LocalBackend.open(config).trigger_headers() == headers


def test_a_certificate_that_is_none_is_refused(config: WorkflowConfig, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    file.write_text("no certificate")

    with pytest.raises(ConfigError, match=r"certificate\.pem can't be used"):
        serve(config, certificate=file)
    with pytest.raises(ConfigError, match="--certificate too"):
        serve(config, key=file)


def test_azure_has_endpoints_of_its_own(config: WorkflowConfig) -> None:
    azure = config.replace(
        backend="azureml",
        workspace={"subscription_id": "s", "resource_group": "r", "workspace_name": "w"},
    )

    with pytest.raises(UnsupportedError, match="only a local workspace"):
        serve(azure)


def test_answers_on_a_kept_connection_leave_at_once(site: Site) -> None:
    with requests.Session() as session:
        times = []
        for _ in range(30):
            begun = time.perf_counter()
            assert session.get(site.client.url, timeout=30).status_code == 401
            times.append(time.perf_counter() - begun)

    assert sorted(times)[10] < 0.035  # the two packets of an answer: the second waited for 40 ms


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6")
def test_an_ipv6_address_is_written_in_brackets() -> None:
    with listen("::1", 0) as listener:
        assert re.fullmatch(r"https://\[::1\]:\d+", url_of(listener, "https"))
