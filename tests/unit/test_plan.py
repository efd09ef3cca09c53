"""The plan says everything before anything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml import Workflow, WorkflowConfig, WorkspaceConfig
from bankml.pipeline import plan

if TYPE_CHECKING:
    from pathlib import Path


def test_a_plan_names_every_stage_and_creates_nothing(tmp_path: Path) -> None:
    text = str(Workflow().plan())

    for part in (
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
