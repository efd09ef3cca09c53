"""Datasets: registered by name, versioned by content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bankml.errors import NotFoundError

if TYPE_CHECKING:
    import pandas as pd

    from bankml.backends.base import Backend, DatasetRecord
    from bankml.config import DatasetConfig


@dataclass(frozen=True, repr=False)
class Dataset:
    """One version of a registered dataset, or a range of its rows.

    Attributes:
        backend: Where it is.
        record: What is known of it.
        first: Rows left out at the beginning.
        limit: Rows at the most, or None for all that follow.
    """

    backend: Backend
    record: DatasetRecord
    first: int = 0
    limit: int | None = None

    @property
    def id(self) -> str:
        """Id that binds exactly this version, for example at trigger time."""
        return self.record.id

    @property
    def name(self) -> str:
        """Name under which it is registered."""
        return self.record.name

    @property
    def version(self) -> int:
        """Version number, from 1."""
        return self.record.version

    @property
    def synthetic(self) -> bool:
        """Whether the rows are generated rather than observed."""
        return self.record.synthetic

    def take(self, count: int) -> Dataset:
        """Return the first rows; what lies behind them is not read.

        Args:
            count: Number of rows, 0 or more.
        """
        _check_count(count)
        return replace(self, limit=count if self.limit is None else min(count, self.limit))

    def skip(self, count: int) -> Dataset:
        """Return the rows after the first ones; those are not read.

        Args:
            count: Number of rows to leave out, 0 or more.
        """
        _check_count(count)
        limit = None if self.limit is None else max(self.limit - count, 0)
        return replace(self, first=self.first + count, limit=limit)

    def to_pandas(self) -> pd.DataFrame:
        """Read the rows.

        Returns:
            A frame with one row per record and the columns in their registered order.
        """
        return self.backend.read_dataset(self.record, self.first, self.limit)

    def describe(self) -> pd.DataFrame:
        """Return count, mean, quartiles and so on of the numeric columns."""
        return self.to_pandas().describe()

    def __repr__(self) -> str:
        """Return name, version and size, and which range of the rows it is."""
        part = "" if self.limit is None else f", at most {self.limit:,} of them"
        begin = f" from row {self.first:,} on" if self.first else ""
        return f"Dataset({self}{begin}{part})"

    def __str__(self) -> str:
        """Return name, version and size as one line."""
        rows = "" if self.record.rows is None else f", {self.record.rows:,} rows"
        synthetic = ", synthetic" if self.synthetic else ""
        return f"{self.name} version {self.version}{rows}{synthetic}"


def get_or_register(
    backend: Backend, config: DatasetConfig, frame: pd.DataFrame | None = None
) -> Dataset:
    """Return the configured dataset, registered.

    Content that is registered under the name already is the version it was then, though newer ones
    may be there; other content becomes a new version, and the older ones stay readable. With
    ``config.version`` the source is not looked at.

    Args:
        backend: Where to register it.
        config: Its name and source.
        frame: Rows to use in place of the configured source.

    Returns:
        The dataset.

    Raises:
        ConfigError: Rows are given although ``config.version`` is set.
        NotFoundError: No such version, or no source and nothing registered.
        DataError: The source can't be read.
    """
    if frame is None and (config.version is not None or config.source is None):
        return get(backend, config.name, config.version)
    return Dataset(backend, backend.register_dataset(config, frame))


def get(backend: Backend, name: str, version: int | None = None) -> Dataset:
    """Return a registered dataset.

    Args:
        backend: Where to look.
        name: Its name.
        version: Version number, or None for the latest: the one with the highest number.

    Returns:
        The dataset.

    Raises:
        NotFoundError: There is none of this name and version.
    """
    record = backend.get_dataset(name, version)
    if record is None:
        what = f"version {version} of dataset" if version else "dataset"
        raise NotFoundError(f"There is no {what} {name!r}. Give dataset.source to register it.")
    return Dataset(backend, record)


def _check_count(count: int) -> None:
    if count < 0:
        raise ValueError(f"The number of rows must be 0 or more, not {count}.")
