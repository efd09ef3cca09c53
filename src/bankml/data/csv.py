"""CSV to columns, with types as pandas would infer them and dates recognised.

Parsing is Arrow's; what Arrow would pass over in silence (bytes that are not text, an open
quote) is checked before it.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from bankml.data import diagnosis
from bankml.data.dates import settle_types
from bankml.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from bankml.config import DatasetConfig

_UTF8_NAMES = frozenset({"utf-8", "utf-8-sig"})
_MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""What stands for a missing value: the same texts as in ``pandas.read_csv``."""
_BOM = codecs.BOM_UTF8
_CHUNK = 1 << 22


def read_csv(content: bytes, config: DatasetConfig, where: str) -> pa.Table:
    """Read a CSV file.

    Args:
        content: The whole file.
        config: Its separator and encoding.
        where: The file's name for error messages.

    Returns:
        The table; columns whose header is empty are named ``Unnamed: <index>``. Blank lines are
        no rows, but in a file of one column, where each is a missing value.

    Raises:
        DataError: It is not text in the configured encoding, or not a table.
    """
    if not config.separator.isascii() or config.separator in '\r\n"\0':
        raise DataError(
            f"dataset.separator {config.separator!r} can't separate fields: use one ASCII "
            "character such as ',' or ';'."
        )
    text = _utf8(content, config.encoding, where)
    if not text or text.isspace():
        raise DataError(f"{where} is empty. Set dataset.source to a file with a header and rows.")
    diagnosis.check_open_quote(text, config.separator, where)
    table = _parse(text, config.separator, where)
    diagnosis.check_shape(table.num_columns, table.num_rows, text, config.separator, where)
    blank_rows = table.num_columns == 1
    if blank_rows:
        text = text.strip(b"\r\n")
        table = _parse(text, config.separator, where, blank_rows=True)
    return settle_types(
        _named(table),
        lambda names: _parse(text, config.separator, where, names, blank_rows=blank_rows),
    )


def _utf8(content: bytes, encoding: str, where: str) -> bytes:
    name = _codec_name(encoding)
    if name in _UTF8_NAMES:
        text = content.removeprefix(_BOM)
        _check_utf8(text, where)
    else:
        text = _transcoded(content, name, where)
    diagnosis.check_no_nul(text, where)
    return text


def _codec_name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise DataError(
            f"dataset.encoding {encoding[:100]!r} is not an encoding that Python knows: use for "
            "example 'utf-8', 'cp1252' or 'utf-16'."
        ) from None


def _check_utf8(text: bytes, where: str) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(text)
    for start in range(0, max(len(text), 1), _CHUNK):
        chunk = view[start : start + _CHUNK]
        try:
            decoder.decode(chunk, final=start + _CHUNK >= len(text))
        except UnicodeDecodeError as error:
            carried = len(error.object) - len(chunk)
            position = start - carried + error.start
            raise diagnosis.not_utf8(text, position, where) from None


def _transcoded(content: bytes, encoding: str, where: str) -> bytes:
    try:
        return content.decode(encoding).encode().removeprefix(_BOM)
    except (UnicodeError, LookupError) as error:
        reason = getattr(error, "reason", error)
        raise DataError(
            f"{where} is not text in {encoding!r} ({reason}). Set dataset.encoding to the "
            "encoding it was saved in, for example 'utf-8'."
        ) from None


def _parse(
    text: bytes, separator: str, where: str, names: list[str] | None = None, *,
    blank_rows: bool = False,
) -> pa.Table:  # fmt: skip
    import pyarrow as pa
    from pyarrow import csv

    convert = csv.ConvertOptions(
        null_values=list(_MISSING),
        strings_can_be_null=True,
        true_values=["true", "True", "TRUE"],
        false_values=["false", "False", "FALSE"],
        include_columns=names,
        column_types={name: pa.string() for name in names or ()},
    )
    parse = csv.ParseOptions(
        delimiter=separator, newlines_in_values=b'"' in text, ignore_empty_lines=not blank_rows
    )
    read = csv.ReadOptions(block_size=_block_size(text))
    try:
        return csv.read_csv(pa.BufferReader(text), read, parse, convert)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise diagnosis.not_a_table(text, separator, where, str(error)) from error


def _block_size(text: bytes) -> int:
    """Return a block large enough for any sane line, small enough to use two threads."""
    return min(max(len(text) // 2 + 1, 1 << 20), 1 << 26)


def _named(table: pa.Table) -> pa.Table:
    names = [name or f"Unnamed: {position}" for position, name in enumerate(table.column_names)]
    return table.rename_columns(names)
