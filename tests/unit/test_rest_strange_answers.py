"""Answers that no service should give: an error of ours, and never a second run by mistake."""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import certifi
import pytest

import bankml
from bankml.emulator.certificate import write_certificate
from bankml.errors import BankmlError, TriggerError, TriggerUncertainError
from tests.data.scripted_server import Answer, scripted_server

from .fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATH = "/pipelines/v1.0/subscriptions/s/workspaces/w/PipelineRuns/PipelineSubmit/p1"
DEEP = b"[" * 100_000
LOST = Answer(503)


def trigger(url: str, **options: Any) -> bankml.TriggeredRun:
    arguments = {"experiment_name": "nightly", "auth": "token", "clock": FakeClock()}
    triggered: bankml.TriggeredRun = bankml.trigger(url, **{**arguments, **options})
    return triggered


@contextmanager
def breaking_tls_server(folder: Path) -> Iterator[str]:
    """Take requests over TLS, and answer each with what is no TLS; yield the URL."""
    files = write_certificate(folder, ["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.chain, files.key)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            secure = context.wrap_socket(self.request, server_side=True)
            secure.recv(65536)
            with socket.socket(fileno=secure.detach()) as plain:
                plain.sendall(b"what is this? " * 100)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b'{"Id": null}', b'{"Id": ""}', b'{"Id": {}}', b"\xff", DEEP]
)
def test_an_answer_without_an_id_has_the_run_looked_for(body: bytes) -> None:
    run = json.dumps({"value": [{"runId": "r1", "tags": {"bankml.trigger_id": "mine"}}]})
    nothing = Answer(200, b'{"value": []}')

    with scripted_server(nothing, Answer(200, body), Answer(200, run.encode())) as script:
        triggered = trigger(script.url + PATH, trigger_id="mine")

    assert triggered.id == "r1"
    assert [request["path"].rpartition("/")[2] for request in script.requests] == [
        "runs:query", "p1", "runs:query",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"value": "abc"}', b'{"value": {}}', b'{"value": [7]}', DEEP]
)
def test_a_look_up_that_says_nothing_is_no_leave_to_trigger_again(body: bytes) -> None:
    with (
        scripted_server(LOST, Answer(200, body)) as script,
        pytest.raises(TriggerUncertainError, match="does not tell"),
    ):
        trigger(script.url + PATH)

    assert [request["path"] for request in script.requests].count(PATH) == 1


@pytest.mark.parametrize("tags", [None, [], "bankml.trigger_id", {"bankml.trigger_id": "another"}])
def test_somebody_elses_run_is_not_taken_for_ours(tags: object) -> None:
    runs = json.dumps({"value": [{"runId": "r1", "tags": tags}]}).encode()

    with scripted_server(Answer(200, runs), Answer(200, b'{"Id": "r2"}')) as script:
        assert trigger(script.url + PATH, trigger_id="mine").id == "r2"


@pytest.mark.parametrize("wait", ["\u00b2", "9" * 400, "Mon, 01 Jan 2024 00:00:30", "-5"])
def test_any_retry_after_is_survived(wait: str) -> None:
    busy = Answer(429, headers={"Retry-After": wait})

    with scripted_server(busy, Answer(200, b'{"Id": "r1"}')) as script:
        assert trigger(script.url + PATH).id == "r1"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error": []}', b'{"error": "no"}', DEEP])
def test_a_refusal_in_any_form_is_an_error_of_ours(body: bytes) -> None:
    with scripted_server(Answer(400, body)) as script, pytest.raises(TriggerError, match="400"):
        trigger(script.url + PATH)


def test_a_proxys_path_in_front_is_kept_for_the_look_up() -> None:
    nothing = Answer(200, b'{"value": []}')

    with scripted_server(nothing, Answer(200, b'{"Id": "r1"}')) as script:
        trigger(f"{script.url}/bank/ml{PATH}", trigger_id="mine")

    assert script.requests[0]["path"].startswith("/bank/ml/history/v1.0/subscriptions/s/")


def test_where_runs_cant_be_looked_up_the_caller_is_told_to_look_first() -> None:
    with (
        scripted_server(LOST) as script,
        pytest.raises(TriggerUncertainError, match=r"Look for a run .* before you trigger again"),
    ):
        trigger(f"{script.url}/elsewhere")


def test_tls_that_breaks_in_an_answer_is_not_taken_for_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    with breaking_tls_server(tmp_path) as url, pytest.raises(TriggerUncertainError):
        trigger(url + PATH, verify=str(tmp_path / "bundle.pem"))


def test_tls_that_never_begins_is_said_at_once() -> None:
    with (
        scripted_server(Answer(200)) as script,
        pytest.raises(TriggerError, match="not trusted") as caught,
    ):
        trigger(script.url.replace("http:", "https:") + PATH)

    assert not isinstance(caught.value, TriggerUncertainError)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_certificates_to_trust_is_said(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "trusted.pem"
    if content:
        path.write_text(content)

    with pytest.raises(BankmlError) as caught:
        trigger("https://127.0.0.1:9" + PATH, verify=str(path))

    assert type(caught.value) is TriggerError


def test_the_machines_passwords_do_not_take_the_tokens_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password planted")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    with (
        scripted_server(LOST, LOST, Answer(200, b'{"value": []}')) as script,
        pytest.raises(TriggerError),
    ):
        trigger(script.url + PATH)

    assert {request["authorization"] for request in script.requests} == {"Bearer token"}
