"""The leaderboard: best first, in a terminal, a notebook and a frame."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from bankml import Leaderboard, RunStatus
from bankml.backends.base import ChildRecord

if TYPE_CHECKING:
    from rich.table import Table

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def child(number: int, score: float | None, algorithm: str = "LightGBM") -> ChildRecord:
    status = RunStatus.FINISHED if score is not None else RunStatus.FAILED
    metrics = {} if score is None else {"AUC_weighted": score, "accuracy": 0.9}
    end = START + timedelta(seconds=number + 1)
    return ChildRecord(
        f"r_{number}", number, algorithm, "", status, score, metrics, {}, START, end, None
    )


CHILDREN = [
    child(0, 0.8),
    child(1, None),
    child(2, 0.9, "RandomForest"),
    child(3, 0.9),
    child(4, float("nan")),
]


def printed(what: Leaderboard | Table, width: int = 100) -> str:
    """Return what a terminal of that width shows."""
    console = Console(width=width, color_system=None, force_jupyter=False)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def test_it_is_best_first_ties_by_number_and_unscored_last() -> None:
    board = Leaderboard(CHILDREN, "AUC_weighted")

    assert [row.child.number for row in board] == [2, 3, 0, 1, 4]
    assert [row.rank for row in board] == [1, 2, 3, None, None]
    assert board.best is board[0]


def test_an_ensemble_as_good_as_a_single_model_is_the_best_as_it_is_what_a_run_delivers() -> None:
    board = Leaderboard([child(0, 0.9), child(1, 0.9, "VotingEnsemble")], "AUC_weighted")

    assert board.best is not None
    assert board.best.algorithm == "VotingEnsemble"


def test_smaller_is_better_for_an_error() -> None:
    board = Leaderboard([child(0, 3.0), child(1, 2.0)], "normalized_root_mean_squared_error")

    assert board[0].child.number == 1


def test_there_is_no_best_without_a_score() -> None:
    assert Leaderboard([child(1, None)], "AUC_weighted").best is None
    assert Leaderboard([], "AUC_weighted").best is None


def test_the_frame_has_all_rows_and_metrics() -> None:
    frame = Leaderboard(CHILDREN, "AUC_weighted").to_pandas()

    assert list(frame["algorithm"])[:2] == ["RandomForest", "LightGBM"]
    assert {"rank", "id", "score", "seconds", "status", "parameters", "accuracy"} <= set(frame)
    assert len(frame) == len(CHILDREN)


def test_the_text_is_a_table_and_says_what_it_leaves_out() -> None:
    board = Leaderboard([child(n, n / 100) for n in range(12)], "AUC_weighted", "Run r")

    text = str(board)
    assert "Run r" in text
    assert "0.11000" in text
    assert "2 more" in text


def test_candidates_of_one_name_show_the_fewest_parameters_that_tell_them_apart() -> None:
    settings = [(31, 0.1), (15, 0.07), (63, 0.07)]
    trees = [
        replace(
            child(number, 0.9 - number / 100),
            parameters={"seed": 1, "learning_rate": rate, "num_leaves": leaves},
        )
        for number, (leaves, rate) in enumerate(settings)
    ]
    alone = replace(child(3, 0.5, "KNN"), parameters={"n_neighbors": 5})

    text = str(Leaderboard([*trees, alone], "AUC_weighted"))

    assert [f"num_leaves={leaves}" in text for leaves, _ in settings] == [True, True, True]
    assert "learning_rate" not in text
    assert "seed" not in text
    assert "n_neighbors" not in text


def test_a_failed_candidate_says_why_in_a_terminal_and_in_a_notebook() -> None:
    failed = replace(child(1, None), error="Row [/3] is <odd>.")
    board = Leaderboard([child(0, 0.8), failed], "AUC_weighted")

    assert "Row [/3] is <odd>." in str(board)
    assert "Row [/3] is &lt;odd&gt;." in board._repr_html_()


def test_states_are_shown_only_where_they_differ() -> None:
    finished, failed = child(0, 0.8), child(1, None)

    assert "Status" not in str(Leaderboard([finished], "AUC_weighted"))
    assert "Status" not in Leaderboard([finished], "AUC_weighted")._repr_html_()
    board = Leaderboard([finished, failed], "AUC_weighted")
    assert "Failed" in str(board)
    assert "Status" not in printed(board.table(limit=1))


def test_where_a_line_is_too_short_for_bars_names_are_not_broken() -> None:
    name = "MultiLayerPerceptron of some length"
    board = Leaderboard([child(0, 0.8, name)], "AUC_weighted")

    wide, narrow = printed(board, width=90), printed(board, width=75)

    assert "█" in wide
    assert "█" not in narrow
    assert name in narrow


def test_html_escapes_what_comes_from_outside() -> None:
    board = Leaderboard([child(0, 0.5, "<script>alert(1)</script>")], "AUC_weighted")

    html = board._repr_html_()
    assert "<script>" not in html
    assert "0.5000" in html


def test_two_runs_are_compared_by_algorithm() -> None:
    this = Leaderboard([child(0, 0.8), child(1, 0.7)], "AUC_weighted")
    other = Leaderboard([child(0, 0.75), child(1, 0.6, "KNN")], "AUC_weighted")

    frame = this.compare(other)

    assert frame.loc["LightGBM", "difference"] == pytest.approx(0.05)
    assert frame["this"].isna()["KNN"]


def test_different_metrics_can_not_be_compared() -> None:
    with pytest.raises(ValueError, match="accuracy"):
        Leaderboard([], "accuracy").compare(Leaderboard([], "AUC_weighted"))
