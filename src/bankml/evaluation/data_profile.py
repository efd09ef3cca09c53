"""What is in a frame: a profile of each column, for the report's data card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Kind = Literal["number", "category", "text", "date", "boolean", "empty"]

_MOST_BARS = 12
_TEXT_SHARE = 0.5
_TEXT_DISTINCT = 50


@dataclass(frozen=True)
class Bar:
    """One bar of a column's distribution.

    Attributes:
        label: The value, or the range of values.
        count: Number of rows.
        share: Share of all rows, 0 to 1.
    """

    label: str
    count: int
    share: float


@dataclass(frozen=True)
class ColumnProfile:
    """What is in one column.

    Attributes:
        name: Its name.
        kind: What its values are.
        missing: Number of rows without a value.
        distinct: Number of distinct values.
        bars: Its distribution: ranges of a number or date, the most frequent values otherwise.
        summary: Statistics in the order to show them, for example ``{"mean": "40.04"}``.
    """

    name: str
    kind: Kind
    missing: int
    distinct: int
    bars: tuple[Bar, ...]
    summary: dict[str, str]


@dataclass(frozen=True)
class DataProfile:
    """What is in a frame.

    Attributes:
        rows: Number of rows.
        duplicates: Rows that repeat an earlier row in every column.
        columns: A profile per column, in the frame's order.
    """

    rows: int
    duplicates: int
    columns: tuple[ColumnProfile, ...]

    def to_pandas(self) -> pd.DataFrame:
        """Return a row per column: kind, missing, distinct and the statistics."""
        import pandas as pd

        rows = {
            column.name: {
                "kind": column.kind,
                "missing": column.missing,
                "distinct": column.distinct,
                **column.summary,
            }
            for column in self.columns
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("column")


def profile(data: pd.DataFrame) -> DataProfile:
    """Profile each column of a frame.

    Args:
        data: Any frame.

    Returns:
        Kind, missing and distinct values, distribution and statistics of each column.
    """
    columns = (_column(str(name), data[name]) for name in data.columns)
    return DataProfile(len(data), int(data.duplicated().sum()), tuple(columns))


def _column(name: str, values: pd.Series) -> ColumnProfile:
    present = values.dropna()
    distinct = int(present.nunique())
    kind = _kind(present, distinct)
    if kind == "number":
        bars, summary = _of_numbers(present, len(values))
    elif kind == "date":
        bars, summary = _of_dates(present, len(values))
    else:
        bars, summary = _of_values(present, len(values), kind)
    return ColumnProfile(name, kind, len(values) - len(present), distinct, bars, summary)


def _kind(present: pd.Series, distinct: int) -> Kind:
    from pandas.api import types

    if present.empty:
        return "empty"
    if types.is_bool_dtype(present):
        return "boolean"
    if types.is_numeric_dtype(present):
        return "number"
    if types.is_datetime64_any_dtype(present):
        return "date"
    if distinct > max(_TEXT_DISTINCT, _TEXT_SHARE * len(present)):
        return "text"
    return "category"


def _of_numbers(present: pd.Series, rows: int) -> tuple[tuple[Bar, ...], dict[str, str]]:
    import numpy as np

    numbers = present.to_numpy(dtype=float)
    finite = numbers[np.isfinite(numbers)]
    if not finite.size:
        return (), {}
    low, first, middle, third, high = np.quantile(finite, [0, 0.25, 0.5, 0.75, 1])
    summary = {
        "mean": _short(finite.mean()),
        "std": _short(finite.std(ddof=1) if len(finite) > 1 else 0.0),
        "min": _short(low),
        "lower quartile": _short(first),
        "median": _short(middle),
        "upper quartile": _short(third),
        "max": _short(high),
    }
    return _histogram(finite, rows, _short), summary


def _of_dates(present: pd.Series, rows: int) -> tuple[tuple[Bar, ...], dict[str, str]]:
    import numpy as np
    import pandas as pd

    moments = pd.to_datetime(present, utc=True).astype("datetime64[ns, UTC]").astype("int64")
    seconds = moments.to_numpy(dtype=float) / 1e9

    def day(second: float) -> str:
        return str(np.datetime64(int(second), "s").astype("datetime64[D]"))

    summary = {"first": day(seconds.min()), "last": day(seconds.max())}
    return _histogram(seconds, rows, day), summary


def _of_values(present: pd.Series, rows: int, kind: Kind) -> tuple[tuple[Bar, ...], dict[str, str]]:
    if kind in ("text", "empty"):
        lengths = present.astype(str).str.len()
        return (), {"mean length": _short(lengths.mean())} if kind == "text" else {}
    counts = present.astype(str).value_counts()
    shown = counts.head(_MOST_BARS)
    bars = [Bar(str(value), int(count), count / rows) for value, count in shown.items()]
    others = int(counts.iloc[_MOST_BARS:].sum())
    if others:
        bars.append(Bar(f"{len(counts) - _MOST_BARS} others", others, others / rows))
    return tuple(bars), {"most frequent": f"{counts.index[0]} ({counts.iloc[0] / rows:.1%})"}


def _histogram(numbers: NDArray[np.float64], rows: int, name: Any) -> tuple[Bar, ...]:
    """Count numbers in ranges of equal width, or per value where there are few."""
    import numpy as np

    values, counts = np.unique(numbers, return_counts=True)
    if len(values) <= _MOST_BARS:
        pairs = zip(values, counts, strict=True)
        return tuple(Bar(name(value), int(count), count / rows) for value, count in pairs)
    counts, edges = np.histogram(numbers, bins=_MOST_BARS)
    return tuple(
        Bar(f"{name(edges[at])} to {name(edges[at + 1])}", int(count), count / rows)
        for at, count in enumerate(counts)
    )


def _short(number: float) -> str:
    """Return a number with about four significant digits and no exponent where it fits."""
    if number == 0 or 0.001 <= abs(number) < 1e9:
        digits = 0 if abs(number) >= 10_000 or float(number).is_integer() else 4
        return f"{number:,.{digits}f}" if digits == 0 else f"{number:,.4g}"
    return f"{number:.3g}"
