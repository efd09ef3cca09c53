"""Published pipelines, their parameters, and versioned endpoints."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests

from .conftest import automl_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from bankml.emulator import Emulator

    from .stand_in import StandInTraining


@pytest.fixture
def published(submit: Callable[..., Any], dataset: Any) -> Any:
    """A pipeline published from a run."""
    return submit(dataset).publish_pipeline(name="train", description="Trains", version="1.0")


@pytest.fixture
def trigger(emulator: Emulator) -> Callable[..., requests.Response]:
    """POST to an endpoint."""

    def post(published: Any, **body: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {emulator.token()}"}
        body = {"ExperimentName": "triggered", **body}
        return requests.post(published.endpoint, headers=headers, json=body, timeout=30)

    return post


def test_a_trigger_starts_a_second_run(
    sdk: Any, workspace: Any, published: Any, trigger: Callable[..., requests.Response]
) -> None:
    answer = trigger(published, tags={"by": "test"})

    run = sdk.pipeline.core.PipelineRun(workspace.experiments["triggered"], answer.json()["Id"])
    assert answer.status_code == 200
    assert run.get_status() == "Finished"
    assert run.get_tags()["by"] == "test"
    assert answer.json()["PipelineId"] == published.id


@pytest.mark.parametrize("kind", ["pipeline", "versioned endpoint"])
def test_other_requests_are_answered_while_a_trigger_starts_its_run(
    sdk: Any,
    workspace: Any,
    published: Any,
    training: StandInTraining,
    trigger: Callable[..., requests.Response],
    emulator: Emulator,
    kind: str,
) -> None:
    if kind == "versioned endpoint":
        published = sdk.pipeline.core.PipelineEndpoint.publish(
            workspace, name=f"busy {published.id}", pipeline=published, description="d"
        )
    answers: list[int] = []

    def ask() -> None:
        answer = requests.get(f"{emulator.url}/openapi.json", timeout=5)
        answers.append(answer.status_code)

    training.meanwhile = ask

    started = trigger(published)

    assert (started.status_code, answers) == (200, [200])


def test_published_pipelines_are_listed(sdk: Any, workspace: Any, published: Any) -> None:
    listed = sdk.pipeline.core.PublishedPipeline.list(workspace)

    found = {item.id: item for item in listed}[published.id]
    assert (found.name, found.version, found.status) == ("train", "1.0", "Active")


def test_a_disabled_pipeline_refuses_and_an_enabled_one_answers(
    sdk: Any, workspace: Any, published: Any, trigger: Callable[..., requests.Response]
) -> None:
    pipelines = sdk.pipeline.core.PublishedPipeline

    published.disable()
    refused = trigger(published)
    listed = [item.id for item in pipelines.list(workspace)]
    published.enable()

    assert refused.status_code == 409
    assert published.id not in listed
    assert trigger(published).status_code == 200


def test_an_experiment_is_required(
    published: Any, trigger: Callable[..., requests.Response]
) -> None:
    answer = trigger(published, ExperimentName=None)

    assert answer.status_code == 400
    assert "ExperimentName" in answer.json()["error"]["message"]


def test_a_body_that_is_not_that_of_a_run_is_refused(
    published: Any, trigger: Callable[..., requests.Response]
) -> None:
    answer = trigger(published, ParameterAssignments=["iterations"])

    assert answer.status_code == 400
    assert "ParameterAssignments" in answer.json()["error"]["message"]


def test_a_parameter_that_was_not_declared_is_refused(
    published: Any, trigger: Callable[..., requests.Response]
) -> None:
    answer = trigger(published, ParameterAssignments={"iterations": "3"})

    assert answer.status_code == 400
    assert "'iterations'" in answer.json()["error"]["message"]


@pytest.fixture
def publish_with(sdk: Any, workspace: Any, dataset: Any) -> Callable[..., Any]:
    """Publish a pipeline of five iterations, which are a parameter with a default."""

    def publish(default: object) -> Any:
        core = sdk.pipeline.core
        step = automl_step(sdk, workspace, dataset, iterations=5)
        pipeline = core.Pipeline(workspace=workspace, steps=[step])
        parameter = core.PipelineParameter("iterations", default)
        pipeline.graph.params["iterations"] = parameter
        (node,) = pipeline.graph.module_nodes
        node.get_param("iterations").set_value(parameter)
        return pipeline.publish(name="with a parameter", version="1")

    return publish


def test_a_declared_parameter_changes_the_settings(
    publish_with: Callable[..., Any],
    training: StandInTraining,
    trigger: Callable[..., requests.Response],
) -> None:
    published = publish_with(5)

    trigger(published)
    default = training.configs[-1].automl.iterations
    trigger(published, ParameterAssignments={"iterations": "3"})

    assert (default, training.configs[-1].automl.iterations) == (5, 3)


def test_a_value_of_another_type_is_refused(
    publish_with: Callable[..., Any], trigger: Callable[..., requests.Response]
) -> None:
    answer = trigger(publish_with(5), ParameterAssignments={"iterations": "many"})

    assert answer.status_code == 400
    assert "'iterations' must be a whole number" in answer.json()["error"]["message"]


def test_a_run_with_a_setting_that_can_not_be_read_fails(
    sdk: Any,
    workspace: Any,
    publish_with: Callable[..., Any],
    trigger: Callable[..., requests.Response],
) -> None:
    answer = trigger(publish_with("5"), ParameterAssignments={"iterations": "many"})

    run = sdk.pipeline.core.PipelineRun(workspace.experiments["triggered"], answer.json()["Id"])
    assert run.get_status() == "Failed"
    assert "'many'" in str(run.get_details()["error"])


def test_another_dataset_can_be_bound_at_trigger_time(
    workspace: Any,
    dataset: Any,
    published: Any,
    training: StandInTraining,
    trigger: Callable[..., requests.Response],
    emulator: Emulator,
) -> None:
    fewer = dataset.take(40).register(workspace, "fewer")
    bound = _declare_dataset_parameter(emulator, published)

    trigger(bound)
    whole = len(training.frames[-1])
    reference = {"SavedDataSetReference": {"Id": fewer.id}}
    trigger(bound, DataSetDefinitionValueAssignments={"training_data": reference})

    assert (whole, len(training.frames[-1])) == (600, 40)


def _declare_dataset_parameter(emulator: Emulator, published: Any) -> Any:
    """Publish the pipeline once more, with its dataset as the parameter ``training_data``."""
    headers = {"Authorization": f"Bearer {emulator.token()}"}
    base = published.endpoint.split("/PipelineRuns/")[0]
    graph = requests.get(f"{base}/Graphs/{published.graph_id}", headers=headers, timeout=30).json()
    graph["DatasetNodes"][0]["DataSetDefinition"]["ParameterName"] = "training_data"
    body = {"Name": "bound", "Version": "1", "Graph": graph, "GraphInterface": {}}
    answer = requests.post(f"{base}/Pipelines/Create", headers=headers, json=body, timeout=30)
    return SimpleNamespace(endpoint=answer.json()["Url"])


def test_a_versioned_endpoint_gathers_pipelines(
    sdk: Any, workspace: Any, submit: Callable[..., Any], dataset: Any, published: Any
) -> None:
    core = sdk.pipeline.core
    newer = submit(dataset.take(50)).publish_pipeline(name="train", description="", version="2.0")
    endpoint = core.PipelineEndpoint.publish(
        workspace, name=f"endpoint {published.id}", pipeline=published, description="d"
    )

    endpoint.add_default(newer)
    found = core.PipelineEndpoint.get(workspace, name=endpoint.name)
    run = found.submit("from-endpoint")

    assert found.default_version == "1"
    assert [item.id for item in found.list_pipelines()] == [published.id, newer.id]
    assert found.get_pipeline().id == newer.id
    assert run.get_status() == "Finished"
    assert endpoint.id in [item.id for item in core.PipelineEndpoint.list(workspace)]
