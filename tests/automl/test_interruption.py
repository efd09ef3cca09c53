"""Runs that are cancelled, run out of time, lose a worker, or are resumed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from bankml.backends.local.automl import ChildStarted, Event
from bankml.backends.local.automl.candidates import schedule
from bankml.backends.local.automl.candidates.candidate import CODES, Candidate
from bankml.backends.local.automl.carrying.slots import Slots
from bankml.errors import RunCanceledError, RunFailedError
from tests.automl.conftest import worker_processes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bankml.backends.local.automl.training.worker import Task
    from tests.automl.conftest import Train


@pytest.fixture(scope="module")
def long_frame() -> pd.DataFrame:
    """Data on which a run without early stopping goes on for a long time."""
    random = np.random.default_rng(2)
    frame = pd.DataFrame(random.normal(size=(4000, 8)), columns=list("abcdefgh"))
    return frame.assign(label=np.where(frame["a"] + random.normal(size=4000) > 0, "up", "down"))


def test_a_cancelled_run_ends_at_once_and_leaves_no_worker(
    long_frame: pd.DataFrame, run_engine: Train
) -> None:
    started: list[Event] = []

    with pytest.raises(RunCanceledError):
        run_engine(
            long_frame, iterations=None, on_event=started.append, should_stop=lambda: bool(started)
        )

    assert worker_processes() == []


def test_the_time_out_is_kept_and_what_is_finished_is_the_result(
    long_frame: pd.DataFrame, run_engine: Train, tmp_path: Path
) -> None:
    # On a busy machine no worker may be up in time: something finished is there from the start.
    scratch = tmp_path / "kept"
    first = run_engine(long_frame, iterations=1, enable_voting_ensemble=False, scratch=scratch)
    began = time.monotonic()

    result = run_engine(
        long_frame,
        iterations=None,
        enable_early_stopping=False,
        experiment_timeout_seconds=5.0,
        scratch=scratch,
        finished=first.children,
    )

    # The benchmark measures to the second; here other processes may be busy.
    assert time.monotonic() - began <= 8.0
    assert "time-out" in result.stopped_because
    assert result.best.status == "Finished"
    assert result.model.predict(long_frame.head(2)).shape == (2,)


def test_what_candidates_have_learnt_when_the_time_is_over_is_kept(
    long_frame: pd.DataFrame, run_engine: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = Candidate("LightGBM", CODES, {"learning_rate": 1e-6, "n_estimators": 100_000_000})
    monkeypatch.setattr(schedule, "portfolio", lambda *_, **__: [endless] * 2)
    many_rows = pd.concat([long_frame] * 8)
    began = time.monotonic()

    result = run_engine(
        many_rows, n_cross_validations=None, validation_size=0.2, experiment_timeout_seconds=6.0
    )

    assert 5.0 <= time.monotonic() - began <= 9.0
    assert [child.status for child in result.children[:2]] == ["Finished"] * 2
    assert "time-out" in result.stopped_because


def test_a_run_in_which_nothing_could_finish_fails_with_advice(
    long_frame: pd.DataFrame, run_engine: Train
) -> None:
    with pytest.raises(RunFailedError, match="experiment_timeout_minutes"):
        run_engine(long_frame, experiment_timeout_seconds=0.05)


def test_candidates_that_take_too_long_are_cancelled(
    long_frame: pd.DataFrame, run_engine: Train
) -> None:
    with pytest.raises(RunFailedError, match=r"out of time|time-out"):
        run_engine(long_frame, iteration_timeout_seconds=0.001)


def test_a_candidate_whose_worker_was_killed_is_tried_again_alone(
    long_frame: pd.DataFrame, run_engine: Train
) -> None:
    killed: list[int] = []

    def kill_the_first(event: Event) -> None:
        if isinstance(event, ChildStarted) and not killed:
            killed.extend(_kill_all_workers())

    result = run_engine(long_frame, iterations=4, on_event=kill_the_first)

    assert killed
    assert [child.status for child in result.children[:4]] == ["Finished"] * 4
    assert any("a worker was killed" in note for note in result.notes)


def test_a_candidate_whose_workers_are_always_killed_fails_alone(
    long_frame: pd.DataFrame, run_engine: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slots, "start", _kill_after(Slots.start, number=0))

    result = run_engine(long_frame, iterations=4)

    assert [child.status for child in result.children[:4]] == ["Failed", *["Finished"] * 3]
    assert "died" in str(result.children[0].error)


def test_a_resumed_run_does_not_repeat_what_is_finished(
    long_frame: pd.DataFrame, run_engine: Train, tmp_path: Path
) -> None:
    scratch = tmp_path / "kept"
    first = run_engine(long_frame, iterations=2, enable_voting_ensemble=False, scratch=scratch)
    events: list[Event] = []

    second = run_engine(
        long_frame, iterations=3, scratch=scratch, finished=first.children, on_event=events.append
    )

    started = [event.number for event in events if isinstance(event, ChildStarted)]
    assert started[0] == 2
    assert [child.score for child in second.children[:2]] == [c.score for c in first.children]


def _kill_all_workers() -> list[int]:
    """Kill them all: one that is idle is replaced without a word."""
    workers = worker_processes()
    for worker in workers:
        worker.kill()
    return [int(worker.pid) for worker in workers]


def _kill_after(start: Callable[[Slots, Task], None], number: int) -> Callable[[Slots, Task], None]:
    """Return a start of tasks that kills all workers whenever one task starts."""

    def start_and_kill(slots: Slots, task: Task) -> None:
        start(slots, task)
        if task.number == number:
            _kill_all_workers()

    return start_and_kill
