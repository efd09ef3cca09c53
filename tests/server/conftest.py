"""A server over a workspace with a published pipeline, whose runs stay in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import requests

from bankml.backends.local import LocalBackend
from bankml.backends.local.endpoint import endpoint_path, workspace_path
from bankml.config import WorkflowConfig
from bankml.plan import Plan
from bankml.server import serve_in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bankml.backends.base import PublishedRecord


class Client(requests.Session):
    """A session that knows the server, and sends the token unless told otherwise."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.url = url
        self.trust_env = False
        self.headers.update(headers)

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        return super().request(method, f"{self.url}{url}", *args, **{"timeout": 30, **options})


@dataclass(frozen=True)
class Site:
    """What a test needs of a served workspace."""

    backend: LocalBackend
    client: Client
    published: PublishedRecord

    @property
    def endpoint(self) -> str:
        return endpoint_path(self.backend.layout, self.published.id)

    def run_path(self, run_id: str) -> str:
        return f"{self.endpoint.rpartition('/PipelineSubmit')[0]}/{run_id}"

    def query_path(self, experiment: str) -> str:
        workspace = workspace_path(self.backend.layout)
        return f"/history/v1.0{workspace}/experiments/{experiment}/runs:query"

    def trigger(self, *, key: str = "", tag: str = "") -> str:
        """Trigger with an idempotency key and an id as a tag, if given; return the run's id."""
        headers = {"Idempotency-Key": key} if key else {}
        body = {"ExperimentName": "nightly", "tags": {"bankml.trigger_id": tag} if tag else {}}
        return str(self.client.post(self.endpoint, json=body, headers=headers).json()["Id"])

    def triggered(self) -> int:
        return sum(run.published_id is not None for run in self.backend.list_runs(limit=1000))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A served workspace; no process is ever started."""
    monkeypatch.setattr("bankml.backends.local.dispatch.Dispatcher.dispatch", lambda _self: None)
    backend = LocalBackend(tmp_path / "workspace")
    config = WorkflowConfig().replace(automl={"iterations": 5})
    frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": ["yes", "no", "yes", "no"]})
    dataset = backend.register_dataset(config.dataset, frame)
    run = backend.submit(Plan(config), dataset)
    published = backend.publish(run.id, config.publish)
    with (
        serve_in_thread(backend.layout.root) as url,
        Client(url, backend.trigger_headers()) as client,
    ):
        yield Site(backend, client, published)
