"""Dates in texts, read the same in training and in prediction: the day first, or the month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bankml.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

# Such as 05/08/2026 or 5.8.26 10:30. A year of four digits in front leaves no doubt.
_WRITTEN = (
    r"^(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})"
    r"(?P<time>(?:\D.*)?)$"
)
_MONTHS = 12
_FIRST_YEAR_OF_1900 = 69  # as in POSIX strptime


def dates_in_texts(texts: pd.Series, *, day_first: bool) -> pd.Series:
    """Return the dates that texts stand for.

    Args:
        texts: A column of texts; missing ones stay missing.
        day_first: Whether 05/08/2026 is in August.

    Returns:
        Timestamps in UTC, missing where a text can't be read in this order.
    """
    import pandas as pd

    codes, distinct = pd.factorize(texts)
    unique = pd.Series(distinct, dtype=object).astype(str).str.strip()
    parts = unique.str.extract(_WRITTEN)
    day, month = ("first", "second") if day_first else ("second", "first")
    year = _whole_years(parts["year"])
    iso = year + "-" + parts[month] + "-" + parts[day] + parts["time"]
    dates = pd.to_datetime(iso.fillna(unique), errors="coerce", format="mixed", utc=True)
    # A missing text has the code -1, the place of what is appended.
    places = np.where(codes < 0, len(dates), codes)
    missing = pd.Series([pd.NaT], dtype=dates.dtype)
    return pd.concat([dates, missing], ignore_index=True).iloc[places].set_axis(texts.index)


def written_in_numbers(texts: pd.Series) -> pd.DataFrame:
    """Return the parts of those different dates whose order is open; often none.

    Args:
        texts: A column of texts.
    """
    import pandas as pd

    unique = pd.Series(texts.dropna().unique(), dtype=object).astype(str).str.strip()
    return unique.str.extract(_WRITTEN).dropna(subset=["first"])


def day_first_of(parts: pd.DataFrame) -> bool | None:
    """Tell whether the day is written first.

    Args:
        parts: What `written_in_numbers` found.

    Returns:
        The order in which more of them are dates; None where that can't be told. The day is first
        in dates with dots.
    """
    if len(parts) and (parts["mark"] == ".").all():
        return True
    days_first = int((parts["first"].astype(int) > _MONTHS).sum())
    months_first = int((parts["second"].astype(int) > _MONTHS).sum())
    return None if days_first == months_first else days_first > months_first


def known_order(texts: pd.Series, column: str) -> bool:
    """Tell whether the day is written first, where training did not show it.

    Args:
        texts: The column as it is now.
        column: Its name, for the error.

    Raises:
        DataError: Nobody can tell.
    """
    parts = written_in_numbers(texts)
    order = day_first_of(parts)
    if order is None and len(parts):
        text = str(texts.dropna().iloc[0])
        raise DataError(
            f"The column {column!r} has texts such as {text!r}, in which the day can't be told "
            "from the month; in training it had dates. Convert it first: "
            f"pd.to_datetime(frame[{column!r}], dayfirst=True), or dayfirst=False."
        )
    return bool(order)


def _whole_years(years: pd.Series) -> pd.Series:
    short = years.str.len() == 2
    number = years.where(short, "0").fillna("0").astype(int)
    century = np.where(number < _FIRST_YEAR_OF_1900, "20", "19")
    return years.mask(short, century + years.fillna(""))
