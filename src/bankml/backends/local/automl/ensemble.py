"""Greedy selection of an ensemble on the validation predictions.

Method: R. Caruana et al., Ensemble Selection from Libraries of Models, ICML 2004.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS = 30
_ENOUGH = 1e-5

Loss = Callable[["NDArray[np.floating]"], float]


def select_ensemble(
    values: Mapping[int, NDArray[np.floating]], loss: Loss, steps: int = _STEPS
) -> dict[int, float]:
    """Return the weights of the average with the least loss.

    Starts from the best single candidate and adds, with replacement, whichever lowers the loss
    of the average most, until nothing lowers it.

    Args:
        values: By candidate, what the loss is computed from (the probability of the true class,
            or the predictions), all of one shape.
        loss: The loss of an average.
        steps: Most additions.

    Returns:
        Weights by candidate, which add up to 1.
    """
    counts = dict.fromkeys(values, 0)
    total = np.zeros_like(next(iter(values.values())), dtype=np.float64)
    best = np.inf
    for size in range(1, steps + 1):
        losses = {number: loss((total + value) / size) for number, value in values.items()}
        chosen = min(losses, key=lambda number: (losses[number], number))
        if losses[chosen] > best - _ENOUGH * abs(best) and size > 1:
            break
        best = losses[chosen]
        counts[chosen] += 1
        total += values[chosen]
    chosen_total = sum(counts.values())
    return {number: count / chosen_total for number, count in counts.items() if count}
