"""The end of a run: the ensemble, the choice of the best child, and its model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.backends.local.automl.child_results import utc
from bankml.backends.local.automl.ending.failures import failed_algorithms, nothing_finished
from bankml.backends.local.automl.ending.kept_predictions import Average
from bankml.backends.local.automl.ending.model_file import write_model
from bankml.backends.local.automl.ending.refitting import refit
from bankml.backends.local.automl.ending.voting_choice import Ensemble, choose_ensemble
from bankml.backends.local.automl.events import (
    FINISHED,
    AutoMLResult,
    ChildFinished,
    ChildResult,
    ChildStarted,
)
from bankml.errors import RunFailedError
from bankml.metrics.best import VOTING_ENSEMBLE, best_first

if TYPE_CHECKING:
    from bankml.backends.local.automl.session import Session


def finish(session: Session, stopped_because: str) -> AutoMLResult:
    """Add the ensemble, choose the best child and have its model written.

    Args:
        session: The run, after its candidates.
        stopped_because: Why there are no more of them.

    Returns:
        The run's result.

    Raises:
        RunFailedError: No candidate finished, or the process for the end died.
    """
    finished = ranked_children(session)
    if not finished:
        metric = session.settings.primary_metric
        raise RunFailedError(nothing_finished(session.children.values(), metric, stopped_because))
    best, average = finished[0], Average({finished[0].number: 1.0})
    if session.settings.enable_voting_ensemble and len(finished) > 1:
        ensemble = _ensemble(session, finished)
        if len(ensemble.average.weights) > 1:
            child = _ensemble_child(session, ensemble)
            if ranked_children(session)[0] is child:
                best, average = child, ensemble.average
    session.make_ready_for_the_end()
    folders = refit(session, average.weights)
    files = session.at_the_end(
        "writing the model", write_model, session.data.store, average, folders,
        session.settings.featurization == "auto",
    )  # fmt: skip
    failed = failed_algorithms(session.children.values())
    return AutoMLResult(
        model_file=files.model,
        predictions_file=files.predictions,
        classes=files.classes,
        best=best,
        children=tuple(session.children[number] for number in sorted(session.children)),
        stopped_because=stopped_because,
        notes=[*session.data.notes, *session.notes, *failed],
        validation=session.data.validation,
    )


def ranked_children(session: Session) -> list[ChildResult]:
    """Return the finished children, best first."""
    finished = [child for child in session.children.values() if child.status == FINISHED]
    return best_first(finished, session.settings.primary_metric)


def _ensemble(session: Session, ranked: list[ChildResult]) -> Ensemble:
    scores = {child.number: child.score for child in ranked}
    return session.with_idle_worker(
        "choosing the ensemble", choose_ensemble, session.data.store, scores,
        session.settings.primary_metric,
    )  # fmt: skip


def _ensemble_child(session: Session, ensemble: Ensemble) -> ChildResult:
    number, average = session.next_number, ensemble.average
    parameters: dict[str, object] = {
        "members": {str(member): round(weight, 4) for member, weight in average.weights.items()},
        "algorithms": [session.children[member].algorithm for member in average.weights],
        **({} if average.temperature == 1.0 else {"temperature": average.temperature}),
    }
    session.on_event(ChildStarted(number, VOTING_ENSEMBLE, parameters, ""))
    child = ChildResult(
        number, VOTING_ENSEMBLE, "", parameters, FINISHED, ensemble.metrics,
        ensemble.metrics[session.settings.primary_metric], utc(ensemble.started),
        utc(ensemble.ended),
    )  # fmt: skip
    session.children[number] = child
    session.on_event(ChildFinished(child))
    return child
