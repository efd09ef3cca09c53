"""From a plan to the SDK's pipeline of one AutoML step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.backends.azureml.cache import cache_folder
from bankml.backends.azureml.sdk import prepare_environment
from bankml.backends.azureml.settings import PARAMETERS, automl_arguments
from bankml.backends.base import METRICS_FILE_KIND, MODEL_FILE_KIND
from bankml.plan import DATASET_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bankml.backends.azureml.sdk import Sdk
    from bankml.backends.azureml.session import Session
    from bankml.config import PipelineConfig
    from bankml.plan import Plan

STEP_INPUT = "training_data"
"""The AutoML step's name for its data; the SDK gives it."""

METRICS_DATA, MODEL_DATA = "metrics_data", "model_data"
"""Names of the two outputs on the datastore."""

_README = (
    "This folder is the code snapshot of an AutoML step, which needs none of its own.\n"
    "It must not be empty, and must not change: a changed snapshot is trained anew.\n"
)


def build(session: Session, plan: Plan, dataset: Any, compute: Any) -> Any:
    """Build the pipeline. Nothing runs yet, but the service checks the settings.

    Args:
        session: The workspace.
        plan: What is to be trained.
        dataset: The SDK's tabular dataset, without what is not to be used.
        compute: The SDK's compute target.

    Returns:
        The SDK's pipeline.

    Raises:
        UnsupportedError: The plan asks for what can't be submitted.
    """
    sdk, config = session.sdk, plan.config
    arguments = automl_arguments(config.automl)
    arguments |= {"compute_target": compute, "path": str(project_folder())}
    datastore, workspace = session.datastore(), session.workspace()
    prepare_environment()

    def make() -> Any:
        step = _step(sdk, config.pipeline, datastore, dataset, arguments)
        return sdk.Pipeline(
            workspace, [step], description=config.pipeline.description,
            default_datastore=datastore,
        )  # fmt: skip

    pipeline = session.call("build the pipeline", make)
    declare_parameters(sdk, pipeline.graph, arguments, dataset)
    _set(pipeline.graph, "_debug_log", config.automl.debug_log)
    return pipeline


def declare_parameters(sdk: Sdk, graph: Any, arguments: Mapping[str, Any], dataset: Any) -> None:
    """Turn the dataset and settings of the step into parameters of the pipeline.

    Args:
        sdk: The SDK.
        graph: The pipeline's graph, with one step.
        arguments: The settings, for the parameters' defaults.
        dataset: The SDK's tabular dataset, the default too.
    """
    data = sdk.PipelineDataset.create(dataset, parameter_name=DATASET_PARAMETER)
    graph.params[DATASET_PARAMETER] = sdk.PipelineParameter(DATASET_PARAMETER, data)
    for name in PARAMETERS:
        parameter = sdk.PipelineParameter(name, arguments[name])
        graph.params[name] = parameter
        _set(graph, name, parameter)


def _set(graph: Any, name: str, value: Any) -> None:
    (step,) = graph.module_nodes
    step.get_param(name).set_value(value)


def project_folder() -> Path:
    """Return the folder that is uploaded as the step's code: always the same, never empty."""
    folder = cache_folder() / "azureml" / "project"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    readme = folder / "README.txt"
    if not readme.is_file() or readme.read_text("utf-8") != _README:
        readme.write_text(_README, "utf-8")
    return folder


def _step(
    sdk: Sdk, config: PipelineConfig, datastore: Any, dataset: Any, arguments: Mapping[str, Any]
) -> Any:
    return sdk.AutoMLStep(
        name=config.step_name,
        automl_config=sdk.AutoMLConfig(training_data=_bindable(sdk, dataset), **arguments),
        outputs=list(_outputs(sdk, datastore, config)),
        allow_reuse=config.allow_reuse,
        enable_default_model_output=False,
        enable_default_metrics_output=False,
    )


def _bindable(sdk: Sdk, dataset: Any) -> Any:
    # AutoMLStep refuses a dataset that is a parameter, but it asks the dataset itself for its
    # input: so this one gives an input whose dataset is a parameter.
    parameter = sdk.PipelineParameter(DATASET_PARAMETER, dataset)
    dataset.as_named_input = lambda name: sdk.DatasetConsumptionConfig(name, parameter)
    return dataset


def _outputs(sdk: Sdk, datastore: Any, config: PipelineConfig) -> tuple[Any, Any]:
    def output(name: str, pipeline_output_name: str, kind: str) -> Any:
        return sdk.PipelineData(
            name=name,
            datastore=datastore,
            pipeline_output_name=pipeline_output_name,
            training_output=sdk.TrainingOutput(type=kind),
        )

    return (
        output(METRICS_DATA, config.metrics_output, METRICS_FILE_KIND),
        output(MODEL_DATA, config.model_output, MODEL_FILE_KIND),
    )
