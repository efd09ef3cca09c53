"""From bytes to a table: tells the format by its first bytes."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING

from bankml.data.columns import checked_table
from bankml.data.csv import read_csv
from bankml.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from bankml.config import DatasetConfig

_OTHER_FORMATS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook; unpack it, or save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV",
    b"%PDF": "a PDF document; export the table as CSV",
    b"BZh": "compressed with bzip2; unpack it, or compress it with gzip",
    b"\xfd7zXZ": "compressed with xz; unpack it, or compress it with gzip",
    b"(\xb5/\xfd": "compressed with Zstandard; unpack it, or compress it with gzip",
    b"ARROW1": "an Arrow file; save it as Parquet or CSV",
}
_CHUNK = 1 << 20


def parse_content(content: bytes, config: DatasetConfig, where: str) -> pa.Table:
    """Read CSV (also gzip-compressed) or Parquet.

    Args:
        content: The whole file.
        config: Its separator, encoding and size limit.
        where: The file's name for error messages.

    Returns:
        A table with columns of different names and at least one row.

    Raises:
        DataError: The bytes are neither, or the table in them can't be used.
    """
    if content.startswith(b"\x1f\x8b"):
        content = _unzipped(content, config.max_megabytes, where)
    if content.startswith(b"PAR1"):
        return checked_table(_read_parquet(content, where), where)
    for magic, words in _OTHER_FORMATS.items():
        if content.startswith(magic):
            raise DataError(f"{where} is {words}.")
    return checked_table(read_csv(content, config, where), where)


def _unzipped(content: bytes, max_megabytes: float, where: str) -> bytes:
    limit = max_megabytes * 1_000_000
    unpacked = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            while chunk := stream.read(_CHUNK):
                unpacked += chunk
                if len(unpacked) > limit:
                    raise DataError(
                        f"{where} unpacks to more than {max_megabytes:g} MB; raise "
                        "dataset.max_megabytes if that is meant to be."
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{where} is a damaged gzip file ({error}); fetch or write it again."
        ) from error
    return bytes(unpacked)


def _read_parquet(content: bytes, where: str) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError) as error:
        raise DataError(
            f"{where} is a damaged Parquet file ({_first_line(error)}); write it again."
        ) from error
    return table


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200]
