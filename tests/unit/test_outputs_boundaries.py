"""What a run's outputs say, and to whom: the values at the edges and the words of the errors."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
import pytest

from bankml import (
    DataError,
    RunDataError,
    RunError,
    RunFailedError,
    RunNotFinishedError,
    RunStatus,
    outputs,
)
from bankml.backends.base import ChildRecord, RunFailure, RunRecord
from bankml.cli import exit_codes

if TYPE_CHECKING:
    from pathlib import Path

    from bankml.backends.base import Backend


@dataclass
class Outputs:
    """A backend that has the outputs of one run, and nothing else."""

    files: dict[str, Path]
    candidates: list[ChildRecord] = field(default_factory=list)
    fetched: list[tuple[str, str]] = field(default_factory=list)

    def fetch_output(self, run_id: str, kind: str) -> Path:
        self.fetched.append((run_id, kind))
        return self.files[kind]

    def children(self, run_id: str) -> list[ChildRecord]:
        assert run_id == "run-1"
        return self.candidates


def backend_with(folder: Path, document: Any, *candidates: ChildRecord) -> tuple[Backend, Outputs]:
    path = folder / "metrics.json"
    path.write_text(json.dumps(document), "utf-8")
    backend = Outputs({"Metrics": path}, list(candidates))
    return cast("Backend", backend), backend


def run(status: RunStatus = RunStatus.FINISHED, **fields: Any) -> RunRecord:
    return RunRecord("run-1", "local://x#run-1", "e", status, **fields)


def child(number: int, status: RunStatus = RunStatus.FINISHED, **metrics: float) -> ChildRecord:
    return ChildRecord(f"r_{number}", number, "LightGBM", "", status, 0.1 * number, metrics)


def test_the_frame_has_the_last_value_of_each_metric_in_the_order_of_names(tmp_path: Path) -> None:
    document = {
        "r_0": {"normalized": 0.1, "log_loss": [0.3, 0.2], "AUC_weighted": 0.9},
        "r_1": {"norm_macro_recall": 0.4, "accuracy": [0.8]},
    }
    backend, asked = backend_with(tmp_path, document)

    frame = outputs.metrics(backend, run())

    expected = pd.DataFrame(
        {"r_0": [None, 0.9, 0.2, None, 0.1], "r_1": [0.8, None, None, 0.4, None]},
        index=["accuracy", "AUC_weighted", "log_loss", "norm_macro_recall", "normalized"],
        dtype=float,
    )
    pd.testing.assert_frame_equal(frame, expected)
    assert asked.fetched == [("run-1", "Metrics")]


@pytest.mark.parametrize("output", [outputs.metrics, outputs.best_model])
def test_a_run_that_goes_on_is_not_asked_for_its_outputs(tmp_path: Path, output: Any) -> None:
    backend, asked = backend_with(tmp_path, {})

    with pytest.raises(RunNotFinishedError) as caught:
        output(backend, run(RunStatus.RUNNING))

    assert str(caught.value).endswith("is Finished. Wait for it with wait().")
    assert caught.value.run_id == "run-1"
    assert asked.fetched == []


def test_a_metrics_file_that_is_no_document_names_its_run(tmp_path: Path) -> None:
    backend, _ = backend_with(tmp_path, [])

    with pytest.raises(RunError, match="not an object of child runs") as caught:
        outputs.metrics(backend, run())

    assert caught.value.run_id == "run-1"


def test_the_leaderboard_fills_in_the_metrics_that_only_the_output_has(tmp_path: Path) -> None:
    document = {
        "r_0": {"AUC_weighted": [0.1, 0.7]},
        "r_1": {"AUC_weighted": [0.5]},
        "r_9": {"AUC_weighted": [0.9]},
    }
    backend, asked = backend_with(
        tmp_path, document, child(0), child(1, AUC_weighted=0.6), child(2)
    )

    board = outputs.leaderboard(backend, run(primary_metric="AUC_weighted"))

    assert {row.child.id: row.metrics for row in board} == {
        "r_0": {"AUC_weighted": 0.7},
        "r_1": {"AUC_weighted": 0.6},
        "r_2": {},
    }
    assert asked.fetched == [("run-1", "Metrics")]


@pytest.mark.parametrize(
    ("status", "candidates"),
    [
        (RunStatus.RUNNING, [child(0)]),
        (RunStatus.FINISHED, [child(0, AUC_weighted=0.6)]),
        (RunStatus.FINISHED, [child(0, RunStatus.FAILED), child(1, AUC_weighted=0.6)]),
    ],
)
def test_the_metrics_output_is_left_alone_where_it_is_not_needed(
    tmp_path: Path, status: RunStatus, candidates: list[ChildRecord]
) -> None:
    backend, asked = backend_with(tmp_path, {}, *candidates)

    board = outputs.leaderboard(backend, run(status))

    assert len(board) == len(candidates)
    assert asked.fetched == []


def test_a_broken_metrics_output_of_a_leaderboard_names_its_run(tmp_path: Path) -> None:
    backend, _ = backend_with(tmp_path, 3, child(0))

    with pytest.raises(RunError) as caught:
        outputs.leaderboard(backend, run())

    assert caught.value.run_id == "run-1"


def test_a_leaderboard_ranks_by_the_metric_of_its_run(tmp_path: Path) -> None:
    backend, _ = backend_with(tmp_path, {}, child(0, a=1.0), child(1, a=1.0))

    by_loss = outputs.leaderboard(backend, run(primary_metric="log_loss"))
    by_default = outputs.leaderboard(backend, run())

    assert [row.child.number for row in by_loss] == [0, 1]
    assert [row.child.number for row in by_default] == [1, 0]
    assert by_default.primary_metric == "AUC_weighted"


@pytest.mark.parametrize(
    ("tags", "title"),
    [
        ({}, "Run run-1"),
        ({"bankml.synthetic": ""}, "Run run-1"),
        ({"bankml.synthetic": "true"}, "Run run-1 (synthetic data)"),
    ],
)
def test_a_leaderboard_says_whether_its_data_were_made_up(
    tmp_path: Path, tags: dict[str, str], title: str
) -> None:
    backend, _ = backend_with(tmp_path, {})

    assert outputs.leaderboard(backend, run(tags=tags)).title == title


@pytest.mark.parametrize(
    ("wishes", "passed_on"),
    [
        ({}, {"trust": False, "check_versions": True}),
        ({"trust": True}, {"trust": True, "check_versions": True}),
        ({"check_versions": False}, {"trust": False, "check_versions": False}),
    ],
)
def test_a_model_is_loaded_with_care_unless_the_caller_wants_otherwise(
    tmp_path: Path,
    wishes: dict[str, bool],
    passed_on: dict[str, bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = Outputs({"Model": tmp_path})
    monkeypatch.setattr(outputs, "load_model", lambda folder, **wanted: (folder, wanted))

    loaded: Any = outputs.best_model(cast("Backend", asked), run(), **wishes)

    assert asked.fetched == [("run-1", "Model")]
    assert loaded == (tmp_path, passed_on)


def test_a_failed_run_tells_step_cause_portal_and_log_on_lines_of_their_own() -> None:
    failure = RunFailure("train", "UserError", "The label is constant", "line 1\nline 2")

    with pytest.raises(RunFailedError) as caught:
        outputs.check_finished(run(RunStatus.FAILED, failure=failure, portal_url="https://p/1"))

    assert str(caught.value).splitlines() == [
        "Run run-1 failed in step 'train': The label is constant (UserError)",
        "Look at it in the portal: https://p/1",
        "Last lines of its log:",
        "line 1",
        "line 2",
    ]


def test_a_failure_without_portal_and_log_is_one_line() -> None:
    failure = RunFailure("train", "UserError", "The label is constant")

    error = outputs.end_error(run(RunStatus.FAILED, failure=failure))

    assert str(error) == "Run run-1 failed in step 'train': The label is constant (UserError)"


@pytest.mark.parametrize(
    ("code", "kind", "number"),
    [
        ("DataError", RunDataError, exit_codes.DATA),
        ("UserError", RunFailedError, exit_codes.RUN_FAILED),
    ],
)
def test_a_failure_that_the_data_is_the_cause_of_is_an_error_of_data_too(
    code: str, kind: type[RunFailedError], number: int
) -> None:
    failure = RunFailure("train", code, "The label is constant")

    error = outputs.end_error(run(RunStatus.FAILED, failure=failure))

    assert error is not None
    assert type(error) is kind
    assert (error.run_id, exit_codes.exit_code(error)) == ("run-1", number)
    assert isinstance(error, DataError) == (kind is RunDataError)


def test_a_failure_that_is_not_known_points_to_the_log() -> None:
    error = outputs.end_error(run(RunStatus.FAILED))

    assert isinstance(error, RunFailedError)
    assert str(error) == "Run run-1 failed; its log may tell why: log()."


def test_a_canceled_run_is_named() -> None:
    error = outputs.end_error(run(RunStatus.CANCELED))

    assert error is not None
    assert (str(error), error.run_id) == ("Run run-1 was canceled.", "run-1")


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.FINISHED])
def test_a_run_that_goes_on_or_is_finished_ended_with_no_error(status: RunStatus) -> None:
    assert outputs.end_error(run(status)) is None


def written(folder: Path, text: str) -> Path:
    path = folder / "metrics.json"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "is not an object of child runs."),
        ('{"r_0": 3}', "has a child run without metrics."),
        ('{"r_0": {}, "r_0": {}}', "it has a key twice, so one of its values would be lost."),
    ],
)
def test_a_refusal_names_file_cause_and_run(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(RunError) as caught:
        outputs.read_metrics(path, "run-1")

    assert str(path) in str(caught.value)
    assert str(caught.value).endswith(words)
    assert caught.value.run_id == "run-1"


def test_a_file_read_without_a_run_blames_none(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        outputs.read_metrics(tmp_path / "missing.json")

    assert caught.value.run_id == ""


def test_names_are_read_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_bytes('{"r_0": {"précision": 1}}'.encode())

    assert outputs.read_metrics(path) == {"r_0": {"précision": [1.0]}}


def test_a_file_at_the_bound_is_read_and_a_larger_one_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, text := '{"r_0": {"accuracy": 1}}')
    monkeypatch.setattr(outputs, "MAX_METRICS_BYTES", len(text))
    assert outputs.read_metrics(path) == {"r_0": {"accuracy": [1.0]}}

    monkeypatch.undo()
    os.truncate(path, outputs.MAX_METRICS_BYTES + 1)
    with pytest.raises(RunError) as caught:
        outputs.read_metrics(path, "run-1")

    megabytes = outputs.MAX_METRICS_BYTES // 10**6
    assert str(caught.value) == (
        f"The metrics output {path} is larger than {megabytes} MB; read it yourself."
    )
    assert caught.value.run_id == "run-1"


def test_the_memory_that_values_would_take_is_counted_by_their_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, '{"r_0": {"a": [1, 2], "b": 3}}')
    signs = {",": 2, ":": 3, "{": 2, "[": 1}
    needed = 2 * 32 + 3 * 60 + 2 * 500 + 1 * 100
    assert all(path.read_text().count(sign) == count for sign, count in signs.items())

    monkeypatch.setattr(outputs, "MAX_METRICS_MEMORY", needed)
    assert outputs.read_metrics(path) == {"r_0": {"a": [1.0, 2.0], "b": [3.0]}}

    monkeypatch.setattr(outputs, "MAX_METRICS_MEMORY", needed - 1)
    with pytest.raises(RunError) as caught:
        outputs.read_metrics(path, "run-1")

    assert str(caught.value) == (
        f"The metrics output {path} has so many values that they would take more than "
        "500 MB of memory; read it yourself."
    )
    assert caught.value.run_id == "run-1"


def test_what_is_no_number_at_all_is_left_out(tmp_path: Path) -> None:
    document = {"r_0": {"confusion": {"rows": []}, "curve": [[1, 2], {}], "accuracy": [1, [2]]}}

    found = outputs.read_metrics(written(tmp_path, json.dumps(document)))

    assert found == {"r_0": {"accuracy": [1.0]}}
