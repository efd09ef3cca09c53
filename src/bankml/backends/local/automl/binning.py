"""How boosting bins the values of a column: how finely, and by how many of them."""

from __future__ import annotations

_MANY_ROWS = 20_000
_MANY_ROWS_OF_CATEGORIES = 10_000
WIDE_COLUMNS = 200
"""From more columns than this on, what is done for each of them decides what a tree costs."""
_FEWEST_SAMPLED_ROWS = 2_000
_MOST_SAMPLED_ROWS = 200_000
_SAMPLED_CELLS = 2_000_000


def bins(rows: int, columns: int, *, many_categories: bool = False) -> int:
    """Return the most bins per column: few where rows are few, which is faster too.

    Measured on 15,000 rows of 13 columns: 63 bins take 30 % less time than 255 and cost .2 to 1 %
    of log loss. On 18,000 rows of 500 columns they take half of the time and cost 1 %, of 2,000
    columns a third to half of it and 1.4 %.

    Args:
        rows: Rows to learn from.
        columns: Columns of the encoded matrix.
        many_categories: Whether a column holds codes of many categories, which share bins if
            those are few.
    """
    few = rows < (_MANY_ROWS_OF_CATEGORIES if many_categories else _MANY_ROWS)
    if columns > WIDE_COLUMNS:
        return 31 if few else 63
    return 63 if few else 255


def sampled_rows(columns: int) -> int:
    """Return how many rows the limits of the bins are found by.

    LightGBM keeps 12 bytes for each value that it looks at, and would look at 200,000 rows.
    Measured on 20,000 rows of 2,000 columns: 701 MB in a worker, and 238 MB when it looks at 5,000.

    Args:
        columns: Columns of the encoded matrix.
    """
    return min(_MOST_SAMPLED_ROWS, max(_FEWEST_SAMPLED_ROWS, _SAMPLED_CELLS // max(columns, 1)))
