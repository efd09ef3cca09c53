"""One emulator for all tests of this folder, with training that a test controls."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

from bankml.emulator import Emulator
from bankml.status import RunStatus
from tests import azure_sdk

from .stand_in import StandInTraining

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

SDK_WARNINGS = (
    "DeprecationWarning",
    "FutureWarning",
    "PendingDeprecationWarning",
    "ResourceWarning",
    "UserWarning",
)
URL = "https://publicdata.blob.core.windows.net/samples/bank.csv"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The SDK's own warnings are not ours to mend."""
    for item in items:
        if "sdk" in getattr(item, "fixturenames", ()):
            for category in SDK_WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{category}"))


@pytest.fixture(scope="package")
def shared_training() -> StandInTraining:
    """What trains behind the shared emulator."""
    return StandInTraining()


@pytest.fixture(scope="package")
def shared_emulator(
    tmp_path_factory: pytest.TempPathFactory,
    small_frame: pd.DataFrame,
    shared_training: StandInTraining,
) -> Iterator[Emulator]:
    """A running emulator that answers a public URL from a file."""
    folder = tmp_path_factory.mktemp("emulator")
    small_frame.to_csv(folder / "bank.csv", index=False)
    with (
        pytest.MonkeyPatch.context() as environment,
        Emulator(
            folder / "workspace",
            maps={URL: folder / "bank.csv"},
            training=lambda _: shared_training,
        ) as emulator,
    ):
        for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "HBI_WORKSPACE_JOB"):
            environment.setenv(name, emulator.environ[name])
        yield emulator


@pytest.fixture
def emulator(shared_emulator: Emulator) -> Iterator[Emulator]:
    """The shared emulator, without faults."""
    yield shared_emulator
    shared_emulator.heal()


@pytest.fixture
def training(shared_training: StandInTraining) -> Iterator[StandInTraining]:
    """What trains behind the emulator; it finishes each run at once unless told otherwise."""
    yield shared_training
    shared_training.status, shared_training.meanwhile = RunStatus.FINISHED, None


@pytest.fixture(scope="package")
def sdk(shared_emulator: Emulator) -> Any:
    """The Azure ML SDK v1, imported once and led to the emulator."""
    del shared_emulator
    azure_sdk.skip_without("azureml.core")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import azureml.core
        import azureml.core.compute
        import azureml.core.compute_target
        import azureml.pipeline.core
        import azureml.pipeline.steps
        import azureml.train.automl
    return azureml


@pytest.fixture
def workspace(sdk: Any, emulator: Emulator) -> Any:
    """The emulator's workspace, opened by the SDK."""
    return sdk.core.Workspace(**emulator.config_dict, auth=emulator.auth)


@pytest.fixture
def dataset(sdk: Any, workspace: Any) -> Any:
    """A dataset of 600 rows behind the public URL; the SDK itself does not read it here."""
    del workspace
    return sdk.core.Dataset.Tabular.from_delimited_files(
        URL, validate=False, infer_column_types=False
    )


@pytest.fixture
def submit(sdk: Any, workspace: Any) -> Callable[..., Any]:
    """Submit a pipeline with one AutoML step, as a v1 user does."""

    def submitted(training_data: Any, experiment: str = "bank", **settings: Any) -> Any:
        step = automl_step(sdk, workspace, training_data, **settings)
        pipeline = sdk.pipeline.core.Pipeline(workspace=workspace, steps=[step])
        return sdk.core.Experiment(workspace, experiment).submit(pipeline)

    return submitted


def automl_step(
    sdk: Any, workspace: Any, training_data: Any, *, allow_reuse: bool = True, **settings: Any
) -> Any:
    """Return an AutoML step with the two usual outputs."""
    core, datastore = sdk.pipeline.core, workspace.get_default_datastore()
    outputs = [
        core.PipelineData(
            name=f"{kind.lower()}_data",
            datastore=datastore,
            pipeline_output_name=f"{kind.lower()}_output",
            training_output=core.TrainingOutput(type=kind),
        )
        for kind in ("Metrics", "Model")
    ]
    config = sdk.train.automl.AutoMLConfig(
        task="classification",
        training_data=training_data,
        label_column_name="y",
        compute_target=compute(sdk, workspace),
        **{"primary_metric": "AUC_weighted", "experiment_timeout_minutes": 15, **settings},
    )
    return sdk.pipeline.steps.AutoMLStep(
        name="automl", automl_config=config, outputs=outputs, allow_reuse=allow_reuse
    )


def compute(sdk: Any, workspace: Any, name: str = "cluster", **settings: Any) -> Any:
    """Get or create a compute target."""
    targets = sdk.core.compute
    try:
        return targets.ComputeTarget(workspace=workspace, name=name)
    except sdk.core.compute_target.ComputeTargetException:
        config = targets.AmlCompute.provisioning_configuration(
            vm_size="STANDARD_D2_V2", max_nodes=2, **settings
        )
        return targets.ComputeTarget.create(workspace, name, config)


@pytest.fixture(scope="package")
def small_bank(bank_csv: Path) -> pd.DataFrame:
    """Few rows and columns of the Bank Marketing data: the search goes on until it stops itself."""
    import pandas as pd

    rows = pd.read_csv(bank_csv, usecols=["age", "job", "duration", "y"])
    return rows.sample(150, random_state=5).reset_index(drop=True)


@pytest.fixture
def small_bank_csv(small_bank: pd.DataFrame, tmp_path: Path) -> Path:
    """The same rows as a file."""
    path = tmp_path / "bankmarketing_small.csv"
    small_bank.to_csv(path, index=False)
    return path
