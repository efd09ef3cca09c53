from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import PredictionErrorDisplay

from bankml.errors import DataError
from bankml.evaluation.held_out import evaluate
from bankml.evaluation.regression import RegressionEvaluation
from bankml.metrics import REGRESSION_METRICS


@pytest.fixture
def evaluation(regressor: Any) -> RegressionEvaluation:
    generator = np.random.default_rng(3)
    x = generator.normal(100, 10, size=200)
    frame = pd.DataFrame({"x": x, "price": x + generator.normal(0, 2, size=200)})
    found = evaluate(regressor, frame, label="price", resamples=40)
    assert isinstance(found, RegressionEvaluation)
    return found


def test_every_metric_comes_with_an_interval(evaluation: RegressionEvaluation) -> None:
    assert set(evaluation.metrics) == set(REGRESSION_METRICS)
    r2 = evaluation.metrics["r2_score"]
    assert 0.93 < r2.low < r2.estimate < r2.high < 0.99


def test_the_mean_absolute_error_is_that_of_the_noise(evaluation: RegressionEvaluation) -> None:
    expected = 2 * np.sqrt(2 / np.pi)  # the mean absolute value of normal noise of deviation 2

    error = evaluation.metrics["mean_absolute_error"]

    assert error.low < expected < error.high


@pytest.mark.parametrize("name", ["predicted", "residuals"])
def test_a_plot_is_scikit_learns_display_with_words(
    evaluation: RegressionEvaluation, name: str
) -> None:
    display = evaluation.plot(name)

    assert isinstance(display, PredictionErrorDisplay)
    assert "price" in display.ax_.get_title()
    assert "price" in display.ax_.get_xlabel()
    assert "price" in display.ax_.get_ylabel()


def test_the_metrics_table_and_the_text_agree(evaluation: RegressionEvaluation) -> None:
    table = evaluation.metrics_table()

    assert f"r2_score: {table['estimate']['r2_score']:.4g}" in str(evaluation)
    assert str(evaluation).startswith("200 rows of price")


def test_a_label_that_is_no_number_is_an_error(regressor: Any) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0], "price": ["cheap", "dear"]})

    with pytest.raises(DataError, match="'price' is not numeric"):
        evaluate(regressor, frame, label="price")
