"""Columns to the types that training and Parquet know; dates in texts recognised.

A text column becomes dates only where every value fits one pattern and only one reading of it is
possible: ``03/04/2024`` alone stays a text, because nobody can tell the day from the month.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

_DAY_FIRST = b"bankml.day_first"
"""In the metadata of a column's field: whether its dates had the day before the month."""
_TIME = r"( \d{1,2}:\d{2}(:\d{2})?)?"
_PATTERNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (rf"^\d{{4}}/\d{{1,2}}/\d{{1,2}}{_TIME}$", ("%Y/%m/%d",)),
    (rf"^\d{{1,2}}\.\d{{1,2}}\.\d{{4}}{_TIME}$", ("%d.%m.%Y",)),
    (rf"^\d{{1,2}}/\d{{1,2}}/\d{{4}}{_TIME}$", ("%d/%m/%Y", "%m/%d/%Y")),
    (rf"^\d{{1,2}}-\d{{1,2}}-\d{{4}}{_TIME}$", ("%d-%m-%Y", "%m-%d-%Y")),
)
_TIMES = ("", " %H:%M", " %H:%M:%S")


def settle_types(table: pa.Table, as_text: Callable[[list[str]], pa.Table]) -> pa.Table:
    """Return the table with dates as timestamps and nothing that pandas would not infer.

    Args:
        table: Columns as the CSV parser inferred them.
        as_text: Reads the named columns again as texts.

    Returns:
        The table; times of day are texts again, and empty columns are numbers that are missing.
    """
    import pyarrow as pa

    times = [field.name for field in table.schema if pa.types.is_time(field.type)]
    if times and len(set(table.column_names)) == table.num_columns:
        texts = as_text(times)
        for name in times:
            position = table.column_names.index(name)
            table = table.set_column(position, name, texts.column(name))
    for position, name in enumerate(table.column_names):
        column = table.column(position)
        settled, day_first = _settled(column)
        if settled is not column:
            field = pa.field(name, settled.type, metadata=_order(day_first))
            table = table.set_column(position, field, settled)
    return table


def written_order(field: pa.Field) -> dict[bytes, bytes] | None:
    """Return the metadata of a column that says in which order its dates were written, if any."""
    value = (field.metadata or {}).get(_DAY_FIRST)
    return None if value is None else {_DAY_FIRST: value}


def day_first_columns(schema: pa.Schema) -> dict[str, bool]:
    """Return for each column whose dates were texts once whether the day was written first."""
    return {
        field.name: field.metadata[_DAY_FIRST] == b"true"
        for field in schema
        if written_order(field) is not None
    }


def _order(day_first: bool | None) -> dict[bytes, bytes] | None:
    return None if day_first is None else {_DAY_FIRST: b"true" if day_first else b"false"}


def _settled(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, bool | None]:
    """Return a column in its type, and for dates in texts whether the day was written first."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return column.cast(pa.float64()), None
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("us")), None
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", tz=kind.tz), safe=False), None
    return _dates_in_text(column) if pa.types.is_string(kind) else (column, None)


def _dates_in_text(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, bool | None]:
    head = column.drop_null().slice(0, 100)
    for pattern, formats in _PATTERNS:
        if len(head) and _all_match(head, pattern) and _all_match(column.drop_null(), pattern):
            readings = {
                form: found for form in formats if (found := _read(column, form)) is not None
            }
            form, *others = readings or [""]
            if not readings or any(readings[each] != readings[form] for each in others):
                return column, None
            return readings[form], None if others else form.startswith("%d")
    return column, None


def _all_match(column: pa.ChunkedArray, pattern: str) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py())


def _read(column: pa.ChunkedArray, form: str) -> pa.ChunkedArray | None:
    import pyarrow.compute as pc

    for time in _TIMES:
        dates = pc.strptime(column, format=form + time, unit="us", error_is_null=True)
        if dates.null_count == column.null_count and _same_days(column, dates, form):
            return dates
    return None


def _same_days(column: pa.ChunkedArray, dates: pa.ChunkedArray, form: str) -> bool:
    """Tell whether the days are as written: the parser takes 30 February for 1 March."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = pc.extract_regex(column, r"^(?P<first>\d+)\D(?P<second>\d+)\D(?P<third>\d+)")
    place = [directive[:1] for directive in form.split("%")[1:]].index("d")
    written = pc.struct_field(parts, place).cast(pa.int64())
    return bool(pc.all(pc.equal(written, pc.day(dates))).as_py())
