"""Calls: tried again while that can help, never where it could do something twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bankml import (
    AuthenticationError,
    PermissionDeniedError,
    ServiceError,
    ServiceUnavailableError,
)
from bankml.backends.azureml.service import ATTEMPTS, LONGEST_WAIT_SECONDS, Service
from bankml.config import WorkspaceConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import FakeClock


class SignedIn:
    """Counts how often its tokens were thrown away."""

    def __init__(self) -> None:
        self.cleared = 0

    def clear_tokens(self) -> None:
        self.cleared += 1


class Sdk:
    AbstractAuthentication = SignedIn


def failing(*errors: Exception) -> Callable[[], str]:
    """An operation that raises these errors, one at each call, and then succeeds."""
    left = list(errors)

    def operation() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return operation


@pytest.fixture
def signed_in() -> SignedIn:
    return SignedIn()


@pytest.fixture
def service(clock: FakeClock, signed_in: SignedIn) -> Service:
    sdk: Any = Sdk()
    made = Service(lambda: sdk, WorkspaceConfig(), signed_in, clock)
    made.authentication()
    return made


def test_what_may_pass_is_tried_again(service: Service, clock: FakeClock) -> None:
    error = ServiceUnavailableError("busy", 503)

    assert service.call("ask", failing(error, error)) == "done"
    assert len(clock.slept) == 2


def test_the_service_says_how_long_to_wait(service: Service, clock: FakeClock) -> None:
    errors = [ServiceUnavailableError("slow", 429, retry_after=s) for s in (7.0, 9999.0)]

    service.call("ask", failing(*errors))

    assert clock.slept == [7.0, LONGEST_WAIT_SECONDS]


def test_patience_ends(service: Service) -> None:
    error = ServiceUnavailableError("busy", 503)

    with pytest.raises(ServiceUnavailableError):
        service.call("ask", failing(*[error] * ATTEMPTS))


def test_other_errors_are_raised_at_once(service: Service, clock: FakeClock) -> None:
    with pytest.raises(ServiceError, match="could not ask: no such thing"):
        service.call("ask", failing(ValueError("no such thing")))

    assert not clock.slept


def test_a_refused_token_is_renewed_once(service: Service, signed_in: SignedIn) -> None:
    assert service.call("ask", failing(AuthenticationError("expired"))) == "done"
    assert signed_in.cleared == 1

    with pytest.raises(AuthenticationError):
        service.call("ask", failing(*[AuthenticationError("expired")] * 2))


def test_a_missing_right_is_not_a_stale_token(service: Service, signed_in: SignedIn) -> None:
    with pytest.raises(PermissionDeniedError):
        service.call("ask", failing(PermissionDeniedError("no")))

    assert signed_in.cleared == 0


@pytest.mark.parametrize(("status", "tries"), [(429, 2), (503, 1), (None, 1)])
def test_what_must_not_happen_twice_is_repeated_only_after_a_refusal(
    status: int | None, tries: int, service: Service, clock: FakeClock
) -> None:
    operation = failing(ServiceUnavailableError("hm", status))

    if tries == 1:
        with pytest.raises(ServiceUnavailableError):
            service.call("publish", operation, may_repeat=False)
    else:
        assert service.call("publish", operation, may_repeat=False) == "done"

    assert len(clock.slept) == tries - 1
