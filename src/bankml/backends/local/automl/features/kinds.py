"""What kind of column each column is: number, category, date, text or nothing of use."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_PROBE = 1000
_LOW_CARDINALITY = 20
_TEXT_WORDS = 3.0
_ID_SHARE = 0.95


class Kind(Enum):
    """How a column is encoded."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    DATE_STRING = "date string"
    NUMBER_STRING = "number string"
    TEXT = "text"
    IDENTIFIER = "identifier"
    CONSTANT = "constant"


def column_kind(series: pd.Series) -> Kind:
    """Tell which kind a column is from its type and its values.

    Args:
        series: One column of the training frame.

    Returns:
        The kind. Values that differ in every row of a text-like column make an identifier.
    """
    import pandas as pd
    from pandas.api import types

    if series.nunique(dropna=False) <= 1:
        return Kind.CONSTANT
    if isinstance(series.dtype, pd.CategoricalDtype):
        return Kind.CATEGORY
    if types.is_datetime64_any_dtype(series.dtype):
        return Kind.DATE
    if types.is_numeric_dtype(series.dtype) or types.is_timedelta64_dtype(series.dtype):
        return Kind.NUMBER
    return _string_kind(series)


def as_text(series: pd.Series) -> pd.Series:
    """Return a column of strings; missing values stay missing."""
    present = series.dropna()
    text = present.astype(str).str.strip()
    return text.reindex(series.index)


def _string_kind(series: pd.Series) -> Kind:
    counts = as_text(series).value_counts(sort=False)
    distinct = counts.index.to_series()
    if len(distinct) <= _LOW_CARDINALITY:
        return Kind.CATEGORY
    probe = distinct.iloc[:: max(1, len(distinct) // _PROBE)]
    if _are_numbers(probe):
        return Kind.NUMBER_STRING
    if _are_dates(probe):
        return Kind.DATE_STRING
    if (probe.str.count(r"\s+") + 1).mean() >= _TEXT_WORDS:
        return Kind.TEXT
    if len(distinct) >= _ID_SHARE * counts.sum():
        return Kind.IDENTIFIER
    return Kind.CATEGORY


def _are_numbers(values: pd.Series) -> bool:
    import pandas as pd

    return bool(pd.to_numeric(values, errors="coerce").notna().mean() >= _ID_SHARE)


def _are_dates(values: pd.Series) -> bool:
    import pandas as pd

    shaped = values.str.contains(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", regex=True)
    if shaped.mean() < _ID_SHARE:
        return False
    parsed = pd.to_datetime(values, errors="coerce", format="mixed", utc=True)
    return bool(parsed.notna().mean() >= _ID_SHARE)
