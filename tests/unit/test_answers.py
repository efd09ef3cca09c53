"""What the service's answers mean: how long to wait, and which error a refusal is."""

from __future__ import annotations

import json

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from bankml.errors import (
    AuthenticationError,
    BankmlError,
    PermissionDeniedError,
    PublishError,
    TriggerError,
)
from bankml.rest.answers import never_connected, refusal


def answer(status: int = 400, body: object = None, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.reason = "a reason"
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        (401, AuthenticationError, "does not accept the token: no"),
        (403, PermissionDeniedError, "AzureML Data Scientist"),
        (404, PublishError, "can't be used: no"),
        (409, PublishError, "can't be used: no"),
        (410, PublishError, "can't be used: no"),
        (400, TriggerError, "Bad: no"),
    ],
)
def test_each_refusal_is_an_error_of_its_own(
    status: int, kind: type[BankmlError], word: str
) -> None:
    error = refusal(answer(status, {"error": {"code": "Bad", "message": "no"}}))

    assert type(error) is kind
    assert word in str(error)


def test_a_refusal_without_a_meaning_has_the_id_to_ask_for() -> None:
    error = refusal(answer(422, {"Error": {"Code": "Odd", "Message": "Why"}}, x_ms_request_id="r1"))

    assert isinstance(error, TriggerError)
    assert str(error) == "Odd: Why. The service's id of the request is r1."
    assert (error.status_code, error.request_id) == (422, "r1")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"error": "no"}'])
def test_an_answer_of_another_form_is_told_by_its_status(body: bytes) -> None:
    assert str(refusal(answer(418, body))) == "HTTP 418: a reason."


def test_only_what_certainly_never_arrived_counts_as_never_connected() -> None:
    refused = MaxRetryError(None, "/", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
    cut = ProtocolError("Connection aborted.")

    assert never_connected(requests.ConnectTimeout())
    assert never_connected(requests.ConnectionError(refused))
    assert not never_connected(requests.ConnectionError(cut))
    assert not never_connected(requests.ConnectionError())
