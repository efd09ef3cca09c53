"""Log a run to MLflow: parent and child runs, parameters, metrics, artifacts and the model."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankml import outputs
from bankml.backends.base import METRICS_FILE_KIND, MODEL_FILE_KIND
from bankml.errors import MissingDependencyError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from bankml.backends.base import Backend, ChildRecord, RunRecord
    from bankml.models import BestModel

RUN_TAG = "bankml.run_id"
MODEL_NAME = "model"

_LONGEST_PARAMETER = 6000
"""MLflow's own limit on a parameter's text."""


def log_run(
    backend: Backend,
    record: RunRecord,
    *,
    tracking_uri: str | None = None,
    experiment: str | None = None,
    registered_model_name: str | None = None,
    trust: bool = False,
) -> str:
    """Log a finished run to MLflow. A run that is there already is not logged twice.

    Args:
        backend: Where the run is.
        record: The finished run.
        tracking_uri: MLflow's store, for example ``sqlite:///mlflow.db`` or a server's URL; what
            MLflow is set to where None.
        experiment: MLflow experiment, or None for the name of the run's own.
        registered_model_name: Name to register the model under, or None not to register it.
        trust: Whether a pickled model may be loaded.

    Returns:
        The MLflow run id of the parent run.

    Raises:
        MissingDependencyError: mlflow is not installed.
        RunError: The run is not finished, or failed.
        ModelError: The model can't be loaded.
        ServiceError: MLflow's store can't be used.
    """
    outputs.check_finished(record)
    mlflow = _mlflow()
    model = outputs.best_model(backend, record, trust=trust)
    with _store(mlflow, tracking_uri), _service_errors(mlflow):
        logger = _Logger(mlflow.MlflowClient(), backend, backend.get_run(record.id))
        return logger.log(model, experiment or record.experiment, registered_model_name)


@dataclass(frozen=True)
class _Logger:
    """Logs one run.

    Attributes:
        client: MLflow's client.
        backend: Where the run is.
        record: The run.
    """

    client: Any
    backend: Backend
    record: RunRecord

    def log(self, model: BestModel, experiment: str, registered_name: str | None) -> str:
        """Log parent, children and model; return the parent's MLflow run id."""
        found = self._experiment(experiment)
        known = self.client.search_runs(
            [found], f"tags.`{RUN_TAG}` = '{self.record.id}'", max_results=1
        )
        if known:
            return str(known[0].info.run_id)
        board = outputs.leaderboard(self.backend, self.record)
        parent = self._parent(found, board.best.metrics if board.best else {})
        for child in board.children:
            self._child(found, parent, child)
        self._artifacts(parent)
        self._model(parent, model, registered_name)
        # The tag by which the run is found again comes last: a run that was cut off is logged anew.
        self.client.set_tag(parent, RUN_TAG, self.record.id)
        self.client.set_terminated(parent, "FINISHED", _milliseconds(self.record.ended))
        return parent

    def _experiment(self, name: str) -> str:
        found = self.client.get_experiment_by_name(name)
        return str(found.experiment_id if found else self.client.create_experiment(name))

    def _parent(self, experiment: str, metrics: Mapping[str, float]) -> str:
        record = self.record
        tags = {
            "bankml.ref": record.ref,
            "bankml.dataset": f"{record.dataset} version {record.dataset_version}",
            **record.tags,
        }
        created = self.client.create_run(
            experiment, _milliseconds(record.started or record.created), tags, record.id
        )
        run_id = str(created.info.run_id)
        settings = record.config.get("automl", {})
        self._batch(run_id, settings, metrics, record.ended)
        return run_id

    def _child(self, experiment: str, parent: str, child: ChildRecord) -> None:
        tags = {"mlflow.parentRunId": parent, "bankml.child_id": child.id}
        if child.error:
            tags["bankml.error"] = child.error
        name = f"{child.number} {child.algorithm}"
        created = self.client.create_run(experiment, _milliseconds(child.started), tags, name)
        run_id = str(created.info.run_id)
        parameters = {
            "algorithm": child.algorithm, "preprocessor": child.preprocessor, **child.parameters,
        }  # fmt: skip
        self._batch(run_id, parameters, child.metrics, child.ended)
        states = {"Finished": "FINISHED", "Canceled": "KILLED"}
        state = states.get(str(child.status), "FAILED")
        self.client.set_terminated(run_id, state, _milliseconds(child.ended))

    def _batch(
        self,
        run_id: str,
        parameters: Mapping[str, Any],
        metrics: Mapping[str, float],
        when: datetime | None,
    ) -> None:
        from mlflow.entities import Metric, Param

        moment = _milliseconds(when) or 0
        self.client.log_batch(
            run_id,
            [Metric(name, value, moment, 0) for name, value in metrics.items() if value == value],
            [Param(name, str(value)[:_LONGEST_PARAMETER]) for name, value in parameters.items()],
        )

    def _artifacts(self, run_id: str) -> None:
        self.client.log_artifact(run_id, str(self._output(METRICS_FILE_KIND)))
        self.client.log_text(run_id, self.backend.log(self.record.id), "log.txt")
        self.client.log_dict(run_id, dict(self.record.config), "config.json")

    def _model(self, run_id: str, model: BestModel, registered_name: str | None) -> None:
        import mlflow

        with mlflow.start_run(run_id), warnings.catch_warnings():
            # An example would copy rows of the training data into the store.
            warnings.filterwarnings("ignore", message=".*input example was not provided")
            mlflow.pyfunc.log_model(
                name=MODEL_NAME,
                loader_module="bankml.tracking.mlflow_model",
                data_path=str(self._output(MODEL_FILE_KIND)),
                signature=self._signature(model),
                registered_model_name=registered_name,
                pip_requirements=_requirements(model),
            )

    def _signature(self, model: BestModel) -> Any:
        from mlflow.models import ModelSignature
        from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec

        rows = self._rows().head(20)
        predicted = model.predict(rows)
        inputs: list[ColSpec | TensorSpec] = [
            ColSpec(_column_type(rows[name]), name, required=False)
            for name in model.manifest.features or rows.columns.drop(self._label())
        ]
        options = ParamSchema([ParamSpec("probabilities", "boolean", default=False)])
        return ModelSignature(Schema(inputs), Schema([ColSpec(_array_type(predicted))]), options)

    def _label(self) -> str:
        return self.record.label_column_name or ""

    def _rows(self) -> pd.DataFrame:
        dataset = self.backend.get_dataset(self.record.dataset or "", self.record.dataset_version)
        if dataset is None:
            raise ServiceError(
                f"The dataset of run {self.record.id} is gone; the model's signature needs it."
            )
        return self.backend.read_dataset(dataset, 0, 20)

    def _output(self, kind: str) -> Path:
        return self.backend.fetch_output(self.record.id, kind)


def _column_type(values: pd.Series) -> str:
    """Return MLflow's type of a column; MLflow refuses whole numbers where it wants ``double``."""
    from pandas.api import types

    if types.is_bool_dtype(values):
        return "boolean"
    if types.is_integer_dtype(values):
        return "long"
    if types.is_numeric_dtype(values):
        return "double"
    return "datetime" if types.is_datetime64_any_dtype(values) else "string"


def _array_type(values: Any) -> str:
    kinds = {"b": "boolean", "i": "long", "u": "long", "f": "double"}
    return kinds.get(values.dtype.kind, "string")


def _requirements(model: BestModel) -> list[str]:
    import bankml

    packages = [f"{name}=={version}" for name, version in model.manifest.packages.items()]
    return [f"bankml[local]=={bankml.__version__}", *packages]


def _milliseconds(when: datetime | None) -> int | None:
    return None if when is None else int(when.timestamp() * 1000)


def _mlflow() -> Any:
    try:
        import mlflow
    except ImportError as error:
        raise MissingDependencyError(
            "Logging to MLflow needs mlflow. Install it with: pip install 'bankml[mlflow]'"
        ) from error
    return mlflow


@contextmanager
def _store(mlflow: Any, tracking_uri: str | None) -> Iterator[None]:
    """Point MLflow's global functions at a store, and back again."""
    if tracking_uri is None:
        yield
        return
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(tracking_uri)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before)


@contextmanager
def _service_errors(mlflow: Any) -> Iterator[None]:
    try:
        yield
    except mlflow.exceptions.MlflowException as error:
        raise ServiceError(
            f"MLflow could not log the run: {error}. Check tracking_uri, and that its server runs."
        ) from error
