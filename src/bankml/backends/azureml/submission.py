"""Starting a run, exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.backends.azureml import pipeline
from bankml.backends.azureml.compute import find_target
from bankml.backends.azureml.runs import DATASET_TAG, VERSION_TAG
from bankml.errors import NotFoundError
from bankml.tags import SYNTHETIC_TAG

if TYPE_CHECKING:
    from bankml.backends.azureml.session import Session
    from bankml.backends.base import DatasetRecord
    from bankml.plan import Plan

UNSUBMITTED = (None, "NotStarted", "0")


def submit(session: Session, plan: Plan, dataset: DatasetRecord, tabular: Any) -> str:
    """Start a run of the planned pipeline.

    The run is first made, which gives its id, and then started under that id. An answer that was
    lost on the way is looked up, so that there is one run even then.

    Args:
        session: The workspace.
        plan: What to train.
        dataset: The dataset version.
        tabular: The SDK's dataset for it, without the excluded columns.

    Returns:
        The run's id.

    Raises:
        NotFoundError: The compute target is not there.
    """
    name = plan.config.compute.name
    compute = session.targets.get(name) or find_target(session, name)
    if compute is None:
        raise NotFoundError(f"There is no compute {name!r} in the workspace; create it first.")
    built = pipeline.build(session, plan, tabular, compute)
    session.call("prepare the step", built.graph.finalize)
    run_id = session.call(
        "make the run", lambda: _make(session, plan, built.graph, tags(plan, dataset))
    )
    session.call("start the run", lambda: _start(session.pipelines(), run_id))
    return run_id


def tags(plan: Plan, dataset: DatasetRecord) -> dict[str, str]:
    """Return the tags that a run is made with."""
    return {**dataset_tags(dataset), "bankml.settings": plan.settings_fingerprint()}


def dataset_tags(dataset: DatasetRecord) -> dict[str, str]:
    """Return the tags that tell which dataset version a run trains on."""
    marks = {DATASET_TAG: dataset.name, VERSION_TAG: str(dataset.version)}
    return {**marks, SYNTHETIC_TAG: "true"} if dataset.synthetic else marks


def _make(session: Session, plan: Plan, graph: Any, marks: dict[str, str]) -> str:
    client = session.pipelines()
    document = session.sdk.GraphProvider(client).get_pipeline_run_creation_info_with_graph(
        graph, pipeline_parameters=None, continue_on_step_failure=False
    )
    document.creation_info.description = plan.config.pipeline.description
    document.creation_info.tags = marks
    made = client.create_unsubmitted_pipeline_run_async(
        document, experiment_name=plan.config.experiment_name
    )
    return str(made.id)


def _start(client: Any, run_id: str) -> None:
    try:
        client.submit_saved_pipeline_run_async(pipeline_run_id=run_id)
    except Exception:
        if not _is_started(client, run_id):
            raise


def _is_started(client: Any, run_id: str) -> bool:
    entity = client.get_pipeline_run_async(run_id)
    state = entity.status.status_code if entity.status else None
    return bool(entity.is_submitted) or state not in UNSUBMITTED
