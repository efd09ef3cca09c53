"""Tables as CSV files that a spreadsheet opens without running anything."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV, its index first.

    A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, *CSV
    Injection*); numbers stay numbers.

    Args:
        table: The table; names and texts in it may come from anywhere.
    """
    safe = table.copy() if table.index.name is None else table.reset_index()
    safe.columns = [harmless(name) for name in safe.columns]
    for at, dtype in enumerate(safe.dtypes):
        if dtype.kind not in "biufcmM":
            safe.isetitem(at, [harmless(value) for value in safe.iloc[:, at]])
    return str(safe.to_csv(index=False))


def harmless(value: Any) -> Any:
    """Return a value, with an apostrophe in front if it is a text that looks like a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def csv_link(table: pd.DataFrame) -> str:
    """Return a ``data:`` address from which the table can be saved without a network."""
    encoded = base64.b64encode(csv_text(table).encode()).decode()
    return f"data:text/csv;base64,{encoded}"
