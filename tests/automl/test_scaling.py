"""Numbers on a common scale."""

from __future__ import annotations

import numpy as np
import pytest

from bankml.backends.local.automl.models.scaling import ClippingScaler


def test_columns_get_mean_nought_and_deviation_one() -> None:
    rows = np.random.default_rng(0).uniform(50, 80, size=(400, 2))

    scaled = ClippingScaler().fit_transform(rows)

    assert scaled.mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)
    assert scaled.std(axis=0) == pytest.approx([1.0, 1.0])


def test_rare_values_of_a_column_that_hardly_changes_do_not_outweigh_all_else() -> None:
    rows = np.zeros((1_000, 1), dtype=np.float32)
    rows[3] = 16.0

    scaled = ClippingScaler().fit_transform(rows)

    assert scaled[3] == pytest.approx(3.0)
    assert np.abs(np.delete(scaled, 3)).max() < 0.1
    assert scaled.dtype == np.float32


def test_rows_are_left_as_they_were() -> None:
    rows = np.array([[0.0], [0.0], [900.0]])
    scaler = ClippingScaler().fit(np.array([[0.0], [1.0], [2.0]]))

    scaled = scaler.transform(rows)

    assert scaled[2] == pytest.approx(3.0)
    assert rows[2] == 900.0
