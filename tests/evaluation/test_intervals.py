from __future__ import annotations

import math

import numpy as np
import pytest

from bankml.evaluation.intervals import Bootstrap, Interval


def mean_interval(values: np.ndarray, bootstrap: Bootstrap) -> Interval:
    """Return the bootstrap interval of the mean."""
    return bootstrap.intervals(
        {"mean": float(values.mean())},
        lambda counts: {"mean": counts @ values / len(values)},
        bootstrap.counts(len(values)),
    )["mean"]


def test_the_interval_of_a_mean_is_the_textbook_one() -> None:
    values = np.random.default_rng(0).normal(10, 2, size=400)

    interval = mean_interval(values, Bootstrap(resamples=4000))

    half = 1.96 * values.std(ddof=1) / math.sqrt(400)
    assert interval.estimate == values.mean()
    assert interval.low == pytest.approx(values.mean() - half, abs=0.03)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.03)


def test_more_confidence_needs_a_wider_interval() -> None:
    values = np.arange(50.0)

    narrow = mean_interval(values, Bootstrap(confidence=0.5))
    wide = mean_interval(values, Bootstrap(confidence=0.99))

    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(50.0)

    assert mean_interval(values, Bootstrap(random_state=3)) == mean_interval(
        values, Bootstrap(random_state=3)
    )


def test_many_rows_are_resampled_in_batches_of_bounded_size() -> None:
    batches = list(Bootstrap(resamples=7).counts(10, cells_per_row=100_000))

    assert [len(batch) for batch in batches] == [2, 2, 2, 1]
    assert all(row.sum() == 10 for batch in batches for row in batch)


def test_without_any_value_the_ends_are_unknown() -> None:
    bootstrap = Bootstrap(resamples=2)

    interval = bootstrap.intervals(
        {"auc": 0.5}, lambda counts: {"auc": np.full(len(counts), np.nan)}, bootstrap.counts(3)
    )["auc"]

    assert math.isnan(interval.low)
    assert str(interval) == "0.5"


def test_an_undefined_estimate_has_no_interval() -> None:
    bootstrap = Bootstrap(resamples=2)

    interval = bootstrap.intervals(
        {"auc": math.nan}, lambda counts: {"auc": np.ones(len(counts))}, bootstrap.counts(3)
    )["auc"]

    assert math.isnan(interval.low)
    assert math.isnan(interval.high)
    assert str(interval) == "nan"


def test_an_interval_reads_as_text() -> None:
    assert str(Interval(0.9481, 0.9412, 0.9553)) == "0.9481 (0.9412 to 0.9553)"
