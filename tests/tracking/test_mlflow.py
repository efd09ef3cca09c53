"""Logging to a real MLflow store: a SQLite file and a folder of artifacts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from bankml import Run, Workflow, WorkflowConfig
from bankml.errors import MissingDependencyError, RunNotFinishedError, ServiceError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

pytestmark = [
    # MLflow itself, and what it loads, uses what others have deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, small_frame: pd.DataFrame) -> Run:
    """A finished run."""
    config = WorkflowConfig().replace(
        workspace={"path": tmp_path_factory.mktemp("tracked") / "workspace"},
        dataset={"name": "customers", "source": None},
        automl={"iterations": 2, "allowed_models": ["LightGBM", "LogisticRegression"]},
    )
    return Workflow(config).train(small_frame, wait=False).wait(120, progress=False)


@pytest.fixture(scope="module")
def mlflow() -> Any:
    """MLflow, as it is set up by default."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        yield pytest.importorskip("mlflow", reason="the extra mlflow is not installed")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty store."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db"


@pytest.fixture(scope="module")
def client(mlflow: Any, store: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A client of the store, with an experiment whose artifacts lie beside it."""
    client = mlflow.MlflowClient(store)
    artifacts = tmp_path_factory.mktemp("artifacts")
    client.create_experiment("bank", artifact_location=artifacts.as_uri())
    return client


@pytest.fixture(scope="module")
def parent(client: Any, store: str, finished: Run) -> str:
    """The MLflow run id of the logged run."""
    assert client is not None
    return finished.log_to_mlflow(store, experiment="bank", registered_model_name="customers")


def test_the_parent_has_the_settings_and_the_winners_metrics(
    client: Any, parent: str, finished: Run
) -> None:
    run = client.get_run(parent)

    assert run.info.status == "FINISHED"
    assert run.data.params["primary_metric"] == "AUC_weighted"
    best = finished.leaderboard()[0]
    assert run.data.metrics["AUC_weighted"] == pytest.approx(best.score)
    assert run.data.tags["bankml.run_id"] == finished.id


def test_every_candidate_is_a_child_with_its_own_time(
    client: Any, parent: str, finished: Run
) -> None:
    experiment = client.get_experiment_by_name("bank").experiment_id
    children = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent}'")

    logged = {child.data.tags["bankml.child_id"]: child for child in children}
    assert set(logged) == {child.id for child in finished.children()}
    for child in finished.children():
        assert logged[child.id].data.params["algorithm"] == child.algorithm
        info = logged[child.id].info
        assert child.started is not None
        assert info.start_time == int(child.started.timestamp() * 1000)
        assert info.end_time >= info.start_time


def test_the_outputs_are_artifacts(client: Any, parent: str) -> None:
    names = {artifact.path for artifact in client.list_artifacts(parent)}

    assert {"metrics.json", "config.json", "log.txt"} <= names


def test_the_registered_model_predicts_raw_rows_as_the_run_does(
    mlflow: Any, client: Any, store: str, parent: str, finished: Run, small_frame: pd.DataFrame
) -> None:
    version = client.get_model_version("customers", "1")
    assert version.run_id == parent
    mlflow.set_tracking_uri(store)
    rows = small_frame.drop(columns="y").head(20)

    model = mlflow.pyfunc.load_model("models:/customers/1")

    best = finished.best_model()
    assert list(model.predict(rows)) == list(best.predict(rows))
    probabilities = model.predict(rows, params={"probabilities": True})
    assert probabilities == pytest.approx(best.predict_proba(rows))
    assert model.metadata.signature.inputs.input_names() == ["age", "job", "balance"]


def test_a_run_is_logged_once(store: str, parent: str, finished: Run) -> None:
    assert finished.log_to_mlflow(store, experiment="bank") == parent


def test_the_users_tracking_uri_stays_as_it_was(mlflow: Any, store: str, finished: Run) -> None:
    mlflow.set_tracking_uri("sqlite:///mine.db")

    finished.log_to_mlflow(store, experiment="bank")

    assert mlflow.get_tracking_uri() == "sqlite:///mine.db"


def test_a_store_that_can_not_be_used_is_our_error(mlflow: Any, finished: Run) -> None:
    assert mlflow is not None
    with pytest.raises(ServiceError, match="tracking_uri"):
        finished.log_to_mlflow("gopher://nowhere")


def test_a_run_that_goes_on_is_not_logged(small_frame: pd.DataFrame, tmp_path: Path) -> None:
    config = WorkflowConfig().replace(
        workspace={"path": tmp_path / "workspace"}, dataset={"name": "c", "source": None}
    )
    run = Workflow(config).train(small_frame, wait=False)

    with pytest.raises(RunNotFinishedError):
        run.log_to_mlflow("sqlite:///unused.db")

    run.cancel()
    run.wait(60, progress=False, raise_on_failure=False)


def test_without_mlflow_the_error_has_the_command(
    finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)

    with pytest.raises(MissingDependencyError, match=r"pip install 'bankml\[mlflow\]'"):
        finished.log_to_mlflow()
