"""Publishing and triggering: a real POST, one run each, refused when disabled."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from bankml import (
    NotFoundError,
    PublishedPipeline,
    PublishError,
    Run,
    RunStatus,
    TriggerError,
    Workflow,
    publish,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd


@pytest.fixture(scope="package")
def published(workflow: Workflow, trained: Run) -> PublishedPipeline:
    """The pipeline of the trained run, published."""
    return workflow.publish(trained)


def test_a_published_pipeline_is_named_and_listed(
    workflow: Workflow, published: PublishedPipeline
) -> None:
    config = workflow.config.publish

    assert (published.name, published.version) == (config.name, config.version)
    assert published.status == "Active"
    assert published.endpoint.endswith(f"/PipelineRuns/PipelineSubmit/{published.id}")
    assert published.id in [each.id for each in workflow.published()]
    assert publish.get(workflow.workspace.backend, published.id).name == published.name


def test_a_trigger_starts_a_run_that_finishes(
    workflow: Workflow, published: PublishedPipeline, trained: Run
) -> None:
    run = workflow.trigger(published, tags={"caller": "conformance"})

    run.wait(240, progress=False)

    assert run.id != trained.id
    assert run.experiment == workflow.config.publish.experiment_name
    assert run.record.tags["caller"] == "conformance"
    assert run.leaderboard().best is not None


def test_the_same_trigger_id_never_starts_a_second_run(
    workflow: Workflow, published: PublishedPipeline
) -> None:
    own_id = uuid.uuid4().hex

    first = workflow.trigger(published, trigger_id=own_id)
    second = workflow.trigger(published, trigger_id=own_id)

    assert first.id == second.id


def test_a_trigger_can_bind_new_data(
    workflow: Workflow, published: PublishedPipeline, small_frame: pd.DataFrame
) -> None:
    newer = workflow.dataset(small_frame.assign(balance=small_frame["balance"] * 2))

    run = workflow.trigger(published, dataset=newer).wait(240, progress=False)

    assert run.reused_from is None
    assert run.record.status is RunStatus.FINISHED


def test_excluded_columns_stay_excluded_in_new_data(
    new_workflow: Callable[..., Workflow], small_frame: pd.DataFrame
) -> None:
    workflow = new_workflow(
        automl={"exclude_columns": ("leak",), "iterations": 1}, dataset={"name": "leaking"}
    )
    leaking = small_frame.assign(leak=small_frame["y"] == "yes")
    run = workflow.train(leaking.head(500), wait=False).wait(240, progress=False)
    newer = workflow.dataset(leaking.tail(500))

    again = workflow.trigger(workflow.publish(run), dataset=newer).wait(240, progress=False)

    best = again.leaderboard().best
    assert best is not None
    assert best.score is not None
    assert 0.5 < best.score < 0.99
    assert (again.record.dataset, again.record.dataset_version) == ("leaking", newer.version)


def test_a_disabled_pipeline_refuses_until_it_is_enabled(workflow: Workflow, trained: Run) -> None:
    pipeline = workflow.publish(trained).disable()

    with pytest.raises(PublishError):
        workflow.trigger(pipeline)

    assert pipeline.status == "Disabled"
    assert workflow.trigger(pipeline.enable()).wait(240, progress=False).done()


def test_an_unknown_pipeline_is_named(workflow: Workflow) -> None:
    unknown = str(uuid.uuid4())

    with pytest.raises(NotFoundError, match=unknown):
        publish.get(workflow.workspace.backend, unknown)


def test_a_parameter_that_the_pipeline_does_not_declare_is_refused(
    workflow: Workflow, published: PublishedPipeline
) -> None:
    with pytest.raises(TriggerError, match="no_such_parameter"):
        workflow.trigger(published, parameters={"no_such_parameter": "1"})


def test_a_value_of_another_type_is_refused(
    workflow: Workflow, published: PublishedPipeline
) -> None:
    with pytest.raises(TriggerError, match="iterations"):
        workflow.trigger(published, parameters={"iterations": "many"})


def test_a_dry_run_shows_the_request_and_no_token(
    workflow: Workflow, published: PublishedPipeline
) -> None:
    before = len(workflow.runs(limit=200))

    request = workflow.trigger(published, dry_run=True, trigger_id="message-7")

    assert request.endpoint == published.endpoint
    assert request.trigger_id == "message-7"
    assert "Bearer" not in str(request)
    assert len(workflow.runs(limit=200)) == before
