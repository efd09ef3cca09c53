"""An estimate with its interval, and the bootstrap that finds it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CELLS_PER_BATCH = 2_000_000
"""Rows times resamples held at once: 16 MB of counts."""


@dataclass(frozen=True)
class Interval:
    """An estimate with a confidence interval.

    Attributes:
        estimate: The value on the data as it is.
        low: Lower end of the interval; NaN where it can't be computed.
        high: Upper end of the interval; NaN where it can't be computed.
    """

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return, for example, ``0.948 (0.941 to 0.955)``."""
        if math.isnan(self.low):
            return f"{self.estimate:.4g}"
        return f"{self.estimate:.4g} ({self.low:.4g} to {self.high:.4g})"


def resample_counts(
    rows: int, resamples: int, random_state: int, cells_per_row: int = 1
) -> Iterator[NDArray[np.float64]]:
    """Draw bootstrap resamples as counts: how often each row was drawn.

    Args:
        rows: Number of rows of the data.
        resamples: Number of resamples to draw in all.
        random_state: Seed; the same seed gives the same draws.
        cells_per_row: Values that the caller derives from each count; makes the batches smaller.

    Yields:
        Arrays of shape ``(batch, rows)``; the batches' lengths add up to ``resamples``.
    """
    import numpy as np

    generator = np.random.default_rng(random_state)
    batch = max(1, _CELLS_PER_BATCH // max(1, rows * cells_per_row))
    for first in range(0, resamples, batch):
        size = min(batch, resamples - first)
        counts = np.empty((size, rows))
        for number in range(size):
            drawn = generator.integers(rows, size=rows)
            counts[number] = np.bincount(drawn, minlength=rows)
        yield counts


def bootstrap(
    estimates: Mapping[str, float],
    statistics: Callable[[NDArray[np.float64]], Mapping[str, NDArray[np.float64]]],
    batches: Iterator[NDArray[np.float64]],
    confidence: float,
) -> dict[str, Interval]:
    """Put percentile bootstrap intervals around estimates.

    Percentile intervals as in B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap*,
    1993, chapter 13.

    Args:
        estimates: The values on the data as it is, by name.
        statistics: Gives the same names for a batch of resamples, shape ``(batch, rows)`` to
            ``(batch,)`` each.
        batches: The resamples, as :func:`resample_counts` draws them.
        confidence: Share of resamples inside the interval, between 0 and 1.

    Returns:
        An interval per name. Its ends are NaN where no resample had a value (a class was absent).
    """
    import numpy as np

    collected: dict[str, list[NDArray[np.float64]]] = {name: [] for name in estimates}
    for counts in batches:
        values = statistics(counts)
        for name, found in collected.items():
            found.append(np.asarray(values[name], dtype=float))
    tail = (1 - confidence) / 2
    result = {}
    for name, estimate in estimates.items():
        drawn = np.concatenate(collected[name]) if collected[name] else np.empty(0)
        drawn = drawn[np.isfinite(drawn)]
        low, high = np.quantile(drawn, [tail, 1 - tail]) if drawn.size else (math.nan, math.nan)
        result[name] = Interval(float(estimate), float(low), float(high))
    return result
