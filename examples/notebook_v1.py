"""Bank Marketing with the Azure ML SDK v1: nothing here knows of an emulator.

On Azure it runs beside the workspace's config.json. On a laptop, without an account, run it by

    bankml emulator run --map <URL of the data>=./bankmarketing_train.csv -- python notebook_v1.py
"""

import json
import pickle
import time
from pathlib import Path

import pandas as pd
import requests
from azureml.core import Dataset, Experiment, Workspace
from azureml.core.authentication import InteractiveLoginAuthentication
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.compute_target import ComputeTargetException
from azureml.pipeline.core import Pipeline, PipelineData, PipelineRun, TrainingOutput
from azureml.pipeline.steps import AutoMLStep
from azureml.train.automl import AutoMLConfig

DATA_URL = (
    "https://automlsamplenotebookdata.blob.core.windows.net/"
    "automl-sample-notebook-data/bankmarketing_train.csv"
)
DATASET_NAME = "Bank Marketing Train"
CLUSTER_NAME = "cpu-cluster"
SECOND_EXPERIMENT = "bank-marketing-retrained"
ENDED = ("Finished", "Failed", "Canceled")


def get_cluster(workspace):
    """Get the cluster, or create it."""
    try:
        cluster = ComputeTarget(workspace=workspace, name=CLUSTER_NAME)
    except ComputeTargetException:
        settings = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", max_nodes=4)
        cluster = ComputeTarget.create(workspace, CLUSTER_NAME, settings)
    cluster.wait_for_completion(show_output=True, timeout_in_minutes=10)
    return cluster


def get_dataset(workspace):
    """Get the dataset, or register it from its URL."""
    if DATASET_NAME in workspace.datasets:
        return Dataset.get_by_name(workspace, DATASET_NAME)
    dataset = Dataset.Tabular.from_delimited_files(DATA_URL)
    return dataset.register(workspace, DATASET_NAME, description="Calls of a bank's campaign")


def build_pipeline(workspace, dataset, cluster):
    """Return a pipeline with one AutoML step and two outputs."""
    datastore = workspace.get_default_datastore()
    outputs = [
        PipelineData(
            name=name,
            datastore=datastore,
            pipeline_output_name=f"{name}_output",
            training_output=TrainingOutput(type=kind),
        )
        for name, kind in (("metrics", "Metrics"), ("model", "Model"))
    ]
    source = Path("training-code")
    source.mkdir(exist_ok=True)
    (source / "README.txt").write_text("AutoML brings its own code.\n")
    automl = AutoMLConfig(
        task="classification",
        training_data=dataset,
        label_column_name="y",
        primary_metric="AUC_weighted",
        compute_target=cluster,
        path=str(source),
        experiment_timeout_minutes=20,
        max_concurrent_iterations=4,
        enable_early_stopping=True,
        featurization="auto",
    )
    step = AutoMLStep(name="train", automl_config=automl, outputs=outputs, allow_reuse=True)
    return Pipeline(workspace=workspace, steps=[step], description="Bank Marketing by AutoML")


def metrics_table(run):
    """Return the metrics of all candidates, the best first."""
    output = run.get_pipeline_output("metrics_output")
    output.download(".")
    values = json.loads(Path(output.path_on_datastore).read_text())
    scalars = {child: {name: value[0] for name, value in m.items()} for child, m in values.items()}
    table = pd.DataFrame(scalars).T.sort_values("AUC_weighted", ascending=False)
    return table[["AUC_weighted", "accuracy", "norm_macro_recall", "log_loss"]]


def best_model(run):
    """Return the best model; unpickle only what you trained yourself."""
    output = run.get_pipeline_output("model_output")
    output.download(".")
    with Path(output.path_on_datastore).open("rb") as file:
        return pickle.load(file)  # noqa: S301 - our own run wrote it


def wait(run):
    """Wait until a run has ended; stop if it has not finished."""
    while run.get_status() not in ENDED:
        time.sleep(1)
    if run.get_status() != "Finished":
        raise SystemExit(f"Run {run.id} ended as {run.get_status()}: {run.get_details()['error']}")


def main():
    """Train, look at the outcome, publish, trigger."""
    workspace = Workspace.from_config()
    experiment = Experiment(workspace, "bank-marketing")
    dataset = get_dataset(workspace)
    print(dataset.take(3).to_pandas_dataframe())

    run = experiment.submit(build_pipeline(workspace, dataset, get_cluster(workspace)))
    wait(run)
    print(metrics_table(run).to_string())
    model = best_model(run)
    print("Best model:", [name for name, _ in model.steps])
    rows = dataset.take(100).to_pandas_dataframe()
    print("Accuracy on 100 rows:", (model.predict(rows.drop(columns="y")) == rows["y"]).mean())

    published = run.publish_pipeline(name="Bank Marketing", description="Retrains", version="1.0")
    print("Published:", published.endpoint)
    headers = InteractiveLoginAuthentication().get_authentication_header()
    answer = requests.post(
        published.endpoint, headers=headers, json={"ExperimentName": SECOND_EXPERIMENT}, timeout=60
    )
    answer.raise_for_status()
    second = PipelineRun(workspace.experiments[SECOND_EXPERIMENT], answer.json()["Id"])
    wait(second)
    print("Second run:", second.id, second.get_status())


if __name__ == "__main__":
    main()
