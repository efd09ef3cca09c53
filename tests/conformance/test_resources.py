"""Workspace, experiment, compute and datasets: got or created, never twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from bankml import NotFoundError, Workflow, compute, datasets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_the_workspace_is_the_same_each_time(workflow: Workflow) -> None:
    backend = workflow.workspace.backend

    assert backend.workspace() == backend.workspace()
    assert workflow.workspace.name


def test_an_experiment_is_created_once(workflow: Workflow) -> None:
    first = workflow.workspace.experiment("an-experiment")
    second = workflow.workspace.experiment("an-experiment")

    assert first == second
    assert first.name == "an-experiment"


def test_compute_is_created_once_and_ready(workflow: Workflow) -> None:
    backend, config = workflow.workspace.backend, workflow.config.compute

    first = compute.get_or_create(backend, config)
    second = compute.get_or_create(backend, config)

    assert (first.name, first.state) == (config.name, "Succeeded")
    assert second.record.max_nodes == config.max_nodes
    assert not second.record.created


def test_there_is_no_compute_before_it_is_created(workflow: Workflow) -> None:
    assert workflow.workspace.backend.get_compute("never-made") is None


def test_the_same_content_is_the_same_version(
    new_workflow: Callable[..., Workflow], small_frame: pd.DataFrame
) -> None:
    workflow = new_workflow(dataset={"name": "versions"})
    changed = small_frame.assign(age=small_frame["age"] + 1)

    first = workflow.dataset(small_frame)
    again = workflow.dataset(small_frame.copy())
    second = workflow.dataset(changed)
    back = workflow.dataset(small_frame)

    assert (first.version, again.version, second.version, back.version) == (1, 1, 2, 1)
    assert first.id == again.id == back.id != second.id
    assert datasets.get(workflow.workspace.backend, "versions").id == second.id
    old = datasets.get(workflow.workspace.backend, "versions", 1)
    pd.testing.assert_frame_equal(old.to_pandas(), small_frame, check_dtype=False)
    pd.testing.assert_frame_equal(second.to_pandas(), changed, check_dtype=False)


def test_a_file_is_registered_and_read_back(
    new_workflow: Callable[..., Workflow], small_csv: Path
) -> None:
    workflow = new_workflow(dataset={"name": "from-file", "source": str(small_csv)})

    dataset = workflow.dataset()

    pd.testing.assert_frame_equal(dataset.to_pandas(), pd.read_csv(small_csv), check_dtype=False)


def test_ranges_of_rows(workflow: Workflow, small_frame: pd.DataFrame) -> None:
    dataset = workflow.dataset(small_frame)

    window = dataset.skip(10).take(5).to_pandas().reset_index(drop=True)

    expected = small_frame.iloc[10:15].reset_index(drop=True)
    pd.testing.assert_frame_equal(window, expected, check_dtype=False)
    assert len(dataset.take(0).to_pandas()) == 0
    assert len(dataset.skip(len(small_frame)).to_pandas()) == 0
    assert len(dataset.take(3).skip(2).to_pandas()) == 1


def test_describe_has_the_numeric_columns(workflow: Workflow, small_frame: pd.DataFrame) -> None:
    described = workflow.dataset(small_frame).describe()

    assert described.loc["mean", "age"] == pytest.approx(small_frame["age"].mean())
    assert list(described.columns) == ["age", "balance"]


def test_a_dataset_that_was_never_registered_is_named(workflow: Workflow) -> None:
    backend = workflow.workspace.backend

    with pytest.raises(NotFoundError, match="nobody"):
        datasets.get(backend, "nobody")
    assert backend.get_dataset("nobody", 3) is None
