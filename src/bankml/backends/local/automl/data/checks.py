"""Are these rows fit to train on? Said before anything is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.data.chosen_columns import check_columns
from bankml.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from bankml.backends.local.automl.data.rows import Rows
    from bankml.backends.local.automl.settings import AutoMLSettings

_FEWEST_ROWS = 10
_MOST_CLASSES = 1000
# Of a label for regression; models keep single precision, and square it.
_LEAST_SPREAD, _LARGEST_SPREAD = 1e-15, 1e15
_MOST_SPREADS = 1e4
# As pandas.api.types.infer_dtype names them.
_KINDS_OF_CLASSES = ("string", "integer", "floating", "mixed-integer-float", "boolean")


def check_training_rows(rows: Rows, settings: AutoMLSettings) -> None:
    """Refuse rows that can't be trained on.

    Args:
        rows: The training data, the label among its columns.
        settings: The label's name, the task and the excluded columns.

    Raises:
        DataError: What is wrong, in which column or how many rows, and what to do about it.
    """
    _check_columns(rows, settings)
    _check_rows(rows, settings)
    if settings.task == "classification":
        _check_classes(rows[settings.label_column_name])
    else:
        _check_numbers(rows[settings.label_column_name])


def _check_columns(rows: Rows, settings: AutoMLSettings) -> None:
    columns = list(rows.columns)
    names = list(map(str, columns))
    twice = sorted({str(name) for name in columns if columns.count(name) > 1})
    if twice:
        raise DataError(f"Column names occur more than once: {twice}. Rename or drop them.")
    check_columns(names, settings.label_column_name, settings.exclude_columns)


def feature_columns(rows: Rows, settings: AutoMLSettings) -> list[str]:
    """Return the columns that candidates may learn from."""
    left_out = {settings.label_column_name, *settings.exclude_columns}
    return [name for name in rows.columns if name not in left_out]


def _check_rows(rows: Rows, settings: AutoMLSettings) -> None:
    label = settings.label_column_name
    missing = int(rows[label].isna().sum())
    if missing:
        raise DataError(
            f"The label {label!r} is missing in {missing} of {len(rows)} rows. "
            f'Fill in their label, or leave the rows out with automl.missing_label: "drop".'
        )
    if len(rows) < _FEWEST_ROWS:
        raise DataError(
            f"There are only {len(rows)} rows; at least {_FEWEST_ROWS} are needed. Add more data."
        )


def _check_classes(label: pd.Series) -> None:
    _check_kind_of_classes(label)
    counts = label.value_counts()
    counts = counts[counts > 0]
    if len(counts) < 2:
        raise DataError(
            f"The label {label.name!r} is {counts.index[0]!r} in every row, so there is nothing to "
            f"tell apart. Choose another label, or data with both outcomes."
        )
    if len(counts) > _MOST_CLASSES or counts.max() < 2:
        raise DataError(
            f"The label {label.name!r} has {len(counts)} distinct values in {len(label)} rows: too "
            f"many for classification. Set task to 'regression' if it is a number."
        )
    if (counts > 1).sum() < 2:
        raise DataError(
            f"Only {counts.index[0]!r} is the label {label.name!r} of more than one row, so no "
            f"model can be judged. Add rows of {counts.index[1]!r}, or choose another label."
        )


def _check_kind_of_classes(label: pd.Series) -> None:
    import pandas as pd

    categories = getattr(label.dtype, "categories", None)
    kind = pd.api.types.infer_dtype(label if categories is None else categories, skipna=True)
    if kind not in _KINDS_OF_CLASSES:
        raise DataError(
            f"The label {label.name!r} holds values of the kind {kind!r}, but classes must be all "
            "texts, all numbers or all booleans. Convert it, to texts for example: .astype(str)."
        )


def _check_numbers(label: pd.Series) -> None:
    import numpy as np
    from pandas.api import types

    if not types.is_numeric_dtype(label.dtype) or types.is_bool_dtype(label.dtype):
        raise DataError(
            f"The label {label.name!r} has the type {label.dtype}, but regression needs numbers. "
            f"Set task to 'classification', or convert the column."
        )
    infinite = int((~np.isfinite(label.to_numpy(np.float64))).sum())
    if infinite:
        raise DataError(f"The label {label.name!r} is infinite in {infinite} rows. Drop them.")
    if label.nunique() < 2:
        raise DataError(
            f"The label {label.name!r} is {label.iloc[0]} in every row. Choose another label."
        )
    _check_precision(label)


def _check_precision(label: pd.Series) -> None:
    """Refuse numbers whose differences are lost in single precision, as models keep them in."""
    import numpy as np

    numbers = label.to_numpy(np.float64)
    spread, largest = float(np.ptp(numbers)), float(np.abs(numbers).max())
    if not _LEAST_SPREAD <= spread <= _LARGEST_SPREAD:
        raise DataError(
            f"The label {label.name!r} lies between {numbers.min():g} and {numbers.max():g}, which "
            "models can't tell apart. Change its unit: multiply it by a power of ten."
        )
    if largest > spread * _MOST_SPREADS:
        raise DataError(
            f"The label {label.name!r} lies between {numbers.min():.12g} and {numbers.max():.12g}: "
            "models keep about seven digits, so its differences would be lost. Subtract its mean "
            "in the data, and add it to the predictions."
        )
