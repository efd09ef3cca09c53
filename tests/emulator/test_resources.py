"""Workspace, experiments, compute, datastore and datasets as the SDK sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import compute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from bankml.emulator import Emulator

    from .stand_in import StandInTraining


def test_the_workspace_is_the_one_asked_for(workspace: Any, emulator: Emulator) -> None:
    assert workspace.name == emulator.config_dict["workspace_name"]
    assert workspace.location == "westeurope"


def test_there_is_no_other_workspace(sdk: Any, emulator: Emulator) -> None:
    names = {**emulator.config_dict, "workspace_name": "another"}

    with pytest.raises(sdk.exceptions.ProjectSystemException, match="not found"):
        sdk.core.Workspace(**names, auth=emulator.auth)


def test_an_experiment_is_made_once(sdk: Any, workspace: Any) -> None:
    first = sdk.core.Experiment(workspace, "once")
    second = sdk.core.Experiment(workspace, "once")

    assert first.id == second.id
    assert "once" in workspace.experiments


def test_a_compute_target_is_ready_at_once(
    sdk: Any, workspace: Any, training: StandInTraining
) -> None:
    target = compute(sdk, workspace, "made", min_nodes=1, vm_priority="lowpriority")
    target.wait_for_completion(show_output=False)

    assert target.get_status().provisioning_state == "Succeeded"
    assert target.get_status().current_node_count == 1
    assert training.computes[-1].vm_priority == "lowpriority"
    assert "made" in workspace.compute_targets


def test_a_compute_target_can_be_deleted(sdk: Any, workspace: Any) -> None:
    compute(sdk, workspace, "brief").delete()

    with pytest.raises(sdk.core.compute_target.ComputeTargetException):
        sdk.core.compute.ComputeTarget(workspace=workspace, name="brief")


def test_a_compute_target_can_lack_quota(sdk: Any, workspace: Any, emulator: Emulator) -> None:
    emulator.fail("quota")

    target = compute(sdk, workspace, "too-large")

    assert target.provisioning_state == "Failed"
    assert "Quota" in str(target.provisioning_errors)


def test_a_file_is_uploaded_and_trained_on(
    sdk: Any,
    workspace: Any,
    submit: Callable[..., Any],
    training: StandInTraining,
    small_csv: Path,
    small_frame: pd.DataFrame,
) -> None:
    datastore = workspace.get_default_datastore()
    datastore.upload_files([str(small_csv)], target_path="folder", show_progress=False)
    uploaded = sdk.core.Dataset.Tabular.from_delimited_files((datastore, "folder/small.csv"))

    submit(uploaded)

    assert uploaded.take(3).to_pandas_dataframe().shape == (3, small_frame.shape[1])
    assert len(training.frames[-1]) == len(small_frame)


def test_a_large_file_is_uploaded_in_blocks(workspace: Any, tmp_path: Path) -> None:
    source = tmp_path / "large.bin"
    source.write_bytes(bytes(range(256)) * 300_000)
    datastore = workspace.get_default_datastore()

    datastore.upload_files([str(source)], target_path="large", show_progress=False)
    datastore.download(str(tmp_path / "back"), prefix="large", show_progress=False)

    assert (tmp_path / "back" / "large" / "large.bin").read_bytes() == source.read_bytes()


def test_versions_of_a_dataset(sdk: Any, workspace: Any, dataset: Any) -> None:
    first = dataset.register(workspace, "versioned", tags={"source": "first"})
    same = dataset.register(workspace, "versioned", create_new_version=True)
    second = dataset.take(10).register(workspace, "versioned", create_new_version=True)
    get = sdk.core.Dataset.get_by_name

    assert (first.version, same.version, second.version) == (1, 1, 2)
    assert get(workspace, "versioned").version == 2
    assert get(workspace, "versioned", version=1).id == first.id
    assert sdk.core.Dataset.get_by_id(workspace, second.id).version == 2


def test_a_name_that_is_taken_is_refused(sdk: Any, workspace: Any, dataset: Any) -> None:
    dataset.register(workspace, "taken")

    with pytest.raises(sdk.exceptions.UserErrorException, match="already a dataset registered"):
        dataset.take(1).register(workspace, "taken")


def test_tags_of_a_dataset(sdk: Any, workspace: Any, dataset: Any) -> None:
    registered = dataset.register(workspace, "tagged", tags={"a": "1"})

    registered.add_tags({"b": "2"})

    assert sdk.core.Dataset.get_by_name(workspace, "tagged").tags == {"a": "1", "b": "2"}


def test_a_dataset_can_be_unregistered(workspace: Any, dataset: Any) -> None:
    registered = dataset.register(workspace, "forgotten")
    assert "forgotten" in workspace.datasets

    registered.unregister_all_versions()

    assert "forgotten" not in workspace.datasets.registrations
