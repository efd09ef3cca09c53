"""Dataset versions: Parquet files that are written whole, then registered."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from bankml.backends.base import DatasetRecord
from bankml.backends.local.files import discard, replacing
from bankml.backends.local.moments import utc_now
from bankml.backends.local.store import datasets as rows
from bankml.backends.local.tables import table_damage, write_table
from bankml.data import SourceState, load_source, source_kind
from bankml.data.chosen_columns import check_columns, check_schema
from bankml.errors import NotFoundError, WorkspaceCorruptError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from bankml.backends.local.paths import Layout
    from bankml.backends.local.store.database import Database
    from bankml.config import AutoMLConfig, DatasetConfig
    from bankml.data import LoadedSource


class DatasetShelf:
    """The datasets of one workspace."""

    def __init__(self, database: Database, layout: Layout) -> None:
        """Remember where they are.

        Args:
            database: The workspace's database.
            layout: The workspace's files.
        """
        self._database = database
        self._layout = layout

    def find(self, name: str, version: int | None = None) -> DatasetRecord | None:
        """Return a version of a dataset (the latest where None), or None."""
        with self._database.read() as connection:
            return rows.select_dataset(connection, name, version)

    def by_id(self, dataset_id: str) -> DatasetRecord:
        """Return the dataset version with this id.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.read() as connection:
            record = rows.select_dataset_by_id(connection, dataset_id)
        if record is None:
            raise NotFoundError(
                f"There is no dataset with the id {dataset_id!r} in this workspace."
            )
        return record

    def register(self, config: DatasetConfig, frame: pd.DataFrame | None = None) -> DatasetRecord:
        """Register the configured source, or the frame in its place.

        Args:
            config: Name and source of the data.
            frame: Rows to use in place of the source.

        Returns:
            The version that has this content already, else a new one.

        Raises:
            DataError: The source can't be read.
            NotFoundError: A registered version is wanted that is not there.
            WorkspaceError: The workspace can't be written.
        """
        if source_kind(config, frame) == "registered":
            return self._registered(config)
        with self._database.read() as connection:
            latest = rows.select_dataset(connection, config.name)
            whole = latest is not None and self._is_whole(latest)
            state = rows.select_state(connection, latest.id) if latest and whole else {}
        loaded = load_source(config, frame, previous=SourceState(**state) if state else None)
        if loaded is not None:
            record = self._add(config, loaded)
            del loaded
            _give_memory_back()
            return record
        assert latest is not None  # noqa: S101 - nothing is "unchanged" without a version before
        return latest

    def path(self, dataset: DatasetRecord) -> Path:
        """Return the Parquet file of a dataset version.

        Raises:
            WorkspaceCorruptError: The file is gone.
        """
        path = self._layout.dataset(dataset.name, dataset.version)
        if not path.is_file():
            raise WorkspaceCorruptError(
                f"The rows of dataset {dataset.name!r} version {dataset.version} are gone: {path} "
                "is missing. Register the data again, or restore the file from a backup."
            )
        return path

    def check_columns(self, dataset: DatasetRecord, automl: AutoMLConfig) -> None:
        """Check that a dataset version can be trained on, as far as names and types tell.

        Args:
            dataset: The dataset version.
            automl: The label, the task and the excluded columns.

        Raises:
            DataError: A column is not there, or the label can't be the target of the task.
        """
        if automl.task == "regression":
            check_schema(self._schema(dataset), automl)
        else:
            check_columns(dataset.columns, automl.label_column_name, automl.exclude_columns)

    def _schema(self, dataset: DatasetRecord) -> pa.Schema:
        import pyarrow.parquet as pq

        with self._damage_errors(dataset) as path:
            return pq.read_schema(path)

    @contextmanager
    def _damage_errors(self, dataset: DatasetRecord) -> Iterator[Path]:
        import pyarrow as pa

        path = self.path(dataset)
        try:
            yield path
        except (pa.ArrowException, OSError) as error:
            raise WorkspaceCorruptError(
                f"{path} is damaged ({error}). Register the data again, or restore the file."
            ) from error

    def read(self, dataset: DatasetRecord, skip: int = 0, take: int | None = None) -> pd.DataFrame:
        """Read rows ``skip`` to ``skip + take``; groups of rows that lie elsewhere stay unread.

        Args:
            dataset: The dataset version.
            skip: Rows to leave out at the beginning.
            take: Rows at the most, or None for all that follow.
        """
        import pyarrow.parquet as pq

        with (
            self._damage_errors(dataset) as path,
            pq.ParquetFile(path, memory_map=True, page_checksum_verification=True) as file,
        ):
            stop = file.metadata.num_rows if take is None else skip + take
            groups, start = _groups(file.metadata, skip, stop)
            table = file.read_row_groups(groups) if groups else file.schema_arrow.empty_table()
        frame: pd.DataFrame = table.slice(skip - start, max(stop - skip, 0)).to_pandas()
        return frame

    def _registered(self, config: DatasetConfig) -> DatasetRecord:
        record = self.find(config.name, config.version)
        if record is None:
            version = f" version {config.version}" if config.version else ""
            raise NotFoundError(
                f"There is no dataset {config.name!r}{version} in this workspace. Set "
                "dataset.source to a path, a URL or 'sample' to register one."
            )
        return record

    def _add(self, config: DatasetConfig, loaded: LoadedSource) -> DatasetRecord:
        record = DatasetRecord(
            id=str(uuid.uuid4()),
            name=config.name,
            version=0,
            fingerprint=loaded.fingerprint,
            rows=loaded.table.num_rows,
            columns=tuple(loaded.table.column_names),
            source=loaded.source,
            synthetic=loaded.synthetic,
            description=config.description,
            created=utc_now(),
        )
        self._database.create()
        waiting = self._layout.datasets / f".tmp-{uuid.uuid4().hex}.parquet"
        try:
            write_table(loaded.table, waiting)
            return self._register_file(record, waiting, loaded)
        finally:
            discard(waiting)

    def _register_file(
        self, record: DatasetRecord, waiting: Path, loaded: LoadedSource
    ) -> DatasetRecord:
        """Give the rows their place and then their row: a version in the store is whole."""
        with self._database.write() as connection:
            same = rows.select_same_content(connection, record.name, record.fingerprint)
            if same is not None:
                if not self._is_whole(same):
                    self._put(waiting, same)
                return same
            latest = rows.select_dataset(connection, record.name)
            record = replace(record, version=latest.version + 1 if latest else 1)
            self._put(waiting, record)
            rows.insert_dataset(connection, record, asdict(loaded.state))
        return record

    def _put(self, waiting: Path, record: DatasetRecord) -> None:
        with replacing(self._layout.dataset(record.name, record.version)) as temporary:
            waiting.replace(temporary)

    def _is_whole(self, record: DatasetRecord) -> bool:
        """Tell whether a version's rows are there; what is lost is mended by registering again."""
        path = self._layout.dataset(record.name, record.version)
        return not table_damage(path, record, every_page=False)


def _give_memory_back() -> None:
    """Have Arrow keep nothing of what reading took: this process may now wait for a long run."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def _groups(metadata: pa.parquet.FileMetaData, skip: int, stop: int) -> tuple[list[int], int]:
    """Return the row groups that hold rows ``skip`` to ``stop``, and the first's first row."""
    overlapping = [
        (group, first)
        for group, first, after in _extents(metadata)
        if first < stop and after > skip
    ]
    first_row = overlapping[0][1] if overlapping else skip
    return [group for group, _ in overlapping], first_row


def _extents(metadata: pa.parquet.FileMetaData) -> Iterator[tuple[int, int, int]]:
    first = 0
    for group in range(metadata.num_row_groups):
        after = first + metadata.row_group(group).num_rows
        yield group, first, after
        first = after
