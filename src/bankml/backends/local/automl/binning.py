"""How finely boosting bins the values of a column."""

from __future__ import annotations

_MANY_ROWS = 10_000
_WIDE_COLUMNS = 200


def bins(rows: int, columns: int) -> int:
    """Return the most bins per column: few where rows are few, which is faster too.

    Args:
        rows: Rows to learn from.
        columns: Columns of the encoded matrix.
    """
    if rows >= _MANY_ROWS:
        return 255
    return 31 if columns > _WIDE_COLUMNS else 63
