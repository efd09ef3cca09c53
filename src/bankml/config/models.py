"""The configuration: typed, frozen, and strict about every key.

The defaults are those of the notebook that this library grew from: Azure ML's Bank Marketing
sample, trained by one AutoML step on a small cluster.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bankml.config.choices import (
    MODELS,
    AuthName,
    BackendName,
    Featurization,
    MissingLabel,
    TaskName,
    VmPriority,
)
from bankml.config.problems import config_error
from bankml.errors import ConfigError
from bankml.metrics.names import PRIMARY_METRICS

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)

SAMPLE_URL = (
    "https://automlsamplenotebookdata.blob.core.windows.net/"
    "automl-sample-notebook-data/bankmarketing_train.csv"
)
DEFAULT_METRICS = {
    "classification": "AUC_weighted",
    "regression": "normalized_root_mean_squared_error",
    "forecasting": "normalized_root_mean_squared_error",
}


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "must have a character that is not a blank")
    return value


Name = Annotated[str, Field(min_length=1, max_length=255)]
Title = Annotated[Name, AfterValidator(_not_blank)]
Names = Annotated[tuple[str, ...], Strict(strict=False)]
Minutes = Annotated[float, Field(gt=0, le=60 * 24 * 31, allow_inf_nan=False)]


def _one_of(value: str, valid: tuple[str, ...], what: str) -> str:
    if value not in valid:
        raise PydanticCustomError(
            "choice", "not one of the {what}: {listed}",
            cast("dict[str, Any]", {"what": what, "listed": ", ".join(valid), "valid": valid,
                                    "given": value}),
        )  # fmt: skip
    return value


class SectionType(ModelMetaclass):
    """Makes a section's constructor raise our error; nested sections still report as one."""

    def __call__(self, *args: Any, **data: Any) -> Any:
        """Construct the section; :class:`~bankml.errors.ConfigError` names what is wrong."""
        try:
            return super().__call__(*args, **data)
        except ValidationError as error:
            raise config_error(error, cast("type[BaseModel]", self)) from None


class Section(BaseModel, metaclass=SectionType):
    """Base of all sections: frozen, strict types, no unknown key."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    if not TYPE_CHECKING:  # so that type checkers go on to refuse what is not a field

        def __setattr__(self, name: str, value: Any) -> None:
            """Refuse to change the configuration, and say how to make a changed copy."""
            try:
                super().__setattr__(name, value)
            except ValidationError:
                raise ConfigError(
                    f"{name} can't be set: a configuration never changes. Make a changed copy, for "
                    'example: config = config.replace(automl={"iterations": 10}).'
                ) from None


class WorkspaceConfig(Section):
    """Where runs, datasets and models are kept.

    Attributes:
        path: Folder of the local workspace.
        subscription_id: Azure subscription (backend ``azureml``).
        resource_group: Azure resource group (backend ``azureml``).
        workspace_name: Azure ML workspace (backend ``azureml``).
        tenant_id: Azure tenant to sign in to, where there is more than one.
        auth: How to sign in to Azure. ``auto`` never opens a browser in a service.
    """

    path: Annotated[Path, Strict(strict=False)] = Path(".bankml")
    subscription_id: Name | None = None
    resource_group: Name | None = None
    workspace_name: Name | None = None
    tenant_id: Name | None = None
    auth: AuthName = "auto"


class ComputeConfig(Section):
    """The compute target, created if there is none of this name.

    Attributes:
        name: Name of the compute target.
        vm_size: Size of a node (backend ``azureml``).
        vm_priority: ``dedicated`` or ``lowpriority`` (backend ``azureml``).
        min_nodes: Nodes always kept.
        max_nodes: Nodes at the most. Locally it bounds the number of worker processes.
        wait_minutes: Minutes to wait for the compute before giving up.
        idle_seconds_before_scaledown: Seconds a node may idle before it is released.
        parallel_backend: Parameters of ``joblib.parallel_config``, such as ``{"backend": "dask",
            "scheduler_host": "tcp://10.0.0.1:8786"}`` or ``{"backend": "ray", "address":
            "10.0.0.1:6379"}``, for candidates that an existing cluster carries (backend
            ``local``); None for processes on this machine. The cluster's workers need bankml and
            the workspace's folder at the same path.
    """

    name: Title = "cluster-bank-marketing-1"
    vm_size: Name = "STANDARD_D2_V2"
    vm_priority: VmPriority = "dedicated"
    min_nodes: int = Field(default=0, ge=0, le=1000)
    max_nodes: int = Field(default=4, ge=1, le=1000)
    wait_minutes: Minutes = 10.0
    idle_seconds_before_scaledown: int = Field(default=1800, ge=0)
    parallel_backend: dict[str, str | int | float | bool] | None = None

    @model_validator(mode="after")
    def _nodes_in_order(self) -> ComputeConfig:
        if self.min_nodes > self.max_nodes:
            raise PydanticCustomError(
                "nodes_order", "min_nodes ({low}) is more than max_nodes ({high})",
                {"low": self.min_nodes, "high": self.max_nodes},
            )  # fmt: skip
        return self


class DatasetConfig(Section):
    """The training data: where it is and under which name it is registered.

    Attributes:
        name: Name under which it is registered.
        source: A path, an http(s) URL, ``"sample"`` for generated rows, or None for
            whatever is registered under the name.
        version: A registered version to use as it is; the source is then not looked at.
        description: What the data is.
        separator: One character between the fields of a CSV file.
        encoding: Text encoding of a CSV file.
        max_megabytes: Largest file that is read from a URL, in MB (10⁶ bytes).
    """

    name: Title = "Bank Marketing Dataset"
    source: Name | None = SAMPLE_URL
    version: int | None = Field(default=None, ge=1)
    description: str = "Bank Marketing: does a customer subscribe to a term deposit?"
    separator: str = Field(default=",", min_length=1, max_length=1)
    encoding: Name = "utf-8"
    max_megabytes: float = Field(default=2000.0, gt=0, allow_inf_nan=False)


class AutoMLConfig(Section):
    """What AutoML is to find, and within which limits. Names are those of Azure ML.

    Attributes:
        task: ``classification``, ``regression``, or ``forecasting`` (backend ``azureml``).
        primary_metric: Metric that ranks the candidates.
        label_column_name: Column to predict.
        experiment_timeout_minutes: Minutes for the whole search.
        iteration_timeout_minutes: Minutes for one candidate, or None.
        iterations: Candidates at the most, or None for no limit but the time.
        max_concurrent_iterations: Candidates trained at the same time.
        enable_early_stopping: Stop when the score no longer improves, and do not fit candidates on
            the rest of the folds that are far behind on the first ones (``Canceled``).
        featurization: ``auto``, or ``off`` for data that is numeric already.
        allowed_models: Only these algorithms, or None for all that the backend finds suitable. The
            backend ``local`` tries forests and ``GradientBoosting`` only if they are named here.
        blocked_models: Not these algorithms.
        enable_voting_ensemble: Combine the best candidates at the end.
        n_cross_validations: Number of folds, or None for the default by size.
        validation_size: Share of rows held out, in (0, 1), or None for the default by size.
        exclude_columns: Columns that must not be used as features.
        missing_label: What to do with rows without a label: ``error`` or ``drop``.
        random_state: Seed. The same seed, data and settings give the same result.
        debug_log: File name of the log that AutoML writes.
    """

    task: TaskName = "classification"
    primary_metric: Name = "AUC_weighted"
    label_column_name: Name = "y"
    experiment_timeout_minutes: Minutes = 20.0
    iteration_timeout_minutes: Minutes | None = None
    iterations: int | None = Field(default=None, ge=1, le=1000)
    max_concurrent_iterations: int = Field(default=5, ge=1, le=1000)
    enable_early_stopping: bool = True
    featurization: Featurization = "auto"
    allowed_models: Names | None = None
    blocked_models: Names = ()
    enable_voting_ensemble: bool = True
    n_cross_validations: int | None = Field(default=None, ge=2, le=50)
    validation_size: float | None = Field(default=None, gt=0, lt=1)
    exclude_columns: Names = ()
    missing_label: MissingLabel = "error"
    random_state: int = Field(default=0, ge=0, lt=2**32)
    debug_log: Name = "automl_errors.log"

    @model_validator(mode="before")
    @classmethod
    def _metric_of_the_task(cls, values: Any) -> Any:
        if isinstance(values, dict) and "primary_metric" not in values:
            metric = DEFAULT_METRICS.get(str(values.get("task", "classification")))
            return {**values, "primary_metric": metric} if metric else values
        return values

    @field_validator("primary_metric")
    @classmethod
    def _known_metric(cls, value: str, info: Any) -> str:
        task = info.data.get("task")
        return (
            _one_of(value, PRIMARY_METRICS[task], f"primary metrics of {task}") if task else value
        )

    @field_validator("allowed_models", "blocked_models")
    @classmethod
    def _known_models(cls, value: tuple[str, ...] | None, info: Any) -> tuple[str, ...] | None:
        task = info.data.get("task")
        for name in value or () if task else ():
            _one_of(name, MODELS[task], f"models for {task}")
        return value

    @field_validator("debug_log")
    @classmethod
    def _plain_file_name(cls, value: str) -> str:
        if Path(value).name != value or value in (".", ".."):
            raise PydanticCustomError("file_name", "must be a file name without a folder")
        return value

    @model_validator(mode="after")
    def _possible(self) -> AutoMLConfig:
        if self.n_cross_validations and self.validation_size:
            raise PydanticCustomError(
                "validation", "give n_cross_validations or validation_size, not both"
            )
        if self.label_column_name in self.exclude_columns:
            raise PydanticCustomError("label", "exclude_columns contains the label")
        if self.allowed_models is not None and not set(self.allowed_models) - set(
            self.blocked_models
        ):
            raise PydanticCustomError("no_model", "allowed_models less blocked_models is empty")
        return self


class PipelineConfig(Section):
    """The pipeline around the AutoML step.

    Attributes:
        description: What the pipeline is for.
        step_name: Name of the AutoML step.
        allow_reuse: Whether earlier outputs are reused when data and settings are the same.
        metrics_output: Name of the output with the metrics of all candidates.
        model_output: Name of the output with the best model.
    """

    description: str = "AutoML training pipeline"
    step_name: Name = "automl_module"
    allow_reuse: bool = True
    metrics_output: Name = "metrics_output"
    model_output: Name = "best_model_output"

    @model_validator(mode="after")
    def _different_outputs(self) -> PipelineConfig:
        if self.metrics_output == self.model_output:
            raise PydanticCustomError(
                "outputs", "metrics_output and model_output must have different names"
            )
        return self


class PublishConfig(Section):
    """How the pipeline is published, and where its triggered runs are kept.

    Attributes:
        name: Name of the published pipeline.
        version: Its version, any text.
        description: What it is for.
        experiment_name: Experiment of the runs that a trigger starts.
    """

    name: Title = "Bank Marketing Train"
    version: Name = "1.0"
    description: str = "Trains a model on the Bank Marketing data"
    experiment_name: Title = "pipeline-bank-rest-endpoint"


class WorkflowConfig(Section):
    """Everything a workflow needs to know.

    Attributes:
        backend: ``local`` or ``azureml``: what carries the workflow out.
        workspace: Where runs, datasets and models are kept.
        experiment_name: Experiment of the runs submitted here.
        compute: The compute target.
        dataset: The training data.
        automl: What AutoML is to find.
        pipeline: The pipeline around the AutoML step.
        publish: How the pipeline is published.
    """

    backend: BackendName = "local"
    workspace: WorkspaceConfig = WorkspaceConfig()
    experiment_name: Title = "bank-marketing-experiment"
    compute: ComputeConfig = ComputeConfig()
    dataset: DatasetConfig = DatasetConfig()
    automl: AutoMLConfig = AutoMLConfig()
    pipeline: PipelineConfig = PipelineConfig()
    publish: PublishConfig = PublishConfig()

    @model_validator(mode="after")
    def _azure_coordinates(self) -> WorkflowConfig:
        if self.backend != "azureml":
            return self
        needed = ("subscription_id", "resource_group", "workspace_name")
        missing = [key for key in needed if getattr(self.workspace, key) is None]
        if missing:
            raise PydanticCustomError(
                "azure_workspace", "backend 'azureml' needs workspace.{missing}",
                {"missing": ", workspace.".join(missing)},
            )  # fmt: skip
        return self

    def replace(self, **sections: Any) -> WorkflowConfig:
        """Return a copy with keys changed, given as ``section={"key": value}`` or ``key=value``.

        Args:
            **sections: A mapping is merged into the section of that name; anything else
                replaces the key.

        Returns:
            The changed configuration, validated as a whole.

        Raises:
            ConfigError: A key or value is not valid.
        """
        document = self.model_dump(exclude_unset=True)
        for key, value in sections.items():
            merge = isinstance(value, dict) and isinstance(document.get(key, {}), dict)
            document[key] = {**document.get(key, {}), **value} if merge else value
        return WorkflowConfig(**document)
