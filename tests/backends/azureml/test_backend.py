"""The parts together, with the real SDK: what is sent, kept and fetched, in how many requests."""

from __future__ import annotations

import json
import pickle
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bankml import (
    DataError,
    Dataset,
    ModelMismatchError,
    NotFoundError,
    PublishConfig,
    PublishedPipeline,
    PublishError,
    RunNotFinishedError,
    RunStatus,
    UntrustedModelError,
    WorkflowConfig,
    compute,
    publish,
    rest,
)
from bankml.backends.azureml.settings import PARAMETERS
from bankml.backends.base import METRICS_FILE_KIND, MODEL_FILE_KIND
from bankml.config import ComputeConfig, DatasetConfig
from bankml.manifest import read_manifest
from bankml.models import load_model
from bankml.outputs import read_metrics
from bankml.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from bankml.backends.azureml import AzureMLBackend
    from bankml.backends.base import DatasetRecord, RunRecord
    from bankml.emulator import Emulator

    from .conftest import FakeClock
    from .stand_in import StandIn

WHOLE_FLOW_AT_THE_MOST = 50
"""Requests from nothing to a triggered second run, polls left out; the notebook makes 121."""


@pytest.fixture
def backend(new_backend: Callable[..., AzureMLBackend]) -> AzureMLBackend:
    """The emulator's workspace, with its compute."""
    made = new_backend()
    compute.get_or_create(made, ComputeConfig())
    return made


@pytest.fixture
def dataset(backend: AzureMLBackend, small_file: Path) -> DatasetRecord:
    """Ten registered rows."""
    return backend.register_dataset(DatasetConfig(name="ten", source=str(small_file)))


@pytest.fixture
def finished(
    backend: AzureMLBackend, dataset: DatasetRecord, new_config: Callable[..., WorkflowConfig]
) -> RunRecord:
    """A run that has ended."""
    return backend.submit(Plan(new_config(pipeline={"allow_reuse": False})), dataset)


def routes(emulator: Emulator, since: int) -> list[str]:
    return [each.route for each in emulator.requests[since:] if each.route != "identity.token"]


def test_a_dataset_is_looked_up_with_one_request(
    backend: AzureMLBackend, dataset: DatasetRecord, emulator: Emulator
) -> None:
    since = len(emulator.requests)

    assert backend.get_dataset(dataset.name) == dataset.__class__(
        **{**vars(dataset), "created": backend.get_dataset(dataset.name).created}  # type: ignore[union-attr]  # it is there
    )
    assert set(routes(emulator, since)) == {"datasets.by_name"}
    assert (dataset.rows, dataset.columns) == (10, ("age", "balance", "y"))
    assert dataset.fingerprint is not None


def test_content_that_is_there_is_not_sent_again(
    backend: AzureMLBackend, dataset: DatasetRecord, small_file: Path, emulator: Emulator
) -> None:
    since = len(emulator.requests)

    copy = backend.register_dataset(DatasetConfig(name="copy", source=str(small_file)))
    again = backend.register_dataset(DatasetConfig(name="ten", source=str(small_file)))

    assert again.id == dataset.id
    assert copy.fingerprint == dataset.fingerprint
    assert "blob.put" not in routes(emulator, since)


def test_the_sample_is_registered_as_synthetic(backend: AzureMLBackend) -> None:
    record = backend.register_dataset(DatasetConfig(name="sample", source="sample"))

    assert (record.synthetic, record.rows) == (True, 32_950)
    assert record.source == "sample"


def test_types_survive_the_way_there_and_back(backend: AzureMLBackend) -> None:
    frame = pd.DataFrame(
        {
            "code": ["007", "012"],
            "count": [1, 2],
            "share": [0.5, None],
            "member": [True, False],
            "when": pd.to_datetime(["2026-11-23 09:30:00", "2026-11-24 10:00:00"]),
            "note": ["two\nlines", 'a "quote", too'],
        }
    )

    record = backend.register_dataset(DatasetConfig(name="types"), frame)
    found = backend.read_dataset(record)

    pd.testing.assert_frame_equal(found, frame, check_dtype=False)
    assert found["when"].dtype.kind == "M"


def test_the_graph_has_the_notebooks_outputs_and_declares_parameters(
    finished: RunRecord, emulator: Emulator, backend: AzureMLBackend
) -> None:
    graph = backend._runs.graph_of(finished.id)

    assert graph is not None
    assert graph.outputs == {"Metrics": "metrics_output", "Model": "best_model_output"}
    assert graph.dataset_parameter == "training_data"
    assert set(graph.parameters) == {
        "experiment_timeout_minutes", "iterations", "max_concurrent_iterations", "primary_metric",
    }  # fmt: skip
    assert emulator.url


def test_a_run_tells_what_it_trains(
    finished: RunRecord, dataset: DatasetRecord, new_backend: Callable[..., AzureMLBackend]
) -> None:
    elsewhere = new_backend().get_run(finished.ref)

    assert elsewhere.status is RunStatus.FINISHED
    assert (elsewhere.task, elsewhere.primary_metric) == ("classification", "AUC_weighted")
    assert (elsewhere.label_column_name, elsewhere.budget_seconds) == ("y", 1200.0)
    assert (elsewhere.dataset, elsewhere.dataset_version) == (dataset.name, dataset.version)
    assert elsewhere.tags["bankml.dataset"] == dataset.name


def test_excluded_columns_do_not_reach_training(
    backend: AzureMLBackend, dataset: DatasetRecord, stand_in: StandIn,
    new_config: Callable[..., WorkflowConfig],
) -> None:  # fmt: skip
    config = new_config(automl={"exclude_columns": ("balance",)}, pipeline={"allow_reuse": False})

    backend.submit(Plan(config), dataset)

    assert list(stand_in.frames[-1].columns) == ["age", "y"]


@pytest.mark.parametrize("name", ["ten", "x" * 250])
def test_an_excluded_column_that_is_not_there_is_refused_before_anything_is_submitted(
    name: str, backend: AzureMLBackend, emulator: Emulator,
    new_config: Callable[..., WorkflowConfig],
) -> None:  # fmt: skip
    frame = pd.DataFrame({name: range(10), "balance": range(10), "y": ["yes", "no"] * 5})
    dataset = backend.register_dataset(DatasetConfig(name=f"misspelt-{len(name)}"), frame)
    config = new_config(automl={"exclude_columns": ("balanse",)})
    since = len(emulator.requests)

    with pytest.raises(DataError, match=r"not there: balanse"):
        backend.submit(Plan(config), dataset)

    assert "pipelines.create_run" not in routes(emulator, since)


def test_settings_reach_training(
    backend: AzureMLBackend, dataset: DatasetRecord, stand_in: StandIn,
    new_config: Callable[..., WorkflowConfig],
) -> None:  # fmt: skip
    wanted: dict[str, Any] = {"iterations": 7, "allowed_models": ("LightGBM",)}
    config = new_config(automl=wanted, pipeline={"allow_reuse": False})

    backend.submit(Plan(config), dataset)

    trained = stand_in.configs[-1].automl
    assert (trained.iterations, trained.allowed_models) == (7, ("LightGBM",))
    assert trained.debug_log == config.automl.debug_log


def test_an_ended_run_is_not_asked_for_again(
    backend: AzureMLBackend, finished: RunRecord, emulator: Emulator
) -> None:
    backend.children(finished.id)
    since = len(emulator.requests)

    assert backend.get_run(finished.id) == finished
    assert len(backend.children(finished.id)) == 3
    assert routes(emulator, since) == []


def test_children_take_one_request_however_many(
    finished: RunRecord, new_backend: Callable[..., AzureMLBackend], emulator: Emulator
) -> None:
    fresh = new_backend()
    fresh.get_run(finished.id)
    since = len(emulator.requests)

    children = fresh.children(finished.id)

    assert [(child.number, child.algorithm) for child in children] == [
        (0, "LightGBM"), (1, "LogisticRegression"), (2, "RandomForest"),
    ]  # fmt: skip
    assert [child.score for child in children] == [0.91, 0.94, 0.88]
    assert routes(emulator, since) == ["history.children"]


def test_outputs_are_fetched_once(
    backend: AzureMLBackend, finished: RunRecord, emulator: Emulator
) -> None:
    metrics = backend.fetch_output(finished.id, METRICS_FILE_KIND)
    folder = backend.fetch_output(finished.id, MODEL_FILE_KIND)
    since = len(emulator.requests)

    assert backend.fetch_output(finished.ref, METRICS_FILE_KIND) == metrics
    assert backend.fetch_output(finished.ref, MODEL_FILE_KIND) == folder
    assert routes(emulator, since) == []
    assert len(read_metrics(metrics)) == 3


@pytest.mark.parametrize("kind", [METRICS_FILE_KIND, MODEL_FILE_KIND])
def test_where_an_output_is_can_be_asked_without_fetching_it(
    backend: AzureMLBackend, finished: RunRecord, emulator: Emulator, kind: str
) -> None:
    since = len(emulator.requests)
    before = backend.fetched_output(finished.id, kind)
    asked = routes(emulator, since)

    fetched = backend.fetch_output(finished.id, kind)

    assert (before, asked) == (None, [])
    assert backend.fetched_output(finished.ref, kind) == fetched


def test_a_model_comes_with_what_is_known_of_it(
    backend: AzureMLBackend, finished: RunRecord
) -> None:
    folder = backend.fetch_output(finished.id, MODEL_FILE_KIND)

    manifest = read_manifest(folder)

    assert (manifest.format, manifest.algorithm) == ("pickle", "LogisticRegression")
    assert (manifest.primary_metric, manifest.score) == ("AUC_weighted", 0.94)
    assert manifest.run_id == finished.id
    assert "scikit-learn" in manifest.packages
    assert (folder / "conda.yml").is_file()


def test_a_model_is_unpickled_only_where_it_is_trusted_and_fits(
    backend: AzureMLBackend, finished: RunRecord
) -> None:
    folder = backend.fetch_output(finished.id, MODEL_FILE_KIND)

    with pytest.raises(UntrustedModelError):
        load_model(folder)
    model = load_model(folder, trust=True)
    document = json.loads((folder / "manifest.json").read_text("utf-8"))
    document["packages"]["scikit-learn"] = "0.22.1"
    (folder / "manifest.json").write_text(json.dumps(document), "utf-8")

    assert model.steps
    with pytest.raises(ModelMismatchError, match=r"pip install 'scikit-learn==0\.22\.1'"):
        load_model(folder, trust=True)


def test_outputs_of_a_run_that_goes_on_are_not_there_yet(
    backend: AzureMLBackend, dataset: DatasetRecord, stand_in: StandIn,
    new_config: Callable[..., WorkflowConfig],
) -> None:  # fmt: skip
    stand_in.status = RunStatus.RUNNING
    record = backend.submit(Plan(new_config(pipeline={"allow_reuse": False})), dataset)

    with pytest.raises(RunNotFinishedError, match=record.id):
        backend.fetch_output(record.id, METRICS_FILE_KIND)


def test_the_ref_of_another_workspace_is_refused(
    backend: AzureMLBackend, finished: RunRecord
) -> None:
    other = finished.ref.replace("/workspaces/", "/workspaces/other-")

    with pytest.raises(NotFoundError, match="other-"):
        backend.get_run(other)


def test_only_two_states_can_be_set(backend: AzureMLBackend, finished: RunRecord) -> None:
    published = backend.publish(finished.id, PublishConfig())

    with pytest.raises(PublishError, match="Deprecated"):
        backend.set_published_status(published.id, "Deprecated")


def test_trigger_headers_hold_a_fresh_token(backend: AzureMLBackend) -> None:
    headers = backend.trigger_headers()

    assert headers["Authorization"].startswith("Bearer ")


def test_nothing_is_left_in_the_current_folder(finished: RunRecord) -> None:
    assert finished.status is RunStatus.FINISHED
    assert list(Path().glob("*.log")) == []


def test_the_unpickled_model_is_the_one_that_was_trained(
    backend: AzureMLBackend, finished: RunRecord, stand_in: StandIn
) -> None:
    folder = backend.fetch_output(finished.id, MODEL_FILE_KIND)

    found = pickle.loads((folder / "model.pkl").read_bytes())  # noqa: S301 - made by this test

    assert [name for name, _ in found.steps] == ["dummyclassifier"]
    assert stand_in.records
    assert stand_in.configs


def test_a_trigger_can_change_what_the_pipeline_declares(
    backend: AzureMLBackend, finished: RunRecord, stand_in: StandIn, small_frame: pd.DataFrame
) -> None:
    published = backend.publish(finished.id, PublishConfig())
    newer = backend.register_dataset(DatasetConfig(name="newer"), small_frame.head(50))

    triggered = rest.trigger(
        published.endpoint,
        experiment_name="again",
        auth=backend.trigger_headers,
        parameters={"iterations": 3, "primary_metric": "accuracy"},
        dataset_id=newer.id,
    )
    record = backend.get_run(triggered.id)

    assert (record.primary_metric, record.published_id) == ("accuracy", published.id)
    assert (record.dataset, record.dataset_version) == ("newer", 1)
    assert stand_in.configs[-1].automl.iterations == 3
    assert len(stand_in.frames[-1]) == 50
    assert set(record.parameters) <= set(PARAMETERS)


@pytest.mark.parametrize("source", ["frame", "registered elsewhere"])
def test_excluded_columns_stay_out_of_data_that_is_bound_at_trigger_time(
    source: str, backend: AzureMLBackend, dataset: DatasetRecord, stand_in: StandIn,
    small_frame: pd.DataFrame, new_config: Callable[..., WorkflowConfig],
) -> None:  # fmt: skip
    config = new_config(automl={"exclude_columns": ("balance",)}, pipeline={"allow_reuse": False})
    run = backend.submit(Plan(config), dataset)
    published = PublishedPipeline(backend, backend.publish(run.id, PublishConfig()))
    newer = backend.register_dataset(DatasetConfig(name=source), small_frame.head(60))
    bound = newer if source == "frame" else replace(newer, columns=())

    triggered = publish.start(backend, published, "again", dataset=Dataset(backend, bound))

    assert list(stand_in.frames[-1].columns) == ["age", "job", "y"]
    assert len(stand_in.frames[-1]) == 60
    assert (triggered.record.dataset, triggered.record.dataset_version) == (source, 1)


def test_a_dataset_of_a_pipeline_that_excludes_nothing_is_bound_as_it_is(
    backend: AzureMLBackend, finished: RunRecord, dataset: DatasetRecord
) -> None:
    published = backend.publish(finished.id, PublishConfig())

    assert backend.bind(published, dataset).dataset_id == dataset.id


def whole_flow(
    backend: AzureMLBackend, config: WorkflowConfig, frame: pd.DataFrame, clock: FakeClock
) -> RunRecord:
    """What train(), the outputs, publish() and trigger() do."""
    backend.workspace()
    backend.get_or_create_experiment(config.experiment_name)
    compute.get_or_create(backend, config.compute, clock)
    dataset = backend.register_dataset(config.dataset, frame)
    run = backend.submit(Plan(config), dataset)
    backend.children(run.id)
    backend.fetch_output(run.id, METRICS_FILE_KIND)
    backend.fetch_output(run.id, MODEL_FILE_KIND)
    published = backend.publish(run.id, config.publish)
    triggered = rest.trigger(
        published.endpoint,
        experiment_name=config.publish.experiment_name,
        auth=backend.trigger_headers,
    )
    return backend.get_run(triggered.id)


def test_the_whole_flow_takes_few_requests_however_full_the_workspace_is(
    emulator: Emulator, new_backend: Callable[..., AzureMLBackend], clock: FakeClock,
    new_config: Callable[..., WorkflowConfig], small_frame: pd.DataFrame,
) -> None:  # fmt: skip
    def counted(rows: int) -> int:
        mark = uuid.uuid4().hex[:8]
        config = new_config(
            experiment_name=f"e-{mark}", compute={"name": f"c-{mark}"}, dataset={"name": mark}
        )
        since = len(emulator.requests)
        run = whole_flow(new_backend(), config, small_frame.head(rows), clock)
        assert run.status is RunStatus.FINISHED
        return len(emulator.requests) - since

    first = counted(100)
    crowded = new_backend()
    for number in range(6):
        crowded.get_or_create_experiment(f"other-{number}")
        crowded.register_dataset(
            DatasetConfig(name=f"other-{number}"), small_frame.head(10 + number)
        )
    second = counted(101)

    assert first <= WHOLE_FLOW_AT_THE_MOST
    assert second <= first
