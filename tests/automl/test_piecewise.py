"""Numbers as parts of lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from bankml.backends.local.automl.models.piecewise import PiecewiseLinearEncoder

ROWS = np.linspace(0.0, 8.0, 81)[:, None]


def test_a_value_is_through_the_bins_below_it_and_on_its_way_through_its_own() -> None:
    encoder = PiecewiseLinearEncoder(4).fit(ROWS)

    encoded = encoder.transform(np.array([[0.0], [3.0], [8.0]]))

    assert encoded == pytest.approx(np.array([[0, 0, 0, 0], [1, 0.5, 0, 0], [1, 1, 1, 1]]))


def test_values_outside_of_what_was_seen_count_as_the_ends() -> None:
    encoder = PiecewiseLinearEncoder(4).fit(ROWS)

    encoded = encoder.transform(np.array([[-1e9], [1e9]]))

    assert encoded.tolist() == [[0, 0, 0, 0], [1, 1, 1, 1]]


def test_bins_hold_as_many_rows_as_each_other() -> None:
    skewed = np.random.default_rng(0).lognormal(sigma=2.0, size=(4_000, 1))

    (edges,) = PiecewiseLinearEncoder(8).fit(skewed).edges_

    assert np.histogram(skewed, edges)[0].tolist() == pytest.approx([500] * 8, abs=1)


def test_columns_of_few_values_have_few_bins_and_constant_ones_none() -> None:
    rows = np.array([[0.0, 5.0]] * 99 + [[1.0, 5.0]] * 101)

    encoder = PiecewiseLinearEncoder(8).fit(rows)

    assert [edges.tolist() for edges in encoder.edges_] == [[0.0, 1.0], [5.0]]
    assert encoder.transform(rows).tolist() == rows[:, :1].tolist()


def test_a_linear_model_of_it_follows_a_curve() -> None:
    curve = np.sin(ROWS[:, 0])

    curved = make_pipeline(PiecewiseLinearEncoder(8), LinearRegression()).fit(ROWS, curve)

    assert curved.score(ROWS, curve) > 0.95
    assert LinearRegression().fit(ROWS, curve).score(ROWS, curve) < 0.2


@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60),
    st.lists(st.floats(-1e9, 1e9, width=32), min_size=2, max_size=20),
)
def test_more_is_never_less_and_all_stays_between_nought_and_one(
    seen: list[float], asked: list[float]
) -> None:
    encoder = PiecewiseLinearEncoder(8).fit(np.array(seen, dtype=np.float32)[:, None])

    encoded = encoder.transform(np.array(sorted(asked), dtype=np.float32)[:, None])

    assert np.isfinite(encoded).all()
    assert (np.diff(encoded, axis=0) >= 0).all()
    assert ((encoded >= 0) & (encoded <= 1)).all()
