"""Errors of the SDK, and of what it is built on, become ours at one seam."""

from __future__ import annotations

import importlib
import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from bankml import (
    AuthenticationError,
    BankmlError,
    NotFoundError,
    PermissionDeniedError,
    ServiceError,
    ServiceUnavailableError,
)
from bankml.backends.azureml.errors import VENDOR_ERRORS, translate
from bankml.backends.azureml.problems import read_problem, redact

if TYPE_CHECKING:
    from bankml.emulator import Emulator

OTHER_MODULES = (
    "azure.core.exceptions",
    "msrest.exceptions",
    "requests.exceptions",
    "urllib3.exceptions",
)


def answer(status: int, body: object = None, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = json.dumps(body or {}).encode()
    response.headers.update({key.replace("_", "-"): value for key, value in headers.items()})
    return response


def test_every_error_of_the_sdk_is_mapped(emulator: Emulator) -> None:
    del emulator
    exceptions = importlib.import_module("azureml.exceptions")

    names = list(exceptions.__all__)

    assert len(names) == 21
    assert [name for name in names if name not in VENDOR_ERRORS] == []


@pytest.mark.parametrize("module", OTHER_MODULES)
def test_every_error_of_its_libraries_is_mapped_by_its_class_or_a_base(module: str) -> None:
    found = pytest.importorskip(module, exc_type=ImportError)
    classes = [
        value
        for value in vars(found).values()
        if inspect.isclass(value)
        and issubclass(value, Exception)
        and not issubclass(value, Warning)
        and value.__module__ == module
    ]

    unmapped = [
        each.__name__
        for each in classes
        if not any(base.__name__ in VENDOR_ERRORS for base in each.__mro__)
    ]

    assert classes
    assert unmapped == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (408, ServiceUnavailableError),
        (429, ServiceUnavailableError),
        (500, ServiceUnavailableError),
        (503, ServiceUnavailableError),
        (400, ServiceError),
        (409, ServiceError),
    ],
)
def test_the_status_decides(status: int, expected: type[BankmlError]) -> None:
    body = {"error": {"code": "SomeCode", "message": "It is so."}}
    error = requests.HTTPError("bad", response=answer(status, body))

    found = translate(error, "do it")

    assert type(found) is expected
    assert "could not do it: SomeCode: It is so." in str(found)


def test_a_wait_that_the_service_asks_for_is_kept() -> None:
    error = requests.HTTPError("slow", response=answer(429, None, Retry_After="7"))

    found = translate(error, "do it")

    assert isinstance(found, ServiceUnavailableError)
    assert (found.status_code, found.retry_after) == (429, 7.0)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Request failed (401): no", 401),
        ("Received bad response:\nResponse Code: 503\nHeaders: {}\nContent: b'{}'", 503),
        ("Operation returned an invalid status code 'Forbidden'. The possible reason", 403),
        ("no number at all", None),
    ],
)
def test_a_status_that_is_only_in_the_text_is_found(text: str, status: int | None) -> None:
    assert read_problem(ValueError(text)).status == status


def test_an_answer_that_is_quoted_in_a_text_is_read() -> None:
    body = json.dumps({"error": {"code": "QuotaExceeded", "message": "No cores left."}}).encode()
    text = f"Response Code: 409\nHeaders: {{'Retry-After': '3'}}\nContent: {body!r}"

    problem = read_problem(RuntimeError(text))

    assert (problem.code, problem.message) == ("QuotaExceeded", "No cores left.")
    assert problem.retry_after == 3.0


def test_a_quota_error_says_what_to_do(emulator: Emulator) -> None:
    del emulator
    vendor: Any = importlib.import_module("azureml.exceptions")

    found = translate(vendor.ComputeTargetException("QuotaExceeded: no cores"), "create compute")

    assert "more quota or take a smaller vm_size" in str(found)


def test_a_lost_connection_may_pass() -> None:
    assert isinstance(
        translate(requests.ConnectionError("reset"), "do it"), ServiceUnavailableError
    )


def test_the_cause_is_looked_at() -> None:
    outer = ValueError("the SDK says nothing of use")
    outer.__cause__ = requests.HTTPError("x", response=answer(403))

    assert isinstance(translate(outer, "do it"), PermissionDeniedError)


def test_our_own_errors_pass_unchanged() -> None:
    own = NotFoundError("not there")

    assert translate(own, "do it") is own


def test_secrets_are_cut_out() -> None:
    text = "https://a.blob/x?sv=1&sig=abc%3D&se=2 with Authorization: Bearer eyJhbGci.x.y"

    clean = redact(text)

    assert "abc" not in clean
    assert "eyJhbGci" not in clean
    assert "sv=1&sig=***&se=2" in clean
