"""Encoders of single columns: each turns a column into one or more columns of float32."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from bankml.backends.local.automl.features.date_texts import (
    dates_in_texts,
    day_first_of,
    known_order,
    written_in_numbers,
)
from bankml.backends.local.automl.features.kinds import Kind, column_kind, text_codes, text_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

_EXACT_IN_FLOAT32 = 2.0**24
# Squares of larger ones are too large for float32, and LightGBM takes 1e-35 for zero.
_LEAST, _LARGEST = 1e-15, 1e15
HIGH_CARDINALITY = 50
_DATE_PARTS = ("year", "month", "day", "day_of_week", "day_of_year", "hour", "minute")


class ColumnEncoder(Protocol):
    """Encodes one column of the raw frame.

    Attributes:
        column: The column's name in the raw frame.
        categorical: Which of them are category codes.
        expects: What every value in training was, "number" or "date"; None where that varied, or
            where every value can be used.
    """

    column: str
    categorical: bool
    expects: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        ...

    def encode(self, series: pd.Series) -> NDArray[np.float32]:
        """Return the encoded columns, of shape ``(rows, len(names))``."""
        ...


class NumberEncoder:
    """Numbers as they are, shifted and scaled where float32 would lose their differences."""

    categorical = False
    # Of models saved before these were kept.
    expects: str | None = None
    exponent = 0

    def __init__(
        self, column: str, offset: float = 0.0, exponent: int = 0, expects: str | None = None
    ) -> None:
        self.column = column
        self.offset = offset
        self.exponent = exponent
        self.expects = expects

    @property
    def names(self) -> tuple[str, ...]:
        """The column's own name."""
        return (self.column,)

    @classmethod
    def fitted(cls, column: str, series: pd.Series) -> NumberEncoder:
        """Choose the offset and the power of two from the training values."""
        values = _as_float(series)
        expects = None if _any_lost(series, np.isnan(values)) else "number"
        finite = values[np.isfinite(values)]
        if finite.size == 0:
            return cls(column, expects=expects)
        is_exact = np.abs(finite).max() < _EXACT_IN_FLOAT32
        offset = 0.0 if is_exact else float(np.median(finite))
        largest = float(np.abs(finite - offset).max())
        exponent = 0 if _LEAST <= largest <= _LARGEST else math.frexp(largest)[1]
        return cls(column, offset, exponent, expects)

    def encode(self, series: pd.Series) -> NDArray[np.float32]:
        """Return the values, with anything that is no finite number as NaN."""
        values = _as_float(series) - self.offset
        if self.exponent:
            values = np.ldexp(values, -self.exponent)
        with np.errstate(over="ignore"):
            encoded: NDArray[np.float32] = values.astype(np.float32)
        encoded[~np.isfinite(encoded)] = np.nan
        return encoded[:, None]


class CategoryEncoder:
    """Categories as integer codes in sorted order; missing and unseen ones are NaN.

    Columns of many categories also get a column with each category's frequency.
    """

    categorical = True
    expects: str | None = None

    def __init__(
        self, column: str, categories: Sequence[str], frequencies: Sequence[float] | None
    ) -> None:
        self.column = column
        self.categories = np.asarray(categories, dtype=str)
        self.frequencies = (
            None if frequencies is None else np.asarray(frequencies, dtype=np.float32)
        )
        self.names: tuple[str, ...] = (
            (column,) if frequencies is None else (column, f"{column} (frequency)")
        )

    @classmethod
    def fitted(cls, column: str, series: pd.Series) -> CategoryEncoder:
        """Learn the categories, in their natural order where the column is an ordered one."""
        shares = text_counts(series)
        shares = shares / shares.sum()
        ordered = sorted(shares.index)
        declared = getattr(series.dtype, "categories", None)
        if declared is not None and series.cat.ordered:
            present = set(ordered)
            ordered = [text for text in map(str, declared) if text in present]
        frequencies = [float(shares[name]) for name in ordered]
        return cls(column, ordered, frequencies if len(ordered) > HIGH_CARDINALITY else None)

    def encode(self, series: pd.Series) -> NDArray[np.float32]:
        """Return the codes, and the frequencies where there are many categories."""
        import pandas as pd

        places, text = text_codes(series)
        code_of_text = pd.Index(self.categories).get_indexer(pd.Index(text, dtype=object))
        # A missing value has the place -1, and so has an unknown text as its code.
        codes = np.append(code_of_text, -1)[places]
        encoded: NDArray[np.float32] = codes.astype(np.float32)
        encoded[codes < 0] = np.nan
        if self.frequencies is None:
            return encoded[:, None]
        shares: NDArray[np.float32] = np.append(self.frequencies, np.float32(0))[codes]
        return np.column_stack([encoded, shares])


class DateEncoder:
    """Dates as days since 1970 and the parts of the calendar that vary."""

    categorical = False
    # Of models saved before these were kept.
    expects: str | None = None
    day_first: bool | None = None

    def __init__(
        self, column: str, parts: Sequence[str], expects: str | None, day_first: bool | None
    ) -> None:
        self.column = column
        self.parts = list(parts)
        self.expects = expects
        self.day_first = day_first

    @classmethod
    def fitted(cls, column: str, series: pd.Series, day_first: bool | None) -> DateEncoder:
        """Keep the parts that are not the same in every row, and the order of day and month."""
        import pandas as pd

        is_text = not pd.api.types.is_datetime64_any_dtype(series.dtype)
        if is_text and len(parts := written_in_numbers(series)):
            # Where nobody can tell, the month is first: so it is in prediction, then.
            day_first = bool(day_first_of(parts))
        encoder = cls(column, (), None, day_first)
        dates = encoder.dates(series)
        encoder.parts = [part for part in _DATE_PARTS if getattr(dates.dt, part).nunique() > 1]
        encoder.expects = None if _any_lost(series, dates.isna()) else "date"
        return encoder

    @property
    def names(self) -> tuple[str, ...]:
        """The days, and the parts."""
        return tuple(f"{self.column} ({part})" for part in ("days since 1970", *self.parts))

    def encode(self, series: pd.Series) -> NDArray[np.float32]:
        """Return the days and the parts; a missing or unreadable date is NaN throughout."""
        dates = self.dates(series)
        seconds = dates.astype("datetime64[s]").astype("int64").to_numpy().astype(np.float64)
        days = np.where(dates.isna(), np.nan, seconds / 86400.0)
        parts = [
            getattr(dates.dt, part).to_numpy(np.float32, na_value=np.nan) for part in self.parts
        ]
        return np.column_stack([days, *parts]).astype(np.float32)

    def dates(self, series: pd.Series) -> pd.Series:
        """Return a column's dates, without zones; missing where there is none."""
        import pandas as pd
        from pandas.api import types

        if types.is_numeric_dtype(series.dtype):
            # 20260101 would be a moment of 1970.
            return pd.Series(pd.NaT, index=series.index, dtype="datetime64[s]")
        if not types.is_datetime64_any_dtype(series.dtype):
            known = self.day_first
            day_first = known_order(series, self.column) if known is None else known
            series = dates_in_texts(series, day_first=day_first)
        if isinstance(series.dtype, pd.DatetimeTZDtype):
            series = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return series


def fit_column(
    column: str, series: pd.Series, *, derive: bool, day_first: bool | None = None
) -> ColumnEncoder | None:
    """Choose and fit the encoder of one column.

    Args:
        column: The column's name.
        series: Its training values.
        derive: Whether dates and texts may be taken apart.
        day_first: How its dates were written where they came from, if that is known.

    Returns:
        The encoder, or None where the column holds nothing to learn from.
    """
    kind = column_kind(series)
    if kind in (Kind.CONSTANT, Kind.IDENTIFIER):
        return None
    if kind in (Kind.NUMBER, Kind.NUMBER_STRING):
        return NumberEncoder.fitted(column, series)
    if not derive or kind is Kind.CATEGORY:
        return CategoryEncoder.fitted(column, series)
    if kind is Kind.TEXT:
        from bankml.backends.local.automl.features.text import TextEncoder

        return TextEncoder.fitted(column, series)
    return DateEncoder.fitted(column, series, day_first)


def _any_lost(series: pd.Series, missing: Any) -> bool:
    """Tell whether a value that is there counts as missing."""
    return bool((series.notna().to_numpy() & np.asarray(missing)).any())


def _as_float(series: pd.Series) -> NDArray[np.float64]:
    import pandas as pd
    from pandas.api import types

    if types.is_timedelta64_dtype(series.dtype):
        return np.asarray(series.dt.total_seconds(), dtype=np.float64)
    if not types.is_numeric_dtype(series.dtype):
        series = pd.to_numeric(series, errors="coerce")
    return series.to_numpy(np.float64, na_value=np.nan)
