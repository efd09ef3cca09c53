"""The plots of a run as a whole, from candidates that are known."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from bankml.backends.base import ChildRecord
from bankml.report.run_plots import learning_plot
from bankml.status import RunStatus

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def candidate(number: int, score: float) -> ChildRecord:
    end = START + timedelta(seconds=number + 1)
    return ChildRecord(
        f"r_{number}", number, "SVM", "", RunStatus.FINISHED, score, started=START, ended=end
    )


def test_a_candidate_whose_score_can_not_be_computed_is_not_on_the_way_to_the_best() -> None:
    plot = learning_plot([candidate(0, float("nan")), candidate(1, 0.9)], "AUC_weighted")

    assert plot is not None
    assert plot.title == "The best of 1 candidates ended after 2.0 s"
    assert "the best 0.9000 after 2.0 s" in plot.text
