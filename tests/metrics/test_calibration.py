"""Predicted probabilities against observed rates."""

from __future__ import annotations

import numpy as np

from bankml.metrics.calibration import calibration_error


def test_a_calibrated_model_has_a_small_calibration_error() -> None:
    generator = np.random.default_rng(7)
    chance = generator.beta(1, 4, size=600)
    positive = generator.random(600) < chance

    assert calibration_error(positive, chance) < 0.05
    assert calibration_error(positive, 1 - chance) > 0.3


def test_the_error_is_the_gap_between_the_rates() -> None:
    positive = np.array([True, False, True, False])

    assert calibration_error(positive, np.array([1.0, 0.0, 1.0, 0.0])) == 0.0
    assert calibration_error(positive, np.array([0.75, 0.25, 0.75, 0.25])) == 0.25
