"""The run history: step runs, AutoML child runs, details and logs."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bankml.backends.azureml.session import Session

PAGE_SIZE = 500
STEP_RUN, PIPELINE_RUN = "azureml.StepRun", "azureml.PipelineRun"
_REUSED_RUN, _REUSED_PIPELINE = "azureml.reusedrunid", "azureml.reusedpipeline"


def step_run(session: Session, experiment: str, run_id: str) -> Any | None:
    """Return the AutoML step's run in a pipeline run, or None before it exists. One request."""
    children = child_runs(session, experiment, run_id)
    steps = [child for child in children if child.run_type in (None, STEP_RUN, "automl")]
    automl = [step for step in steps if (step.properties or {}).get("StepType") == "AutoMLStep"]
    return next(iter(automl or steps or children), None)


def child_runs(session: Session, experiment: str, run_id: str) -> list[Any]:
    """Return the runs below a run. One request for each page of 500."""
    client = session.history(experiment, run_id)
    return session.call(
        f"list the child runs of {run_id}",
        lambda: list(client.get_child_runs(run_id, page_size=PAGE_SIZE)),
    )


def pipeline_runs(session: Session, experiment: str, limit: int) -> list[Any]:
    """Return the pipeline runs of an experiment, newest first. One request for each page."""
    client = session.runs_of(experiment)
    return session.call(
        f"list the runs of experiment {experiment!r}",
        lambda: list(
            islice(
                client.get_runs(last=limit, runtype=PIPELINE_RUN, order_by=("CreatedUtc", "desc")),
                limit,
            )
        ),
    )


def experiment_names(session: Session) -> list[str]:
    """Return the names of the workspace's experiments, without archived ones. One request."""
    workspace = session.workspace()
    experiments = session.call(
        "list the experiments", lambda: session.sdk.Experiment.list(workspace)
    )
    return [str(experiment.name) for experiment in experiments]


def details(session: Session, experiment: str, run_id: str) -> Any:
    """Return a run's details: error, warnings and log files. One request."""
    client = session.history(experiment, run_id)
    return session.call(f"look at run {run_id}", client.get_runstatus)


def download_artifact(session: Session, container: str, name: str, file: Path) -> None:
    """Download a file that a run left. Two requests.

    Args:
        session: The workspace.
        container: Where the service keeps the run's files.
        name: Path of the file in the run, for example ``outputs/model.pkl``.
        file: Where to.

    Raises:
        NotFoundError: The run has no such file.
    """
    artifacts = session.artifacts()
    session.call(
        f"download {name}",
        lambda: artifacts.download_artifact("ExperimentRun", container, name, str(file)),
    )


def automl_run_id(step: Any) -> str:
    """Return the id of the AutoML run of a step: an earlier one where its outputs are reused."""
    return str(_mark(step, _REUSED_RUN) or step.run_id)


def reused_pipeline(step: Any) -> str | None:
    """Return the id of the pipeline run whose outputs a step reuses, or None."""
    return _mark(step, _REUSED_PIPELINE) or _mark(step, _REUSED_RUN)


def _mark(step: Any, key: str) -> str | None:
    marks: Mapping[str, str] = {**(step.tags or {}), **(step.properties or {})}
    return marks.get(key) or None
