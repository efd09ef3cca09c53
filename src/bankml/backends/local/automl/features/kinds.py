"""What kind of column each column is: number, category, date, text or nothing of use."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

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


def text_codes(series: pd.Series) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return a column's values as text: what there is, and which of it each row has.

    Args:
        series: Any column.

    Returns:
        A number for each row, -1 where the value is missing, and the text of each number. Values
        that read the same but for blanks at their ends have the same text, not the same number.
    """
    import pandas as pd
    from pandas.api import types

    # Equal objects may read differently: 1 and True.
    plain = types.infer_dtype(series, skipna=True) not in ("mixed", "mixed-integer")
    codes, distinct = pd.factorize(series if plain else series.astype(str).where(series.notna()))
    text = pd.Series(np.asarray(distinct, dtype=object)).astype(str).str.strip()
    return codes, text.to_numpy(object)


def text_counts(series: pd.Series) -> pd.Series:
    """Return how many rows have each text, by text, in the order of their first rows."""
    import pandas as pd

    codes, text = text_codes(series)
    counts = np.bincount(codes[codes >= 0], minlength=len(text))
    return pd.Series(counts, index=text).groupby(level=0, sort=False).sum()


def _string_kind(series: pd.Series) -> Kind:
    counts = text_counts(series)
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
