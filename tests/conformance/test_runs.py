"""A run: from submit to outputs, its failure, its cancellation, and attaching to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bankml import (
    DataError,
    NotFoundError,
    Run,
    RunCanceledError,
    RunDataError,
    RunFailedError,
    RunNotFinishedError,
    RunStatus,
    WaitTimeoutError,
    Workflow,
    pipeline,
)
from bankml.metrics.names import CLASSIFICATION_METRICS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd


def test_a_finished_run_has_its_times_in_order(trained: Run) -> None:
    record = trained.refresh()

    assert record.status is RunStatus.FINISHED
    assert record.created
    assert record.started
    assert record.ended
    assert record.created <= record.started <= record.ended


def test_children_are_numbered_and_named_after_their_run(trained: Run) -> None:
    children = trained.children()

    assert [child.number for child in children] == sorted(child.number for child in children)
    assert all(child.id.endswith(f"_{child.number}") for child in children)
    assert len({child.id.rpartition("_")[0] for child in children}) == 1
    assert all(child.algorithm for child in children)


def test_the_leaderboard_is_best_first_with_all_metrics(trained: Run) -> None:
    board = trained.leaderboard()

    scores = [row.score for row in board if row.score is not None]
    assert scores == sorted(scores, reverse=True)
    assert board.primary_metric == "AUC_weighted"
    assert board.best is not None
    assert board.best.score is not None
    assert board.best.score > 0.8
    finished = [row for row in board if row.child.status is RunStatus.FINISHED]
    assert all(set(row.metrics) >= set(CLASSIFICATION_METRICS) for row in finished)


def test_metrics_have_a_row_per_metric_and_a_column_per_child(trained: Run) -> None:
    frame = trained.metrics()

    finished = {child.id for child in trained.children() if child.status is RunStatus.FINISHED}
    assert set(frame.columns) == finished
    assert set(frame.index) >= set(CLASSIFICATION_METRICS)


def test_the_best_model_takes_raw_rows_and_gives_original_labels(
    trained: Run, small_frame: pd.DataFrame
) -> None:
    model = trained.best_model(trust=True)

    rows = small_frame.drop(columns="y")
    labels, probabilities = model.predict(rows), model.predict_proba(rows)
    assert set(labels) <= {"yes", "no"}
    assert np.mean(labels == small_frame["y"]) > 0.8
    assert probabilities.shape == (len(rows), 2)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(rows)))
    assert list(model.classes_) == ["no", "yes"]
    assert model.steps


def test_the_best_model_is_evaluated_on_other_rows(trained: Run, small_frame: pd.DataFrame) -> None:
    found = trained.evaluate(small_frame.tail(200), trust=True, resamples=20)

    assert found.metrics["AUC_weighted"].estimate > 0.8


def test_an_output_that_there_is_not_is_named_with_those_there_are(trained: Run) -> None:
    with pytest.raises(NotFoundError, match="no output 'Modle'; it has Metrics and Model"):
        trained.output_path("Modle")


def test_the_same_data_and_settings_are_reused(
    workflow: Workflow, trained: Run, small_frame: pd.DataFrame
) -> None:
    second = workflow.train(small_frame, wait=False).wait(60, progress=False)

    assert second.id != trained.id
    assert second.reused_from
    assert second.metrics().equals(trained.metrics())


def test_other_settings_are_not_reused(
    new_workflow: Callable[..., Workflow], trained: Run, small_frame: pd.DataFrame
) -> None:
    workflow = new_workflow(automl={"random_state": 1, "iterations": 1})

    other = workflow.train(small_frame, wait=False).wait(240, progress=False)

    assert other.reused_from is None
    assert other.id != trained.id


def test_reuse_can_be_turned_off(
    new_workflow: Callable[..., Workflow], trained: Run, small_frame: pd.DataFrame
) -> None:
    workflow = new_workflow(pipeline={"allow_reuse": False}, automl={"iterations": 1})

    assert trained.done()
    assert workflow.train(small_frame, wait=False).wait(240, progress=False).reused_from is None


def test_another_process_attaches_by_ref_or_id(
    new_workflow: Callable[..., Workflow], trained: Run
) -> None:
    elsewhere = new_workflow()

    by_ref, by_id = elsewhere.attach(trained.ref), elsewhere.attach(trained.id)

    assert by_ref.id == by_id.id == trained.id
    assert by_ref.status() is RunStatus.FINISHED


def test_an_unknown_run_is_named(workflow: Workflow) -> None:
    unknown = "00000000-1111-2222-3333-444444444444"

    with pytest.raises(NotFoundError, match=unknown):
        workflow.attach(unknown)


def test_runs_are_listed_newest_first(workflow: Workflow, trained: Run) -> None:
    listed = workflow.runs()

    times = [run.record.created for run in listed if run.record.created]
    assert trained.id in [run.id for run in listed]
    assert times == sorted(times, reverse=True)
    assert len(workflow.runs(limit=1)) == 1
    assert not workflow.runs(experiment="no-such-experiment")


@pytest.mark.parametrize(
    "settings", [{"label_column_name": "outcome"}, {"exclude_columns": ("outcome",)}]
)
def test_a_column_that_is_not_there_is_named_and_starts_no_run(
    new_workflow: Callable[..., Workflow], small_frame: pd.DataFrame, settings: dict[str, Any]
) -> None:
    workflow = new_workflow(automl=settings, experiment_name="no-such-column")
    dataset = workflow.dataset(small_frame)

    with pytest.raises(DataError, match="outcome"):
        workflow.plan(small_frame)
    with pytest.raises(DataError, match="outcome"):
        workflow.train(small_frame)
    with pytest.raises(DataError, match="outcome"):
        pipeline.submit(workflow.workspace.backend, pipeline.plan(workflow.config), dataset)

    assert not workflow.runs("no-such-column")


def test_runs_of_all_experiments_are_listed(
    new_workflow: Callable[..., Workflow], workflow: Workflow, trained: Run,
    small_frame: pd.DataFrame,
) -> None:  # fmt: skip
    elsewhere = new_workflow(experiment_name="elsewhere").train(small_frame, wait=False)
    elsewhere.wait(60, progress=False)

    listed = {run.id: run.experiment for run in workflow.runs(limit=200)}

    assert listed[elsewhere.id] == "elsewhere"
    assert listed[trained.id] == workflow.config.experiment_name


def test_a_label_that_is_always_the_same_fails_and_says_so(
    new_workflow: Callable[..., Workflow], small_frame: pd.DataFrame
) -> None:
    workflow = new_workflow(dataset={"name": "constant"})

    run = workflow.train(small_frame.assign(y="no"), wait=False)
    with pytest.raises(RunDataError, match="every row") as caught:
        run.wait(120, progress=False)

    failure = run.refresh().failure
    assert failure is not None
    assert failure.step == workflow.config.pipeline.step_name
    assert caught.value.run_id == run.id
    with pytest.raises(RunFailedError):
        run.best_model()


def test_an_excluded_column_that_is_not_there_is_named(
    new_workflow: Callable[..., Workflow], small_frame: pd.DataFrame
) -> None:
    workflow = new_workflow(automl={"exclude_columns": ("balanse",)})

    with pytest.raises((DataError, RunFailedError), match=r"not there.*balanse"):
        workflow.train(small_frame, wait=False).wait(120, progress=False)


def test_a_canceled_run_says_so(
    new_workflow: Callable[..., Workflow], small_frame: pd.DataFrame
) -> None:
    workflow = new_workflow(
        automl={"iterations": 200, "enable_early_stopping": False, "random_state": 3}
    )
    run = workflow.train(small_frame, wait=False)

    with pytest.raises(RunNotFinishedError):
        run.best_model()
    run.cancel()
    with pytest.raises(RunCanceledError):
        run.wait(60, progress=False)

    assert run.status() is RunStatus.CANCELED
    run.cancel()  # harmless on a run that has ended


def test_a_wait_that_times_out_leaves_the_run_running(
    new_workflow: Callable[..., Workflow], small_frame: pd.DataFrame
) -> None:
    workflow = new_workflow(
        automl={"iterations": 200, "enable_early_stopping": False, "random_state": 4}
    )
    run = workflow.train(small_frame, wait=False)

    with pytest.raises(WaitTimeoutError):
        run.wait(0.2, progress=False)

    assert not run.status().is_terminal
    run.cancel()
    run.wait(60, progress=False, raise_on_failure=False)


def test_a_run_keeps_a_log(trained: Run) -> None:
    assert trained.log().strip()
