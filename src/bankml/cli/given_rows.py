"""Rows that a command is given beside the training data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from bankml.config import DatasetConfig


def read_rows(like: DatasetConfig, source: str) -> pd.DataFrame:
    """Read rows as the configured dataset is read: same separator, encoding and size limit.

    Args:
        like: The dataset's section of the configuration.
        source: Path or URL of the rows.

    Returns:
        The rows.

    Raises:
        DataError: They can't be read.
    """
    from bankml.config import DatasetConfig
    from bankml.data.source import read_source
    from bankml.errors import DataError

    settings = DatasetConfig(**{**like.model_dump(), "source": source, "version": None})
    loaded = read_source(settings)
    if loaded is None:
        raise DataError(f"{source} has no rows.")
    frame: pd.DataFrame = loaded.table.to_pandas()
    return frame
