"""Support vector machines whose kernels are products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.svm import SVC, SVR

from bankml.backends.local.automl.models import support_vectors
from bankml.backends.local.automl.models.support_vectors import RadialBasisSVC, RadialBasisSVR

ROWS = np.random.default_rng(0).standard_normal((300, 5)).astype(np.float32)
NUMBERS = ROWS[:, 0] * ROWS[:, 1] + ROWS[:, 2]
CLASSES = np.where(NUMBERS > 0, "buy", "leave")
EXACT = 1e-5


def test_classes_are_told_apart_as_by_scikit_learn() -> None:
    machine = RadialBasisSVC(C=3.0, tol=EXACT).fit(ROWS[:200], CLASSES[:200])
    plain = SVC(C=3.0, tol=EXACT).fit(ROWS[:200], CLASSES[:200])

    distances = machine.decision_function(ROWS[200:])
    np.testing.assert_allclose(distances, plain.decision_function(ROWS[200:]), atol=1e-3)
    assert machine.predict(ROWS).tolist() == plain.predict(ROWS).tolist()


def test_numbers_are_predicted_as_by_scikit_learn() -> None:
    machine = RadialBasisSVR(C=3.0, tol=EXACT).fit(ROWS[:200], NUMBERS[:200])
    plain = SVR(C=3.0, tol=EXACT).fit(ROWS[:200], NUMBERS[:200])

    np.testing.assert_allclose(machine.predict(ROWS[200:]), plain.predict(ROWS[200:]), atol=1e-3)


@pytest.mark.parametrize(
    ("limit", "value"), [("_MOST_ROWS", 50), ("_VALUES_AT_A_TIME", 1_000)], ids=["rows", "values"]
)
def test_more_rows_than_there_is_memory_for_make_no_difference(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    expected = RadialBasisSVR(C=3.0, tol=EXACT).fit(ROWS, NUMBERS).predict(ROWS)
    monkeypatch.setattr(support_vectors, limit, value)

    predicted = RadialBasisSVR(C=3.0, tol=EXACT).fit(ROWS, NUMBERS).predict(ROWS)

    np.testing.assert_allclose(predicted, expected, atol=1e-3)


def test_numbers_that_hardly_differ_need_no_support_vectors() -> None:
    machine = RadialBasisSVR().fit(ROWS, np.full(len(ROWS), 4.0))

    assert machine.predict(ROWS[:3]) == pytest.approx([4.0, 4.0, 4.0])


def test_columns_that_do_not_differ_are_no_error() -> None:
    machine = RadialBasisSVC().fit(np.zeros((20, 2), np.float32), np.arange(20) % 2)

    predicted: list[Any] = machine.predict(np.zeros((3, 2), np.float32)).tolist()
    assert len(set(predicted)) == 1
