"""One candidate: an algorithm with its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES = "OrdinalCodes"
NATIVE_CATEGORIES = "NativeCategories"
TARGET_ENCODER = "TargetEncoder"
ONE_HOT = "OneHotEncoder, StandardScaler"
ONE_HOT_QUANTILE = "OneHotEncoder, QuantileTransformer"
SPARSE_ONE_HOT = "SparseOneHotEncoder, StandardScaler"


@dataclass(frozen=True)
class Candidate:
    """An algorithm, what prepares the matrix for it, and its parameters.

    Attributes:
        algorithm: A name from `bankml.backends.local.automl.algorithms`.
        preprocessor: One of this module's constants.
        parameters: The algorithm's own settings, in the names of the library that carries it.
        rows: Most rows to learn from, or None for all there are.
    """

    algorithm: str
    preprocessor: str
    parameters: Mapping[str, object]
    rows: int | None = None

    @property
    def described(self) -> dict[str, object]:
        """The parameters, and the number of rows where they are not all."""
        limit = {} if self.rows is None else {"training_rows": self.rows}
        return {**self.parameters, **limit}


@dataclass(frozen=True)
class DataShape:
    """What the choice of candidates may depend on.

    Attributes:
        task: ``classification`` or ``regression``.
        rows: All rows.
        folds: How many times a candidate is fitted.
        columns: Columns of the encoded matrix.
        classes: Number of classes; 0 for regression.
        categorical: Number of columns with category codes.
        high_cardinality: Number of those with many categories.
    """

    task: str
    rows: int
    folds: int
    columns: int
    classes: int
    categorical: int
    high_cardinality: int

    @property
    def fitted_rows(self) -> int:
        """Rows that one fit learns from: all but the held-out fold, or a tenth."""
        held_out = 1 / self.folds if self.folds > 1 else 0.1
        return round(self.rows * (1 - held_out))
