"""What a run says of candidates that failed."""

from __future__ import annotations

from datetime import datetime, timezone

from bankml.backends.local.automl.ending.failures import failed_algorithms
from bankml.backends.local.automl.events import CANCELED, FAILED, FINISHED, ChildResult

MOMENT = datetime(2026, 1, 1, tzinfo=timezone.utc)


def child(number: int, algorithm: str, status: str) -> ChildResult:
    score = 0.9 if status == FINISHED else None
    error = None if status == FINISHED else "LightGBMError: no such dataset"
    return ChildResult(number, algorithm, "", {}, status, {}, score, MOMENT, MOMENT, error)


def test_an_algorithm_that_never_worked_is_named_with_the_cause() -> None:
    children = [
        child(0, "LightGBM", FAILED),
        child(1, "LightGBM", FAILED),
        child(2, "LogisticRegression", FINISHED),
    ]

    (note,) = failed_algorithms(children)

    assert "LightGBM failed each time (2 of 2 candidates)" in note
    assert "no such dataset" in note


def test_one_that_worked_once_or_was_only_stopped_is_not_named() -> None:
    children = [
        child(0, "LightGBM", FAILED),
        child(1, "LightGBM", FINISHED),
        child(2, "SVM", CANCELED),
    ]

    assert failed_algorithms(children) == []
