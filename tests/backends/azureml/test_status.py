"""The service's words for a run's state, in ours."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from bankml import RunStatus, ServiceError
from bankml.backends.azureml.status import CODES, PATIENCE_SECONDS, StateReader, translate

if TYPE_CHECKING:
    from .conftest import FakeClock


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Finished", RunStatus.FINISHED),
        ("Completed", RunStatus.FINISHED),
        ("CancelRequested", RunStatus.RUNNING),
        ("Preparing", RunStatus.PREPARING),
        ("Canceled", RunStatus.CANCELED),
        (None, RunStatus.NOT_STARTED),
        ("2", RunStatus.FAILED),
        ("9", None),
        ("Daydreaming", None),
    ],
)
def test_words_and_numbers(word: str | None, status: RunStatus | None) -> None:
    assert translate(word) is status


def test_every_numbered_state_is_known() -> None:
    assert all(translate(str(number)) is translate(word) for number, word in enumerate(CODES))


def test_an_unknown_state_is_logged_once_and_counts_as_running(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    states = StateReader(clock)

    with caplog.at_level(logging.WARNING):
        found = [states.read("run", "Daydreaming") for _ in range(3)]

    assert found == [RunStatus.RUNNING] * 3
    assert len(caplog.records) == 1


def test_an_unknown_state_does_not_last_for_ever(clock: FakeClock) -> None:
    states = StateReader(clock)
    states.read("run", "Daydreaming")
    clock.sleep(PATIENCE_SECONDS + 1)

    with pytest.raises(ServiceError, match="Daydreaming"):
        states.read("run", "Daydreaming")


def test_a_known_state_in_between_starts_the_time_anew(clock: FakeClock) -> None:
    states = StateReader(clock)
    states.read("run", "Daydreaming")
    clock.sleep(PATIENCE_SECONDS + 1)
    states.read("run", "Running")

    assert states.read("run", "Daydreaming") is RunStatus.RUNNING
