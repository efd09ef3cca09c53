"""How well predicted probabilities agree with observed rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CALIBRATION_GROUPS = 10
"""Groups of rows whose predicted and observed rates are compared."""


def calibration_error(positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Return how far predicted and observed rates lie apart on average.

    The expected calibration error over ten groups with as many rows each (M. P. Naeini,
    G. F. Cooper and M. Hauskrecht, AAAI 2015).

    Args:
        positive: Whether each row is positive, shape ``(rows,)``.
        scores: Predicted probability, shape ``(rows,)``.

    Returns:
        The mean absolute difference, between 0 and 1.
    """
    order = np.argsort(scores, kind="stable")
    groups = np.array_split(order, min(CALIBRATION_GROUPS, len(order)))
    gaps = [abs(scores[rows].mean() - positive[rows].mean()) * len(rows) for rows in groups]
    return float(np.sum(gaps) / len(order))
