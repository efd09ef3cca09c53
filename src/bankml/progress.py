"""Progress of a run: one live display, in a terminal, in a notebook, or as log lines."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from bankml.errors import ServiceUnavailableError
from bankml.metrics.best import best_of, is_score
from bankml.status import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bankml.backends.base import Backend, ChildRecord, RunRecord

_logger = logging.getLogger("bankml.progress")


@dataclass(frozen=True)
class Snapshot:
    """What a display shows.

    Attributes:
        run_id: The run.
        status: Its state.
        elapsed: Seconds since it began to run, or since it was submitted.
        budget: Seconds it may take, or None.
        done: Child runs that have ended.
        best: Best score so far, or None.
        metric: Name of the primary metric.
        last: The child run that ended last, in words.
        message: What the run is doing.
    """

    run_id: str
    status: RunStatus
    elapsed: float
    budget: float | None
    done: int
    best: float | None
    metric: str
    last: str
    message: str

    def line(self) -> str:
        """Return it as one line of text."""
        best = "" if self.best is None else f", best {self.metric} {self.best:.5f}"
        last = f", last {self.last}" if self.last else ""
        return f"{self.status}: {self.done} child runs{best}{last}"

    def clock(self) -> str:
        """Return elapsed time against the budget."""
        budget = "" if self.budget is None else f" of at most {_minutes(self.budget)}"
        return f"{_minutes(self.elapsed)}{budget}"


class Display(Protocol):
    """Something that shows snapshots."""

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot in place of the one before."""
        ...

    def close(self) -> None:
        """Leave the last snapshot on the screen and stop drawing."""
        ...


class LogDisplay:
    """One log line for every change, on the logger ``bankml.progress``."""

    def __init__(self) -> None:
        self._last = ""

    def show(self, snapshot: Snapshot) -> None:
        """Log the snapshot if it says something new."""
        line = snapshot.line()
        if line != self._last:
            _logger.info("Run %s %s", snapshot.run_id, line)
            self._last = line

    def close(self) -> None:
        """Do nothing: the lines are there."""


class TerminalDisplay:
    """A live line with a bar in a terminal."""

    def __init__(self, stream: Any = None) -> None:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(file=stream or sys.stderr), refresh_per_second=8)
        self._live.start()

    def show(self, snapshot: Snapshot) -> None:
        """Draw the snapshot."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        row = Table.grid(padding=(0, 1))
        ended = snapshot.status.is_terminal
        total = snapshot.budget or 1.0
        done = total if ended else min(snapshot.elapsed, total)
        row.add_row(ProgressBar(total=total, completed=done, width=24), Text(snapshot.clock()))
        self._live.update(Group(Text(snapshot.line()), row))

    def close(self) -> None:
        """Stop drawing."""
        self._live.stop()


class NotebookDisplay:
    """A block of HTML in a notebook, updated in place; no widget extension is needed."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, snapshot: Snapshot) -> None:
        """Draw the snapshot."""
        from IPython.display import HTML, display

        html = HTML(_html(snapshot))
        if self._handle is None:
            self._handle = display(html, display_id=True)
        else:
            self._handle.update(html)

    def close(self) -> None:
        """Do nothing: the block stays."""


class Progress:
    """Turns what the poller sees into snapshots for a display.

    Args:
        backend: Where the run is.
        display: What shows them.
    """

    def __init__(self, backend: Backend, display: Display) -> None:
        self._backend = backend
        self._display = display
        self._children: Sequence[ChildRecord] = ()

    def __call__(self, record: RunRecord) -> None:
        """Show the run as it is now."""
        try:
            self._children = self._backend.children(record.id)
        except ServiceUnavailableError as error:
            _logger.debug("The child runs of %s can't be read now: %s", record.id, error)
        self._display.show(snapshot(record, self._children))


@contextmanager
def shown(backend: Backend, enabled: bool) -> Iterator[Progress | None]:
    """Show a run's progress for as long as the context lasts.

    Args:
        backend: Where the run is.
        enabled: Whether anything is shown.

    Yields:
        What to call with every record, or None where nothing is shown.
    """
    if not enabled:
        yield None
        return
    display = choose_display()
    try:
        yield Progress(backend, display)
    finally:
        display.close()


def choose_display() -> Display:
    """Return the display that suits where the program runs."""
    if _in_notebook():
        return NotebookDisplay()
    return TerminalDisplay() if sys.stderr.isatty() else LogDisplay()


def snapshot(record: RunRecord, children: Sequence[ChildRecord]) -> Snapshot:
    """Return what is to be shown of a run.

    Args:
        record: The run as it is now.
        children: Its child runs so far.
    """
    ended = sorted((child for child in children if child.ended), key=_end)
    return Snapshot(
        run_id=record.id,
        status=record.status,
        elapsed=_elapsed(record),
        budget=record.budget_seconds,
        done=len(ended),
        best=_best(record, children),
        metric=record.primary_metric or "score",
        last=_words(ended[-1]) if ended else "",
        message=record.message,
    )


def _end(child: ChildRecord) -> datetime:
    return child.ended or datetime.max.replace(tzinfo=timezone.utc)


def _elapsed(record: RunRecord) -> float:
    began = record.started or record.created
    if began is None:
        return 0.0
    return ((record.ended or datetime.now(timezone.utc)) - began).total_seconds()


def _best(record: RunRecord, children: Sequence[ChildRecord]) -> float | None:
    best = best_of(children, record.primary_metric) if record.primary_metric else None
    return best.score if best else None


def _words(child: ChildRecord) -> str:
    if is_score(child.score):
        return f"{child.algorithm} {child.score:.5f}"
    if child.status is RunStatus.FINISHED:
        return f"{child.algorithm} without a score"
    return f"{child.algorithm} {child.status.value.casefold()}"


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _html(snapshot: Snapshot) -> str:
    share = 1.0 if snapshot.status.is_terminal else snapshot.elapsed / (snapshot.budget or 1e9)
    return (
        f"<div><strong>Run {escape(snapshot.run_id)}</strong><br>{escape(snapshot.line())}<br>"
        f'<progress max="100" value="{min(share, 1.0) * 100:.0f}" aria-label="elapsed time">'
        f"</progress> {escape(snapshot.clock())}</div>"
    )


def _in_notebook() -> bool:
    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    return type(get_ipython()).__name__ == "ZMQInteractiveShell"
