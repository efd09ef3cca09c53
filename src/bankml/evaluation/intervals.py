"""An estimate with its interval, and the bootstrap that finds it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are found: percentile bootstrap over rows.

    As in B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13.

    Attributes:
        confidence: Share of resamples inside an interval, between 0 and 1.
        resamples: Number of resamples.
        random_state: Seed; the same seed gives the same intervals.
    """

    confidence: float = 0.95
    resamples: int = 200
    random_state: int = 0

    def counts(self, rows: int, cells_per_row: int = 1) -> Iterator[NDArray[np.float64]]:
        """Draw the resamples as counts: how often each row was drawn.

        Args:
            rows: Number of rows of the data.
            cells_per_row: Values that the caller derives from each count; makes batches smaller.

        Yields:
            Arrays of shape ``(batch, rows)``; the batches' lengths add up to ``resamples``.
        """
        import numpy as np

        generator = np.random.default_rng(self.random_state)
        batch = max(1, _CELLS_PER_BATCH // max(1, rows * cells_per_row))
        for first in range(0, self.resamples, batch):
            size = min(batch, self.resamples - first)
            counts = np.empty((size, rows))
            for number in range(size):
                drawn = generator.integers(rows, size=rows)
                counts[number] = np.bincount(drawn, minlength=rows)
            yield counts

    def intervals(
        self,
        estimates: Mapping[str, float],
        statistics: Callable[[NDArray[np.float64]], Mapping[str, NDArray[np.float64]]],
        batches: Iterator[NDArray[np.float64]],
    ) -> dict[str, Interval]:
        """Put intervals around estimates.

        Args:
            estimates: The values on the data as it is, by name.
            statistics: Gives the same names for a batch of resamples: from shape ``(batch, rows)``
                to ``(batch,)`` each.
            batches: The resamples, as :meth:`counts` draws them.

        Returns:
            An interval per name. Its ends are NaN where no resample had a value, because a class
            was absent from all of them, and where the estimate itself is not defined.
        """
        import numpy as np

        values = [statistics(counts) for counts in batches]
        tail = (1 - self.confidence) / 2
        result = {}
        for name, estimate in estimates.items():
            drawn = np.concatenate([batch[name] for batch in values] or [np.empty(0)])
            drawn = drawn[np.isfinite(drawn)]
            known = drawn.size > 0 and math.isfinite(estimate)
            ends = np.quantile(drawn, [tail, 1 - tail]) if known else (math.nan, math.nan)
            result[name] = Interval(float(estimate), float(ends[0]), float(ends[1]))
        return result
