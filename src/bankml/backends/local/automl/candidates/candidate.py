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
ONE_HOT_PIECEWISE = "OneHotEncoder, PiecewiseLinearEncoder"
SPARSE_ONE_HOT = "SparseOneHotEncoder, StandardScaler"
MOST_BINS = 8
"""Most bins of a column of numbers in `ONE_HOT_PIECEWISE`."""
MOST_CATEGORIES = 60
"""Most categories of a column that have a column of their own in `ONE_HOT`."""
FOLDS_OF_A_RACE = 3
"""Fewest folds of which a third tells whether a candidate is far behind others."""


@dataclass(frozen=True)
class Candidate:
    """An algorithm, what prepares the matrix for it, and its parameters.

    Attributes:
        algorithm: A name from `bankml.backends.local.automl.algorithms`.
        preprocessor: One of this module's constants.
        parameters: The algorithm's own settings, in the names of the library that carries it.
        rows: Most rows to learn from, or None for all there are.
        columns: How many columns to learn from, those that the run's first candidate gained most
            by, or None for all.
    """

    algorithm: str
    preprocessor: str
    parameters: Mapping[str, object]
    rows: int | None = None
    columns: int | None = None

    @property
    def is_boosting(self) -> bool:
        """Whether LightGBM carries it."""
        return self.algorithm == "LightGBM"

    @property
    def is_plain_boosting(self) -> bool:
        """Whether LightGBM takes the encoded matrix as it is: then no scikit-learn is needed."""
        return self.is_boosting and self.preprocessor != TARGET_ENCODER

    @property
    def described_preprocessor(self) -> str:
        """What is done to the features before it, with the choice of columns where there is one."""
        chosen = "" if self.columns is None else f"best {self.columns} columns, "
        return chosen + self.preprocessor

    @property
    def described(self) -> dict[str, object]:
        """The parameters, and the numbers of rows and of columns where they are not all."""
        limits = {"training_rows": self.rows, "training_columns": self.columns}
        return {**self.parameters, **{name: most for name, most in limits.items() if most}}


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
        held_out_share: Share of the rows that is held out where there is one fold.
        rare_share: Share of the rows that are not of the largest class.
    """

    task: str
    rows: int
    folds: int
    columns: int
    classes: int
    categorical: int
    high_cardinality: int
    held_out_share: float = 0.1
    rare_share: float = 1.0

    @property
    def fitted_rows(self) -> int:
        """Rows that one fit learns from: all but those that are held out."""
        held_out = 1 / self.folds if self.folds > 1 else self.held_out_share
        return round(self.rows * (1 - held_out))

    @property
    def telling_rows(self) -> float:
        """Rows that scores are computed on, fewer where a class is rare: its rows decide."""
        judged = self.rows if self.folds > 1 else self.rows * self.held_out_share
        return judged * min(1.0, 4 * self.rare_share)
