"""Which candidates are averaged, and how bold the average's probabilities are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from bankml.backends.local.automl.ending.ensemble import select_ensemble
from bankml.backends.local.automl.models.temperature import at_temperature, fitted_temperature
from bankml.metrics.best import best_of

if TYPE_CHECKING:
    from tests.automl.conftest import Train

ROWS = 4000


def log_loss_of_truth(mean: np.ndarray, _places: object) -> float:
    return float(-np.log(np.maximum(mean, 1e-15)).mean())


def chances_at(temperature: float, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities that are honest at this temperature, and what came true."""
    random = np.random.default_rng(5)
    honest = random.dirichlet(np.full(classes, 0.5), ROWS)
    truth = np.array([random.choice(classes, p=each) for each in honest], dtype=np.float64)
    return at_temperature(honest, 1 / temperature), truth


@pytest.mark.parametrize("temperature", [0.7, 1.0, 1.4])
@pytest.mark.parametrize("classes", [2, 5])
def test_the_temperature_makes_probabilities_honest(temperature: float, classes: int) -> None:
    values, truth = chances_at(temperature, classes)

    fitted = fitted_temperature(values, truth)

    assert fitted == pytest.approx(temperature, abs=0.05)
    before, after = (
        log_loss(truth, each, labels=range(classes))
        for each in (values, at_temperature(values, fitted))
    )
    assert after <= before


def test_two_classes_are_fitted_by_the_second_one_alone() -> None:
    values, truth = chances_at(0.7, 2)

    fitted = fitted_temperature(values[:, 1], truth)

    assert fitted == fitted_temperature(values, truth)
    assert at_temperature(values[:, 1], fitted) == pytest.approx(
        at_temperature(values, fitted)[:, 1]
    )


@pytest.mark.parametrize("sure", [0.0, 1.0])
def test_certainty_has_bounds(sure: float) -> None:
    truth = np.ones(ROWS)

    assert 0.5 <= fitted_temperature(np.full(ROWS, sure), truth) <= 2.0


def test_few_rows_get_no_temperature() -> None:
    values, truth = chances_at(0.5, 2)

    assert fitted_temperature(values[:900], truth[:900]) == 1.0


@given(chances=st.lists(st.floats(0, 1), min_size=1, max_size=8), temperature=st.floats(0.5, 2.0))
def test_a_temperature_keeps_the_order_and_the_bounds(
    chances: list[float], temperature: float
) -> None:
    values = np.sort(np.asarray(chances))

    scaled = at_temperature(values, temperature)

    assert ((scaled >= 0) & (scaled <= 1)).all()
    assert (np.diff(scaled) >= -1e-12).all()


def test_members_that_err_apart_are_averaged() -> None:
    random = np.random.default_rng(1)
    values = {number: random.uniform(0.5, 0.9, ROWS) for number in range(3)}
    values[3] = np.full(ROWS, 0.05)

    weights = select_ensemble(values, log_loss_of_truth)

    assert set(weights) == {0, 1, 2}
    assert sum(weights.values()) == pytest.approx(1.0)


def test_on_few_rows_accidents_count_for_less() -> None:
    random = np.random.default_rng(2)
    few = {number: random.uniform(0.3, 0.9, 120) for number in range(20)}
    many_alike = {number: np.tile(values, 10) for number, values in few.items()}

    weights = select_ensemble(few, log_loss_of_truth)

    on_many = select_ensemble(many_alike, log_loss_of_truth)
    assert max(weights.values()) < max(on_many.values())
    assert min(weights.values()) >= 0.05
    assert len(weights) > len(on_many)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert weights == select_ensemble(few, log_loss_of_truth)


def test_of_equal_candidates_the_one_that_is_delivered_ranks_first(run_engine: Train) -> None:
    random = np.random.default_rng(4)
    x = random.normal(size=(80, 3))
    score = x[:, 0] + random.normal(0, 0.5, 80)
    frame = pd.DataFrame(x, columns=list("abc")).assign(label=score > 0)

    result = run_engine(
        frame, iterations=3, primary_metric="accuracy",
        allowed_models=("LogisticRegression", "MultiLayerPerceptron"),
    )  # fmt: skip

    equal = [child for child in result.children if child.score == result.best.score]
    assert len(equal) > 1
    assert result.best.algorithm == "VotingEnsemble"
    assert best_of(result.children, "AUC_weighted") is result.best


def test_the_model_predicts_at_the_ensembles_temperature(run_engine: Train) -> None:
    random = np.random.default_rng(3)
    x = random.normal(size=(1200, 4))
    score = x[:, :3] * (1 + 0.5 * x[:, 3:])
    label = (score + random.gumbel(0, 1.0, (1200, 3))).argmax(axis=1)
    frame = pd.DataFrame(x, columns=list("abcd")).assign(label=label)

    result = run_engine(
        frame, iterations=4, n_cross_validations=2,
        allowed_models=("LogisticRegression", "MultiLayerPerceptron"),
    )  # fmt: skip

    classifier = result.model.steps[-1][1]
    assert result.best.algorithm == "VotingEnsemble"
    assert classifier.temperature == result.best.parameters["temperature"] != 1.0
    kept = result.validation_predictions
    chances = kept.filter(like="probability_").to_numpy()
    assert log_loss(kept["truth"], chances) == pytest.approx(result.best.metrics["log_loss"])
