"""Metrics files of any shape are read or refused, and failures are told in full."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankml import RunCanceledError, RunError, RunFailedError, RunNotFinishedError, RunStatus
from bankml.backends.base import RunFailure, RunRecord
from bankml.outputs import check_finished, metrics, read_metrics

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str) -> Path:
    path = folder / "metrics.json"
    path.write_text(text, "utf-8")
    return path


def test_values_are_lists_of_numbers(tmp_path: Path) -> None:
    document = {"r_0": {"AUC_weighted": [0.5, 0.9], "accuracy": 0.8}}

    found = read_metrics(written(tmp_path, json.dumps(document)))

    assert found == {"r_0": {"AUC_weighted": [0.5, 0.9], "accuracy": [0.8]}}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", '"nan"', "null", '"words"'])
def test_what_is_not_a_finite_number_is_nan(tmp_path: Path, value: str) -> None:
    found = read_metrics(written(tmp_path, f'{{"r_0": {{"log_loss": [{value}]}}}}'))

    assert math.isnan(found["r_0"]["log_loss"][0])


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"r_0": 3}', '{"r_0": []}', "[" * 100_000])
def test_another_shape_is_our_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(RunError):
        read_metrics(written(tmp_path, text), "r")


def test_a_missing_file_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="nothing"):
        read_metrics(tmp_path / "nothing.json")


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents)
def test_any_document_is_read_or_our_error(tmp_path: Path, document: Any) -> None:
    path = written(tmp_path, json.dumps(document))

    with suppress(RunError):
        found = read_metrics(path)
        assert all(values for metrics in found.values() for values in metrics.values())


def record(status: RunStatus, **fields: Any) -> RunRecord:
    return RunRecord("run-1", "local://x#run-1", "e", status, **fields)


def test_a_finished_run_has_outputs() -> None:
    check_finished(record(RunStatus.FINISHED))


@pytest.mark.parametrize("text", ["{}", '{"r_0": {}}', '{"r_0": {"accuracy": []}}'])
def test_a_metrics_file_without_a_metric_is_our_error(tmp_path: Path, text: str) -> None:
    class Backend:
        def fetch_output(self, _run_id: str, _kind: str) -> Path:
            return written(tmp_path, text)

    with pytest.raises(RunError, match="no metric of any child run"):
        metrics(Backend(), record(RunStatus.FINISHED))  # type: ignore[arg-type]  # all that is used


def test_a_running_run_has_no_outputs_yet() -> None:
    with pytest.raises(RunNotFinishedError, match=r"Running.*wait\(\)"):
        check_finished(record(RunStatus.RUNNING))


def test_a_canceled_run_says_so() -> None:
    with pytest.raises(RunCanceledError):
        check_finished(record(RunStatus.CANCELED))


def test_a_failure_has_step_code_message_portal_and_log() -> None:
    failure = RunFailure("automl_module", "UserError", "The label is constant", "line 1\nline 2")
    failed = record(RunStatus.FAILED, failure=failure, portal_url="https://portal/run-1")

    with pytest.raises(RunFailedError) as caught:
        check_finished(failed)

    text = str(caught.value)
    for part in ("automl_module", "UserError", "constant", "https://portal/run-1", "line 2"):
        assert part in text
    assert caught.value.run_id == "run-1"
