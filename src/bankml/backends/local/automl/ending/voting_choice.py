"""The choice of the voting ensemble's members, made by a worker at the end of a run."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bankml.backends.local.automl.ending.ensemble import select_ensemble
from bankml.backends.local.automl.ending.kept_predictions import Average, KeptPredictions
from bankml.backends.local.automl.models.temperature import fitted_temperature
from bankml.backends.local.automl.training.scoring import of_true_class
from bankml.metrics import is_greater_better

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.backends.local.automl.training.store import Store

_LIBRARY = 20
_SHARES_OF_THE_BEST = (0.0, 0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Ensemble:
    """An average of candidates and what it is worth.

    Attributes:
        average: The candidates and their weights.
        metrics: Its validation metrics by name.
        started: When its choice was made, in seconds since the epoch.
        ended: When its metrics were known.
    """

    average: Average
    metrics: dict[str, float]
    started: float
    ended: float


def choose_ensemble(store: Store, ranked: Mapping[int, float], metric: str) -> Ensemble:
    """Select by the loss; lean towards the best child as far as the primary metric asks for it.

    Args:
        store: The data, in whose folder the candidates left their predictions.
        ranked: Values of the primary metric by child, best first.
        metric: The primary metric.

    Returns:
        The ensemble; of one member where no other helps.
    """
    kept = KeptPredictions(store)
    best, best_score = next(iter(ranked.items()))
    weights = selected = _least_loss(kept, list(ranked)[:_LIBRARY], metric)
    for share in _SHARES_OF_THE_BEST:
        leaning = {number: (1 - share) * weight for number, weight in selected.items()}
        if share:
            leaning[best] = leaning.get(best, 0.0) + share
        if not _is_worse(metric, kept.metrics(Average(leaning))[metric], best_score):
            weights = leaning
            break
    started, average = time.time(), _calibrated(kept, Average(weights))
    return Ensemble(average, kept.metrics(average), started, time.time())


def _calibrated(kept: KeptPredictions, average: Average) -> Average:
    if kept.store.classes == 0 or len(average.weights) == 1:
        return average
    return replace(average, temperature=fitted_temperature(kept.average(average), kept.truth()))


def _is_worse(metric: str, one: float | None, other: float | None) -> bool:
    sign = 1.0 if is_greater_better(metric) else -1.0
    return sign * (one or 0.0) < sign * (other or 0.0)


def _least_loss(kept: KeptPredictions, numbers: list[int], metric: str) -> dict[int, float]:
    """Select by log loss or squared error, which keep probabilities honest."""
    truth = kept.truth()
    if kept.store.classes == 0:
        values = {number: kept.of(number) for number in numbers}
        if "absolute" in metric:
            return select_ensemble(values, lambda mean, at: float(np.abs(mean - truth[at]).mean()))
        return select_ensemble(
            values, lambda mean, at: float(np.sqrt(np.mean((mean - truth[at]) ** 2)))
        )
    of_truth = {number: of_true_class(kept.of(number), truth) for number in numbers}
    return select_ensemble(of_truth, lambda mean, _: float(-np.log(np.maximum(mean, 1e-15)).mean()))
