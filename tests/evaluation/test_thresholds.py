from __future__ import annotations

import numpy as np
import pytest

from bankml.errors import DataError
from bankml.evaluation.thresholds import Ranking


@pytest.fixture
def ranking() -> Ranking:
    """Ten rows, four positive: at 0.9, 0.8, 0.8 and 0.4."""
    scores = np.array([0.9, 0.8, 0.8, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    positive = np.array([1, 1, 1, 0, 0, 0, 1, 0, 0, 0], dtype=bool)
    return Ranking.of(positive, scores)


def test_the_best_f1_score_weighs_precision_and_recall(ranking: Ranking) -> None:
    choice = ranking.by_f1()

    assert choice.threshold == 0.8
    assert (choice.contacted, choice.captured) == (4, 3)
    assert choice.precision == pytest.approx(3 / 4)
    assert choice.recall == pytest.approx(3 / 4)
    assert choice.f1 == pytest.approx(3 / 4)


def test_a_contact_budget_is_kept_and_ties_stay_together(ranking: Ranking) -> None:
    choice = ranking.by_contacts(count=3)

    assert choice.contacted == 1, "the three rows at 0.8 would be four contacts"


def test_a_contact_budget_can_be_a_share(ranking: Ranking) -> None:
    choice = ranking.by_contacts(share=0.4)

    assert (choice.contacted, choice.captured) == (4, 3)


def test_no_budget_contacts_nobody(ranking: Ranking) -> None:
    choice = ranking.by_contacts(count=0)

    assert choice.threshold > 0.9
    assert (choice.contacted, choice.precision, choice.recall) == (0, 0.0, 0.0)


@pytest.mark.parametrize(
    "budget", [{}, {"count": 3, "share": 0.3}, {"share": 1.5}, {"share": -0.1}, {"count": -1}]
)
def test_an_impossible_budget_is_refused(ranking: Ranking, budget: dict[str, float]) -> None:
    with pytest.raises(DataError):
        ranking.by_contacts(**budget)  # type: ignore[arg-type]  # wrong on purpose


def test_profit_pays_for_every_contact(ranking: Ranking) -> None:
    choice = ranking.by_profit(cost_per_contact=10, value_per_success=30)

    assert (choice.contacted, choice.captured) == (4, 3)
    assert choice.profit == 3 * 30 - 4 * 10


def test_a_precious_success_is_worth_more_contacts(ranking: Ranking) -> None:
    choice = ranking.by_profit(cost_per_contact=1, value_per_success=100)

    assert choice.threshold == 0.4
    assert choice.recall == 1.0


def test_where_no_contact_pays_none_is_made(ranking: Ranking) -> None:
    choice = ranking.by_profit(cost_per_contact=50, value_per_success=30)

    assert (choice.contacted, choice.profit) == (0, 0.0)
    assert choice.reason == "no contact pays for itself"


def test_negative_costs_are_refused(ranking: Ranking) -> None:
    with pytest.raises(DataError, match="negative"):
        ranking.by_profit(cost_per_contact=-1, value_per_success=1)


def test_gains_count_positive_rows_from_the_top(ranking: Ranking) -> None:
    table = ranking.gains(parts=5)

    assert table["contacted_share"].tolist() == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    tied = (1 + 2 / 3) / 4  # one at 0.9, and one of the three rows at 0.8, two of them positive
    assert table["captured_share"].tolist() == pytest.approx([tied, 0.75, 0.75, 1.0, 1.0])
    assert table["lift"].tolist() == pytest.approx([tied / 0.2, 1.875, 1.25, 1.25, 1.0])
    assert table["threshold"].tolist() == [0.8, 0.8, 0.5, 0.3, 0.1]
