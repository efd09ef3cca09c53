"""DataFrames given by the user: checked, converted column by column, and fingerprinted."""

from __future__ import annotations

import hashlib
from os import PathLike
from typing import TYPE_CHECKING

from bankml.data.columns import checked_table
from bankml.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa

WHERE = "The DataFrame"
_ROWS_PER_BLOCK = 1 << 16


def check_frame(data: object, unique: Sequence[str] = ()) -> None:
    """Refuse what is not a DataFrame, and say how to make one of it.

    Args:
        data: What was given as rows.
        unique: Names of columns that must not be there twice.

    Raises:
        DataError: It is not a DataFrame, or has one of the columns more than once.
    """
    import pandas as pd

    if not isinstance(data, pd.DataFrame):
        raise DataError(
            f"The data must be a pandas DataFrame, not {type(data).__name__}. {_how_to_frame(data)}"
        )
    twice = [name for name in unique if (data.columns == name).sum() > 1]
    if twice:
        raise DataError(
            f"The DataFrame has the column {twice[0][:100]!r} more than once. Keep one of them: "
            "frame.loc[:, ~frame.columns.duplicated()]."
        )


def _how_to_frame(data: object) -> str:
    import pandas as pd

    if isinstance(data, str | PathLike):
        return (
            f"Read the file first, for example with pandas.read_csv({str(data)[:100]!r}). To train "
            "on a file or URL, set dataset.source to it (bankml run --data on the command line)."
        )
    if isinstance(data, pd.Series):
        return "A column becomes one with series.to_frame(), a row with frame.iloc[[0]]."
    return "Make one of it with pandas.DataFrame(data, columns=[...])."


def table_from_frame(frame: pd.DataFrame) -> pa.Table:
    """Convert a DataFrame; its index is left out.

    Args:
        frame: Rows with unique texts as column names.

    Returns:
        The same rows as a table of numbers, booleans, texts, categories and timestamps.

    Raises:
        DataError: It is not a DataFrame, or its names or values can't be used.
    """
    import pyarrow as pa

    check_frame(frame)
    _check_axes(frame)
    columns = [_column(frame.iloc[:, place], name) for place, name in enumerate(frame.columns)]
    return checked_table(pa.table(columns, names=list(frame.columns)), WHERE)


def fingerprint_table(table: pa.Table) -> str:
    """Return the SHA-256 of a table's names, types and values, in hex.

    The same on every machine and for every way the rows are split into chunks; which texts a
    category column could hold but doesn't has no influence, nor have NaN's payload bits.

    Args:
        table: A table from :func:`table_from_frame` or a reader.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256(b"bankml table 1\n")
    digest.update(repr((table.num_rows, table.column_names)).encode("utf-8", "surrogatepass"))
    for column in table.columns:
        digest.update(f"\n{_type_name(column.type)}\n".encode())
        for start in range(0, table.num_rows, _ROWS_PER_BLOCK):
            for part in _canonical(column.slice(start, _ROWS_PER_BLOCK)):
                digest.update(part)
    return digest.hexdigest()


def _check_axes(frame: pd.DataFrame) -> None:
    import pandas as pd

    if isinstance(frame.columns, pd.MultiIndex) or isinstance(frame.index, pd.MultiIndex):
        raise DataError(
            "The DataFrame has a MultiIndex. Flatten it first: frame.reset_index() for rows, "
            "frame.columns = frame.columns.map('_'.join) for columns."
        )
    names: list[object] = list(frame.columns)
    odd = [name for name in names if not isinstance(name, str)]
    if odd:
        raise DataError(
            f"The DataFrame has a column name that is not a text: {str(odd[0])[:100]}. "
            "Use frame.columns = frame.columns.astype(str)."
        )
    unreadable = [name for name in frame.columns if not _is_unicode(name)]
    if unreadable:
        shown = ascii(unreadable[0][:100])
        raise DataError(f"The DataFrame's column name {shown} is not valid Unicode. Rename it.")


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _column(values: pd.Series, name: str) -> pa.Array:
    import pandas as pd
    import pyarrow as pa

    if isinstance(values.dtype, pd.SparseDtype):
        values = values.astype(values.dtype.subtype)
    try:
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            return _zoned(values, values.dtype)
        return pa.Array.from_pandas(values)
    except UnicodeEncodeError as error:
        raise DataError(
            f"The DataFrame's column {name[:100]!r} has a text that is not valid Unicode "
            f"({error.reason}). Read the data again in its right encoding."
        ) from error
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        kinds = sorted({type(value).__name__ for value in values.dropna().head(1000)})
        raise DataError(
            f"The DataFrame's column {name[:100]!r} can't be stored: it holds "
            f"{', '.join(kinds[:5])} (dtype {values.dtype}). Make all its values numbers, or all "
            f"texts with frame[{name[:100]!r}].astype(str)."
        ) from error


def _zoned(values: pd.Series, dtype: pd.DatetimeTZDtype) -> pa.Array:
    """Convert timestamps with a zone by way of UTC, the only way that pandas does not warn at."""
    import pyarrow as pa

    kind = pa.timestamp("us", tz=pa.lib.tzinfo_to_string(dtype.tz))
    return pa.Array.from_pandas(values.dt.tz_convert(None)).cast(kind, safe=False)


def _type_name(kind: pa.DataType) -> str:
    import pyarrow as pa

    return f"category of {kind.value_type}" if pa.types.is_dictionary(kind) else str(kind)


def _canonical(column: pa.ChunkedArray) -> list[bytes | memoryview]:
    """Return a block's missing values, lengths and values as bytes that depend on nothing else."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    missing = column.is_null().to_numpy().tobytes()
    if pa.types.is_string(column.type):
        values = column.fill_null("")
        lengths = pc.binary_length(values).to_numpy().astype("<i4").tobytes()
        return [missing, lengths, "".join(values.to_pylist()).encode()]
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    numbers = column.fill_null(0).to_numpy()
    if numbers.dtype.kind == "f":
        numbers = numbers + 0.0
        numbers[numbers != numbers] = float("nan")
    return [missing, numbers.astype(numbers.dtype.newbyteorder("<")).tobytes()]
