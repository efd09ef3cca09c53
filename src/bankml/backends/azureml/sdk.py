"""The one place where the Azure ML SDK v1 is imported.

The SDK is imported when it is first needed (about a second), after the environment variables that
it reads at import time have been set. Nothing else in bankml imports it.

Some of the names are not documented by the SDK. They are used where the public classes make many
more requests for the same answer (a ``PipelineRun`` costs two before it says anything), or can't
tell whether a lost answer had started a run. No further release of the SDK will come, the last one
is pinned, and a test looks each name up.
"""

from __future__ import annotations

import importlib
import os
from functools import cache
from typing import Any

from bankml.backends.azureml.quiet import printed_to_log
from bankml.backends.registry import check_installed, missing_dependency

TELEMETRY_VARIABLE = "BANKML_AZUREML_TELEMETRY"
_PROVIDERS = "azureml.pipeline.core._aeva_provider"
NAMES = {
    "AbstractAuthentication": "azureml.core.authentication:AbstractAuthentication",
    "InteractiveLoginAuthentication": "azureml.core.authentication:InteractiveLoginAuthentication",
    "Workspace": "azureml.core:Workspace",
    "Experiment": "azureml.core:Experiment",
    "Dataset": "azureml.core:Dataset",
    "Datastore": "azureml.core:Datastore",
    "AmlCompute": "azureml.core.compute:AmlCompute",
    "ComputeTarget": "azureml.core.compute:ComputeTarget",
    "DataType": "azureml.data.dataset_factory:DataType",
    "DatasetConsumptionConfig": "azureml.data.dataset_consumption_config:DatasetConsumptionConfig",
    "AutoMLConfig": "azureml.train.automl:AutoMLConfig",
    "AutoMLStep": "azureml.pipeline.steps:AutoMLStep",
    "Pipeline": "azureml.pipeline.core:Pipeline",
    "PipelineData": "azureml.pipeline.core:PipelineData",
    "PipelineDataset": "azureml.pipeline.core.graph:PipelineDataset",
    "PipelineParameter": "azureml.pipeline.core:PipelineParameter",
    "TrainingOutput": "azureml.pipeline.core:TrainingOutput",
    # Not documented by the SDK:
    "PipelineClient": "azureml.pipeline.core._restclients.aeva.service_caller:AE3PServiceCaller",
    "GraphProvider": f"{_PROVIDERS}:_AevaGraphProvider",
    "PublishedPipelineProvider": f"{_PROVIDERS}:_AevaPublishedPipelineProvider",
    "WorkflowProvider": f"{_PROVIDERS}:_AevaWorkflowProvider",
    "ArtifactsClient": "azureml._restclient.artifacts_client:ArtifactsClient",
    "ExperimentClient": "azureml._restclient.experiment_client:ExperimentClient",
    "RunClient": "azureml._restclient.run_client:RunClient",
    "dataset_from_document": "azureml.data._dataset_rest_helper:_dto_to_dataset",
    "dataset_client": "azureml.data._dataset_rest_helper:_restclient",
}
"""Everything that is taken from the SDK: our name for it, its module and its name there."""


class Sdk:
    """The SDK's names as attributes, each imported when it is first used."""

    def __getattr__(self, name: str) -> Any:
        """Import a name of :data:`NAMES`."""
        if name not in NAMES:
            raise AttributeError(name)
        module, _, attribute = NAMES[name].partition(":")
        with printed_to_log():
            value = getattr(importlib.import_module(module), attribute)
        setattr(self, name, value)
        return value


@cache
def load() -> Sdk:
    """Return the SDK, ready to be used.

    Raises:
        MissingDependencyError: It is not installed, or this Python is too new for it.
    """
    check_installed("azureml")
    prepare_environment()
    try:
        with printed_to_log():
            importlib.import_module("azureml.core")
    except ModuleNotFoundError as error:
        raise missing_dependency("azureml", error.name or "azureml.core") from error
    return Sdk()


def prepare_environment() -> None:
    """Set what the SDK reads at import: no telemetry, and no hidden waits of its own.

    The SDK's telemetry stays on only if ``BANKML_AZUREML_TELEMETRY`` is 1. Its own retries sleep
    for minutes where no time-out reaches them; :mod:`bankml.backends.azureml.service` retries.

    Where pip is set to another index than pypi.org, the SDK takes itself for a pre-release, looks
    for eight environments of that kind, and falls back to an outdated one. The scenario says that
    it is a release.
    """
    if os.environ.get(TELEMETRY_VARIABLE) != "1":
        os.environ.setdefault("HBI_WORKSPACE_JOB", "true")
    os.environ.setdefault("AZUREML_DEFAULT_RETRIES", "0")
    os.environ.setdefault("AZUREML_AUTOML_SCENARIO", "AutoML")
