"""Pipeline runs as the SDK sees them: states, steps, candidates, metrics, outputs, logs."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from bankml.backends.base import RunFailure
from bankml.status import RunStatus
from tests.data.scripted_server import Answer, scripted_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bankml.emulator import Emulator

    from .stand_in import StandInTraining


def test_settings_reach_the_engine(
    submit: Callable[..., Any], dataset: Any, training: StandInTraining
) -> None:
    submit(
        dataset,
        iterations=7,
        max_concurrent_iterations=2,
        n_cross_validations=3,
        allowed_models=["LightGBM"],
        enable_early_stopping=False,
        iteration_timeout_minutes=2,
    )

    automl = training.configs[-1].automl
    assert automl.iterations == 7
    assert automl.max_concurrent_iterations == 2
    assert automl.n_cross_validations == 3
    assert automl.allowed_models == ("LightGBM",)
    assert automl.enable_early_stopping is False
    assert automl.iteration_timeout_minutes == 2
    assert automl.experiment_timeout_minutes == 15
    assert automl.label_column_name == "y"
    assert training.configs[-1].compute.max_nodes == 2


def test_an_unlimited_search_stays_unlimited(
    submit: Callable[..., Any], dataset: Any, training: StandInTraining
) -> None:
    submit(dataset)

    assert training.configs[-1].automl.iterations is None


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (RunStatus.QUEUED, "Running"),
        (RunStatus.PREPARING, "Running"),
        (RunStatus.RUNNING, "Running"),
        (RunStatus.FINISHED, "Finished"),
        (RunStatus.FAILED, "Failed"),
        (RunStatus.CANCELED, "Canceled"),
    ],
)
def test_states_have_the_words_of_pipelines(
    submit: Callable[..., Any],
    dataset: Any,
    training: StandInTraining,
    status: RunStatus,
    word: str,
) -> None:
    training.status = status

    run = submit(dataset)

    assert run.get_status() == word


def test_a_run_whose_steps_are_being_started_is_running(
    sdk: Any,
    workspace: Any,
    submit: Callable[..., Any],
    dataset: Any,
    training: StandInTraining,
) -> None:
    seen: list[str] = []

    def look() -> None:
        (run,) = sdk.core.Experiment(workspace, "starting").get_runs()
        seen.append(run.get_status())

    training.meanwhile = look

    run = submit(dataset, experiment="starting")

    assert (seen, run.get_status()) == (["Running"], "Finished")


def test_a_run_can_be_canceled(
    submit: Callable[..., Any], dataset: Any, training: StandInTraining
) -> None:
    training.status = RunStatus.RUNNING
    run = submit(dataset)

    run.cancel()

    assert run.get_status() == "Canceled"


def test_a_run_can_stall_in_preparing(
    submit: Callable[..., Any], dataset: Any, emulator: Emulator
) -> None:
    run = submit(dataset)
    emulator.fail("stalled", count=2)

    states = [run.get_status() for _ in range(3)]

    assert states == ["Preparing", "Preparing", "Finished"]


def test_a_failed_run_says_why(
    submit: Callable[..., Any], dataset: Any, training: StandInTraining
) -> None:
    training.status = RunStatus.RUNNING
    run = submit(dataset)
    training.end(RunStatus.FAILED, RunFailure("automl", "NoLabel", "There is no column 'y'."))

    (step,) = run.get_steps()

    assert run.get_status() == "Failed"
    assert step.get_details()["error"]["error"]["message"] == "There is no column 'y'."
    assert run.get_details()["error"]["error"]["code"] == "NoLabel"


def test_data_that_cannot_be_read_fails_the_step(sdk: Any, submit: Callable[..., Any]) -> None:
    missing = sdk.core.Dataset.Tabular.from_delimited_files(
        "http://127.0.0.1:9/nothing.csv", validate=False, infer_column_types=False
    )

    run = submit(missing)

    assert run.get_status() == "Failed"
    message = run.get_details()["error"]["error"]["message"]
    assert "nothing.csv" in message
    assert "--map" in message


@pytest.mark.parametrize("reason", ["Connection refused", "the server answered 403"])
def test_the_signature_of_data_that_cannot_be_read_is_shown_nowhere(
    sdk: Any, submit: Callable[..., Any], reason: str
) -> None:
    with scripted_server(Answer(403)) as server:
        url = server.url if "403" in reason else "http://127.0.0.1:9"
        signed = sdk.core.Dataset.Tabular.from_delimited_files(
            f"{url}/rows.csv?sig=SECRET", validate=False, infer_column_types=False
        )
        run = submit(signed)

    (step,) = run.get_steps()
    message = run.get_details()["error"]["error"]["message"]
    assert f"{url}/rows.csv: {reason}." in message
    assert "SECRET" not in message + step.get_job_log()


def test_outputs_are_downloaded_from_the_datastore(
    submit: Callable[..., Any], dataset: Any, tmp_path: Path
) -> None:
    run = submit(dataset)
    (step,) = run.get_steps()

    for name in ("metrics_output", "model_output"):
        run.get_pipeline_output(name).download(str(tmp_path))

    metrics = tmp_path / run.get_pipeline_output("metrics_output").path_on_datastore
    model = tmp_path / run.get_pipeline_output("model_output").path_on_datastore
    assert json.loads(metrics.read_text())[f"{step.id}_0"]["AUC_weighted"] == [0.91]
    assert pickle.loads(model.read_bytes()) == {"model of": step.id}  # noqa: S301


def test_candidates_are_child_runs(submit: Callable[..., Any], dataset: Any) -> None:
    (step,) = submit(dataset).get_steps()

    children = sorted(step.get_children(), key=lambda child: child.id)

    assert [child.id for child in children] == [f"{step.id}_0", f"{step.id}_1"]
    properties = children[0].get_properties()
    assert properties["run_algorithm"] == "LightGBM"
    assert properties["run_preprocessor"] == "StandardScaler"
    assert properties["iteration"] == "0"
    assert float(properties["score"]) == 0.91
    assert children[0].get_status() == "Completed"
    assert children[0].get_metrics() == {"AUC_weighted": 0.91, "accuracy": pytest.approx(0.86)}
    assert children[1].get_metrics("AUC_weighted") == {"AUC_weighted": 0.88}


def test_the_step_has_the_metrics_of_its_best_candidate(
    submit: Callable[..., Any], dataset: Any
) -> None:
    (step,) = submit(dataset).get_steps()

    assert step.get_metrics()["AUC_weighted"] == 0.91


def test_the_best_candidate_brings_its_environment(
    submit: Callable[..., Any], dataset: Any, tmp_path: Path
) -> None:
    (step,) = submit(dataset).get_steps()
    best = next(child for child in step.get_children() if child.id.endswith("_0"))

    best.download_file("outputs/conda_env_v_1_0_0.yml", str(tmp_path / "conda.yml"))

    assert "scikit-learn==" in (tmp_path / "conda.yml").read_text()
    assert "outputs/model.pkl" in best.get_file_names()


def test_logs_can_be_read(submit: Callable[..., Any], dataset: Any) -> None:
    (step,) = submit(dataset).get_steps()

    assert step.get_job_log() == f"log of {step.id}\n"
    assert list(step.get_details()["logFiles"]) == ["logs/azureml/executionlogs.txt"]
    assert f"log of {step.id}" in str(step.get_details_with_logs())


def test_tags_and_properties_are_kept(submit: Callable[..., Any], dataset: Any) -> None:
    run = submit(dataset)

    run.set_tags({"owner": "me", "draft": "yes"})
    run.remove_tags(["draft"])
    run.add_properties({"model": "first"})

    assert run.get_tags() == {"owner": "me"}
    assert run.get_properties()["model"] == "first"


def test_runs_are_found_by_tag_and_state(
    sdk: Any, workspace: Any, submit: Callable[..., Any], dataset: Any
) -> None:
    run = submit(dataset, experiment="searched")
    submit(dataset, experiment="searched")
    run.set_tags({"marker": "one of two"})
    experiment = sdk.core.Experiment(workspace, "searched")

    assert [found.id for found in experiment.get_runs(tags={"marker": "one of two"})] == [run.id]
    assert len(list(experiment.get_runs())) == 2
    assert [found.id for found in experiment.get_runs(tags="nothing")] == []


def test_a_run_is_found_by_its_id(
    sdk: Any, workspace: Any, submit: Callable[..., Any], dataset: Any
) -> None:
    run = submit(dataset)
    (step,) = run.get_steps()

    assert sdk.core.Run.get(workspace, run.id).id == run.id
    assert sdk.core.Run.get(workspace, f"{step.id}_1").get_properties()["iteration"] == "1"
    assert sdk.pipeline.core.PipelineRun.get(workspace, run.id).get_status() == "Finished"


def test_a_long_list_of_children_comes_in_pages(
    submit: Callable[..., Any], dataset: Any, emulator: Emulator
) -> None:
    (step,) = submit(dataset).get_steps()
    seen = len(emulator.requests)

    children = list(step.get_children(_rehydrate_runs=False))

    assert len(children) == 2
    assert [request.route for request in emulator.requests[seen:]] == ["history.children"]
