"""Weighted averages of models: of a candidate's folds, or of an ensemble's members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from bankml.backends.local.automl.models.booster import BoosterModel
from bankml.backends.local.automl.models.temperature import at_temperature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class _Voting(BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Averages the values of its members."""

    def __init__(self, members: Sequence[Any] = (), weights: Sequence[float] = ()) -> None:
        self.members = members
        self.weights = weights

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn that the members are fitted."""
        return len(self.members) > 0

    def fit(self, X: object, y: object = None) -> _Voting:  # sklearn's signature  # noqa: N803  # scikit-learn's signature
        """Refuse: the members are trained by the engine."""
        raise NotImplementedError("the members are trained models; they can't be fitted again here")

    def _average(self, matrix: NDArray[np.float32], columns: int) -> NDArray[np.float64]:
        total = sum(self.weights)
        average = np.zeros((len(matrix), columns))
        for member, weight in zip(self.members, self.weights, strict=True):
            average += weight / total * member_values(member, matrix, columns)
        return average


class SoftVotingClassifier(ClassifierMixin, _Voting):  # type: ignore[misc]  # sklearn is untyped
    """Averages probabilities, and gives the original labels.

    Args:
        members: Fitted models on the encoded matrix, of class codes.
        weights: One weight per member.
        classes: The original labels in the order of the codes.
        temperature: What the logarithms of the averaged probabilities are divided by.
    """

    def __init__(
        self, members: Sequence[Any] = (), weights: Sequence[float] = (), classes: Any = None,
        temperature: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__(members, weights)
        self.classes = classes
        self.temperature = temperature

    @property
    def classes_(self) -> NDArray[Any]:
        """The original labels."""
        return np.asarray(self.classes)

    def predict_proba(self, X: NDArray[np.float32]) -> NDArray[np.floating]:  # sklearn's signature  # noqa: N803  # scikit-learn's signature
        """Return the probability of each class, of shape ``(rows, classes)``."""
        count = len(self.classes_)
        if not len(X):
            return np.zeros((0, count))
        average = self._average(X, count)
        # Members of single precision leave sums like 0.9999999.
        return at_temperature(average / average.sum(axis=1, keepdims=True), self.temperature)

    def predict(self, X: NDArray[np.float32]) -> NDArray[Any]:  # sklearn's signature  # noqa: N803  # scikit-learn's signature
        """Return the most probable label of each row."""
        labels: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels


class SoftVotingRegressor(RegressorMixin, _Voting):  # type: ignore[misc]  # sklearn is untyped
    """Averages numbers."""

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:  # sklearn's signature  # noqa: N803  # scikit-learn's signature
        """Return the prediction for each row."""
        return self._average(X, 1)[:, 0] if len(X) else np.zeros(0)


def member_values(member: Any, matrix: NDArray[np.float32], columns: int) -> NDArray[np.float64]:
    """Return a member's values as columns.

    Args:
        member: A `BoosterModel`, a fitted pipeline, or a pair of preparation and booster.
        matrix: The encoded matrix.
        columns: Number of classes; 1 for regression.

    Returns:
        Probabilities or numbers, of shape ``(rows, columns)``.
    """
    if isinstance(member, (tuple, list)):
        preparation, booster = member
        return member_values(booster, preparation.transform(matrix).astype(np.float32), columns)
    if isinstance(member, BoosterModel):
        return _as_columns(member.values(matrix), columns)
    if columns == 1:
        return np.asarray(member.predict(matrix), dtype=np.float64).reshape(-1, 1)
    probability = np.zeros((len(matrix), columns))
    probability[:, member.classes_.astype(int)] = member.predict_proba(matrix)
    return probability


def _as_columns(values: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    if values.ndim == 2:
        return values
    if columns == 2:
        return np.column_stack([1 - values, values])
    return values[:, None]
