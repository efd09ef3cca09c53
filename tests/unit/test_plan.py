"""The plan says everything before anything happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bankml import ConfigError, DataError, Workflow, WorkflowConfig, WorkspaceConfig
from bankml.pipeline import plan


def test_a_plan_names_every_stage_and_creates_nothing(tmp_path: Path) -> None:
    text = str(Workflow().plan())

    for part in (
        "folder .bankml",
        "bank-marketing-experiment",
        "cluster-bank-marketing-1",
        "Bank Marketing Dataset",
        "AUC_weighted",
        "20 min",
        "automl_module",
        "best_model_output",
    ):
        assert part in text
    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


@pytest.mark.parametrize(
    ("data", "what_to_do"),
    [
        ({"a": [1]}, "pandas.DataFrame(data"),
        ([[1, 2]], "pandas.DataFrame(data"),
        (pd.Series([1, 2]), "series.to_frame()"),
        ("x.csv", "set dataset.source to it (bankml run --data on the command line)"),
        (Path("x.csv"), "pandas.read_csv('x.csv')"),
    ],
)
def test_what_is_no_frame_is_refused_before_anything_is_made(
    tmp_path: Path, data: Any, what_to_do: str
) -> None:
    with pytest.raises(DataError, match=re.escape(what_to_do)):
        Workflow().train(data)

    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


def test_rows_beside_a_pinned_version_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    pinned = Workflow(WorkflowConfig().replace(dataset={"version": 2}))

    with pytest.raises(ConfigError, match=r"dataset\.version is 2"):
        pinned.train(pd.DataFrame({"x": [1, 2], "y": ["a", "b"]}))

    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


@pytest.mark.parametrize("config", [{"a": 1}, {}, "config.json"])
def test_a_workflow_takes_no_other_configuration_than_ours(config: Any) -> None:
    with pytest.raises(ConfigError, match=r"Workflow\.from_config\(path\)"):
        Workflow(config)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"label_column_name": "outcome"}, "no label column 'outcome'. The columns are age, y"),
        ({"exclude_columns": ("sex", "age")}, "not there: sex"),
        ({"exclude_columns": ("age",)}, "no column to learn from"),
        ({"task": "regression"}, "'y' holds string, but regression needs numbers"),
    ],
)
def test_a_plan_for_a_frame_that_can_not_be_trained_on_is_refused(
    settings: dict[str, Any], words: str
) -> None:
    frame = pd.DataFrame({"age": [30, 40], "y": ["yes", "no"]})
    config = WorkflowConfig().replace(automl=settings)

    with pytest.raises(DataError, match=words):
        plan(config, frame)


@pytest.mark.parametrize("values", [[1, 2], [1.5, None], [None, None]])
def test_a_plan_for_a_regression_of_numbers(values: list[float | None]) -> None:
    frame = pd.DataFrame({"age": [30, 40], "y": values})
    config = WorkflowConfig().replace(automl={"task": "regression"})

    assert "a DataFrame of 2 rows" in str(plan(config, frame))


@pytest.mark.parametrize(("iterations", "words"), [(1, "1 candidate"), (2, "2 candidates")])
def test_a_number_of_candidates_is_told_in_words(iterations: int, words: str) -> None:
    planned = str(plan(WorkflowConfig().replace(automl={"iterations": iterations})))

    assert re.search(rf"at most {words}\b", planned)


def test_an_option_without_a_local_meaning_is_reported() -> None:
    notices = {notice.path for notice in plan(WorkflowConfig()).notices}

    assert "compute.vm_size" in notices


def test_settings_that_change_the_result_change_the_fingerprint() -> None:
    base = plan(WorkflowConfig()).settings_fingerprint()

    seed = plan(WorkflowConfig().replace(automl={"random_state": 1})).settings_fingerprint()
    log = plan(WorkflowConfig().replace(automl={"debug_log": "other.log"})).settings_fingerprint()
    assert seed != base
    assert log == base


def test_azure_can_be_planned_without_its_sdk_being_imported() -> None:
    where = WorkspaceConfig(subscription_id="s", resource_group="g", workspace_name="w")
    azure = WorkflowConfig(backend="azureml", workspace=where)

    assert "w in g" in str(plan(azure))
