"""Where a local workspace keeps what; no path is ever made from a user's name or a request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The files and folders of one workspace.

    Attributes:
        root: The workspace's folder, absolute.
    """

    root: Path

    @property
    def name(self) -> str:
        """The workspace's name: its folder's, without the leading dots."""
        return self.root.name.lstrip(".") or "workspace"

    @property
    def database(self) -> Path:
        """The SQLite database."""
        return self.root / "bankml.db"

    @property
    def token(self) -> Path:
        """The endpoint's bearer token."""
        return self.root / "token"

    @property
    def server(self) -> Path:
        """Where the running servers say how they are reached."""
        return self.root / "server.json"

    @property
    def datasets(self) -> Path:
        """Folder of the datasets' rows."""
        return self.root / "datasets"

    @property
    def runs(self) -> Path:
        """Folder of the runs' logs and outputs."""
        return self.root / "runs"

    def dataset(self, name: str, version: int) -> Path:
        """Return the Parquet file of a dataset version."""
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        return self.datasets / digest / f"{version}.parquet"

    def run(self, run_id: str) -> Path:
        """Return a run's folder; the id is one that the store gave out."""
        return self.runs / run_id

    def log(self, run_id: str) -> Path:
        """Return a run's log file."""
        return self.run(run_id) / "log.txt"

    def metrics(self, run_id: str) -> Path:
        """Return a run's metrics output."""
        return self.run(run_id) / "metrics.json"

    def model(self, run_id: str) -> Path:
        """Return the folder of a run's model output."""
        return self.run(run_id) / "model"

    def scratch(self, run_id: str) -> Path:
        """Return the folder where a run keeps what a resumed run can use again."""
        return self.run(run_id) / "scratch"

    def stop_file(self, run_id: str) -> Path:
        """Return the file that stops a run's workers; a runner killed meanwhile leaves it."""
        return self.scratch(run_id) / "stop"
