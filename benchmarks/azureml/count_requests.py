"""How many requests the service gets: a workflow beside the calls of a v1 notebook.

Both do the same over the emulator: compute, data from a URL, its description and first rows, a
pipeline with an AutoML step, metrics, best model, publish, trigger, second run. Training is a
stand-in that ends at once, so that hardly any request is a look at a run. Requests for a token are
not counted: here, the SDK asks the managed identity for one before each call.

Run from the project's root: ``python -m benchmarks.azureml.count_requests [more datasets]``
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.backends.azureml.stand_in import StandIn

from bankml.config import WorkflowConfig
from bankml.data.sample import sample_frame
from bankml.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://automlsamplenotebookdata.blob.core.windows.net/data/bankmarketing_train.csv"
RECORDED_FROM_THE_NOTEBOOK = 121
LOOKS = ("pipelines.get_run", "pipelines.node_status", "history.details", "artifacts.prefix")
READS = ("url.head", "url.get")


def bankml_flow(config: WorkflowConfig) -> None:
    """What a user of bankml does."""
    from bankml import Workflow

    workflow = Workflow(config)
    dataset = workflow.dataset()
    dataset.describe()
    dataset.take(5).to_pandas()
    run = workflow.train(wait=False).wait(600, progress=False)
    run.leaderboard()
    run.metrics()
    run.best_model(trust=True)
    published = workflow.publish(run)
    workflow.trigger(published).wait(600, progress=False)


def notebook_flow(config: WorkflowConfig) -> None:
    """What the cells of the notebook do, by the SDK's public classes."""
    import json
    import pickle

    import requests
    from azureml.core import Dataset, Experiment, Workspace
    from azureml.core.authentication import InteractiveLoginAuthentication
    from azureml.core.compute import AmlCompute, ComputeTarget
    from azureml.core.compute_target import ComputeTargetException
    from azureml.pipeline.core import Pipeline, PipelineData, PipelineRun, TrainingOutput
    from azureml.pipeline.steps import AutoMLStep
    from azureml.train.automl import AutoMLConfig

    place, automl = config.workspace, config.automl

    def opened() -> Any:
        return Workspace.get(
            place.workspace_name, subscription_id=place.subscription_id,
            resource_group=place.resource_group,
        )  # fmt: skip

    workspace = opened()
    experiment = Experiment(workspace, config.experiment_name)
    try:
        cluster = ComputeTarget(workspace=workspace, name=config.compute.name)
    except ComputeTargetException:
        settings = AmlCompute.provisioning_configuration(config.compute.vm_size, max_nodes=4)
        cluster = ComputeTarget.create(workspace, config.compute.name, settings)
    cluster.wait_for_completion(show_output=True, min_node_count=1, timeout_in_minutes=10)
    if config.dataset.name in workspace.datasets.keys():  # noqa: SIM118 - as the notebook asks
        dataset = workspace.datasets[config.dataset.name]
    else:
        dataset = Dataset.Tabular.from_delimited_files(config.dataset.source)
        dataset = dataset.register(workspace=workspace, name=config.dataset.name)
    dataset.to_pandas_dataframe().describe()
    dataset.take(5).to_pandas_dataframe()
    folder = Path("bank-marketing")
    folder.mkdir(exist_ok=True)
    (folder / "README.txt").write_text("No code of its own.\n")
    step = AutoMLConfig(
        compute_target=cluster, task=automl.task, training_data=dataset,
        label_column_name=automl.label_column_name, path=str(folder), enable_early_stopping=True,
        featurization="auto", debug_log=automl.debug_log, experiment_timeout_minutes=20,
        max_concurrent_iterations=5, primary_metric=automl.primary_metric,
    )  # fmt: skip
    datastore = workspace.get_default_datastore()
    outputs = [
        PipelineData(
            name=name, datastore=datastore, pipeline_output_name=output,
            training_output=TrainingOutput(type=kind),
        )
        for name, output, kind in (
            ("metrics_data", config.pipeline.metrics_output, "Metrics"),
            ("model_data", config.pipeline.model_output, "Model"),
        )
    ]  # fmt: skip
    pipeline = Pipeline(
        description="AutoML", workspace=workspace,
        steps=[AutoMLStep(name="automl_module", automl_config=step, outputs=outputs)],
    )  # fmt: skip
    run = experiment.submit(pipeline)
    run.wait_for_completion()
    for name, read in (
        (config.pipeline.metrics_output, json.load),
        (config.pipeline.model_output, pickle.load),
    ):
        output = run.get_pipeline_output(name)
        output.download(".", show_progress=True)
        with Path(output.path_on_datastore).open("rb") as file:
            read(file)  # type: ignore[operator]  # two readers of files
    workspace = opened()
    run = PipelineRun(Experiment(workspace, config.experiment_name), run.id)
    published = run.publish_pipeline(name="Bank", description="Bank", version="1.0")
    answer = requests.post(
        published.endpoint, headers=InteractiveLoginAuthentication().get_authentication_header(),
        json={"ExperimentName": config.publish.experiment_name}, timeout=60,
    )  # fmt: skip
    second = PipelineRun(workspace.experiments[config.publish.experiment_name], answer.json()["Id"])
    second.wait_for_completion()


@contextlib.contextmanager
def place(rows: int) -> Iterator[tuple[Emulator, WorkflowConfig]]:
    """An emulator of its own, with its variables set and a folder to work in."""
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        data = Path(name) / "bank.csv"
        sample_frame().head(rows).to_csv(data, index=False)
        with Emulator(Path(name) / "workspace", maps={URL: data}, training=StandIn()) as emulator:
            os.environ.update(emulator.environ, BANKML_CACHE=str(Path(name) / "cache"))
            yield (
                emulator,
                WorkflowConfig.model_validate(
                    {
                        "backend": "azureml",
                        "workspace": emulator.config_dict,
                        "dataset": {"source": URL},
                    }
                ),
            )


def crowd(config: WorkflowConfig, count: int) -> None:
    """Fill the workspace with other datasets and experiments."""
    from bankml.config import DatasetConfig
    from bankml.workspace import open_backend

    backend, frame = open_backend(config), sample_frame()
    for number in range(count):
        backend.register_dataset(DatasetConfig(name=f"other-{number}"), frame.head(20 + number))
        backend.get_or_create_experiment(f"other-{number}")


def count(flow: Any, more: int) -> Counter[str]:
    """Return the requests of a flow, by the emulator's names of its routes."""
    with place(1000) as (emulator, config):
        crowd(config, more)
        since = len(emulator.requests)
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            flow(config)
        routes = (each.route for each in emulator.requests[since:])
        return Counter(route for route in routes if route != "identity.token")


def main(flow: str, more: int) -> None:
    """Count one flow; each needs a process of its own, as the SDK keeps addresses for ever."""
    found = count({"bankml": bankml_flow, "notebook": notebook_flow}[flow], more)
    looks, reads = (sum(found[name] for name in names) for names in (LOOKS, READS))
    print(
        f"{flow:9} {found.total():4} requests, {looks} of them looks at runs, {reads} reads of the "
        f"URL; {more} other datasets and experiments"
    )
    if os.environ.get("VERBOSE"):
        for name, times in found.most_common():
            print(f"    {times:4} {name}")


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] in ("bankml", "notebook"):
        main(sys.argv[1], int(sys.argv[2]))
    else:
        import subprocess

        crowded = int(sys.argv[1]) if len(sys.argv) > 1 else 25
        for arguments in (("notebook", 0), ("bankml", 0), ("bankml", crowded)):
            command = [sys.executable, "-m", "benchmarks.azureml.count_requests"]
            subprocess.run([*command, *map(str, arguments)], check=True)
        print(f"(recorded from the notebook itself: {RECORDED_FROM_THE_NOTEBOOK} requests)")
