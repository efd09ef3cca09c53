"""The wait tells the truth: it ends when the run does, or raises when the time is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from bankml.backends.base import Backend, RunRecord
from bankml.errors import ServiceUnavailableError, WaitTimeoutError
from bankml.polling import PATIENCE_SECONDS, Poller
from bankml.status import RunStatus

from .fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Look = RunStatus | Exception


@dataclass
class Scripted:
    """A backend whose run goes through the given looks."""

    looks: Iterator[Look]
    poll_seconds: float = 10.0

    def get_run(self, run: str) -> RunRecord:
        look = next(self.looks)
        if isinstance(look, Exception):
            raise look
        return RunRecord(run, f"test://{run}", "experiment", look)


def poller(looks: Sequence[Look], clock: FakeClock) -> Poller:
    return Poller(cast("Backend", Scripted(iter(looks))), "run-1", clock)


def forever(make: Callable[[], Look]) -> Iterator[Look]:
    while True:
        yield make()


def test_it_ends_with_the_run() -> None:
    seen: list[RunStatus] = []
    looks: list[Look] = [
        RunStatus.QUEUED,
        RunStatus.PREPARING,
        RunStatus.RUNNING,
        RunStatus.FINISHED,
    ]

    record = poller(looks, FakeClock()).wait(None, lambda update: seen.append(update.status))

    assert record.status is RunStatus.FINISHED
    assert seen == looks


def test_preparing_is_not_an_end() -> None:
    clock = FakeClock()

    record = poller([RunStatus.PREPARING] * 50 + [RunStatus.CANCELED], clock).wait(3600)

    assert record.status is RunStatus.CANCELED


def test_a_time_out_raises_at_its_time_and_names_the_state() -> None:
    clock = FakeClock()
    backend = Scripted(forever(lambda: RunStatus.RUNNING))

    with pytest.raises(WaitTimeoutError, match=r"still Running after 30 s.*goes on") as caught:
        Poller(cast("Backend", backend), "run-1", clock).wait(30)

    assert clock.time == pytest.approx(30)
    assert caught.value.run_id == "run-1"


def test_looks_become_rarer_but_never_rarer_than_the_backend_says() -> None:
    clock = FakeClock()

    poller([RunStatus.RUNNING] * 40 + [RunStatus.FINISHED], clock).wait(None)

    assert clock.sleeps == sorted(clock.sleeps)
    assert clock.sleeps[-1] == 10.0


def test_a_service_that_fails_for_a_while_is_asked_again() -> None:
    busy = ServiceUnavailableError("503")
    looks: list[Look] = [RunStatus.RUNNING, busy, busy, RunStatus.FINISHED]

    assert poller(looks, FakeClock()).wait(None).status is RunStatus.FINISHED


def test_the_wait_that_the_service_asks_for_is_kept() -> None:
    clock = FakeClock()
    looks: list[Look] = [ServiceUnavailableError("429", retry_after=77.0), RunStatus.FINISHED]

    poller(looks, clock).wait(None)

    assert clock.sleeps == [77.0]


def test_a_service_that_never_answers_is_given_up() -> None:
    clock = FakeClock()
    backend = Scripted(forever(lambda: ServiceUnavailableError("503")))

    with pytest.raises(ServiceUnavailableError):
        Poller(cast("Backend", backend), "run-1", clock).wait(None)

    assert PATIENCE_SECONDS <= clock.time < PATIENCE_SECONDS + 60


def test_other_errors_are_not_swallowed() -> None:
    looks: list[Any] = [ValueError("a defect")]

    with pytest.raises(ValueError, match="a defect"):
        poller(looks, FakeClock()).wait(None)
