"""Requests made from a server's own OpenAPI document, and its answers held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hypothesis
import requests
import schemathesis
from schemathesis import GenerationMode, checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
NOT_EMULATED = 501


def offered(document: dict[str, Any], values: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return a document whose parameters have these values, so that some requests find something.

    Args:
        document: An OpenAPI document.
        values: Values by parameter; others are made up.
    """
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] in values:
                    parameter["schema"] = {"type": "string", "enum": values[parameter["name"]]}
    return document


def broken_promises(
    document: dict[str, Any], url: str, headers: Mapping[str, str], examples: int
) -> tuple[list[str], int]:
    """Send requests of every kind that the document describes.

    Args:
        document: The OpenAPI document.
        url: Where the server is.
        headers: Headers of every request.
        examples: Number of valid, and of invalid requests for each operation.

    Returns:
        What was answered by 500, or in a way that the document does not have; and the number of
        requests.
    """
    problems: dict[str, None] = {}
    count = 0
    schema = schemathesis.openapi.from_dict(document)
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        modes = [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if operation.body else [])]
        for mode in modes:  # without a body hardly anything can be asked wrongly

            @hypothesis.settings(
                max_examples=examples,
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(hypothesis.HealthCheck),
            )
            @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                nonlocal count
                count += 1
                problem = _problem(case, url, headers)
                if problem:
                    problems[problem] = None

            ask()
    return list(problems), count


def _problem(case: Any, url: str, headers: Mapping[str, str]) -> str:
    where = f"{case.method} {case.path}"
    try:
        answer = case.call(base_url=url, headers=dict(headers), timeout=30)
    except requests.exceptions.InvalidHeader:
        return ""  # never sent
    if answer.status_code >= 500 and answer.status_code != NOT_EMULATED:
        return f"{where}: {answer.status_code} for {case.as_curl_command()[:2000]}"
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as failures:
        return f"{where}: {[str(failure)[:200] for failure in failures.exceptions]}"
    return ""
