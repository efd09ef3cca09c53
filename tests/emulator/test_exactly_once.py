"""One trigger is one run, whatever happens between the client and the service.

Time passes virtually; ``benchmarks/emulator/exactly_once.py`` tries more seeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .doorway import Doorway
from .fault_schedules import carry_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bankml.emulator import Emulator


@pytest.fixture
def doorway(emulator: Emulator) -> Iterator[Doorway]:
    """A port that leads to the emulator, and refuses connections where a schedule says so."""
    with Doorway(emulator.url) as doorway:
        yield doorway


@pytest.mark.parametrize("seed", range(40))
def test_a_trigger_is_one_run(emulator: Emulator, doorway: Doorway, seed: int) -> None:
    outcome = carry_out(emulator, doorway, seed)

    assert outcome.problems() == []


def test_the_schedules_catch_a_client_that_does_not_look_first(
    emulator: Emulator, doorway: Doorway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bankml.rest.look_up.LookUp.find", lambda _self: None)

    outcomes = (carry_out(emulator, doorway, seed) for seed in range(20))

    assert any(len(outcome.started) > 1 for outcome in outcomes)
