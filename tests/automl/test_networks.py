"""Networks that learn faster than scikit-learn's learn the same."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier, MLPRegressor

from bankml.backends.local.automl.models.networks import FastMLPClassifier, FastMLPRegressor

SHAPE: dict[str, Any] = {
    "hidden_layer_sizes": (16, 8),
    "batch_size": 64,
    "learning_rate_init": 0.01,
    "alpha": 0.3,
    "random_state": 1,
}
ROWS = np.random.default_rng(0).standard_normal((200, 6)).astype(np.float32)
NUMBERS = ROWS[:, 0] * ROWS[:, 1] + ROWS[:, 2]


def labels(classes: int) -> np.ndarray[Any, Any]:
    return np.digitize(NUMBERS, np.quantile(NUMBERS, np.linspace(0, 1, classes + 1)[1:-1]))


def fitted(network: Any, targets: np.ndarray[Any, Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of epochs that were not enough
        return network.fit(ROWS, targets)


def assert_same(fast: Any, plain: Any) -> None:
    assert fast.n_iter_ == plain.n_iter_
    assert fast.loss_curve_ == pytest.approx(plain.loss_curve_, rel=1e-3)
    for one, other in zip(
        [*fast.coefs_, *fast.intercepts_], [*plain.coefs_, *plain.intercepts_], strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-3)


@pytest.mark.parametrize("classes", [2, 4])
def test_classes_are_learnt_as_scikit_learn_learns_them(classes: int) -> None:
    targets = labels(classes)

    fast = fitted(FastMLPClassifier(max_iter=12, **SHAPE), targets)
    plain = fitted(MLPClassifier(max_iter=12, **SHAPE), targets)

    assert_same(fast, plain)
    np.testing.assert_allclose(fast.predict_proba(ROWS), plain.predict_proba(ROWS), atol=1e-3)
    assert fast.classes_.tolist() == plain.classes_.tolist()


def test_numbers_are_learnt_as_scikit_learn_learns_them() -> None:
    fast = fitted(FastMLPRegressor(max_iter=12, **SHAPE), NUMBERS)
    plain = fitted(MLPRegressor(max_iter=12, **SHAPE), NUMBERS)

    assert_same(fast, plain)
    np.testing.assert_allclose(fast.predict(ROWS), plain.predict(ROWS), atol=1e-3)


def test_learning_ends_after_the_same_epoch_once_it_brings_no_more() -> None:
    settings = {**SHAPE, "max_iter": 400, "tol": 0.01, "n_iter_no_change": 3}

    fast = fitted(FastMLPClassifier(**settings), labels(2))
    plain = fitted(MLPClassifier(**settings), labels(2))

    assert fast.n_iter_ == plain.n_iter_ < 400


def test_more_rows_than_a_batch_may_have_are_no_need() -> None:
    network = FastMLPClassifier(max_iter=30, **{**SHAPE, "batch_size": 10_000})

    chances = fitted(network, labels(2)).predict_proba(ROWS)

    assert (chances.argmax(axis=1) == labels(2)).mean() > 0.8


def test_a_certain_answer_that_is_wrong_has_a_loss_that_is_a_number() -> None:
    rows = (ROWS * 1e4).astype(np.float32)

    network = FastMLPClassifier(max_iter=3, **SHAPE).fit(rows, labels(2))

    assert np.isfinite(network.loss_curve_).all()


def test_the_same_seed_gives_the_same_weights_again() -> None:
    first = fitted(FastMLPClassifier(max_iter=5, **SHAPE), labels(2))

    again = fitted(clone(first), labels(2))

    np.testing.assert_array_equal(first.coefs_[0], again.coefs_[0])
