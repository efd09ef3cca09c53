"""The names that configuration, engine and reports agree on."""

from __future__ import annotations

import pytest

from bankml.metrics import (
    CLASSIFICATION_METRICS,
    PRIMARY_METRICS,
    REGRESSION_METRICS,
    is_greater_better,
)


def test_there_are_26_classification_and_12_regression_metrics() -> None:
    assert len(set(CLASSIFICATION_METRICS)) == 26
    assert len(set(REGRESSION_METRICS)) == 12


def test_every_primary_metric_is_a_metric() -> None:
    assert set(PRIMARY_METRICS["classification"]) <= set(CLASSIFICATION_METRICS)
    assert set(PRIMARY_METRICS["regression"]) <= set(REGRESSION_METRICS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AUC_weighted", True),
        ("log_loss", False),
        ("mean_absolute_error", False),
        ("r2_score", True),
    ],
)
def test_losses_and_errors_are_better_when_small(name: str, expected: bool) -> None:
    assert is_greater_better(name) is expected


def test_a_name_that_is_no_metric_is_refused() -> None:
    with pytest.raises(ValueError, match="AUC_wieghted"):
        is_greater_better("AUC_wieghted")
