"""Parquet files of dataset versions: written with checksums, and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.backends.local.files import file_errors

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from bankml.backends.base import DatasetRecord

ROWS_PER_GROUP = 16_384
"""Rows that are read together: few enough for a quick ``take``, many enough to compress."""


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table to a file that only its owner can read.

    Args:
        table: The rows.
        path: The file; its parent is made if need be.

    Raises:
        WorkspaceError: The file system refused.
    """
    import pyarrow.parquet as pq

    with file_errors(path, "written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(
            table, path, row_group_size=ROWS_PER_GROUP, compression="zstd",
            write_page_checksum=True,
        )  # fmt: skip
        path.chmod(0o600)


def table_damage(path: Path, record: DatasetRecord, *, every_page: bool = True) -> str:
    """Say what is wrong with a file.

    Args:
        path: The file.
        record: The version whose rows it should have.
        every_page: Whether to read it whole and compare its checksums, or its footer only.

    Returns:
        What is wrong, in words that follow the path; empty if nothing is.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            rows, columns = file.metadata.num_rows, tuple(file.schema_arrow.names)
            for group in range(file.num_row_groups if every_page else 0):
                file.read_row_group(group)
    except (OSError, pa.ArrowException) as error:
        first = str(error).partition("\n")[0][:200]
        return f"can't be read ({type(error).__name__}: {first})"
    if rows != record.rows:
        return f"has {rows} rows, not {record.rows}"
    return "" if columns == record.columns else "has other columns"
