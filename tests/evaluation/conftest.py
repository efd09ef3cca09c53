"""Models whose predictions are known, and frames to evaluate them on."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("agg")


class KnownClassifier:
    """Gives the probability that stands in the row's column ``p`` to the second class."""

    classes_ = np.array(["no", "yes"])

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        chance = frame["p"].to_numpy()
        return np.column_stack([1 - chance, chance])

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        return np.where(frame["p"] > 0.5, "yes", "no")


class KnownRegressor:
    """Predicts what stands in the row's column ``x``."""

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        return frame["x"].to_numpy()


@pytest.fixture
def classifier() -> KnownClassifier:
    return KnownClassifier()


@pytest.fixture
def regressor() -> KnownRegressor:
    return KnownRegressor()


@pytest.fixture
def calls() -> pd.DataFrame:
    """Ten customers, four of whom subscribe; the model ranks three of them first."""
    chances = [0.95, 0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1, 0.05]
    answers = ["yes", "yes", "yes", "no", "no", "yes", "no", "no", "no", "no"]
    return pd.DataFrame({"p": chances, "y": answers})


@pytest.fixture
def many_calls() -> pd.DataFrame:
    """Six hundred customers who answer with just the chance that the model gives them."""
    generator = np.random.default_rng(7)
    chance = generator.beta(1, 4, size=600)
    answers = np.where(generator.random(600) < chance, "yes", "no")
    return pd.DataFrame({"p": chance, "y": answers})
