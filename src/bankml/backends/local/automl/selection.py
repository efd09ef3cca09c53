"""The end of a run: the ensemble, the choice of the best child, and its model."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.backends.local.automl.algorithms import VOTING_ENSEMBLE
from bankml.backends.local.automl.child_results import utc
from bankml.backends.local.automl.ensemble import select_ensemble
from bankml.backends.local.automl.events import (
    FINISHED,
    AutoMLResult,
    ChildFinished,
    ChildResult,
    ChildStarted,
)
from bankml.backends.local.automl.kept_predictions import kept_predictions
from bankml.backends.local.automl.refitting import refit
from bankml.errors import RunFailedError
from bankml.metrics import is_greater_better

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bankml.backends.local.automl.session import Session

_LIBRARY = 20
_SHARES_OF_THE_BEST = (0.0, 0.25, 0.5, 0.75)


def finish(session: Session, stopped_because: str) -> AutoMLResult:
    """Add the ensemble, choose the best child and assemble its model.

    Args:
        session: The run, after its candidates.
        stopped_because: Why there are no more of them.

    Returns:
        The run's result.

    Raises:
        RunFailedError: No candidate finished.
    """
    from bankml.backends.local.automl.models.assembly import assemble

    finished = ranked_children(session)
    if not finished:
        raise RunFailedError(_nothing_finished(session, stopped_because))
    best, weights = finished[0], {finished[0].number: 1.0}
    if session.settings.enable_voting_ensemble and len(finished) > 1:
        ensemble = _ensemble_weights(session, finished)
        if len(ensemble) > 1:
            child = _ensemble_child(session, ensemble)
            if not _is_better(session, best, child):
                best, weights = child, ensemble
    folders = refit(session, weights)
    data = session.data
    model = assemble(
        data.encoding, session.settings.featurization == "auto",
        {folders[number]: weight for number, weight in weights.items()}, data.classes,
    )  # fmt: skip
    return AutoMLResult(
        model=model,
        best=best,
        children=tuple(session.children[number] for number in sorted(session.children)),
        stopped_because=stopped_because,
        notes=[*data.notes, *session.notes],
        validation=data.validation.description,
        validation_predictions=kept_predictions(data, average(session, weights)),
    )


def ranked_children(session: Session) -> list[ChildResult]:
    """Return the finished children, best first."""
    sign = -1.0 if is_greater_better(session.settings.primary_metric) else 1.0
    scored = [
        (sign * child.score, child.number, child)
        for child in session.children.values()
        if child.status == FINISHED and child.score is not None and not np.isnan(child.score)
    ]
    return [child for _, _, child in sorted(scored, key=lambda item: item[:2])]


def _is_better(session: Session, one: ChildResult, other: ChildResult) -> bool:
    return _is_lower(session, other.score, one.score)


def _is_lower(session: Session, one: float | None, other: float | None) -> bool:
    """Tell whether one value of the primary metric is worse than another."""
    sign = 1.0 if is_greater_better(session.settings.primary_metric) else -1.0
    return sign * (one or 0.0) < sign * (other or 0.0)


def _ensemble_weights(session: Session, ranked: list[ChildResult]) -> dict[int, float]:
    """Select by the loss; lean towards the best child as far as the primary metric asks for it."""
    best = ranked[0]
    selected = _least_loss(session, ranked[:_LIBRARY])
    for share in _SHARES_OF_THE_BEST:
        leaning = {number: (1 - share) * weight for number, weight in selected.items()}
        leaning[best.number] = leaning.get(best.number, 0.0) + share
        metrics = session.metrics(average(session, leaning))
        if not _is_lower(session, metrics[session.settings.primary_metric], best.score):
            return leaning
    return selected


def _least_loss(session: Session, library: list[ChildResult]) -> dict[int, float]:
    """Select by log loss or squared error, which keep probabilities honest."""
    data = session.data
    truth = data.label[data.held_out]
    numbers = [child.number for child in library]
    if data.classes is None:
        values = {number: session.predictions(number) for number in numbers}
        if "absolute" in session.settings.primary_metric:
            return select_ensemble(values, lambda mean: float(np.abs(mean - truth).mean()))
        return select_ensemble(values, lambda mean: float(np.sqrt(np.mean((mean - truth) ** 2))))
    of_truth = {number: _of_true_class(session.predictions(number), truth) for number in numbers}
    return select_ensemble(of_truth, lambda mean: float(-np.log(np.maximum(mean, 1e-15)).mean()))


def _of_true_class(values: NDArray[np.float32], truth: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the probability that was given to the true class."""
    if values.ndim == 1:
        return np.where(truth == 1, values, 1 - values)
    chosen: NDArray[np.float32] = values[np.arange(len(truth)), truth.astype(int)]
    return chosen


def average(session: Session, weights: dict[int, float]) -> NDArray[np.floating]:
    """Return the weighted average of candidates' predictions for the held-out rows."""
    total: Any = sum(weight * session.predictions(member) for member, weight in weights.items())
    predictions: NDArray[np.floating] = total
    return predictions


def _ensemble_child(session: Session, weights: dict[int, float]) -> ChildResult:
    number = session.next_number
    parameters: dict[str, object] = {
        "members": {str(member): round(weight, 4) for member, weight in weights.items()},
        "algorithms": [session.children[member].algorithm for member in weights],
    }
    started = time.time()
    session.on_event(ChildStarted(number, VOTING_ENSEMBLE, parameters, ""))
    metrics = session.metrics(average(session, weights))
    child = ChildResult(
        number, VOTING_ENSEMBLE, "", parameters, FINISHED, metrics,
        metrics[session.settings.primary_metric], utc(started), utc(time.time()),
    )  # fmt: skip
    session.children[number] = child
    session.on_event(ChildFinished(child))
    return child


def _nothing_finished(session: Session, stopped_because: str) -> str:
    causes = [f"  {child.algorithm}: {child.error}" for child in session.children.values()]
    return "\n".join(
        [
            f"No candidate finished ({stopped_because}).",
            *causes[:10],
            "Allow more time (experiment_timeout_minutes) or more algorithms (allowed_models).",
        ]
    )
