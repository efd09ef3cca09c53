"""Registered datasets: one look-up each, content under a path made of its fingerprint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bankml.backends.azureml import sources
from bankml.backends.base import DatasetRecord
from bankml.data.chosen_columns import check_excluded
from bankml.data.records import SourceState
from bankml.data.source import load_source, source_kind
from bankml.data.urls import shown_url
from bankml.errors import DataError, NotFoundError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from bankml.backends.azureml.session import Session
    from bankml.config import DatasetConfig

TAG = "bankml."
_UPLOADED = re.compile(r"bankml/([0-9a-f]{64})/data\.csv")
_IDENTICAL = re.compile(r"already been registered.*?version=(\d+)", re.DOTALL)


class Datasets:
    """The datasets of a workspace.

    Args:
        session: The workspace.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._documents: dict[str, Any] = {}
        self._tabular: dict[str, Any] = {}
        self._records: dict[str, DatasetRecord | None] = {}

    def get(self, name: str, version: int | None = None) -> DatasetRecord | None:
        """Return a version of a dataset (the latest where None), or None. One request."""
        document = self._look_up(name, version)
        return None if document is None else self._keep(document)

    def by_id(self, dataset_id: str) -> DatasetRecord | None:
        """Return the registered version with this id, or None. One request, the first time."""
        if dataset_id not in self._records:
            found = self._session.call(
                f"look up dataset {dataset_id}", lambda: self._by_saved_id(dataset_id)
            )
            if not found:
                self._records[dataset_id] = None
            for document in found:
                self._keep(document)
        return self._records.get(dataset_id)

    def register(self, config: DatasetConfig, frame: pd.DataFrame | None) -> DatasetRecord:
        """Register the configured source, or the frame in its place.

        Raises:
            NotFoundError: There is nothing to register, and nothing registered.
            DataError: The source can't be read.
        """
        kind = source_kind(config, frame)
        if kind == "registered":
            return self._registered(config)
        if kind == "url":
            return self._register_url(config)
        return self._register_rows(config, frame)

    def tabular(self, dataset_id: str) -> Any:
        """Return the SDK's dataset for a version.

        Raises:
            NotFoundError: There is none with this id.
        """
        if dataset_id not in self._tabular:
            self._tabular[dataset_id] = self._open(dataset_id)
        return self._tabular[dataset_id]

    def without(self, dataset: DatasetRecord, excluded: Sequence[str]) -> Any:
        """Return the SDK's dataset for a version, without some of its columns.

        Raises:
            DataError: It has no such column.
        """
        tabular = self.tabular(dataset.id)
        if not excluded:
            return tabular
        check_excluded(self.columns(dataset), excluded)
        return tabular.drop_columns(list(excluded))

    def save_without(self, dataset: DatasetRecord, excluded: Sequence[str]) -> str:
        """Save a version without some of its columns, not registered, and return its id."""
        workspace, tabular = self._session.workspace(), self.without(dataset, excluded)
        data = self._session.sdk.PipelineDataset.create(tabular)
        self._session.call(
            f"save dataset {dataset.name!r} without its excluded columns",
            lambda: data._ensure_saved(workspace),  # noqa: SLF001 - it saves when a run is made only
        )
        return str(data.saved_dataset_id)

    def dropped(self, dataset_id: str) -> Sequence[str]:
        """Return the columns that the last step of a dataset's definition drops."""
        dataflow = self.tabular(dataset_id)._dataflow  # noqa: SLF001 - the SDK shows it nowhere
        steps = dataflow._to_yaml_dict().get("transformations")  # noqa: SLF001 - nor as a document
        last = steps[-1] if steps else None
        dropped = last.get("drop_columns") if isinstance(last, dict) else None
        return [dropped] if isinstance(dropped, str) else list(dropped or ())

    def columns(self, dataset: DatasetRecord) -> Sequence[str]:
        """Return a version's columns; where the record does not have them, a row is read."""
        return dataset.columns or list(self.read(dataset, 0, 1).columns)

    def _open(self, dataset_id: str) -> Any:
        sdk, workspace = self._session.sdk, self._session.workspace()
        document = self._documents.get(dataset_id)
        if document is None:
            return self._session.call(
                f"open dataset {dataset_id}",
                lambda: sdk.Dataset.get_by_id(workspace, dataset_id),
            )
        return self._session.call(
            f"open dataset {document.name!r}",
            lambda: sdk.dataset_from_document(workspace, document),
        )

    def read(self, dataset: DatasetRecord, skip: int, take: int | None) -> pd.DataFrame:
        """Read rows ``skip`` to ``skip + take``; the service's reader stops there."""
        tabular = self.tabular(dataset.id)
        rows = tabular.skip(skip) if skip else tabular
        rows = rows if take is None else rows.take(max(take, 1))
        frame: pd.DataFrame = self._session.call(
            f"read dataset {dataset.name!r}", rows.to_pandas_dataframe
        )
        return frame if take is None else frame.head(take)

    def _register_url(self, config: DatasetConfig) -> DatasetRecord:
        url = str(config.source)
        latest = self._look_up(config.name, None)
        mark = sources.url_mark(url, config)
        if latest is not None and _reads(latest, url, mark, config):
            return self._keep(latest)
        tabular = self._session.call(
            "read the columns of the URL",
            lambda: sources.from_url(self._session.sdk, url, config),
        )
        tags = {"source": shown_url(url), "url": mark}
        return self._new_version(config, tabular, tags)

    def _register_rows(self, config: DatasetConfig, frame: pd.DataFrame | None) -> DatasetRecord:
        latest = self.get(config.name)
        previous = None
        if latest is not None and latest.fingerprint is not None:
            previous = SourceState(latest.fingerprint)
        loaded = load_source(config, frame, previous=previous)
        if loaded is None and latest is not None:
            return latest
        if loaded is None:
            raise DataError(f"Dataset {config.name!r} could not be read; try again.")
        table = loaded.table
        tabular = sources.upload(self._session, table, loaded.fingerprint)
        tags = {
            "fingerprint": loaded.fingerprint,
            "rows": str(table.num_rows),
            "columns": sources.packed(table.column_names),
            "source": loaded.source,
        }
        if loaded.synthetic:
            tags["synthetic"] = "true"
        return self._new_version(config, tabular, tags)

    def _new_version(
        self, config: DatasetConfig, tabular: Any, tags: dict[str, str]
    ) -> DatasetRecord:
        workspace = self._session.workspace()
        marks = {f"{TAG}{key}": value for key, value in tags.items() if value}
        try:
            made = self._session.call(
                f"register dataset {config.name!r}",
                lambda: tabular.register(
                    workspace, name=config.name, description=config.description, tags=marks,
                    create_new_version=True,
                ),
            )  # fmt: skip
        except ServiceError as error:
            return self._existing(config.name, error)
        record = _record(
            dataset_id=str(made.id), name=str(made.name),
            version=int(made.version), description=str(made.description or ""),
            tags=marks, fingerprint=tags.get("fingerprint"), created=None,
        )  # fmt: skip
        self._records[record.id] = record
        self._tabular[record.id] = made
        return record

    def _existing(self, name: str, error: ServiceError) -> DatasetRecord:
        match = _IDENTICAL.search(str(error))
        record = self.get(name, int(match[1])) if match else None
        if record is None:
            raise error
        return record

    def _registered(self, config: DatasetConfig) -> DatasetRecord:
        record = self.get(config.name, config.version)
        if record is None:
            raise NotFoundError(
                f"There is no dataset {config.name!r} with that version. Give dataset.source."
            )
        return record

    def _look_up(self, name: str, version: int | None) -> Any | None:
        try:
            return self._session.call(
                f"look up dataset {name!r}", lambda: self._by_name(name, version)
            )
        except NotFoundError:
            return None

    def _by_name(self, name: str, version: int | None) -> Any:
        workspace = self._session.workspace()
        return self._session.datasets().get_dataset_by_name(
            workspace.subscription_id, workspace.resource_group, workspace.name,
            dataset_name=name, version_id=None if version is None else str(version),
        )  # fmt: skip

    def _by_saved_id(self, dataset_id: str) -> list[Any]:
        workspace = self._session.workspace()
        page = self._session.datasets().get_datasets_by_saved_dataset_id(
            subscription_id=workspace.subscription_id,
            resource_group_name=workspace.resource_group,
            workspace_name=workspace.name,
            saved_dataset_id=dataset_id,
            page_size=1,
        )
        return list(page.value or ())

    def _keep(self, document: Any) -> DatasetRecord:
        uploaded = _UPLOADED.search(_definition(document))
        record = _record(
            dataset_id=str(document.latest.saved_dataset_id), name=str(document.name),
            version=int(document.latest.version_id), description=str(document.description or ""),
            tags=document.tags or {}, fingerprint=uploaded[1] if uploaded else None,
            created=document.latest.created_time,
        )  # fmt: skip
        self._documents[record.id] = document
        self._records[record.id] = record
        return record


def _record(
    *, dataset_id: str, name: str, version: int, description: str, tags: dict[str, str],
    fingerprint: str | None, created: Any,
) -> DatasetRecord:  # fmt: skip
    # Tags may be those of a later version; they count only if they tell of the same content.
    own = tags if tags.get(f"{TAG}fingerprint") == fingerprint else {}
    rows = own.get(f"{TAG}rows", "")
    return DatasetRecord(
        id=dataset_id,
        name=name,
        version=version,
        fingerprint=fingerprint,
        rows=int(rows) if rows.isdigit() else None,
        columns=sources.unpacked(own.get(f"{TAG}columns", "")),
        source=own.get(f"{TAG}source", "registered"),
        synthetic=own.get(f"{TAG}synthetic") == "true",
        description=description,
        created=created,
    )


def _reads(document: Any, url: str, mark: str, config: DatasetConfig) -> bool:
    own_mark = (document.tags or {}).get(f"{TAG}url")
    return bool(own_mark == mark or sources.names_url(_definition(document), url, config))


def _definition(document: Any) -> str:
    return str(document.latest.dataflow or "")
