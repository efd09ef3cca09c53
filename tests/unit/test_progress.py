"""The live display: what it says, and where it says it."""

from __future__ import annotations

import io
import logging
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from bankml import Run, RunStatus
from bankml.backends.base import ChildRecord, RunRecord
from bankml.leaderboard import Leaderboard
from bankml.progress import LogDisplay, NotebookDisplay, Progress, TerminalDisplay, snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def child(number: int, score: float | None, algorithm: str = "LightGBM") -> ChildRecord:
    state = RunStatus.FAILED if score is None else RunStatus.FINISHED
    end = START + timedelta(seconds=number + 1)
    return ChildRecord(f"r_{number}", number, algorithm, "", state, score, started=START, ended=end)


RECORD = RunRecord(
    id="<r>",
    ref="local:///w#r",
    experiment="e",
    status=RunStatus.RUNNING,
    started=START,
    ended=START + timedelta(seconds=75),
    budget_seconds=1200,
    primary_metric="AUC_weighted",
)
CHILDREN = (child(0, 0.9), child(1, 0.95, "RandomForest"), child(2, None))


class Backend:
    """Knows the children, and a run that never ends."""

    poll_seconds = 0.01
    model_modules = ()

    def children(self, _run_id: str) -> Sequence[ChildRecord]:
        return CHILDREN

    def get_run(self, _run_id: str) -> RunRecord:
        return RECORD


def test_a_snapshot_has_state_time_children_best_and_last() -> None:
    seen = snapshot(RECORD, CHILDREN)

    assert seen.line() == ("Running: 3 child runs, best AUC_weighted 0.95000, last LightGBM failed")
    assert seen.clock() == "1:15 of at most 20:00"


def test_a_candidate_without_a_score_is_not_the_best_whatever_its_place() -> None:
    unscored = ChildRecord(
        "r_0", 0, "SVM", "", RunStatus.FINISHED, float("nan"), started=START, ended=START
    )

    seen = snapshot(RECORD, (unscored, child(1, 0.9)))

    assert seen.line() == "Running: 2 child runs, best AUC_weighted 0.90000, last LightGBM 0.90000"
    assert snapshot(RECORD, (unscored,)).line() == "Running: 1 child runs, last SVM without a score"


def test_a_candidate_left_behind_is_not_said_to_have_failed() -> None:
    left = ChildRecord("r_0", 0, "KNN", "", RunStatus.CANCELED, None, started=START, ended=START)

    assert snapshot(RECORD, (left,)).last == "KNN canceled"


def test_log_lines_come_only_when_something_changed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bankml.progress")
    progress = Progress(Backend(), LogDisplay())  # type: ignore[arg-type]  # all that is used

    progress(RECORD)
    progress(RECORD)

    assert len(caplog.records) == 1
    assert "best AUC_weighted 0.95000" in caplog.text


def test_a_terminal_shows_the_same_line() -> None:
    stream = io.StringIO()
    display = TerminalDisplay(stream)

    display.show(snapshot(RECORD, CHILDREN))
    display.close()

    assert "best AUC_weighted 0.95000" in stream.getvalue()
    assert "1:15 of at most 20:00" in stream.getvalue()


def test_a_notebook_updates_one_block_of_html(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("IPython")
    shown: list[str] = []

    class Handle:
        def update(self, html: Any) -> None:
            shown[-1] = html.data

    def display(html: Any, **_options: bool) -> Handle:
        shown.append(html.data)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    block = NotebookDisplay()

    block.show(snapshot(RECORD, CHILDREN[:1]))
    block.show(snapshot(RECORD, CHILDREN))

    (html,) = shown
    assert "3 child runs" in html
    assert "&lt;r&gt;" in html


def test_ctrl_c_stops_watching_and_says_how_to_attach(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(Backend(), RECORD)  # type: ignore[arg-type]  # all that is used

    def interrupt(_record: RunRecord) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.wait(on_update=interrupt, progress=False)

    assert "bankml.attach('local:///w#r')" in capsys.readouterr().err


def test_a_leaderboard_in_a_notebook_is_escaped_and_has_a_bar_per_score() -> None:
    html = Leaderboard([*CHILDREN, child(3, 0.8, "<b>")], "AUC_weighted", "<i>")._repr_html_()

    assert "&lt;b&gt;" in html
    assert "<i>" not in html
    assert html.count("<progress") == 3


@pytest.mark.parametrize(
    ("metric", "best"), [("AUC_weighted", 0.95), ("root_mean_squared_error", 0.9)]
)
def test_the_best_candidate_has_the_full_bar_whichever_way_is_better(
    metric: str, best: float
) -> None:
    board = Leaderboard(CHILDREN, metric)

    assert board[0].score == best
    assert [board.relative(row) for row in board] == [1.0, 0.0, 0.0]
