"""The files of a run, as the artifact service names them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from bankml.emulator.answers import not_found, timestamp
from bankml.emulator.pipeline_runs import STEP_KIND
from bankml.status import RunStatus

if TYPE_CHECKING:
    from bankml.emulator.history import History
    from bankml.emulator.service import Service
    from bankml.emulator.store import Document

LOG_PATH = "logs/azureml/executionlogs.txt"
CONDA_PATH = "outputs/conda_env_v_1_0_0.yml"
MODEL_PATH = "outputs/model.pkl"
PREFIX = "dcid."
PACKAGES = ("bankml", "joblib", "lightgbm", "numpy", "pandas", "scikit-learn", "scipy")


class Artifacts:
    """Lists and reads the files of runs.

    Args:
        service: What all routers share.
        history: The run documents.
    """

    def __init__(self, service: Service, history: History) -> None:
        self._service = service
        self._history = history

    def contents(self, container: str, prefix: str) -> list[Document]:
        """Return the addresses of a run's files below a prefix."""
        run_id = container.removeprefix(PREFIX)
        return [
            self._content(run_id, path) for path in self._paths(run_id) if path.startswith(prefix)
        ]

    def content(self, container: str, path: str) -> Document:
        """Return the address of one file."""
        run_id = container.removeprefix(PREFIX)
        if path not in self._paths(run_id):
            raise not_found(f"Artifact {path!r} of run {run_id!r}")
        return self._content(run_id, path)

    def read(self, run_id: str, path: str) -> bytes:
        """Return the content of one file."""
        if path not in self._paths(run_id):
            raise not_found(f"Artifact {path!r} of run {run_id!r}")
        if path == LOG_PATH:
            return self._history.log(run_id).encode()
        if path == CONDA_PATH:
            return conda_environment().encode()
        return self._service.training.model(run_id.rpartition("_")[0])

    def _paths(self, run_id: str) -> list[str]:
        if self._service.store.get(STEP_KIND, run_id) is not None:
            return [LOG_PATH]
        parent, _, _ = run_id.rpartition("_")
        step = self._service.store.get(STEP_KIND, parent)
        if step is None or self._history.runs.step_status(step) is not RunStatus.FINISHED:
            return []
        scored = [child for child in self._history.candidates(step) if child.score is not None]
        known = [child.id for child in scored]
        if run_id not in known:
            return []
        best = self._history.best(step)
        is_best = best is not None and best.id == run_id
        return [CONDA_PATH, MODEL_PATH] if is_best else [CONDA_PATH]

    def _content(self, run_id: str, path: str) -> Document:
        address = f"{self._service.url}/artifacts/files/{run_id}/{quote(path)}"
        return {
            "contentUri": address,
            "origin": "ExperimentRun",
            "container": f"{PREFIX}{run_id}",
            "path": path,
            "artifactId": f"ExperimentRun/{PREFIX}{run_id}/{path}",
            "createdTime": timestamp(),
            "etag": None,
            "tags": {},
        }


def conda_environment() -> str:
    """Return the environment that the emulator trains in, as a conda file (YAML)."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    lines = ["name: project_environment", "dependencies:", f"- python={platform.python_version()}"]
    lines += ["- pip:"]
    for name in PACKAGES:
        try:
            lines.append(f"  - {name}=={version(name)}")
        except PackageNotFoundError:
            continue
    return "\n".join([*lines, "channels:", "- conda-forge", ""])
