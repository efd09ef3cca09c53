"""The rows to train on: a frame, or a file that is too large to be read as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from bankml.data.dates import day_first_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from bankml.backends.local.automl.settings import AutoMLSettings

_FRAME_BYTES = 20_000_000
_VALUES_AT_A_TIME = 1_000_000


class Rows(Protocol):
    """Columns by name: what the engine needs of a frame."""

    @property
    def columns(self) -> Iterable[Any]:
        """The names of the columns, in order."""
        ...

    def __getitem__(self, name: Any) -> pd.Series:
        """Return one column."""
        ...

    def __len__(self) -> int:
        """Return the number of rows."""
        ...


class ParquetRows:
    """A Parquet file of which a few neighbouring columns at a time are in memory.

    A single column is read where rows are many. Where columns are many each look into the file
    costs more than a column, as all of them are described in it: 2,000 columns of 20,000 rows, one
    by one, took 160 s.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self._path = path
        metadata = pq.read_metadata(path)
        self.columns = [name for name in pq.read_schema(path).names if name != "__index_level_0__"]
        self._rows: int = metadata.num_rows
        self._neighbours: Mapping[str, pd.Series] = {}

    def __getitem__(self, name: str) -> pd.Series:
        """Return one column; it and those behind it are read if need be."""
        import pandas as pd

        if name not in self._neighbours:
            self._neighbours = {}
            first, count = self.columns.index(name), max(1, _VALUES_AT_A_TIME // max(1, self._rows))
            frame = pd.read_parquet(self._path, columns=self.columns[first : first + count])
            self._neighbours = {str(column): frame[column] for column in frame}
        return self._neighbours[name]

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._rows


def open_rows(source: Path | pd.DataFrame) -> Rows:
    """Return the rows of a Parquet file or of a frame; a large file is not read whole."""
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        return source
    if source.stat().st_size > _FRAME_BYTES:
        return ParquetRows(source)
    return pd.read_parquet(source)


def written_orders(source: Path | pd.DataFrame) -> dict[str, bool]:
    """Return which columns of a file had dates with the day first, and which with the month.

    Args:
        source: A Parquet file, or a frame, of which nothing is known.
    """
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        return {}
    import pyarrow.parquet as pq

    return day_first_columns(pq.read_schema(source))


def labelled_rows(rows: Rows, settings: AutoMLSettings) -> tuple[Rows, int]:
    """Leave out the rows without a label, where the settings say so.

    Args:
        rows: The rows.
        settings: Whether to, and the label's name.

    Returns:
        The rows that are left, numbered anew, and how many were left out.
    """
    import pandas as pd

    label = settings.label_column_name
    if settings.missing_label == "error" or list(rows.columns).count(label) != 1:
        return rows, 0
    has_label = rows[label].notna()
    if has_label.all():
        return rows, 0
    if isinstance(rows, pd.DataFrame):
        frame = rows
    else:
        frame = pd.DataFrame({name: rows[name] for name in rows.columns})
    labelled = frame[has_label].reset_index(drop=True)
    return labelled, len(frame) - len(labelled)
