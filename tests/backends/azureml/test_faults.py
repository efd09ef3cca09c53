"""What goes wrong at the service, and what a user notices of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from urllib3 import Retry

from bankml import (
    AuthenticationError,
    ComputeError,
    ComputeTimeoutError,
    PublishConfig,
    RunStatus,
    ServiceUnavailableError,
    WaitTimeoutError,
    WorkflowConfig,
    compute,
)
from bankml.backends.azureml import AzureMLBackend
from bankml.backends.base import METRICS_FILE_KIND, MODEL_FILE_KIND, RunFailure
from bankml.config import ComputeConfig, DatasetConfig
from bankml.plan import Plan
from bankml.polling import Poller

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bankml.backends.base import DatasetRecord, RunRecord
    from bankml.emulator import Emulator

    from .conftest import FakeClock
    from .stand_in import StandIn

EXPERIMENT = "bank-marketing-experiment"


@pytest.fixture
def backend(new_backend: Callable[..., AzureMLBackend]) -> AzureMLBackend:
    """The emulator's workspace, with its compute."""
    made = new_backend()
    compute.get_or_create(made, ComputeConfig())
    return made


@pytest.fixture
def dataset(backend: AzureMLBackend, small_file: Path) -> DatasetRecord:
    """Ten registered rows."""
    return backend.register_dataset(DatasetConfig(name="ten", source=str(small_file)))


@pytest.fixture
def plan(new_config: Callable[..., WorkflowConfig]) -> Plan:
    """A plan that never reuses anything."""
    return Plan(new_config(pipeline={"allow_reuse": False}, automl={"iterations": 2}))


@pytest.fixture
def finished(backend: AzureMLBackend, dataset: DatasetRecord, plan: Plan) -> RunRecord:
    """A run that has ended."""
    return backend.submit(plan, dataset)


def started(emulator: Emulator) -> set[str]:
    """The runs that the service was asked to start, by their addresses."""
    return {
        each.path
        for each in emulator.requests
        if each.route == "pipelines.submit" and each.method == "POST"
    }


@pytest.mark.parametrize(
    "kind",
    ["throttled", "unavailable-before", "unavailable-after", "dropped-before", "dropped-after"],
)
@pytest.mark.parametrize("route", ["pipelines.create_run", "pipelines.submit"])
def test_a_submission_that_meets_trouble_starts_one_run(
    kind: str, route: str, backend: AzureMLBackend, dataset: DatasetRecord, plan: Plan,
    emulator: Emulator, stand_in: StandIn,
) -> None:  # fmt: skip
    before, trained = started(emulator), len(stand_in.records)
    fault = emulator.fail(kind, route, retry_after=0.0)

    record = backend.submit(plan, dataset)

    assert fault.happened == 1
    assert len(started(emulator) - before) == 1
    assert len(stand_in.records) == trained + 1
    assert record.status is RunStatus.FINISHED


def test_a_busy_service_is_waited_for_as_it_asks(
    backend: AzureMLBackend, emulator: Emulator, clock: FakeClock
) -> None:
    emulator.fail("throttled", "datasets.by_name", count=2, retry_after=9.0)

    assert backend.get_dataset("never-registered") is None
    assert clock.slept == [9.0, 9.0]


def test_a_service_that_stays_away_is_given_up(backend: AzureMLBackend, emulator: Emulator) -> None:
    emulator.fail("unavailable-before", "datasets.by_name", count=None)

    with pytest.raises(ServiceUnavailableError, match="look up dataset 'x'") as caught:
        backend.get_dataset("x")

    assert caught.value.status_code == 503


@pytest.mark.parametrize(
    "route", ["arm.workspace", "compute.get", "datasets.by_name", "pipelines.get_run"]
)
def test_an_expired_token_is_renewed(
    route: str, backend: AzureMLBackend, finished: RunRecord, emulator: Emulator,
    new_backend: Callable[..., AzureMLBackend],
) -> None:  # fmt: skip
    fresh = new_backend()
    fault = emulator.fail("expired-token", route)

    fresh.get_compute("cluster-bank-marketing-1")
    fresh.get_dataset("ten")
    fresh.get_run(finished.id)

    assert fault.happened == 1
    assert backend.name == "azureml"


def test_a_token_that_is_refused_for_good_says_what_to_do(
    backend: AzureMLBackend, emulator: Emulator
) -> None:
    emulator.fail("expired-token", "compute.get", count=None)

    with pytest.raises(AuthenticationError, match="az login"):
        backend.get_compute("any")


@pytest.mark.parametrize("kind", ["throttled", "unavailable-before", "dropped-before"])
def test_a_look_at_a_run_is_left_to_the_loop_that_waits(
    kind: str, finished: RunRecord, emulator: Emulator, clock: FakeClock,
    new_backend: Callable[..., AzureMLBackend],
) -> None:  # fmt: skip
    fresh = new_backend()
    fresh.workspace()
    emulator.fail(kind, "pipelines.get_run", count=2, retry_after=60.0)

    with pytest.raises(ServiceUnavailableError):
        fresh.get_run(finished.id)
    record = Poller(fresh, finished.id, clock).wait(600)

    assert record.status is RunStatus.FINISHED


def test_a_run_that_stalls_is_not_taken_for_ended(
    backend: AzureMLBackend, dataset: DatasetRecord, plan: Plan, emulator: Emulator,
    clock: FakeClock, stand_in: StandIn,
) -> None:  # fmt: skip
    stand_in.status = RunStatus.RUNNING
    emulator.fail("stalled", count=None)
    record = backend.submit(plan, dataset)

    with pytest.raises(WaitTimeoutError, match="still Preparing"):
        Poller(backend, record.id, clock).wait(300)


def test_a_failure_has_step_code_cause_link_and_log(
    backend: AzureMLBackend, dataset: DatasetRecord, plan: Plan, stand_in: StandIn
) -> None:
    stand_in.status = RunStatus.FAILED
    stand_in.failure = RunFailure("automl_module", "UserError", "The label 'z' is not there.")

    record = backend.submit(plan, dataset)

    assert record.status is RunStatus.FAILED
    assert record.failure is not None
    assert record.failure.step == "automl_module"
    assert record.failure.code == "UserError"
    assert "label 'z'" in record.failure.message
    assert "last line" in record.failure.log_tail
    assert record.portal_url is not None
    assert record.id in record.portal_url


def test_a_log_that_can_not_be_read_does_not_hide_the_failure(
    backend: AzureMLBackend, dataset: DatasetRecord, plan: Plan, stand_in: StandIn,
    emulator: Emulator,
) -> None:  # fmt: skip
    stand_in.status = RunStatus.FAILED
    stand_in.failure = RunFailure("automl_module", "UserError", "The label 'z' is not there.")
    emulator.fail("unavailable-before", "artifacts.download_log", count=None)

    record = backend.submit(plan, dataset)

    assert record.failure is not None
    assert record.failure.log_tail == ""


def test_a_want_of_quota_names_the_way_out(
    new_backend: Callable[..., AzureMLBackend], emulator: Emulator, clock: FakeClock
) -> None:
    emulator.fail("quota")

    with pytest.raises(ComputeError, match="quota"):
        compute.get_or_create(new_backend(), ComputeConfig(name=f"c{uuid.uuid4().hex[:8]}"), clock)


def test_nodes_that_do_not_come_are_not_waited_for_without_end(
    new_backend: Callable[..., AzureMLBackend], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = new_backend()
    config = ComputeConfig(name=f"c{uuid.uuid4().hex[:8]}", min_nodes=2, max_nodes=4)
    made = backend.create_compute(config)
    empty = made.__class__(**{**vars(made), "current_nodes": 0})
    monkeypatch.setattr(backend, "get_compute", lambda _: empty)

    with pytest.raises(ComputeTimeoutError, match="0 of 2 nodes"):
        compute.get_or_create(backend, config, clock)


@pytest.mark.parametrize("kind", [METRICS_FILE_KIND, MODEL_FILE_KIND])
def test_a_download_that_breaks_off_leaves_nothing_half_made(
    kind: str, backend: AzureMLBackend, finished: RunRecord, emulator: Emulator
) -> None:
    emulator.fail("truncated", count=None)
    with pytest.raises(ServiceUnavailableError):
        backend.fetch_output(finished.id, kind)

    emulator.heal()
    path = backend.fetch_output(finished.id, kind)

    assert path.exists()
    assert sorted(each.name for each in path.parent.iterdir() if each.name.startswith(".")) == []


def test_publishing_is_repeated_only_when_nothing_was_published(
    backend: AzureMLBackend, finished: RunRecord, emulator: Emulator
) -> None:
    before = len(backend.list_published())
    emulator.fail("throttled", "published.create", retry_after=0.0)
    backend.publish(finished.id, PublishConfig())
    emulator.fail("unavailable-after", "published.create")

    with pytest.raises(ServiceUnavailableError):
        backend.publish(finished.id, PublishConfig())

    assert len(backend.list_published()) == before + 2


def test_a_service_that_is_not_there_is_said_to_be_unreachable(
    new_config: Callable[..., WorkflowConfig], clock: FakeClock, emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(Retry, "sleep", lambda *_: None)
    from bankml.backends.azureml.fixed_auth import fixed_authentication

    config = new_config()
    subscription = str(config.workspace.subscription_id)
    nowhere = fixed_authentication("http://127.0.0.1:9", emulator.token, subscription)
    backend = AzureMLBackend.open(config, nowhere, clock)

    with pytest.raises(ServiceUnavailableError):
        backend.workspace()
