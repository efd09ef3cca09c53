"""Tokens, unknown routes and faults, seen by a plain HTTP client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from bankml.emulator import FaultKind
from bankml.emulator.tokens import TokenIssuer

if TYPE_CHECKING:
    from collections.abc import Callable

    from bankml.emulator import Emulator

SUBSCRIPTIONS = "/subscriptions"


@pytest.fixture
def get(emulator: Emulator) -> Callable[..., requests.Response]:
    """GET a path with a good token."""

    def answer(
        path: str, method: str = "GET", token: str | None = None, timeout: float = 30
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or emulator.token()}"}
        return requests.request(method, emulator.url + path, headers=headers, timeout=timeout)

    return answer


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_an_unknown_route_answers_501_with_its_name(
    get: Callable[..., requests.Response],
    method: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = get("/schedules/v1.0/all", method)

    assert answer.status_code == 501
    assert f"{method} /schedules/v1.0/all" in answer.json()["error"]["message"]
    assert answer.json()["error"]["details"] == []
    assert f"unknown route: {method} /schedules/v1.0/all" in caplog.text


def test_a_path_can_not_forge_a_line_of_the_log(
    get: Callable[..., requests.Response], caplog: pytest.LogCaptureFixture
) -> None:
    get("/unknown/%0AWARNING%20forged")

    assert not [line for line in caplog.text.splitlines() if line.startswith("WARNING forged")]
    assert "forged" in caplog.text


def test_a_token_is_required(emulator: Emulator, get: Callable[..., requests.Response]) -> None:
    assert requests.get(emulator.url + SUBSCRIPTIONS, timeout=30).status_code == 401
    assert get(SUBSCRIPTIONS, token=TokenIssuer().issue()).status_code == 401
    assert get(SUBSCRIPTIONS).status_code == 200


@pytest.mark.parametrize(
    ("method", "header", "value", "status"),
    [
        ("GET", "secret", "{own}", 200),
        ("GET", "secret", "emulator", 401),
        ("GET", "metadata", "true", 401),
        ("POST", "metadata", "true", 200),
        ("POST", "metadata", "false", 401),
    ],
)
def test_the_managed_identity_wants_its_secret(
    emulator: Emulator, method: str, header: str, value: str, status: int
) -> None:
    own = emulator.environ["MSI_SECRET"]
    headers = {header: value.format(own=own)}

    answer = requests.request(method, emulator.environ["MSI_ENDPOINT"], headers=headers, timeout=30)

    assert answer.status_code == status
    assert ("access_token" in answer.json()) is (status == 200)
    assert own not in answer.text


def test_the_managed_identity_is_not_found_by_guessing(emulator: Emulator) -> None:
    headers = {"secret": emulator.environ["MSI_SECRET"], "metadata": "true"}

    for method in ("GET", "POST"):
        for path in ("/identity/token", "/identity/x/token"):
            answer = requests.request(method, emulator.url + path, headers=headers, timeout=30)
            assert answer.status_code in (401, 501)


def test_a_token_expires() -> None:
    now = [1000.0]
    issuer = TokenIssuer(lifetime_seconds=60, clock=lambda: now[0])
    header = f"Bearer {issuer.issue()}"

    fresh = issuer.problem(header)
    now[0] += 61

    assert fresh is None
    assert issuer.problem(header) == "The token has expired."


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FaultKind.THROTTLED, 429),
        (FaultKind.UNAVAILABLE_BEFORE, 503),
        (FaultKind.EXPIRED_TOKEN, 401),
        (FaultKind.FORBIDDEN, 403),
    ],
)
def test_a_fault_happens_as_often_as_asked(
    emulator: Emulator, get: Callable[..., requests.Response], kind: FaultKind, status: int
) -> None:
    fault = emulator.fail(kind, "arm.subscriptions", count=2, retry_after=7)

    answers = [get(SUBSCRIPTIONS) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert fault.happened == 2
    if status in (429, 503):
        assert answers[0].headers["Retry-After"] == "7"


def test_a_fault_keeps_to_its_route(
    emulator: Emulator, get: Callable[..., requests.Response]
) -> None:
    emulator.fail("throttled", "pipelines.*", count=None)

    assert get(SUBSCRIPTIONS).status_code == 200


def _experiment(emulator: Emulator, name: str) -> str:
    names = emulator.config_dict
    return (
        f"/history/v1.0/subscriptions/{names['subscription_id']}/resourceGroups/"
        f"{names['resource_group']}/providers/Microsoft.MachineLearningServices/workspaces/"
        f"{names['workspace_name']}/experiments/{name}"
    )


@pytest.mark.parametrize(
    ("kind", "is_done"),
    [
        (FaultKind.UNAVAILABLE_BEFORE, False),
        (FaultKind.UNAVAILABLE_AFTER, True),
        (FaultKind.DROPPED_BEFORE, False),
        (FaultKind.DROPPED_AFTER, True),
        (FaultKind.SILENT_BEFORE, False),
        (FaultKind.SILENT_AFTER, True),
    ],
)
def test_a_request_is_carried_out_or_not(
    emulator: Emulator, get: Callable[..., requests.Response], kind: FaultKind, is_done: bool
) -> None:
    path = _experiment(emulator, kind.value)
    emulator.fail(kind, "history.create_experiment")

    if kind in (FaultKind.UNAVAILABLE_BEFORE, FaultKind.UNAVAILABLE_AFTER):
        assert get(path, "POST").status_code == 503
    else:
        with pytest.raises((requests.ConnectionError, requests.ReadTimeout)):
            get(path, "POST", timeout=0.3)

    assert get(path).status_code == (200 if is_done else 404)


def test_a_download_is_cut_off(emulator: Emulator, get: Callable[..., requests.Response]) -> None:
    emulator.fail("truncated", "arm.metadata")

    with pytest.raises(requests.RequestException):
        get("/metadata/endpoints")
    assert get("/metadata/endpoints").status_code == 200


def test_chance_is_the_same_for_the_same_seed(
    emulator: Emulator, get: Callable[..., requests.Response]
) -> None:
    def answers() -> list[int]:
        emulator.heal()
        emulator.fail("throttled", "arm.subscriptions", count=None, probability=0.5, seed=3)
        return [get(SUBSCRIPTIONS).status_code for _ in range(12)]

    first, second = answers(), answers()

    assert first == second
    assert set(first) == {200, 429}


def test_every_request_is_noted(emulator: Emulator, get: Callable[..., requests.Response]) -> None:
    seen = len(emulator.requests)

    get(SUBSCRIPTIONS)

    (noted,) = emulator.requests[seen:]
    assert (noted.method, noted.route, noted.status) == ("GET", "arm.subscriptions", 200)
