"""Columns of numbers keep their differences, whatever their size."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bankml.backends.local.automl.models.encoder import FrameEncoder

NUMBERS = np.random.default_rng(3).normal(size=300)


def encoded(values: np.ndarray) -> np.ndarray:
    frame = pd.DataFrame({"number": values})
    return FrameEncoder().fit(frame).transform(frame)[:, 0]


@pytest.mark.parametrize("factor", [1e-310, 1e-200, 1e-37, 1e-20, 1e20, 1e40, 1e300])
def test_numbers_of_any_size_keep_their_differences(factor: float) -> None:
    scaled = encoded(NUMBERS * factor)

    assert 0.1 <= np.abs(scaled).max() <= 1.0
    assert np.corrcoef(scaled, NUMBERS)[0, 1] > 0.9999


def test_numbers_far_from_zero_keep_their_differences() -> None:
    assert np.corrcoef(encoded(NUMBERS + 1e12), NUMBERS)[0, 1] > 0.9999


def test_usual_numbers_are_as_they_were() -> None:
    assert (encoded(NUMBERS) == NUMBERS.astype(np.float32)).all()
