"""The compute wait raises on failure and on time-out, and waits for no node when none is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from bankml import ComputeConfig, ComputeError, ComputeTimeoutError, NotFoundError, compute
from bankml.backends.base import Backend, ComputeRecord

from .fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIG = ComputeConfig(name="c", min_nodes=0, max_nodes=2, wait_minutes=1)


def record(state: str, nodes: int = 0, low: int = 0, errors: Sequence[str] = ()) -> ComputeRecord:
    return ComputeRecord("c", state, "STANDARD_D2_V2", low, 2, nodes, tuple(errors))


@dataclass
class Scripted:
    """A backend whose compute goes through the given records; the last one stays."""

    records: list[ComputeRecord | None]
    created: list[str] = field(default_factory=list)

    def get_compute(self, name: str) -> ComputeRecord | None:
        del name
        return self.records.pop(0) if len(self.records) > 1 else self.records[0]

    def create_compute(self, config: ComputeConfig) -> ComputeRecord:
        self.created.append(config.name)
        return record("Creating")


def get_or_create(
    *records: ComputeRecord | None, config: ComputeConfig = CONFIG
) -> compute.Compute:
    backend = cast("Backend", Scripted(list(records)))
    return compute.get_or_create(backend, config, FakeClock())


def test_existing_compute_is_used() -> None:
    assert get_or_create(record("Succeeded")).state == "Succeeded"


def test_missing_compute_is_created_and_waited_for() -> None:
    backend = Scripted([None, record("Creating"), record("Succeeded")])

    found = compute.get_or_create(cast("Backend", backend), CONFIG, FakeClock())

    assert backend.created == ["c"]
    assert found.state == "Succeeded"


def test_no_node_is_waited_for_when_the_minimum_is_none() -> None:
    assert get_or_create(record("Succeeded", nodes=0)).state == "Succeeded"


def test_the_minimum_of_nodes_is_waited_for() -> None:
    found = get_or_create(record("Succeeded", 0, 1), record("Succeeded", 1, 1))

    assert found.record.current_nodes == 1


def test_a_failed_provisioning_names_the_reason_and_the_quota() -> None:
    with pytest.raises(ComputeError, match=r"Quota exceeded.*more quota"):
        get_or_create(record("Failed", errors=["Quota exceeded for the family Dv2"]))


def test_a_time_out_raises_and_says_how_far_it_is() -> None:
    with pytest.raises(ComputeTimeoutError, match=r"Resizing after 60 s, with 0 of 1 nodes"):
        get_or_create(record("Resizing", 0, 1))


def test_compute_that_vanishes_while_waiting_is_named() -> None:
    with pytest.raises(NotFoundError, match="'c'"):
        get_or_create(record("Creating"), None)
