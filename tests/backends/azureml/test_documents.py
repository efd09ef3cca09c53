"""Documents of the service, read; and the cache that keeps what was fetched."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from bankml import RunStatus, WorkspaceError
from bankml.backends.azureml.cache import cache_folder, filling, run_folder
from bankml.backends.azureml.children import child_records
from bankml.backends.azureml.failures import tail
from bankml.backends.azureml.graphs import read_graph
from bankml.backends.azureml.outputs import best_child, pinned_packages
from bankml.backends.base import ChildRecord

if TYPE_CHECKING:
    from pathlib import Path

CONDA = """\
name: project_environment
dependencies:
  - python=3.9.19
  - numpy==1.23.5
  - pip:
      - azureml-train-automl-runtime==1.57.0
      - inference-schema
  - scikit-learn=1.5.1
"""


def child(run_id: str, status: str = "Completed", error: Any = None, **properties: str) -> Any:
    moment = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001 - the SDK gives some times without a zone
    return SimpleNamespace(
        run_id=run_id, status=status, error=error, properties=properties,
        start_time_utc=moment, end_time_utc=moment,
    )  # fmt: skip


def test_candidates_are_told_from_other_child_runs() -> None:
    steps = [
        {"spec_class": "preproc", "param_kwargs": {"with_mean": True}},
        {"spec_class": "sklearn", "param_kwargs": {"max_depth": 4}},
    ]
    runs = [
        child("a_1", iteration="1", score="0.9", run_algorithm="LightGBM",
              run_preprocessor="MaxAbsScaler", pipeline_spec=json.dumps({"objects": steps})),
        child("a_setup"),
        child("a_0", iteration="0", score="nan", run_algorithm="SVM", pipeline_spec="{broken"),
    ]  # fmt: skip

    first, second = child_records(runs)

    assert (first.number, first.score, first.parameters) == (0, None, {})
    assert (second.algorithm, second.preprocessor) == ("LightGBM", "MaxAbsScaler")
    assert (second.score, second.parameters) == (0.9, {"max_depth": 4})
    assert second.started == datetime(2026, 11, 23, 9, 30, tzinfo=timezone.utc)


def test_a_candidate_that_failed_says_why() -> None:
    error = {"error": {"code": "UserError", "message": "Too few rows."}}

    (record,) = child_records([child("a_0", "Failed", error, iteration="0", score="x")])

    assert (record.status, record.error) == (RunStatus.FAILED, "Too few rows.")


@pytest.mark.parametrize(
    ("metric", "best"), [("AUC_weighted", 0.9), ("normalized_root_mean_squared_error", 0.1)]
)
def test_the_best_child_is_the_one_with_the_better_score(metric: str, best: float) -> None:
    children = [
        ChildRecord(str(score), 0, "SVM", "", RunStatus.FINISHED, score)
        for score in (float("nan"), 0.5, 0.9, 0.1, None)
    ]

    found = best_child(children, metric)

    assert found is not None
    assert found.score == best


def test_the_packages_that_matter_are_read_from_a_conda_file() -> None:
    assert pinned_packages(CONDA) == {
        "numpy": "1.23.5",
        "azureml-train-automl-runtime": "1.57.0",
        "scikit-learn": "1.5.1",
    }


def test_the_graph_of_a_notebooks_run_is_read_as_well() -> None:
    prepared = json.dumps({"training_data": {"datasetId": "d-1"}}).replace('"', '\\"')
    values = {"task_type": "classification", "data_prep_json_string": prepared, "target": None}
    step = SimpleNamespace(
        module_parameters=[
            SimpleNamespace(name=name, value=value, value_type="0")
            for name, value in values.items()
        ],
        module_metadata_parameters=None,
    )

    graph = read_graph(SimpleNamespace(module_nodes=[step], dataset_nodes=None, edges=None))

    assert graph.dataset_id == "d-1"
    assert graph.dataset_parameter is None
    assert graph.setting("task_type", {}) == "classification"
    assert graph.setting("target", {}) is None


def test_an_empty_graph_is_no_error() -> None:
    graph = read_graph(SimpleNamespace(module_nodes=[], dataset_nodes=[], edges=[]))

    assert (graph.settings, graph.outputs, graph.dataset_id) == ({}, {}, None)


def test_the_end_of_a_log_is_kept() -> None:
    assert tail("one\ntwo\nthree\n\n", lines=2) == "two\nthree"


def test_the_cache_can_be_put_elsewhere(tmp_path: Path) -> None:
    assert cache_folder({"BANKML_CACHE": str(tmp_path)}) == tmp_path
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}).name == "bankml"


def test_runs_of_different_workspaces_do_not_share_a_folder() -> None:
    assert run_folder(("s", "g", "one"), "run") != run_folder(("s", "g", "two"), "run")
    assert ".." not in run_folder(("s", "g", "w"), "../../x").parts


def test_what_fails_half_way_is_never_seen(tmp_path: Path) -> None:
    target = tmp_path / "cache" / "model"

    def break_off() -> None:
        with filling(target) as fresh:
            (fresh / "half").write_text("x")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        break_off()

    assert list((tmp_path / "cache").iterdir()) == []


def test_whoever_is_first_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "cache" / "model"

    with filling(target) as fresh:
        (fresh / "file").write_text("slower")
        target.mkdir()
        (target / "file").write_text("faster")

    assert (target / "file").read_text() == "faster"
    assert list(target.parent.iterdir()) == [target]


def test_a_cache_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(WorkspaceError, match="BANKML_CACHE"), filling(tmp_path / "file" / "x"):
        pass
