"""A bankml model as MLflow loads it.

MLflow keeps the model's folder as it is and calls :func:`_load_pyfunc`, so that its hash and its
package versions are checked there as well, and nothing is unpickled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.models import BestModel, load_model

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class MlflowModel:
    """What MLflow calls to predict.

    Args:
        model: The bankml model.
    """

    def __init__(self, model: BestModel) -> None:
        self.model = model

    def predict(
        self, frame: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> np.ndarray[Any, Any]:
        """Predict labels, or probabilities with ``params={"probabilities": True}``.

        Args:
            frame: Raw rows.
            params: ``probabilities``: whether to return shape ``(n_rows, n_classes)``.
        """
        if params and params.get("probabilities"):
            return self.model.predict_proba(frame)
        return self.model.predict(frame)


def _load_pyfunc(path: str) -> MlflowModel:
    """Load the model; MLflow finds this function by its name."""
    return MlflowModel(load_model(path))
