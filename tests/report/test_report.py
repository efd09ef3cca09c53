from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import pytest

from bankml import Run, RunStatus, Workflow
from bankml.backends.base import RunFailure, RunRecord
from bankml.errors import DataError, WorkspaceError
from bankml.leaderboard import Leaderboard
from bankml.report.build import report_html
from bankml.report.content import ReportContent

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

SECTIONS = (
    "Data",
    "Leaderboard",
    "Learning over time",
    "Evaluation",
    "Importance of the columns",
    "Environment",
    "How to reproduce",
)


@pytest.fixture(scope="module")
def html(report: Path) -> str:
    return report.read_text("utf-8")


def test_the_report_has_its_sections_in_order(html: str) -> None:
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", html) == list(SECTIONS)


def test_the_report_needs_nothing_but_itself(html: str) -> None:
    addresses = re.findall(r"""(?:src|href)=["']([^"']*)""", html)

    assert all(address.startswith(("#", "data:")) for address in addresses)
    assert "<script" not in html


def test_the_report_has_the_runs_leaderboard(html: str, finished: Run) -> None:
    for row in finished.leaderboard():
        assert row.algorithm in html
        assert f"{row.score:.5f}" in html


def test_the_report_says_which_rows_it_was_evaluated_on(html: str) -> None:
    assert "Evaluated on 200 rows that were given for it" in html


def test_the_report_has_every_metric_of_the_given_rows(
    html: str, finished: Run, unseen: pd.DataFrame
) -> None:
    metrics = finished.evaluate(unseen).metrics

    for name, interval in metrics.items():
        assert f'<th scope="row">{name}</th><td class="n">{interval.estimate:.4f}</td>' in html


def test_the_report_shows_how_to_run_it_again(html: str, finished: Run) -> None:
    assert finished.ref in html
    assert "&#34;allowed_models&#34;" in html
    assert "scikit-learn" in html


def test_tables_can_be_saved_as_csv(html: str, finished: Run) -> None:
    (encoded,) = re.findall(r'download="leaderboard.csv" href="data:text/csv;base64,([^"]+)"', html)
    saved = base64.b64decode(encoded).decode()

    assert saved.splitlines()[0].startswith("rank,id,algorithm")
    assert len(saved.splitlines()) == 1 + len(finished.leaderboard())


def test_without_rows_the_runs_validation_predictions_are_used(
    finished: Run, tmp_path: Path
) -> None:
    html = finished.report(tmp_path / "report.html").read_text("utf-8")

    assert "validation predictions: 400 rows" in html
    assert "Measured on training rows" in html


def test_rows_without_the_label_are_refused_and_nothing_is_written(
    finished: Run, unseen: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"

    with pytest.raises(DataError, match="no column 'y'"):
        finished.report(path, unseen.drop(columns="y"))

    assert not path.exists()


def test_a_folder_that_is_not_there_is_named(finished: Run, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "report.html"

    with pytest.raises(WorkspaceError, match="missing"):
        finished.report(path)


def test_names_and_values_from_outside_are_escaped() -> None:
    evil = "<script>alert('&')</script>"
    record = RunRecord(
        id=evil, ref=evil, experiment=evil, status=RunStatus.FAILED, message=evil, warnings=(evil,),
        failure=RunFailure(step=evil, code=evil, message=evil, log_tail=evil),
        label_column_name=evil, task=evil, config={evil: evil},
    )  # fmt: skip

    html = report_html(ReportContent(record, Leaderboard([], "AUC_weighted")))

    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 8


def test_a_failed_runs_report_says_why() -> None:
    failure = RunFailure(step="automl_module", code="UserError", message="No rows", log_tail="oh")
    record = RunRecord(id="1", ref="1", experiment="e", status=RunStatus.FAILED, failure=failure)

    html = report_html(ReportContent(record, Leaderboard([], "AUC_weighted")))

    assert "Failed in step automl_module:</strong> No rows" in html
    assert "The run has no model: there is nothing to evaluate." in html


def test_hostile_columns_do_not_break_the_plots(
    workflow: Workflow, small_frame: pd.DataFrame, tmp_path: Path
) -> None:
    names: dict[str, Any] = {
        "age": "$\\frac{", "job": "=cmd|' /C calc'!A0", "balance": "_<b>&amp;", "y": "an$wer",
    }  # fmt: skip
    hostile = small_frame.head(150).rename(columns=names)
    hostile["an$wer"] = hostile["an$wer"].map({"yes": "_$x^", "no": "🙂<i>"})
    tried = Workflow(
        workflow.config.replace(
            automl={"label_column_name": "an$wer", "iterations": 1, "enable_voting_ensemble": False}
        )
    )
    run = tried.train(hostile, wait=False).wait(120, progress=False)

    html = run.report(tmp_path / "report.html", hostile.tail(60)).read_text("utf-8")

    assert "<i>" not in html
    assert "<b>" not in html
    for name in re.findall(r'download="(\w+).csv" href="data:text/csv;base64,([^"]+)"', html):
        assert "\n=cmd" not in base64.b64decode(name[1]).decode()
