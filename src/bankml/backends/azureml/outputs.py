"""The outputs of a run, fetched once into the cache."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from bankml.backends.azureml import history
from bankml.backends.azureml.cache import filling, run_folder
from bankml.backends.base import METRICS_FILE_KIND, MODEL_FILE_KIND
from bankml.errors import NotFoundError, RunNotFinishedError, ServiceUnavailableError
from bankml.manifest import Manifest, sha256_of, write_manifest
from bankml.metrics.best import best_of
from bankml.status import RunStatus
from bankml.tags import SYNTHETIC_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bankml.backends.azureml.runs import Runs
    from bankml.backends.azureml.session import Session
    from bankml.backends.base import ChildRecord, RunRecord

METRICS_FILE, MODEL_FILE, CONDA_FILE = "metrics.json", "model.pkl", "conda.yml"
FILES = {METRICS_FILE_KIND: METRICS_FILE, MODEL_FILE_KIND: MODEL_FILE}
CONDA_ARTIFACTS = ("outputs/conda_env_v_1_0_0.yml", "outputs/conda_env.yml")
"""Where AutoML leaves a child run's environment."""

COMPARED_PACKAGES = re.compile(
    r"^(azureml-train-automl-runtime|azureml-automl-runtime|scikit-learn|lightgbm|xgboost|numpy"
    r"|pandas|scipy|joblib)$"
)
"""Packages whose version decides whether a pickle can be read."""

_PIN = re.compile(r"^\s*-?\s*([A-Za-z0-9_.-]+?)\s*={1,3}\s*([0-9][A-Za-z0-9_.+!-]*)\s*$")


class Outputs:
    """Fetches outputs of runs.

    Args:
        session: The workspace.
        runs: Its runs.
    """

    def __init__(self, session: Session, runs: Runs) -> None:
        self._session = session
        self._runs = runs

    def fetch(self, run: str, kind: str) -> Path:
        """Return a local file (``Metrics``) or folder (``Model``) with an output.

        Args:
            run: The run's id or ref.
            kind: ``Metrics`` or ``Model``.

        Raises:
            RunNotFinishedError: The run has no outputs yet.
            NotFoundError: There is no such kind, or the run has no output of it.
        """
        record = self._runs.get(run)
        if kind not in FILES:
            raise NotFoundError(f"A run has no output {kind!r}; it has {' and '.join(FILES)}.")
        if record.status is not RunStatus.FINISHED:
            raise RunNotFinishedError(
                f"Run {record.id} is {record.status}; its outputs are there when it is Finished.",
                record.id,
            )
        folder = self._folder(record.id, kind)
        if not folder.is_dir():
            with filling(folder) as fresh:
                self._fill(record, kind, fresh)
        return _output_in(folder, kind)

    def fetched(self, run: str, kind: str) -> Path | None:
        """Return an output that has been fetched before, or None. No request.

        Args:
            run: The run's id or ref.
            kind: ``Metrics`` or ``Model``.
        """
        folder = self._folder(self._runs.id_of(run), kind)
        return _output_in(folder, kind) if folder.is_dir() else None

    def _folder(self, run_id: str, kind: str) -> Path:
        return run_folder(self._workspace(), run_id) / kind.casefold()

    def _fill(self, record: RunRecord, kind: str, folder: Path) -> None:
        file = folder / FILES[kind]
        self._download(record, kind, file)
        if kind == METRICS_FILE_KIND:
            _check_json(file)
            return
        children = self._runs.children(record.id)
        best = best_child(children, record.primary_metric or "")
        packages = self._environment(best, folder) if best else {}
        write_manifest(folder, _manifest(record, best, file, packages))

    def _download(self, record: RunRecord, kind: str, file: Path) -> None:
        pipelines = self._session.pipelines()
        name = self._name(record, kind)
        output = self._session.call(
            f"find the output {name!r} of run {record.id}",
            lambda: pipelines.get_pipeline_run_output_async(record.id, name),
        )
        place = _blob_reference(output, record.id, name)
        datastore = self._session.datastore(str(place.aml_data_store_name))
        self._session.call(
            f"download the output {name!r}",
            lambda: download_blob(datastore, str(place.relative_path), file),
        )

    def _name(self, record: RunRecord, kind: str) -> str:
        config = self._session.config.pipeline
        usual = {METRICS_FILE_KIND: config.metrics_output, MODEL_FILE_KIND: config.model_output}
        graph = self._runs.graph_of(record.id)
        return graph.outputs.get(kind, usual[kind]) if graph else usual[kind]

    def _environment(self, best: ChildRecord, folder: Path) -> Mapping[str, str]:
        file, container = folder / CONDA_FILE, self._runs.container(best.id)
        for artifact in CONDA_ARTIFACTS:
            try:
                history.download_artifact(self._session, container, artifact, file)
            except NotFoundError:
                continue
            return pinned_packages(file.read_text("utf-8", errors="replace"))
        return {}

    def _workspace(self) -> tuple[str, str, str]:
        config = self._session.config.workspace
        return (
            config.subscription_id or "", config.resource_group or "", config.workspace_name or "",
        )  # fmt: skip


def download_blob(datastore: Any, path: str, file: Path) -> None:
    """Download the one blob at or below a path, and check its length.

    Args:
        datastore: The SDK's datastore.
        path: The path on it.
        file: Where to.

    Raises:
        NotFoundError: There is nothing at this path.
        ServiceUnavailableError: Less arrived than there is.
    """
    container = datastore.blob_service.get_container_client(datastore.container_name)
    blobs = [blob for blob in container.list_blobs(name_starts_with=path) if blob.size]
    blob = next((found for found in blobs if found.name == path), next(iter(blobs), None))
    if blob is None:
        raise NotFoundError(f"There is nothing at {path!r} on datastore {datastore.name!r}.")
    with file.open("wb") as stream:
        container.get_blob_client(blob.name).download_blob().readinto(stream)
    if file.stat().st_size != blob.size:
        raise ServiceUnavailableError(
            f"Only {file.stat().st_size:,} of {blob.size:,} bytes of {path!r} arrived; try again."
        )


def best_child(children: Sequence[ChildRecord], metric: str) -> ChildRecord | None:
    """Return the candidate with the best score.

    Args:
        children: The candidates.
        metric: Metric that ranks them; of one that is not known here, more is taken for better.

    Returns:
        The best one, or None where no candidate has a score.
    """
    try:
        return best_of(children, metric)
    except ValueError:
        return best_of(children, "accuracy")


def pinned_packages(conda: str) -> Mapping[str, str]:
    """Return the packages that matter to a pickle, with their versions, from a conda file.

    Args:
        conda: Text of a conda file, whose pins look like ``- numpy==1.23.5`` or ``- pip=22``.
    """
    pins = (_PIN.match(line) for line in conda.splitlines())
    found = {match[1].casefold(): match[2] for match in pins if match}
    return {name: version for name, version in found.items() if COMPARED_PACKAGES.match(name)}


def _output_in(folder: Path, kind: str) -> Path:
    return folder / METRICS_FILE if kind == METRICS_FILE_KIND else folder


def _manifest(
    record: RunRecord, best: ChildRecord | None, file: Path, packages: Mapping[str, str]
) -> Manifest:
    return Manifest(
        format="pickle",
        file=file.name,
        sha256=sha256_of(file),
        task=record.task or "classification",
        algorithm=best.algorithm if best else "",
        primary_metric=record.primary_metric or "",
        score=best.score if best else None,
        label_column_name=record.label_column_name or "",
        packages=dict(packages),
        dataset=record.dataset or "",
        dataset_version=record.dataset_version,
        synthetic=record.tags.get(SYNTHETIC_TAG) == "true",
        run_id=record.id,
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )


def _check_json(file: Path) -> None:
    try:
        json.loads(file.read_bytes())
    except ValueError as error:
        raise ServiceUnavailableError(
            "The metrics output that arrived is not whole JSON; try again."
        ) from error


def _blob_reference(output: Any, run_id: str, name: str) -> Any:
    reference = getattr(getattr(output, "data_location", None), "data_reference", None)
    place = getattr(reference, "azure_blob_reference", None)
    if place is None or not place.relative_path:
        raise NotFoundError(f"Run {run_id} has no output {name!r} in a blob container.")
    return place
