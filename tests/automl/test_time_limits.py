"""The moments of a run with a time-out, and when candidates that learn from a sample must hurry."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankml.backends.local.automl.candidates.candidate import CODES
from bankml.backends.local.automl.candidates.schedule import Schedule
from bankml.backends.local.automl.deadlines import Deadlines
from bankml.backends.local.automl.events import ChildResult
from bankml.backends.local.automl.hurrying import Hurry

BEGAN = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Clock:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    chosen = Clock()
    monkeypatch.setattr(time, "monotonic", chosen)
    return chosen


def child(number: int, seconds: float) -> ChildResult:
    ended = BEGAN + timedelta(seconds=seconds)
    return ChildResult(number, "LightGBM", CODES, {}, "Finished", {}, 0.9, BEGAN, ended)


@given(seconds=st.floats(0.01, 1e6), values=st.integers(1, 10**8), began=st.floats(0, 1e6))
def test_candidates_stop_before_they_are_killed_and_the_run_ends_in_time(
    seconds: float, values: int, began: float
) -> None:
    moments = Deadlines.of_run(began, seconds, values)

    assert began < moments.readies < moments.closes < moments.ends < began + seconds


def test_at_most_a_second_of_a_long_run_is_kept_for_the_end_of_usual_data() -> None:
    moments = Deadlines.of_run(0.0, 60.0, values=100_000)

    assert moments.closes >= 59.0


def test_what_is_under_way_has_a_little_longer_than_what_has_not_begun(clock: Clock) -> None:
    moments = Deadlines.of_run(clock.now, 60.0, values=100)

    clock.now = moments.closes

    assert moments.are_over(under_way=False)
    assert not moments.are_over(under_way=True)
    assert moments.seconds_left == 0.0


@pytest.fixture
def schedule() -> Mock:
    """A schedule whose rung learns from 1,000 of very many rows; the best of it is 1."""
    chosen = Mock(
        Schedule, rung=0, is_sampling=True, has_tried_others=True, rows=1_000, most_rows=1_000_000
    )
    chosen.leaders.return_value = [1, 0]
    return chosen


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def hurry(clock: Clock, schedule: Mock, notes: list[str]) -> Hurry:
    moments = Deadlines(readies=0.0, closes=clock.now + 100, ends=clock.now + 101)
    return Hurry(schedule, moments, notes)


CHILDREN = {0: child(0, 60.0), 1: child(1, 10.0)}


def test_a_rung_has_two_fifths_of_the_time(clock: Clock, schedule: Mock, hurry: Hurry) -> None:
    clock.now += 39.0

    hurry.look(4, CHILDREN)

    schedule.hurry.assert_not_called()


def test_then_the_best_learn_from_half_as_many_rows_again_as_there_is_time_for(
    clock: Clock, schedule: Mock, hurry: Hurry
) -> None:
    clock.now += 40.0

    # 60 s are left, and the best one took 10 s for 1,000 rows.
    hurry.look(4, CHILDREN)

    schedule.hurry.assert_called_once_with(4, 9_000)


def test_where_there_is_time_enough_for_all_rows_others_are_tried_first(
    clock: Clock, schedule: Mock, hurry: Hurry
) -> None:
    schedule.most_rows = 4_000

    clock.now += 40.0
    hurry.look(4, CHILDREN)
    schedule.hurry.assert_not_called()
    clock.now += 1.0
    hurry.look(5, CHILDREN)

    schedule.hurry.assert_called_once_with(5, 8_850)


def test_until_something_but_boosting_was_tried_a_rung_has_three_fifths(
    clock: Clock, schedule: Mock, hurry: Hurry
) -> None:
    schedule.has_tried_others = False

    clock.now += 59.0
    hurry.look(4, CHILDREN)
    schedule.hurry.assert_not_called()
    clock.now += 1.0
    hurry.look(4, CHILDREN)

    schedule.hurry.assert_called_once_with(4, 6_000)


def test_it_says_so_where_there_is_no_time_for_all_rows(
    clock: Clock, schedule: Mock, hurry: Hurry, notes: list[str]
) -> None:
    def limit(_following: int, rows: int) -> None:
        schedule.most_rows = rows

    schedule.hurry.side_effect = limit
    clock.now += 40.0

    hurry.look(4, CHILDREN)

    (note,) = notes
    assert "9,000 of 1,000,000 rows" in note
    assert "experiment_timeout_minutes" in note


def test_it_hurries_once_for_each_rung(clock: Clock, schedule: Mock, hurry: Hurry) -> None:
    clock.now += 40.0

    hurry.look(4, CHILDREN)
    hurry.look(4, CHILDREN)

    schedule.hurry.assert_called_once()


def test_as_long_as_none_has_finished_the_first_ones_go_on(
    clock: Clock, schedule: Mock, hurry: Hurry
) -> None:
    schedule.leaders.return_value = []
    clock.now += 60.0

    hurry.look(2, {})

    schedule.hurry.assert_not_called()


def test_each_rung_has_its_share_of_what_is_left(
    clock: Clock, schedule: Mock, hurry: Hurry
) -> None:
    clock.now += 30.0
    schedule.rung = 1

    hurry.look(4, CHILDREN)
    clock.now += 27.0
    hurry.look(4, CHILDREN)
    schedule.hurry.assert_not_called()
    clock.now += 1.0
    hurry.look(4, CHILDREN)

    schedule.hurry.assert_called_once()
