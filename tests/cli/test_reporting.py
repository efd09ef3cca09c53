"""The report from the command line, and the rows that it is given to judge the model on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bankml.backends.local import LocalBackend
from bankml.cli import exit_codes
from bankml.config import WorkflowConfig
from bankml.plan import Plan
from bankml.runs import Run

from .conftest import Outcome

if TYPE_CHECKING:
    from pathlib import Path

Bankml = Callable[..., Outcome]


@pytest.fixture
def queued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run that stays in the queue, of a configuration whose data is separated by semicolons."""
    monkeypatch.setattr("bankml.backends.local.dispatch.Dispatcher.dispatch", lambda _self: None)
    chosen = {"dataset": {"separator": ";"}, "workspace": {"path": str(tmp_path / "workspace")}}
    (tmp_path / "config.json").write_text(json.dumps(chosen))
    config = WorkflowConfig().replace(**chosen)
    backend = LocalBackend(tmp_path / "workspace")
    frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": ["yes", "no", "yes", "no"]})
    return backend.submit(Plan(config), backend.register_dataset(config.dataset, frame)).id


def test_a_report_is_written_where_it_is_asked_for(
    bankml: Bankml, queued: str, tmp_path: Path
) -> None:
    outcome = bankml("report", queued, "--output", "here.html")

    assert outcome.code == exit_codes.OK
    assert outcome.out == "Report written to here.html\n"
    assert queued in (tmp_path / "here.html").read_text("utf-8")


def test_given_rows_are_read_as_the_configured_data_is(
    bankml: Bankml, queued: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[Any, bool]] = []
    report = Run.report

    def reported(run: Run, path: Path, data: pd.DataFrame, *, trust: bool) -> Path:
        calls.append((data, trust))
        return report(run, path, data, trust=trust)

    monkeypatch.setattr(Run, "report", reported)
    (tmp_path / "new.csv").write_text("x;y\n1;yes\n2;no\n")

    outcome = bankml("report", queued, "--data", "new.csv", "--trust")

    assert outcome.code == exit_codes.OK, outcome.err
    ((rows, trust),) = calls
    assert rows.to_dict("list") == {"x": [1, 2], "y": ["yes", "no"]}
    assert trust
    assert (tmp_path / "report.html").is_file()


@pytest.mark.parametrize("content", [None, ""])
def test_rows_that_can_not_be_read_leave_no_report(
    bankml: Bankml, queued: str, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "new.csv").write_text(content)

    outcome = bankml("report", queued, "--data", "new.csv")

    assert outcome.code == exit_codes.DATA
    assert "new.csv" in outcome.err
    assert not (tmp_path / "report.html").exists()


def test_a_run_that_is_not_there_has_no_report(bankml: Bankml, queued: str, tmp_path: Path) -> None:
    outcome = bankml("report", f"{queued}x")

    assert outcome.code not in (exit_codes.OK, exit_codes.DATA)
    assert f"{queued}x" in outcome.err
    assert not (tmp_path / "report.html").exists()
