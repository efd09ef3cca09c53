"""A run is found by the beginning of its id, where only one begins so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bankml import NotFoundError, Run
from bankml.backends.base import RunRecord
from bankml.cli.found_runs import find_run
from bankml.status import RunStatus

if TYPE_CHECKING:
    from collections.abc import Sequence


class Workspace:
    """Two runs whose ids begin alike."""

    ids = ("4a2f045c-1", "4a2f045d-2")

    def attach(self, ref: str) -> Run:
        if ref not in self.ids:
            raise NotFoundError(f"There is no run {ref!r}.")
        return self._run(ref)

    def runs(self, limit: int) -> Sequence[Run]:
        return [self._run(each) for each in self.ids[:limit]]

    def _run(self, run_id: str) -> Run:
        record = RunRecord(run_id, f"local:///w#{run_id}", "e", RunStatus.FINISHED)
        return Run(None, record)  # type: ignore[arg-type]  # only the record is looked at


@pytest.mark.parametrize("written", ["4a2f045d-2", "4a2f045d"])
def test_an_id_or_its_beginning_is_enough(written: str) -> None:
    assert find_run(Workspace(), written).id == "4a2f045d-2"  # type: ignore[arg-type]


def test_the_beginning_of_several_ids_is_refused_with_two_of_them() -> None:
    with pytest.raises(NotFoundError, match=r"2 runs' ids, such as 4a2f045c-1 and 4a2f045d-2"):
        find_run(Workspace(), "4a2f045")  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["4a2", "ffffffff", ""])
def test_what_is_too_short_or_unknown_is_not_found(written: str) -> None:
    with pytest.raises(NotFoundError, match="There is no run"):
        find_run(Workspace(), written)  # type: ignore[arg-type]
