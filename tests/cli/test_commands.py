"""The main job from the command line, and what its exit codes say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from bankml import rest
from bankml.cli import exit_codes
from bankml.cli.screen import is_json_wanted
from bankml.config import WorkflowConfig
from bankml.server import running_server
from tests.data.scripted_server import Answer, scripted_server

from .conftest import Outcome

if TYPE_CHECKING:
    from pathlib import Path

Bankml = Callable[..., Outcome]
FAST = ("--iterations", "2", "--label", "y")


@pytest.fixture
def finished(bankml: Bankml, small_csv: Path) -> str:
    """The id of a finished run in the current folder's workspace."""
    outcome = bankml("run", "--data", str(small_csv), *FAST, "--json")
    assert outcome.code == exit_codes.OK, outcome.err
    return str(outcome.json()["run"]["id"])


def test_run_says_where_everything_is(bankml: Bankml, small_csv: Path) -> None:
    outcome = bankml("run", "--data", str(small_csv), *FAST)

    assert outcome.code == exit_codes.OK
    for part in ("Plan for backend 'local'", "AUC_weighted", "Metrics", "Model", "bankml.attach"):
        assert part in outcome.out


def test_what_a_run_says_to_attach_with_works_anywhere(
    bankml: Bankml, finished: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shown = bankml("status", finished).out
    code = shown.partition("Attach with")[2].partition("\n")[0].strip()

    elsewhere = subprocess.run(
        [sys.executable, "-c", f"import bankml; print({code}.status())"],
        cwd=tmp_path_factory.mktemp("elsewhere"), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert elsewhere.stdout == "Finished\n"


def test_without_data_and_configuration_the_sample_is_used_and_said_to_be_synthetic(
    bankml: Bankml,
) -> None:
    outcome = bankml("run", "--iterations", "1", "--no-wait")
    run_id = bankml("runs", "--json").json()[0]["id"]
    bankml("cancel", run_id)

    assert outcome.code == exit_codes.OK
    assert "synthetic" in outcome.err + outcome.out


def test_real_data_is_never_replaced_by_the_sample(bankml: Bankml, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"dataset": {"source": "missing.csv"}}')

    outcome = bankml("run")

    assert outcome.code == exit_codes.DATA
    assert "missing.csv" in outcome.err


def test_plan_creates_nothing(bankml: Bankml, tmp_path: Path) -> None:
    outcome = bankml("plan", "--data", "sample")

    assert outcome.code == exit_codes.OK
    assert not (tmp_path / ".bankml").exists()
    assert bankml("plan", "--json").json()["config"]["backend"] == "local"


def test_status_leaderboard_and_runs(bankml: Bankml, finished: str) -> None:
    assert bankml("status", finished, "--json").json()["status"] == "Finished"
    assert "Finished" in bankml("status", finished).out
    board = bankml("leaderboard", finished, "--json").json()
    assert board[0]["rank"] == 1
    assert board[0]["metrics"]["accuracy"] > 0.5
    assert "AUC_weighted" in bankml("leaderboard", finished).out
    assert [run["id"] for run in bankml("runs", "--json").json()] == [finished]
    assert finished in bankml("runs").out


def test_the_status_of_a_run_is_shown_when_its_model_is_gone(
    bankml: Bankml, finished: str, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / ".bankml" / "runs" / finished / "model")

    outcome = bankml("status", finished)

    assert outcome.code == exit_codes.OK
    assert "Finished" in outcome.out
    assert f"{finished}/metrics.json" in outcome.out
    assert f"{finished}/model" not in outcome.out


def test_publish_disable_enable_and_trigger(bankml: Bankml, finished: str) -> None:
    published = bankml("publish", finished, "--version", "2.0", "--json").json()

    assert published["version"] == "2.0"
    assert bankml("disable", published["id"], "--json").json()["status"] == "Disabled"
    refused = bankml("trigger", published["id"])
    assert (refused.code, "disabled" in refused.err.casefold()) == (exit_codes.PUBLISH, True)
    bankml("enable", published["id"])
    started = bankml("trigger", published["id"], "--wait", "--json")
    assert started.json()["status"] == "Finished"
    assert published["id"] in bankml("published").out


@pytest.mark.parametrize("options", [(), ("--wait",)])
def test_a_trigger_on_unchanged_data_says_what_it_reused(
    bankml: Bankml, finished: str, options: tuple[str, ...]
) -> None:
    published = bankml("publish", finished, "--json").json()["id"]

    triggered = bankml("trigger", published, *options)

    assert f"Reused from  {finished}" in triggered.out


def test_a_dry_trigger_sends_nothing(bankml: Bankml, finished: str) -> None:
    published = bankml("publish", finished, "--json").json()["id"]

    shown = bankml("trigger", published, "--dry-run", "--parameter", "iterations=1")
    as_json = bankml("trigger", published, "--dry-run", "--trigger-id", "message-7", "--json")
    of_an_endpoint = bankml("trigger", "https://host/x", "--dry-run")

    assert "PipelineSubmit" in shown.out
    assert as_json.json()["trigger_id"] == "message-7"
    assert "POST https://host/x" in of_an_endpoint.out
    assert len(bankml("runs", "--json").json()) == 1


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["https://host/x"], "bankml status"),
        (["https://host/x", "--dry-run"], "leave out --wait"),
        (["id-of-a-pipeline", "--dry-run"], "leave out --wait"),
    ],
)
def test_a_run_that_can_not_be_waited_for_is_not_started(
    bankml: Bankml, monkeypatch: pytest.MonkeyPatch, words: list[str], advice: str
) -> None:
    monkeypatch.setenv("BANKML_TOKEN", "token")

    outcome = bankml("trigger", *words, "--wait")

    assert outcome.code == exit_codes.CONFIG
    assert advice in " ".join(outcome.err.split())


def test_an_endpoint_is_triggered_with_the_token_of_the_environment(
    bankml: Bankml, finished: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = bankml("publish", finished, "--json").json()["id"]

    with running_server(WorkflowConfig()) as server:
        without = bankml("trigger", server.endpoint(published))
        monkeypatch.setenv("BANKML_TOKEN", server.token)
        outcome = bankml("trigger", server.endpoint(published), "--json")

    assert without.code == exit_codes.AUTHENTICATION
    assert outcome.code == exit_codes.OK
    assert bankml("status", outcome.json()["id"]).code == exit_codes.OK
    assert outcome.json()["status"] in ("Queued", "Running", "Finished")
    tags = bankml("status", outcome.json()["id"], "--json").json()["tags"]
    assert tags["bankml.trigger_id"] == outcome.json()["trigger_id"]


def test_a_trigger_that_may_have_started_a_run_has_a_code_of_its_own(
    bankml: Bankml, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANKML_TOKEN", "token")

    with scripted_server(Answer(503)) as script:
        url = f"{script.url}/elsewhere"
        outcome = bankml("trigger", url, "--trigger-id", "message-7", "--json")

    assert outcome.code == exit_codes.UNCERTAIN
    assert outcome.json()["error"] == "TriggerUncertainError"
    assert outcome.json()["trigger_id"] == "message-7"
    assert outcome.json()["message"] in outcome.err.replace("\n", " ")


def test_an_error_is_json_where_json_is_wanted(bankml: Bankml) -> None:
    outcome = bankml("status", "no-such-run", "--json")

    assert outcome.code == exit_codes.NOT_FOUND
    assert outcome.json()["error"] == "NotFoundError"
    assert "There is no workspace at" in outcome.json()["message"]
    assert bankml("status", "no-such-run").out == ""


def test_the_json_of_a_program_that_is_run_is_not_ours() -> None:
    assert is_json_wanted(["status", "x", "--json"])
    assert not is_json_wanted(["emulator", "run", "--", "program", "--json"])


@pytest.mark.parametrize("option", ["--trigger-id", "--experiment"])
def test_an_empty_name_is_not_replaced(bankml: Bankml, option: str) -> None:
    outcome = bankml("trigger", "https://host/x", "--dry-run", option, "")

    assert outcome.code == exit_codes.TRIGGER


def test_a_dataset_is_bound_by_its_name(bankml: Bankml, finished: str, small_csv: Path) -> None:
    published = bankml("publish", finished, "--json").json()["id"]
    name = small_csv.stem

    latest = bankml("trigger", published, "--dry-run", "--dataset", name, "--json")
    first = bankml("trigger", published, "--dry-run", "--dataset", f"{name}:1", "--json")
    second = bankml("trigger", published, "--dry-run", "--dataset", f"{name}:2", "--json")
    by_url = bankml("trigger", "https://host/x", "--dry-run", "--dataset", name)

    bound = latest.json()["body"]["DataSetDefinitionValueAssignments"]
    assert bound["training_data"]["SavedDataSetReference"]["Id"]
    assert first.json()["body"]["DataSetDefinitionValueAssignments"] == bound
    assert (second.code, name in second.err) == (exit_codes.NOT_FOUND, True)
    assert (by_url.code, "id in place of the URL" in by_url.err) == (exit_codes.CONFIG, True)


def test_doctor_finds_a_healthy_workspace(bankml: Bankml, finished: str) -> None:
    assert finished
    outcome = bankml("doctor", "--json")

    assert outcome.code == exit_codes.OK, outcome.out
    assert {"python", "workspace", "backend local"} <= {each["subject"] for each in outcome.json()}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["status", "no-such-run"], exit_codes.NOT_FOUND),
        (["publish", "no-such-run"], exit_codes.NOT_FOUND),
        (["run", "--config", "nothing.json"], exit_codes.CONFIG),
        (["run", "--data", "sample", "--metric", "AUC_wighted"], exit_codes.CONFIG),
        (["run", "--data", "sample", "--task", "forecasting"], exit_codes.CONFIG),
        (["trigger", "x", "--parameter", "novalue"], exit_codes.CONFIG),
        (["no-such-command"], exit_codes.USAGE),
    ],
)
def test_exit_codes_mean_something(bankml: Bankml, words: list[str], code: int) -> None:
    outcome = bankml(*words)

    assert outcome.code == code
    assert outcome.err.strip()
    assert "Traceback" not in outcome.err


def test_the_tag_of_a_trigger_is_the_same_everywhere() -> None:
    assert rest.TRIGGER_TAG == "bankml.trigger_id"


def test_a_run_may_be_named_by_the_beginning_of_its_id(bankml: Bankml, finished: str) -> None:
    shown = bankml("status", finished[:8])
    published = bankml("publish", finished[:8], "--json")

    assert f"Run          {finished}" in shown.out
    assert published.code == exit_codes.OK
    assert bankml("leaderboard", finished[:8]).code == exit_codes.OK
    assert bankml("status", finished[:3]).code == exit_codes.NOT_FOUND


def test_a_code_of_an_emoji_is_printed_as_it_is(bankml: Bankml, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        '{"experiment_name": ":smile:", "dataset": {"source": "sample"}}'
    )
    started = bankml("run", "--iterations", "1", "--no-wait")
    bankml("cancel", bankml("runs", "--json").json()[0]["id"])

    assert "Experiment   :smile:" in started.out


def test_the_module_is_the_command_line() -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "bankml", "--version"], capture_output=True, text=True, check=True
    )

    assert outcome.stdout.startswith("bankml ")


def test_help_and_version(bankml: Bankml) -> None:
    assert "leaderboard" in bankml("--help").out
    assert bankml("--version").out.startswith("bankml ")
