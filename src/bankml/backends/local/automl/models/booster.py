"""A LightGBM model as an estimator whose whole state is LightGBM's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class BoosterModel(BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Predicts values from the encoded matrix.

    Args:
        text: The model in LightGBM's text format.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the parsed booster."""
        return {"text": self.text}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the text; it is parsed when first used."""
        self.text = state["text"]

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn that there is a model in the text."""
        return bool(self.text)

    def __repr__(self, **_: Any) -> str:
        """Return a short form; the text has thousands of lines."""
        return f"BoosterModel({len(self.text)} characters)"

    def fit(self, X: object, y: object = None) -> BoosterModel:  # sklearn's signature  # noqa: N803  # scikit-learn's signature
        """Refuse: boosters are trained by the engine."""
        raise NotImplementedError("a BoosterModel holds a trained booster; it can't be fitted")

    def values(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return LightGBM's predictions: probabilities or numbers."""
        predicted: NDArray[np.float64] = self._booster().predict(matrix)
        return predicted

    def _booster(self) -> Any:
        if not hasattr(self, "_parsed"):
            import lightgbm

            self._parsed = lightgbm.Booster(model_str=self.text)
        return self._parsed
