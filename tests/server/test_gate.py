"""Who gets in, and how much may come in."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankml.backends.local.endpoint import ensure_token, rotate_token
from bankml.server import gate

if TYPE_CHECKING:
    from .conftest import Site

BODY = {"ExperimentName": "nightly"}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", "Token {token}", "Basic {token}", "Bearer {token}x"]
)
def test_only_the_token_opens_the_endpoint(site: Site, header: str) -> None:
    given_header = header.format(token=ensure_token(site.backend.layout))

    answer = site.client.post(site.endpoint, json=BODY, headers={"Authorization": given_header})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"]["details"] == []
    assert site.triggered() == 0


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_in_any_case(site: Site, scheme: str) -> None:
    header = f"{scheme} {ensure_token(site.backend.layout)}"

    answer = site.client.post(site.endpoint, json=BODY, headers={"Authorization": header})

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/", "/openapi.json", "/docs", "/no/such/path"])
def test_nothing_is_shown_without_the_token(site: Site, path: str) -> None:
    assert site.client.get(path, headers={"Authorization": ""}).status_code == 401


def test_a_rotated_token_holds_at_once(site: Site) -> None:
    new = rotate_token(site.backend.layout)

    assert site.client.post(site.endpoint, json=BODY).status_code == 401
    headers = {"Authorization": f"Bearer {new}"}
    assert site.client.post(site.endpoint, json=BODY, headers=headers).status_code == 200


def test_every_answer_has_a_request_id_and_no_cors(site: Site) -> None:
    answers = [
        site.client.post(site.endpoint, json=BODY, headers={"Origin": "https://example.org"}),
        site.client.get("/no/such/path"),
        site.client.get("/", headers={"Authorization": ""}),
        site.client.options(site.endpoint, headers={"Origin": "https://example.org"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 404, 401, 405]
    ids = {answer.headers["x-ms-request-id"] for answer in answers}
    assert len(ids) == len(answers)
    assert not any(name.startswith("access-control") for a in answers for name in a.headers)


def test_a_large_body_is_refused_whether_it_says_so_or_not(site: Site) -> None:
    content = b"x" * (gate.MAX_BODY_BYTES + 1)
    pieces = (content[:1000] for _ in range(1 + gate.MAX_BODY_BYTES // 1000))

    assert site.client.post(site.endpoint, data=content).status_code == 413
    assert site.client.post(site.endpoint, data=pieces).status_code == 413
    assert site.triggered() == 0


def test_large_headers_are_refused(site: Site) -> None:
    headers = {"x-large": "x" * gate.MAX_HEADER_BYTES}

    assert site.client.post(site.endpoint, json=BODY, headers=headers).status_code == 431


def test_a_body_that_is_not_json_says_what_is_missing(site: Site) -> None:
    answer = site.client.post(site.endpoint, data=b'{"ExperimentName": "e"}')

    assert answer.status_code == 400
    assert "Content-Type: application/json" in answer.json()["error"]["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"text"', b"[" * 100_000, b'{"a":"\xff"}'])
def test_broken_json_is_refused(site: Site, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}

    answer = site.client.post(site.endpoint, data=content, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BadRequest"


def test_another_workspace_is_not_found(site: Site) -> None:
    path = site.endpoint.replace("/workspaces/workspace/", "/workspaces/other/")

    answer = site.client.post(path, json=BODY)

    assert answer.status_code == 404
    assert "'workspace'" in answer.json()["error"]["message"]


def test_a_get_on_the_endpoint_says_what_to_do(site: Site) -> None:
    answer = site.client.get(site.endpoint)

    assert answer.status_code == 405
    assert "a trigger is a POST" in answer.json()["error"]["message"]


@pytest.mark.parametrize("run_id", ["nothing", "..%2F..%2Fetc%2Fpasswd", "local:%2F%2F%2Fx%23y"])
def test_an_unknown_run_is_not_found(site: Site, run_id: str) -> None:
    assert site.client.get(site.run_path(run_id)).status_code == 404


def test_the_token_is_never_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    token = ensure_token(site.backend.layout)
    with caplog.at_level(logging.DEBUG):
        site.client.post(site.endpoint, json=BODY)
        site.client.post(site.endpoint, data=b"{", headers={"Content-Type": "application/json"})

    assert token not in caplog.text


def test_a_defect_of_ours_shows_no_inside(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("planted secret")

    monkeypatch.setattr("bankml.backends.local.backend.LocalBackend.submit_published", broken)

    answer = site.client.post(site.endpoint, json=BODY)

    assert answer.status_code == 500
    assert "planted secret" not in answer.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=10,
)
KEYS = ("ExperimentName", "ParameterAssignments", "DataSetDefinitionValueAssignments", "tags")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.dictionaries(st.sampled_from(KEYS), JSON),
    key=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=300),
)
def test_any_json_is_answered_and_nothing_breaks(
    site: Site, body: dict[str, object], key: str
) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}

    answer = site.client.post(site.endpoint, data=json.dumps(body).encode(), headers=headers)

    assert answer.status_code in (200, 400)
    assert answer.status_code == 200 or answer.json()["error"]["message"]
