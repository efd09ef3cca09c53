"""Networks that learn faster than scikit-learn's learn the same."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from sklearn.neural_network import MLPClassifier, _base

from bankml.backends.local.automl.training.fast_networks import hasten_networks

if TYPE_CHECKING:
    import pytest


def _weights_of_a_network() -> list[np.ndarray]:
    random = np.random.default_rng(0)
    rows = random.standard_normal((200, 6)).astype(np.float32)
    network = MLPClassifier(hidden_layer_sizes=(16, 8), max_iter=5, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.fit(rows, rows[:, 0] * rows[:, 1] > 0)
    return [*network.coefs_, *network.intercepts_]


def test_a_hastened_network_has_the_same_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_base.DERIVATIVES, "relu", _base.inplace_relu_derivative)
    plain = _weights_of_a_network()

    hasten_networks()

    assert _base.DERIVATIVES["relu"] is not _base.inplace_relu_derivative
    for hastened, expected in zip(_weights_of_a_network(), plain, strict=True):
        np.testing.assert_array_equal(hastened, expected)


def test_a_scikit_learn_without_that_table_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_base, "DERIVATIVES")

    hasten_networks()

    assert not hasattr(_base, "DERIVATIVES")
