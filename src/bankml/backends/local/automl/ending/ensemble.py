"""Greedy selection of an ensemble on the validation predictions.

Method: R. Caruana et al., Ensemble Selection from Libraries of Models, ICML 2004. Where rows are
few it is done on resampled rows, and the weights are averaged: on all of them it learns the
accidents of these rows. Measured on the development seeds: 569 rows of two classes, log loss .0859
-> .0797 and .164 -> .159; with more than 1,000 rows nothing that can be told from noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS = 30
_ENOUGH = 1e-5
_FEW_ROWS = 1_000
_RESAMPLES = 10
_LEAST_WEIGHT = 0.05

Loss = Callable[["NDArray[np.floating]", Any], float]


def select_ensemble(values: Mapping[int, NDArray[np.floating]], loss: Loss) -> dict[int, float]:
    """Return the weights of the average with the least loss.

    Args:
        values: By candidate, what the loss is computed from (the probability of the true class,
            or the predictions), all of one shape ``(rows,)``.
        loss: The loss of an average, given with the places of its rows among all rows.

    Returns:
        Weights by candidate, which add up to 1.
    """
    rows = len(next(iter(values.values())))
    if rows >= _FEW_ROWS:
        return _greedy(values, lambda mean: loss(mean, slice(None)))
    random, weights = np.random.default_rng(0), dict.fromkeys(values, 0.0)
    for _ in range(_RESAMPLES):
        for number, weight in _greedy_on(values, loss, random.integers(0, rows, rows)).items():
            weights[number] += weight / _RESAMPLES
    return _without_the_least(weights)


def _without_the_least(weights: Mapping[int, float]) -> dict[int, float]:
    """Leave out members whose models cost more time than their small weights are worth."""
    least = min(_LEAST_WEIGHT, max(weights.values()))
    kept = {number: weight for number, weight in weights.items() if weight >= least}
    return {number: weight / sum(kept.values()) for number, weight in kept.items()}


def _greedy_on(
    values: Mapping[int, NDArray[np.floating]], loss: Loss, places: NDArray[np.int64]
) -> dict[int, float]:
    resampled = {number: value[places] for number, value in values.items()}
    return _greedy(resampled, lambda mean: loss(mean, places))


def _greedy(
    values: Mapping[int, NDArray[np.floating]], loss: Callable[[NDArray[np.floating]], float]
) -> dict[int, float]:
    """Add, with replacement, whichever lowers the loss of the average most, while one does."""
    counts = dict.fromkeys(values, 0)
    total = np.zeros_like(next(iter(values.values())), dtype=np.float64)
    best = np.inf
    for size in range(1, _STEPS + 1):
        losses = {number: loss((total + value) / size) for number, value in values.items()}
        chosen = min(losses, key=lambda number: (losses[number], number))
        if losses[chosen] > best - _ENOUGH * abs(best) and size > 1:
            break
        best = losses[chosen]
        counts[chosen] += 1
        total += values[chosen]
    chosen_total = sum(counts.values())
    return {number: count / chosen_total for number, count in counts.items() if count}
