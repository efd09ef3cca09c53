"""Publishing passes on what it was asked for, and nothing else."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, cast

import pytest

from bankml import RunStatus, publish
from bankml.backends.base import DatasetRecord, PublishedRecord, RunRecord
from bankml.config import PublishConfig
from bankml.datasets import Dataset
from bankml.errors import TriggerError
from bankml.publish import PublishedPipeline
from bankml.runs import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bankml.backends.base import Backend

RECORD = PublishedRecord(
    "p-1",
    "<nightly>",
    "1.0",
    "Active",
    "https://host/p-1",
    "Each night",
    datetime(2026, 1, 2, tzinfo=timezone.utc),
)
ROWS = DatasetRecord("d-1", "customers", 3, None, 10, (), "DataFrame")


@dataclass
class Recorder:
    """A backend that writes down what it is asked."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def publish(self, run_id: str, config: PublishConfig) -> PublishedRecord:
        self.asked.append(("publish", run_id, config))
        return RECORD

    def get_published(self, published_id: str) -> PublishedRecord:
        self.asked.append(("get", published_id))
        return RECORD

    def list_published(self) -> list[PublishedRecord]:
        return [RECORD, replace(RECORD, id="p-0")]

    def set_published_status(self, published_id: str, status: str) -> PublishedRecord:
        self.asked.append(("status", published_id, status))
        return replace(RECORD, status=status)

    @contextmanager
    def reachable_endpoint(self, published: PublishedRecord) -> Iterator[str]:
        self.asked.append(("reach", published.id))
        yield "https://reached/p-1"
        self.asked.append(("left",))

    def trigger_headers(self) -> Mapping[str, str]:
        return {"Authorization": "Bearer t"}

    def get_run(self, run: str) -> RunRecord:
        return RunRecord(run, f"local://x#{run}", "e", RunStatus.QUEUED)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def backend(recorder: Recorder) -> Backend:
    return cast("Backend", recorder)


@pytest.fixture
def pipeline(backend: Backend) -> PublishedPipeline:
    return PublishedPipeline(backend, RECORD)


def test_a_run_is_published_by_handle_or_by_id(backend: Backend, recorder: Recorder) -> None:
    config = PublishConfig(name="nightly")
    run = Run(backend, RunRecord("run-1", "local://x#run-1", "e", RunStatus.FINISHED))

    by_handle = publish.publish(backend, run, config)
    by_id = publish.publish(backend, "run-2", config)

    assert recorder.asked == [("publish", "run-1", config), ("publish", "run-2", config)]
    assert by_handle.record is by_id.record is RECORD
    assert by_handle.backend is backend


def test_a_pipeline_is_shown_without_its_backend(pipeline: PublishedPipeline) -> None:
    assert repr(pipeline) == f"PublishedPipeline({RECORD.id}, {pipeline})"


def test_a_pipeline_is_found_by_id_and_all_are_listed_in_order(
    backend: Backend, recorder: Recorder
) -> None:
    found = publish.get(backend, "p-1")
    listed = publish.list_published(backend)

    assert (found.record, found.backend) == (RECORD, backend)
    assert recorder.asked == [("get", "p-1")]
    assert [one.id for one in listed] == ["p-1", "p-0"]
    assert all(one.backend is backend for one in listed)


def test_a_pipeline_is_disabled_and_enabled(
    pipeline: PublishedPipeline, recorder: Recorder
) -> None:
    disabled = pipeline.disable()
    enabled = disabled.enable()
    again = enabled.disable()

    assert [disabled.status, enabled.status, again.status] == ["Disabled", "Active", "Disabled"]
    assert recorder.asked == [
        ("status", "p-1", "Disabled"),
        ("status", "p-1", "Active"),
        ("status", "p-1", "Disabled"),
    ]
    assert pipeline.status == "Active"


def test_a_pipeline_prints_as_one_line_and_shows_as_a_table(pipeline: PublishedPipeline) -> None:
    assert str(pipeline) == "<nightly> 1.0 (Active) https://host/p-1"
    assert pipeline._repr_html_() == (
        "<table><tr><th>Name</th><td>&lt;nightly&gt;</td></tr>"
        "<tr><th>Version</th><td>1.0</td></tr><tr><th>Id</th><td>p-1</td></tr>"
        "<tr><th>Status</th><td>Active</td></tr>"
        "<tr><th>Endpoint</th><td>https://host/p-1</td></tr></table>"
    )


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ({}, {"parameters": None, "dataset_id": None, "tags": None, "trigger_id": None}),
        (
            {"parameters": {"a": 1}, "tags": {"b": "c"}, "trigger_id": "m-7"},
            {"parameters": {"a": 1}, "dataset_id": None, "tags": {"b": "c"}, "trigger_id": "m-7"},
        ),
    ],
)
def test_a_trigger_goes_to_where_the_backend_reaches_its_endpoint(
    backend: Backend,
    recorder: Recorder,
    pipeline: PublishedPipeline,
    asked: dict[str, Any],
    sent: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def posted(endpoint: str, **request: Any) -> RunRecord:
        recorder.asked.append(("post", endpoint, request))
        return RunRecord("run-9", "", "", RunStatus.QUEUED)

    monkeypatch.setattr(publish, "trigger", posted)

    run = publish.start(backend, pipeline, "nightly", **asked)

    request = {"experiment_name": "nightly", "auth": recorder.trigger_headers, **sent}
    assert recorder.asked == [
        ("reach", "p-1"),
        ("post", "https://reached/p-1", request),
        ("left",),
    ]
    assert run.refresh().id == "run-9"


def test_a_trigger_binds_the_version_of_its_dataset(
    backend: Backend, pipeline: PublishedPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: dict[str, Any] = {}

    def posted(endpoint: str, **request: Any) -> RunRecord:
        sent.update(request)
        return RunRecord("run-9", endpoint, "", RunStatus.QUEUED)

    monkeypatch.setattr(publish, "trigger", posted)

    publish.start(backend, pipeline, "nightly", dataset=Dataset(backend, ROWS))

    assert sent["dataset_id"] == "d-1"


def test_a_preview_is_the_request_with_all_that_was_asked(
    backend: Backend, pipeline: PublishedPipeline
) -> None:
    request = publish.preview(
        pipeline,
        "nightly",
        dataset=Dataset(backend, ROWS),
        parameters={"a": "1"},
        tags={"b": "c"},
        trigger_id="m-7",
    )

    shown = repr(request)
    for part in ("https://host/p-1", "nightly", "d-1", "'a': '1'", "'b': 'c'", "m-7"):
        assert part in shown
    assert "d-1" not in repr(publish.preview(pipeline, "nightly"))


@pytest.mark.parametrize("dataset", ["customers:3", 3, ROWS])
def test_what_is_no_registered_version_is_not_bound(
    pipeline: PublishedPipeline, dataset: Any
) -> None:
    with pytest.raises(TriggerError, match=r"Workflow\.dataset\(\)"):
        publish.preview(pipeline, "nightly", dataset=dataset)
