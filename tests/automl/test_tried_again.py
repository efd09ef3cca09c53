"""The time of a candidate that is tried again."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

from bankml.backends.local.automl import AutoMLSettings
from bankml.backends.local.automl.carrying.slots import Ended, Slots
from bankml.backends.local.automl.data.preparation import prepare
from bankml.backends.local.automl.session import Session
from bankml.backends.local.automl.training.worker import Outcome, Task

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pytest

LIMIT, SECONDS = 60.0, 50.0


class SlotsOfAClock(Slots):
    """Room for one candidate, which takes its seconds and is killed the first time."""

    def __init__(self) -> None:
        super().__init__(1)
        self.now = 1000.0
        self.began: list[float] = []
        self.running: list[Task] = []
        self.overdue: list[int] = []

    @property
    def free(self) -> int:
        return 1 - len(self.running)

    @property
    def under_way(self) -> list[Task]:
        return list(self.running)

    def start(self, task: Task) -> None:
        self.began.append(self.now)
        self.running.append(task)

    def wait(self, seconds: float) -> list[Ended]:  # noqa: ARG002  # its own clock
        self.now += 1.0
        if self.now - self.began[-1] < SECONDS:
            return []
        task = self.running.pop()
        if len(self.began) == 1:
            return [Ended(task, None, killed=True)]
        return [Ended(task, Outcome(task.number, 0.0, 0.0, {"AUC_weighted": 0.9}))]

    def kill_task(self, number: int) -> None:
        self.overdue.append(number)

    def make_ready_for_the_end(self, *, apart: bool = False) -> None:
        """Leave it: there is no end here."""


def test_a_candidate_that_is_tried_again_has_all_of_its_time_again(
    mixed_frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = AutoMLSettings(
        "classification", "label", iterations=1, iteration_timeout_seconds=LIMIT
    )
    data = prepare(mixed_frame, settings, tmp_path)
    with closing(SlotsOfAClock()) as slots:
        monkeypatch.setattr(time, "monotonic", lambda: slots.now)
        session = Session(data, settings, slots, lambda _event: None, lambda: False, slots.now)

        session.run(())

    assert len(slots.began) == 2
    assert slots.overdue == []
    assert session.children[0].status == "Finished"
