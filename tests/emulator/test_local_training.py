"""The emulator with the local engine: it really trains, reuses, fails and stops."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from bankml.backends.registry import backend_class
from bankml.config import WorkflowConfig
from bankml.emulator import Emulator
from bankml.polling import Poller

from .conftest import automl_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

URL = "https://publicdata.blob.core.windows.net/samples/rows.csv"
QUICK = {
    "iterations": 2,
    "n_cross_validations": 2,
    "allowed_models": ["LightGBM", "LogisticRegression"],
    "experiment_timeout_minutes": 15,
}


@pytest.fixture(scope="module")
def real_emulator(
    sdk: Any, tmp_path_factory: pytest.TempPathFactory, small_frame: pd.DataFrame
) -> Iterator[Emulator]:
    """An emulator whose training is real."""
    del sdk
    folder = tmp_path_factory.mktemp("real")
    small_frame.to_csv(folder / "rows.csv", index=False)
    with Emulator(folder / "workspace", maps={URL: folder / "rows.csv"}) as emulator:
        yield emulator


@pytest.fixture
def train(sdk: Any, real_emulator: Emulator) -> Callable[..., Any]:
    """Submit a pipeline with one AutoML step and wait for its end."""

    config = WorkflowConfig().replace(workspace={"path": real_emulator.workspace_folder})
    local = backend_class("local").open(config)

    def trained(change: Callable[[Any], Any] = lambda dataset: dataset, **settings: Any) -> Any:
        workspace = sdk.core.Workspace(**real_emulator.config_dict, auth=real_emulator.auth)
        dataset = sdk.core.Dataset.Tabular.from_delimited_files(
            URL, validate=False, infer_column_types=False
        )
        step = automl_step(sdk, workspace, change(dataset), **{**QUICK, **settings})
        pipeline = sdk.pipeline.core.Pipeline(workspace=workspace, steps=[step])
        run = sdk.core.Experiment(workspace, "real").submit(pipeline)
        for step in run.get_steps():
            if step.get_status() != "Failed":  # one that could not start is no local run
                Poller(local, step.id).wait(timeout=120)
        return run

    return trained


def outputs(run: Any, folder: Path) -> tuple[dict[str, Any], Any]:
    """Download metrics and model."""
    paths = []
    for name in ("metrics_output", "model_output"):
        output = run.get_pipeline_output(name)
        output.download(str(folder))
        paths.append(folder / output.path_on_datastore)
    return json.loads(paths[0].read_text()), pickle.loads(paths[1].read_bytes())  # noqa: S301


def test_a_model_is_trained_and_then_reused(
    train: Callable[..., Any], tmp_path: Path, small_frame: pd.DataFrame
) -> None:
    first, second = train(), train()

    (trained,), (reused,) = first.get_steps(), second.get_steps()
    metrics, model = outputs(second, tmp_path)
    rows = small_frame.drop(columns="y")
    assert (model.predict(rows) == small_frame["y"]).mean() > 0.75
    assert model.steps[-1][0] == "classifier"
    assert {name.rpartition("_")[0] for name in metrics} == {trained.id}
    assert reused.get_properties()["azureml.isreused"] == "true"
    assert reused.get_properties()["azureml.reusedrunid"] == trained.id
    assert reused.get_properties()["azureml.reusedpipeline"] == first.id


def test_fewer_columns_train_another_model(train: Callable[..., Any], tmp_path: Path) -> None:
    run = train(lambda dataset: dataset.drop_columns(["balance", "job"]))

    (step,) = run.get_steps()
    _, model = outputs(run, tmp_path)
    assert "azureml.isreused" not in step.get_properties()
    assert list(model.feature_names_in_) == ["age"]


def test_a_label_that_is_not_there_fails_the_run(train: Callable[..., Any]) -> None:
    run = train(lambda dataset: dataset.drop_columns("y"))

    assert run.get_status() == "Failed"
    error = run.get_details()["error"]["error"]
    assert error["code"] == "DataError"
    assert "'y'" in error["message"]


def test_nothing_runs_on_after_a_temporary_workspace_is_gone(sdk: Any, small_csv: Path) -> None:
    with Emulator(maps={URL: small_csv}) as emulator:
        workspace = sdk.core.Workspace(**emulator.config_dict, auth=emulator.auth)
        rows = sdk.core.Dataset.Tabular.from_delimited_files(
            URL, validate=False, infer_column_types=False
        )
        step = automl_step(sdk, workspace, rows)
        pipeline = sdk.pipeline.core.Pipeline(workspace=workspace, steps=[step])
        run = sdk.core.Experiment(workspace, "unfinished").submit(pipeline)
        folder = emulator.workspace_folder
        assert run.get_status() == "Running"

    assert not folder.exists()
    assert not [
        process.pid
        for process in psutil.process_iter(["cmdline", "status"])
        if str(folder) in " ".join(process.info["cmdline"] or [])
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]
