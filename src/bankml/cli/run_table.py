"""Runs as a table that fits a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.cli.screen import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from bankml.backends.base import RunRecord

_WHOLE = {"Run": 36, "Status": 10, "Submitted": 11}
"""Columns that are never cut short, and how wide they are."""
_REUSED = {"Reused": 8}
_ROOM_FOR_REUSED = 110
_NARROWEST_NAME = 8


def run_table(records: Sequence[RunRecord], width: int) -> Table:
    """Return a table with a row per run.

    Only the names of experiments and datasets are cut short where there is no room. The beginning
    of the id of what a run reused is shown where the terminal is wide.

    Args:
        records: The runs, in the order of the rows.
        width: Columns of the terminal, 80 or more for all of the table to be seen.
    """
    from rich.table import Table
    from rich.text import Text

    last = _REUSED if width >= _ROOM_FOR_REUSED else {}
    taken = sum(_WHOLE.values()) + sum(last.values()) + len({**_WHOLE, **last}) + 2
    room = max(_NARROWEST_NAME, (width - taken) // 2)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in (*_WHOLE, "Experiment", "Dataset", *last):
        table.add_column(heading, no_wrap=True)
    for record in records:
        cells = [*_whole(record), *_names(record, room), *(_reused(record) if last else ())]
        table.add_row(*map(Text, cells))
    return table


def _whole(record: RunRecord) -> tuple[str, ...]:
    submitted = f"{record.created:%m-%d %H:%M}" if record.created else "-"
    return one_line(record.id), str(record.status), submitted


def _names(record: RunRecord, room: int) -> tuple[str, ...]:
    version = f" v{record.dataset_version or '?'}"
    dataset = _shortened(record.dataset or "-", room - len(version)) + version
    return _shortened(record.experiment, room), dataset


def _reused(record: RunRecord) -> tuple[str, ...]:
    return (one_line(record.reused_from or "-")[: _REUSED["Reused"]],)


def _shortened(name: str, room: int) -> str:
    from rich.text import Text

    text = Text(one_line(name))
    text.truncate(room, overflow="ellipsis")
    return text.plain
