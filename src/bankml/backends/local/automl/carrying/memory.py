"""How much memory there is, and what fits into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.backends.local.automl.carrying import control_group
from bankml.backends.local.automl.events import Event, Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from bankml.backends.local.automl.candidates.candidate import DataShape
    from bankml.backends.local.automl.carrying.slots import Slots

# What a worker grows by beside its data: libraries, histograms, predictions.
_WORKER_BYTES = 100_000_000
_KEPT_FREE_BYTES = 150_000_000
# Boosting keeps a byte for each binned value of all rows, of the fold's rows, and row by row;
# a sample is copied out of the store as it is before.
_BYTES_PER_VALUE = 3
_BYTES_PER_SAMPLED_VALUE = 7


class MemoryGuard:
    """Keeps a run within the memory there is, and says what it does for it.

    Args:
        on_event: Called with what the run does because memory is short.
        notes: The same for the run's result; added to.
    """

    def __init__(self, on_event: Callable[[Event], None], notes: list[str]) -> None:
        self._on_event = on_event
        self._notes = notes

    def fit(self, slots: Slots, shape: DataShape) -> int | None:
        """Run fewer candidates at once where memory is short.

        Args:
            slots: Where candidates run; narrowed.
            shape: What the data is like.

        Returns:
            Most rows that a candidate may learn from, or None for all.
        """
        rows, columns, available = shape.fitted_rows, shape.columns, available_bytes()
        if slots.narrow(workers_that_fit(slots.free, rows, columns, available)):
            self.tell("fewer candidates run at once")
        fitting = rows_that_fit(rows, columns, available)
        if fitting is not None:
            self.tell(f"candidates learn from {fitting:,} of {rows:,} rows")
        return fitting

    @staticmethod
    def is_short() -> bool:
        """Tell whether another worker should rather wait."""
        return available_bytes() < _KEPT_FREE_BYTES

    def tell(self, what: str) -> None:
        """Say what the run does because memory is short."""
        note = f"Memory is short ({available_bytes() / 1e6:,.0f} MB are free), so {what}."
        self._notes.append(note)
        self._on_event(Progress(note))


def available_bytes() -> int:
    """Return the memory that may still be used on this machine or in this container."""
    import psutil

    free: int = psutil.virtual_memory().available
    allowed = control_group.free_bytes()
    return free if allowed is None else min(free, allowed)


def workers_that_fit(workers: int, rows: int, columns: int, available: int) -> int:
    """Return how many candidates may run at once.

    Args:
        workers: How many are asked for.
        rows: Rows that a candidate learns from.
        columns: Columns of the encoded matrix.
        available: Bytes that may be used.

    Returns:
        At least 1, at the most ``workers``.
    """
    each = _WORKER_BYTES + _BYTES_PER_VALUE * rows * columns
    return max(1, min(workers, (available - _KEPT_FREE_BYTES) // each))


def rows_that_fit(rows: int, columns: int, available: int) -> int | None:
    """Return how many rows one candidate may learn from, or None if all fit.

    Args:
        rows: Rows there are to learn from.
        columns: Columns of the encoded matrix.
        available: Bytes that may be used.
    """
    free = max(0, available - _KEPT_FREE_BYTES - _WORKER_BYTES)
    if rows * columns * _BYTES_PER_VALUE <= free:
        return None
    return max(1_000, free // (columns * _BYTES_PER_SAMPLED_VALUE))
