"""The table of runs fits a terminal, and never cuts what is not a name."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from rich.console import Console

from bankml.backends.base import RunRecord
from bankml.cli.run_table import run_table
from bankml.status import RunStatus

RUN = RunRecord(
    id="60797acf-a91a-42c3-9322-35840a2e1d0a",
    ref="local:///w#r",
    experiment="bank-marketing-experiment",
    status=RunStatus.FINISHED,
    created=datetime(2026, 3, 1, 9, 30),  # noqa: DTZ001 - printed as it is
    dataset="customers_of_the_last_twelve_months",
    dataset_version=12,
    reused_from="0c84d52e-1111-2222-3333-444444444444",
)


def line_of(record: RunRecord, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, soft_wrap=True, emoji=False)
    console.print(run_table([record], width))
    return str(console.file.getvalue()).splitlines()[1]  # type: ignore[attr-defined]  # a StringIO


@pytest.mark.parametrize("width", [80, 110, 200])
def test_the_id_the_time_and_the_datas_version_are_whole(width: int) -> None:
    words = line_of(RUN, width).split()

    assert words[:4] == [RUN.id, "Finished", "03-01", "09:30"]
    assert "v12" in words[-2:]


def test_a_terminal_of_80_columns_is_not_overrun() -> None:
    line = line_of(RUN, 80)

    assert len(line) <= 80
    assert line.rstrip().endswith("cust… v12")


def test_a_wide_terminal_shows_what_was_reused_and_whole_names() -> None:
    assert line_of(RUN, 160).split()[4:] == [RUN.experiment, RUN.dataset, "v12", "0c84d52e"]


def test_a_name_is_neither_markup_nor_a_picture() -> None:
    named = RunRecord("r", "local:///w#r", "[b]:smile:", RunStatus.QUEUED)

    assert line_of(named, 140).split() == ["r", "Queued", "-", "[b]:smile:", "-", "v?", "-"]
