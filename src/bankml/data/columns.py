"""What every table must fulfil, whatever it was read from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bankml.data.dates import written_order
from bankml.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


def checked_table(table: pa.Table, where: str) -> pa.Table:
    """Return the table in types that training knows, without metadata of other programs.

    Args:
        table: Columns of any Arrow type.
        where: The source's name for error messages.

    Returns:
        A table of numbers, booleans, texts, categories and timestamps.

    Raises:
        DataError: Column names are not unique or empty, there is no column or no row, or a
            column has a type that can't be a feature.
    """
    import pyarrow as pa

    _check_names(table.column_names, where)
    if not table.num_columns:
        raise DataError(f"{where} has no columns.")
    if table.num_rows == 0:
        raise DataError(f"{where} has no rows.")
    columns = [
        _known_type(table.column(position), name, where)
        for position, name in enumerate(table.column_names)
    ]
    fields = [
        pa.field(field.name, column.type, metadata=written_order(field))
        for field, column in zip(table.schema, columns, strict=True)
    ]
    return pa.table(columns, schema=pa.schema(fields))


def check_label_and_feature(table: pa.Table, where: str) -> None:
    """Refuse a table that nothing can be learnt from, as there is one column only.

    Args:
        table: A table of :func:`checked_table`.
        where: The source's name for the error message.

    Raises:
        DataError: It has one column.
    """
    if table.num_columns == 1:
        raise DataError(
            f"{where} has only one column; training needs a label and at least one feature."
        )


def _check_names(names: list[str], where: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        places = [str(place + 1) for place, name in enumerate(names) if name == twice[0]]
        raise DataError(
            f"{where} has the column name {twice[0][:100]!r} {len(places)} times (columns "
            f"{', '.join(places[:10])}). Give each column a name of its own."
        )
    empty = [place + 1 for place, name in enumerate(names) if not name]
    if empty:
        raise DataError(f"{where}: column {empty[0]} has no name. Give it one.")


def _known_type(column: pa.ChunkedArray, name: str, where: str) -> pa.ChunkedArray:
    import pyarrow as pa

    types, kind = pa.types, column.type
    if types.is_dictionary(kind):
        values = _known_type(pa.chunked_array([], kind.value_type), name, where).type
        settled = pa.dictionary(kind.index_type, values, kind.ordered)
        return (column if settled == kind else column.cast(settled)).unify_dictionaries()
    target = _target(kind)
    if target is None:
        raise DataError(
            f"{where}: column {name[:100]!r} holds {kind}, which can't be a feature. Convert it to "
            "numbers, texts or timestamps, or leave it out."
        )
    return column if target == kind else column.cast(target, safe=False)


def _target(kind: pa.DataType) -> pa.DataType | None:
    """Return the type to keep a column in, or None for a type that can't be a feature."""
    import pyarrow as pa

    types = pa.types
    if types.is_integer(kind) or types.is_boolean(kind) or types.is_string(kind):
        return kind
    if types.is_floating(kind):
        return pa.float32() if types.is_float16(kind) else kind
    if types.is_null(kind) or types.is_decimal(kind):
        return pa.float64()
    if types.is_large_string(kind) or getattr(types, "is_string_view", _never)(kind):
        return pa.string()
    if types.is_date(kind):
        return pa.timestamp("us")
    if types.is_timestamp(kind):
        return pa.timestamp("us", tz=kind.tz)
    return None


def _never(_: pa.DataType) -> bool:
    return False
