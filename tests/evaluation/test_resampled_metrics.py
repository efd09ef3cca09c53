from __future__ import annotations

import numpy as np
import pytest

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
    resampled = ResampledMetrics(truth, probabilities.argmax(axis=1), probabilities, classes - 1)
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
    resampled = ResampledMetrics(truth, probabilities.argmax(axis=1), probabilities, 1)

    found = resampled(np.array([[2.0, 1.0, 0.0]]))

    assert np.isnan(found["AUC_weighted"]).all()
    assert found["accuracy"].tolist() == [1.0]
