"""Bad input: a clear message, an exit code, and nothing half-made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from bankml import NotFoundError, Workflow, WorkflowConfig
from bankml.cli import exit_codes

from .conftest import Outcome

if TYPE_CHECKING:
    from pathlib import Path

Bankml = Callable[..., Outcome]
ROWS = "\n".join(f"{n},{n % 7},{'yes' if n % 3 else 'no'}" for n in range(60))
GOOD = f"a,b,y\n{ROWS}\n"

UNREADABLE = {
    "empty": (b"", "empty"),
    "header only": (b"a,b,y\n", "no rows"),
    "one column": (b"y\nyes\nno\n", "column"),
    "semicolons": (GOOD.replace(",", ";").encode(), "separator"),
    "UTF-16": (GOOD.encode("utf-16"), "encoding"),
    "Latin-1": (GOOD.replace("yes", "oui é").encode("latin-1"), "encoding"),
    "duplicate columns": (GOOD.replace("a,b,y", "a,a,y").encode(), "'a'"),
    "ragged": (b"a,b,y\n1,2,yes\n1,2,3,4,no\n", "line 3"),
}
UNTRAINABLE = {
    "label missing": (GOOD.replace("a,b,y", "a,b,z"), "'y'"),
    "label constant": (GOOD.replace("yes", "no"), "label"),
    "one row": ("a,b,y\n1,2,yes\n", "row"),
    "label with gaps": (GOOD.replace("0,no", "0,", 3), "label"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_can_not_be_read_registers_nothing(
    bankml: Bankml, tmp_path: Path, name: str
) -> None:
    content, word = UNREADABLE[name]
    (tmp_path / "bad.csv").write_bytes(content)

    outcome = bankml("run", "--data", "bad.csv")

    assert outcome.code == exit_codes.DATA
    assert word.casefold() in outcome.err.casefold()
    assert bankml("runs", "--json").json() == []
    assert not list(tmp_path.rglob("*.parquet"))


@pytest.mark.parametrize("name", UNTRAINABLE)
def test_data_that_can_not_be_trained_on_fails_and_says_why(
    bankml: Bankml, tmp_path: Path, name: str
) -> None:
    text, word = UNTRAINABLE[name]
    (tmp_path / "bad.csv").write_text(text)

    outcome = bankml("run", "--data", "bad.csv", "--iterations", "2")

    assert outcome.code == exit_codes.DATA
    assert word in outcome.err
    assert "Traceback" not in outcome.err
    assert all(run["status"] == "Failed" for run in bankml("runs", "--json").json())


@pytest.mark.parametrize(
    ("saved", "options"),
    [
        (GOOD.replace(",", ";").encode(), ("--separator", ";")),
        (GOOD.replace(",", "\t").encode(), ("--separator", r"\t")),
        (GOOD.replace("yes", "oui é").encode("cp1252"), ("--encoding", "cp1252")),
    ],
)
def test_a_file_is_read_as_the_error_says(
    bankml: Bankml, tmp_path: Path, saved: bytes, options: tuple[str, str]
) -> None:
    (tmp_path / "saved.csv").write_bytes(saved)

    refused = bankml("run", "--data", "saved.csv", "--no-wait")
    accepted = bankml("run", "--data", "saved.csv", "--no-wait", "--iterations", "1", *options)
    planned = bankml("plan", "--data", "saved.csv", "--json", *options)
    bankml("cancel", bankml("runs", "--json").json()[0]["id"])

    assert f"({options[0]} on the command line)" in refused.err
    assert accepted.code == exit_codes.OK, accepted.err
    assert planned.code == exit_codes.OK


@pytest.mark.parametrize(
    "options",
    [
        ("--label", "outcome"),
        ("--task", "regression", "--metric", "r2_score"),
        ("--config", "config.json"),
    ],
)
def test_columns_that_do_not_fit_start_no_run(
    bankml: Bankml, tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "config.json").write_text('{"automl": {"exclude_columns": ["age"]}}')

    outcome = bankml("run", "--data", "good.csv", *options)

    assert outcome.code == exit_codes.DATA
    assert bankml("runs", "--json").json() == []


def test_why_a_run_failed_is_said_once(bankml: Bankml, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(GOOD.replace("yes", "no"))

    outcome = bankml("run", "--data", "bad.csv")

    assert outcome.err.count("in every row") == 1


@pytest.mark.parametrize(
    "name", ["../../x", 'it\'s "so"', "🏦", "x" * 10_000, "\x1b[31m", "..", ""]
)
def test_a_name_of_any_kind_is_our_error_or_kept(bankml: Bankml, tmp_path: Path, name: str) -> None:
    before = {path for path in tmp_path.rglob("*") if ".bankml" not in path.parts}
    endpoint = "http://127.0.0.1:9/pipelines"

    codes = {
        bankml("status", "--", name).code,
        bankml("publish", "--", name).code,
        bankml("trigger", "--", name).code,
        bankml("trigger", endpoint, "--dry-run", "--experiment", name or " ").code,
        bankml("trigger", endpoint, "--dry-run", "--trigger-id", name).code,
        bankml("trigger", endpoint, "--dry-run", "--parameter", f"{name}={name}").code,
        bankml("run", "--data", name or " ").code,
    }

    known = {exit_codes.OK, exit_codes.NOT_FOUND, exit_codes.TRIGGER, exit_codes.DATA}
    assert codes <= known | {exit_codes.CONFIG}
    after = {path for path in tmp_path.rglob("*") if ".bankml" not in path.parts}
    assert after == before


@pytest.mark.parametrize(
    "words",
    [
        ("runs",),
        ("runs", "--json"),
        ("status", "1"),
        ("leaderboard", "1"),
        ("report", "1"),
        ("cancel", "1"),
        ("run", "--resume", "1"),
        ("publish", "1"),
        ("published",),
        ("enable", "1"),
        ("disable", "1"),
        ("trigger", "1"),
        ("trigger", "1", "--dry-run"),
    ],
)
def test_looking_into_a_workspace_that_is_not_there_says_so_and_makes_none(
    bankml: Bankml, tmp_path: Path, words: tuple[str, ...]
) -> None:
    before = set(tmp_path.rglob("*"))

    outcome = bankml(*words, "--workspace", "typo")

    assert outcome.code == exit_codes.NOT_FOUND
    assert f"There is no workspace at {tmp_path / 'typo'}" in outcome.err
    assert set(tmp_path.rglob("*")) == before


def test_attaching_to_a_run_makes_no_workspace(tmp_path: Path) -> None:
    workflow = Workflow(WorkflowConfig().replace(workspace={"path": tmp_path / "typo"}))

    with pytest.raises(NotFoundError, match="There is no workspace"):
        workflow.attach("1")
    with pytest.raises(NotFoundError, match="There is no workspace"):
        workflow.runs()

    assert not (tmp_path / "typo").exists()


def test_a_missing_file_is_named(bankml: Bankml) -> None:
    outcome = bankml("run", "--data", "nothing.csv")

    assert outcome.code == exit_codes.DATA
    assert "nothing.csv" in outcome.err


def test_a_workspace_that_is_a_file_is_named(bankml: Bankml, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a folder")

    outcome = bankml("runs", "--workspace", "taken")

    assert outcome.code == exit_codes.WORKSPACE
    assert "taken" in outcome.err


def test_a_corrupt_database_names_the_doctor(bankml: Bankml, tmp_path: Path) -> None:
    (tmp_path / ".bankml").mkdir()
    (tmp_path / ".bankml" / "bankml.db").write_bytes(b"this is no database" * 1000)

    outcome = bankml("runs")

    assert outcome.code == exit_codes.WORKSPACE
    assert "doctor" in outcome.err
    assert bankml("doctor").code != exit_codes.OK


def test_a_name_is_no_command_to_the_terminal(bankml: Bankml, tmp_path: Path) -> None:
    name = "\x1b]0;owned\x07\x1b[2J[bold red]x[/] \u202egnp\nrun 2\u2028"
    (tmp_path / "good.csv").write_text(GOOD)
    workflow = Workflow(
        WorkflowConfig().replace(
            experiment_name=name,
            workspace={"path": str(tmp_path / ".bankml")},
            dataset={"name": "small", "source": str(tmp_path / "good.csv")},
            automl={"iterations": 1},
        )
    )
    run = workflow.train(wait=False)
    run.cancel()
    run.wait(60, progress=False, raise_on_failure=False)

    listed, shown = bankml("runs"), bankml("status", run.id)

    for text in (listed.out, shown.out):
        assert not set(text) & set("\x1b\x07\u202e\u2028")
    assert r"\x1b]0;owned\x07\x1b[2J[bold red]x[/] \u202egnp\nrun 2\u2028" in shown.out
    assert bankml("runs", "--json").json()[0]["experiment"] == name
