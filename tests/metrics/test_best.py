"""Which candidate is best, for everything that shows or keeps the best one."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from bankml.metrics.best import best_first, best_of

NAN = float("nan")


class Candidate(NamedTuple):
    number: int
    score: float | None
    algorithm: str = "LightGBM"


@pytest.mark.parametrize(
    ("metric", "numbers"), [("AUC_weighted", [3, 1, 2, 0]), ("log_loss", [0, 1, 2, 3])]
)
def test_the_best_is_first_and_of_equal_ones_the_lowest_number(
    metric: str, numbers: list[int]
) -> None:
    candidates = [Candidate(2, 0.5), Candidate(1, 0.5), Candidate(3, 0.9), Candidate(0, 0.1)]

    assert [one.number for one in best_first(candidates, metric)] == numbers
    assert best_of(candidates, metric) == best_first(candidates, metric)[0]


@pytest.mark.parametrize(("ensemble", "first"), [(0.9, 7), (0.8, 1)])
def test_of_equal_ones_the_ensemble_is_first_as_a_run_delivers_it(
    ensemble: float, first: int
) -> None:
    candidates = [Candidate(1, 0.9), Candidate(4, 0.9), Candidate(7, ensemble, "VotingEnsemble")]

    assert best_first(candidates, "accuracy")[0].number == first


def test_what_has_no_score_is_left_out_wherever_it_stands() -> None:
    candidates = [Candidate(0, NAN), Candidate(1, 0.0), Candidate(2, None), Candidate(3, NAN)]

    assert best_first(candidates, "accuracy") == [Candidate(1, 0.0)]


def test_without_a_score_there_is_no_best() -> None:
    assert best_of([Candidate(0, NAN), Candidate(1, None)], "accuracy") is None
    assert best_of([], "accuracy") is None


def test_a_name_that_is_no_metric_is_refused() -> None:
    with pytest.raises(ValueError, match="AUC_wieghted"):
        best_first([], "AUC_wieghted")
