"""What is wrong with a file that is not a CSV table, in words that say what to do."""

from __future__ import annotations

import codecs
import csv
import io
from typing import TYPE_CHECKING

from bankml.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATORS = {";": "';'", "\t": "'\\t' (tab)", "|": "'|'", ",": "','"}
_WIDE_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def check_no_nul(text: bytes, where: str) -> None:
    """Raise DataError where there is a NUL byte: the file is not text, or is UTF-16."""
    position = text.find(b"\0")
    if position >= 0:
        raise _wide_or_binary(text, position, where)


def not_utf8(text: bytes, position: int, where: str) -> DataError:
    """Return the error for bytes that are not UTF-8, with the encoding they may be in."""
    if text.startswith(_WIDE_BOMS) or b"\0" in text[:1000]:
        return _wide_or_binary(text, max(text.find(b"\0"), 0), where)
    return DataError(
        f"{where} is not UTF-8 text: line {_line(text, position)} has the byte "
        f"0x{text[position]:02x}. If it was saved by Excel or as Latin-1, set dataset.encoding "
        "to 'cp1252' or 'latin-1' (--encoding on the command line)."
    )


def check_open_quote(text: bytes, separator: str, where: str) -> None:
    """Raise DataError where a quote is never closed, which would swallow the rows behind it."""
    if text.count(b'"') % 2 == 0:
        return
    begin = 1
    try:
        for _, line in _records(text, separator, strict=True):
            begin = line + 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise DataError(
                f"{where}: a quoted field that begins on line {begin} is never closed. "
                'Add the missing ", or double the one that is part of the text.'
            ) from None


def check_shape(columns: int, rows: int, text: bytes, separator: str, where: str) -> None:
    """Raise DataError where there are no rows, or another separator would split the one column."""
    if columns == 1 or rows == 0:
        _check_not_markup(text, where)
    if columns == 1:
        _check_separator(text, separator, where)
    if rows == 0:
        raise DataError(f"{where} has a header but no rows. Set dataset.source to a filled file.")


def not_a_table(text: bytes, separator: str, where: str, reason: str) -> DataError:
    """Return the error for text that the CSV parser refused."""
    _check_not_markup(text, where)
    if len(_header(text, separator)) == 1:
        _check_separator(text, separator, where)
    ragged = _ragged(text, separator, where)
    if ragged is not None:
        return ragged
    if len(text.strip().splitlines()) == 1:
        return DataError(f"{where} has a header but no rows. Set dataset.source to a filled file.")
    short = reason.partition("\n")[0][:200]
    return DataError(f"{where} can't be read as CSV: {short}. Check separator, quotes and lines.")


def _wide_or_binary(text: bytes, position: int, where: str) -> DataError:
    if text.startswith(_WIDE_BOMS[:2]):
        return DataError(f"{where} is UTF-32 text: set dataset.encoding to 'utf-32'.")
    if text.startswith(_WIDE_BOMS[2:]):
        return DataError(f"{where} is UTF-16 text: set dataset.encoding to 'utf-16'.")
    head = text[:1000]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 3 and not any(head[offset::2]) and all(head[1 - offset :: 2]):
            return DataError(f"{where} is UTF-16 text: set dataset.encoding to {encoding!r}.")
    return DataError(
        f"{where} is not a text file: line {_line(text, position)} has a NUL byte. "
        "Export the data as CSV or Parquet."
    )


def _check_not_markup(text: bytes, where: str) -> None:
    first = _first_line(text)
    if first.casefold().startswith(("<!doctype", "<html", "<?xml")):
        raise DataError(
            f"{where} is a web page or XML, not data. Use the address of the file itself; it may "
            "need a sign-in."
        )
    if first.startswith(("{", "[")):
        raise DataError(f"{where} looks like JSON. Save the table as CSV or Parquet.")


def _first_line(text: bytes) -> str:
    return text.lstrip()[:4096].partition(b"\n")[0].decode(errors="replace")


def _check_separator(text: bytes, separator: str, where: str) -> None:
    """Raise DataError where what looks like one column is more by another separator."""
    first = _first_line(text)
    counts = {mark: first.count(mark) for mark in _SEPARATORS if mark != separator}
    best = max(counts, key=lambda mark: counts[mark])
    if counts[best]:
        raise DataError(
            f"{where} has only one column when split at {separator!r}: "
            f"set dataset.separator to {_SEPARATORS[best]} (--separator on the command line)."
        )


def _ragged(text: bytes, separator: str, where: str) -> DataError | None:
    expected = 0
    try:
        for fields, line in _records(text, separator):
            expected = expected or len(fields)
            if fields and len(fields) != expected:
                return DataError(
                    f"{where}: line {line} has {len(fields)} fields, the header has {expected}. "
                    f"Mend the line; a field that contains {separator!r} must be in quotes."
                )
    except csv.Error:
        return None
    return None


def _header(text: bytes, separator: str) -> list[str]:
    try:
        return next((fields for fields, _ in _records(text, separator) if fields), [])
    except csv.Error:
        return []


def _records(
    text: bytes, separator: str, *, strict: bool = False
) -> Iterator[tuple[list[str], int]]:
    lines = io.TextIOWrapper(io.BytesIO(text), "utf-8", newline="")
    reader = csv.reader(lines, delimiter=separator, strict=strict)
    for fields in reader:
        yield fields, reader.line_num


def _line(text: bytes, position: int) -> int:
    return text.count(b"\n", 0, position) + 1
