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


@dataclass(frozen=True)
class Candidate:
    """An algorithm, what prepares the matrix for it, and its parameters.

    Attributes:
        algorithm: A name from `bankml.backends.local.automl.algorithms`.
        preprocessor: One of this module's constants.
        parameters: The algorithm's own settings, in the names of the library that carries it.
    """

    algorithm: str
    preprocessor: str
    parameters: Mapping[str, object]


@dataclass(frozen=True)
class DataShape:
    """What the choice of candidates may depend on.

    Attributes:
        task: ``classification`` or ``regression``.
        rows: Training rows.
        columns: Columns of the encoded matrix.
        classes: Number of classes; 0 for regression.
        categorical: Number of columns with category codes.
        high_cardinality: Number of those with many categories.
    """

    task: str
    rows: int
    columns: int
    classes: int
    categorical: int
    high_cardinality: int
