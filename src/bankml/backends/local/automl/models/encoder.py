"""The first step of the final pipeline: raw columns in, a matrix of numbers out."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from bankml.backends.local.automl.features.encoding import FrameEncoding, fit_encoding
from bankml.errors import DataError, DataWarning

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class FrameEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Encodes the raw frame as it was encoded for training.

    Attributes:
        encoding_: The fitted encoding, after `fit`.
    """

    def __init__(self, derive: bool = True) -> None:
        self.derive = derive

    @classmethod
    def from_encoding(cls, encoding: FrameEncoding, *, derive: bool) -> FrameEncoder:
        """Return the transformer of an encoding that is fitted already."""
        encoder = cls(derive=derive)
        encoder.encoding_ = encoding
        encoder.n_features_in_ = len(encoding.encoders)
        return encoder

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """Names of the raw columns that are used."""
        columns = [encoder.column for encoder in self.encoding_.encoders]
        return np.asarray(columns, dtype=object)

    def fit(self, X: pd.DataFrame, y: object = None) -> FrameEncoder:  # sklearn's signature  # noqa: ARG002, N803  # scikit-learn's signature
        """Learn how each column of a frame is encoded."""
        self.encoding_ = fit_encoding(X, list(X.columns), derive=self.derive, day_first={})
        self.n_features_in_ = len(self.encoding_.encoders)
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float32]:  # sklearn's signature  # noqa: N803  # scikit-learn's signature
        """Encode a frame of raw columns.

        Args:
            X: The raw columns by name; further columns do no harm.

        Returns:
            The matrix, of shape ``(rows, encoded columns)``.

        Raises:
            DataError: A column that the model uses is not there.

        Warns:
            DataWarning: A column that had nothing but numbers (or dates) in training has other
                values now; they count as missing.
        """
        missing = [name for name in self.feature_names_in_ if name not in X.columns]
        if missing:
            raise DataError(
                f"The model needs the columns {missing}, which the data lacks. "
                f"Pass a frame with the columns it was trained on."
            )
        matrix = self.encoding_.encode(X)
        _warn_of_unreadable(self.encoding_, X, matrix)
        return matrix

    def get_feature_names_out(
        self,
        input_features: object = None,  # noqa: ARG002  # scikit-learn's signature
    ) -> NDArray[Any]:
        """Return the names of the encoded columns."""
        return np.asarray(self.encoding_.names, dtype=object)


def _warn_of_unreadable(
    encoding: FrameEncoding, frame: pd.DataFrame, matrix: NDArray[np.float32]
) -> None:
    from pandas.api.types import is_numeric_dtype

    for position, encoder in encoding.placed():
        series = frame[encoder.column]
        readable = encoder.expects == "number" and is_numeric_dtype(series.dtype)
        if encoder.expects is not None and not readable:
            unreadable = series[np.isnan(matrix[:, position]) & series.notna().to_numpy()]
            if len(unreadable):
                warnings.warn(
                    f"{len(unreadable)} of {len(series)} values of the column {encoder.column!r} "
                    f"count as missing: in training it had only {encoder.expects}s, and here it "
                    f"has {str(unreadable.iloc[0])!r}. Check how the data is read.",
                    DataWarning,
                    stacklevel=2,
                )
