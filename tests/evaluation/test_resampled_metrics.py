from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bankml.evaluation.intervals import Bootstrap
from bankml.evaluation.resampled_metrics import ResampledMetrics
from bankml.metrics.compute import classification_metrics


def sample(classes: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return class numbers and rounded (so tied) probabilities with some skill."""
    generator = np.random.default_rng(classes)
    truth = generator.integers(classes, size=rows)
    probabilities = generator.dirichlet(np.ones(classes), size=rows)
    probabilities[np.arange(rows), truth] += 0.3
    probabilities = probabilities.round(2)
    return truth, probabilities / probabilities.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("classes", "rows"), [(2, 300), (3, 300), (5, 300), (5, 12)])
def test_a_resample_scores_like_the_rows_that_were_drawn(classes: int, rows: int) -> None:
    """With 12 rows of 5 classes, a resample lacks some of the classes."""
    truth, probabilities = sample(classes, rows)
    resampled = ResampledMetrics(truth, probabilities)
    counts = next(Bootstrap(resamples=3, random_state=1).counts(len(truth)))

    found = resampled(counts)

    for number, row in enumerate(counts):
        drawn = np.repeat(np.arange(len(truth)), row.astype(int))
        expected = classification_metrics(truth[drawn], probabilities[drawn], list(range(classes)))
        assert set(found) == set(expected)
        for name, value in expected.items():
            assert found[name][number] == pytest.approx(value, abs=1e-9), name


def test_a_resample_with_one_class_has_no_auc() -> None:
    truth = np.array([0, 0, 1])
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    resampled = ResampledMetrics(truth, probabilities)

    found = resampled(np.array([[2.0, 1.0, 0.0]]))

    assert np.isnan(found["AUC_weighted"]).all()
    assert np.isnan(found["average_precision_score_weighted"]).all()
    assert found["accuracy"].tolist() == [1.0]


Rows = tuple[int, list[tuple[int, tuple[int, ...]]]]


@st.composite
def few_rows(draw: st.DrawFn) -> Rows:
    """Draw a number of classes, and each row's class and whole parts of probability.

    With few rows and parts from 0 to 3, classes are absent, scores tie, and probabilities are 0
    and 1.
    """
    classes = draw(st.integers(2, 4))
    parts = st.tuples(*[st.integers(0, 3)] * classes).filter(any)
    row = st.tuples(st.integers(0, classes - 1), parts)
    return classes, draw(st.lists(row, min_size=1, max_size=12))


@settings(max_examples=300, deadline=None)
@given(drawn=few_rows())
@example(drawn=(2, [(0, (2, 1))] * 6)).via("one class, all right")
@example(drawn=(2, [(1, (1, 0)), (1, (0, 1))])).via("one class, sure and half wrong")
@example(drawn=(3, [(0, (1, 1, 1)), (2, (1, 1, 1))])).via("ties, and an absent class")
def test_with_each_row_once_the_metrics_are_those_of_the_rows(drawn: Rows) -> None:
    classes, rows = drawn
    truth = np.array([number for number, _ in rows])
    parts = np.array([parts for _, parts in rows], dtype=float)
    probabilities = parts / parts.sum(axis=1, keepdims=True)

    found = ResampledMetrics(truth, probabilities)(np.ones((1, len(truth))))

    expected = classification_metrics(truth, probabilities, range(classes))
    assert {name: value for name, (value,) in found.items()} == pytest.approx(
        expected, abs=1e-9, nan_ok=True
    )
