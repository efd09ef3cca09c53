"""The local backend: a folder, a database and processes in place of a cloud."""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, ClassVar, cast

from bankml.backends.base import (
    METRICS_FILE_KIND,
    MODEL_FILE_KIND,
    ChildRecord,
    ComputeRecord,
    DatasetRecord,
    ExperimentRecord,
    PublishedRecord,
    RunRecord,
    WorkspaceRecord,
)
from bankml.backends.local.datasets import DatasetShelf
from bankml.backends.local.dispatch import Dispatcher, StartRunner
from bankml.backends.local.endpoint import endpoint_path, ensure_token, running_server
from bankml.backends.local.files import file_errors
from bankml.backends.local.integrity import IntegrityReport, check_workspace
from bankml.backends.local.moments import utc_now
from bankml.backends.local.notices import local_notices
from bankml.backends.local.paths import Layout
from bankml.backends.local.publishing import Publisher
from bankml.backends.local.refs import local_run_id, parse_ref
from bankml.backends.local.store import catalogue, runs, states
from bankml.backends.local.store.children import list_children
from bankml.backends.local.store.database import Database
from bankml.backends.local.submission import enqueue, new_run
from bankml.backends.registry import check_installed
from bankml.config import WorkspaceConfig
from bankml.errors import NotFoundError, RunError, RunNotFinishedError
from bankml.status import RunStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from bankml.backends.local.triggers import Trigger
    from bankml.config import ComputeConfig, DatasetConfig, PublishConfig, WorkflowConfig
    from bankml.plan import Notice, Plan

_SERVER_MODULE = "bankml.server"
"""Looked up by name: the server is built on this backend, so it can't be imported here."""


class LocalBackend:
    """Carries out workflows on this machine. Everything is kept in the workspace's folder."""

    name: ClassVar[str] = "local"
    poll_seconds: ClassVar[float] = 0.1
    model_modules: ClassVar[tuple[str, ...]] = ("skops.io", "lightgbm")

    def __init__(
        self, path: Path, *, cores: int | None = None, start: StartRunner | None = None
    ) -> None:
        """Remember the workspace's folder; nothing is read or created yet.

        Args:
            path: The workspace's folder.
            cores: Cores that all runs share, or None for those of this machine.
            start: Starts the process of a run, or None for the usual way.
        """
        self.layout = Layout(path.absolute().resolve())
        self.database = Database(self.layout.database)
        self._dispatcher = Dispatcher(self.database, self.layout, cores=cores, start=start)
        self._shelf = DatasetShelf(self.database, self.layout)
        self._publisher = Publisher(self.database, self.layout)

    @classmethod
    def open(cls, config: WorkflowConfig) -> LocalBackend:
        """Return a backend for the configured folder; nothing is created yet.

        Raises:
            MissingDependencyError: A package of the extra ``local`` is not installed.
        """
        check_installed("local")
        return cls(config.workspace.path)

    @classmethod
    def notices(cls, config: WorkflowConfig) -> Sequence[Notice]:
        """Return the options that have no local meaning, or another one; pure."""
        return local_notices(config)

    @classmethod
    def workspace_of(cls, ref: str) -> WorkspaceConfig:
        """Return the section ``workspace`` of the folder that a run's ref names; pure."""
        folder, _ = parse_ref(ref)
        return WorkspaceConfig(path=folder)

    @classmethod
    def workspace_folder(cls, config: WorkflowConfig) -> Path:
        """Return the configured folder; it may not exist yet."""
        return config.workspace.path

    def workspace(self) -> WorkspaceRecord:
        """Get the workspace, and create it if there is none."""
        root = self.layout.root
        with file_errors(root, "created"):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.layout.datasets, self.layout.runs):
                folder.mkdir(mode=0o700, exist_ok=True)
            ignore = root / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", "ascii")
        self.database.create()
        with self.database.read():  # says now, and not later, if it is damaged
            pass
        return WorkspaceRecord(str(root), self.layout.name, str(root), self.name)

    def get_or_create_experiment(self, name: str) -> ExperimentRecord:
        """Get the experiment of this name, or create it."""
        with self._write() as connection:
            return catalogue.ensure_experiment(connection, name)

    def get_compute(self, name: str) -> ComputeRecord | None:
        """Return the compute target of this name, or None."""
        with self.database.read() as connection:
            return catalogue.select_compute(connection, name)

    def create_compute(self, config: ComputeConfig) -> ComputeRecord:
        """Create the compute target; it is ready at once."""
        with self._write() as connection:
            return catalogue.insert_compute(connection, config)

    def get_dataset(self, name: str, version: int | None = None) -> DatasetRecord | None:
        """Return a version of a dataset (the latest where None), or None."""
        return self._shelf.find(name, version)

    def register_dataset(
        self, config: DatasetConfig, frame: pd.DataFrame | None = None
    ) -> DatasetRecord:
        """Register the configured source, or the frame in its place."""
        self.workspace()
        return self._shelf.register(config, frame)

    def read_dataset(
        self, dataset: DatasetRecord, skip: int = 0, take: int | None = None
    ) -> pd.DataFrame:
        """Read rows ``skip`` to ``skip + take`` without reading what lies before and behind."""
        return self._shelf.read(dataset, skip, take)

    def submit(self, plan: Plan, dataset: DatasetRecord) -> RunRecord:
        """Start a run of the planned pipeline on a dataset version.

        Returns:
            The run in the queue, or the finished one where earlier outputs are reused.

        Raises:
            UnsupportedError: The local engine can't do it.
            DataError: The data can't be trained on as it is planned, as far as its columns tell.
        """
        self._shelf.check_columns(dataset, plan.config.automl)
        run = new_run(plan, dataset)
        with self._write() as connection:
            enqueue(connection, self.layout, plan.config, run)
        self._dispatcher.dispatch()
        return self._record(run.id)

    def submit_published(self, trigger: Trigger) -> RunRecord:
        """Start a run of a published pipeline; the same key, or the same tag, only once.

        Args:
            trigger: What is asked for.

        Returns:
            The run that was started, or the one that the same trigger has started before.

        Raises:
            NotFoundError: There is no such pipeline or dataset.
            PublishError: The pipeline is disabled.
            ConfigError: A parameter is unknown, or its value is not valid.
            DataError: The bound dataset can't be trained on, as far as its columns tell.
            TriggerError: The key or the tag stands for another request.
        """
        run_id = self._publisher.start(trigger)
        self._dispatcher.dispatch()
        return self._record(run_id)

    def resume(self, run_id: str) -> RunRecord:
        """Go on with a failed or canceled run from its finished candidates.

        A run that has not ended is left as it is. The time-out counts anew.

        Raises:
            NotFoundError: There is no such run.
            RunError: The run has finished.
        """
        record = self.get_run(run_id)
        if record.status is RunStatus.FINISHED:
            raise RunError(f"Run {record.id} has finished; there is nothing to resume.", record.id)
        if record.status.is_terminal:
            with self.database.write() as connection:
                states.queue_again(connection, record.id)
            self._dispatcher.dispatch()
        return self._record(record.id)

    def get_run(self, run: str) -> RunRecord:
        """Return a run as it is now, by id or ref; the queue is looked after on the way."""
        run_id = local_run_id(run, self.layout.root)
        record = self._record(run_id)
        if record.status.is_terminal:
            return record
        self._dispatcher.dispatch_if_due()
        return self._record(run_id)

    def list_runs(self, experiment: str | None = None, limit: int = 50) -> Sequence[RunRecord]:
        """Return runs, newest first."""
        self._check_there()
        self._dispatcher.dispatch_if_due()
        with self._read() as connection:
            return self._records(runs.list_runs(connection, experiment, limit))

    def find_runs(self, tags: Mapping[str, str], limit: int = 50) -> Sequence[RunRecord]:
        """Return the runs that carry all the tags, newest first.

        Args:
            tags: The tags; without any it is every run.
            limit: Runs at the most.
        """
        with self._read() as connection:
            return self._records(runs.find_by_tags(connection, tags, limit))

    def children(self, run_id: str) -> Sequence[ChildRecord]:
        """Return the AutoML child runs, in the order of their numbers."""
        with self._read() as connection:
            row = self._row(connection, run_id)
            return list_children(connection, row["reused_from"] or row["id"])

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop; harmless on one that has ended."""
        self._check_there()
        with self.database.write() as connection:
            status = states.request_cancel(connection, run_id, utc_now())
            row = self._row(connection, run_id)
        if status is not None and not status.is_terminal:
            self._dispatcher.cancel(row)
        self._dispatcher.dispatch()

    def log(self, run_id: str) -> str:
        """Return the run's log so far."""
        with self._read() as connection:
            row = self._row(connection, run_id)
        source = row["reused_from"]
        path = self.layout.log(source or row["id"])
        if not path.exists():
            return ""
        with file_errors(path, "read"):
            text = path.read_text("utf-8", "replace")
        return f"Reused from {source}, whose log follows.\n{text}" if source else text

    def fetch_output(self, run_id: str, kind: str) -> Path:
        """Return the metrics file (kind ``Metrics``) or the model's folder (kind ``Model``).

        Raises:
            NotFoundError: There is no such run, or no such kind.
            RunNotFinishedError: The run has no outputs yet.
        """
        with self._read() as connection:
            row = self._row(connection, run_id)
        owner = row["reused_from"] or row["id"]
        places = {
            METRICS_FILE_KIND: self.layout.metrics(owner),
            MODEL_FILE_KIND: self.layout.model(owner),
        }
        if kind not in places:
            raise NotFoundError(f"A run has no output {kind!r}; it has {' and '.join(places)}.")
        if row["status"] != str(RunStatus.FINISHED):
            raise RunNotFinishedError(
                f"Run {run_id} is {row['status']}; outputs are there once it is Finished.", run_id
            )
        if not places[kind].exists():
            raise NotFoundError(
                f"The output {kind!r} of run {run_id} is gone: {places[kind]} was removed."
            )
        return places[kind]

    def fetched_output(self, run_id: str, kind: str) -> Path | None:
        """Return the output where it is still there, or None."""
        try:
            return self.fetch_output(run_id, kind)
        except (NotFoundError, RunNotFinishedError):
            return None

    def publish(self, run_id: str, config: PublishConfig) -> PublishedRecord:
        """Publish the pipeline of a run."""
        self._check_there()
        return self._publisher.publish(local_run_id(run_id, self.layout.root), config)

    def get_published(self, published_id: str) -> PublishedRecord:
        """Return a published pipeline by id."""
        self._check_there()
        return self._publisher.get(published_id)

    def list_published(self) -> Sequence[PublishedRecord]:
        """Return the published pipelines, newest first."""
        self._check_there()
        return self._publisher.list()

    def set_published_status(self, published_id: str, status: str) -> PublishedRecord:
        """Set a published pipeline to ``Active`` or ``Disabled``."""
        self._check_there()
        return self._publisher.set_status(published_id, status)

    @contextmanager
    def reachable_endpoint(self, published: PublishedRecord) -> Iterator[str]:
        """Yield a URL at which the endpoint answers for as long as the context lasts."""
        path = endpoint_path(self.layout, published.id)
        server = running_server(self.layout)
        if server is not None:
            yield server.url + path
            return
        module = importlib.import_module(_SERVER_MODULE)
        serving = cast("AbstractContextManager[str]", module.serve_in_thread(self.layout.root))
        with serving as url:
            yield url + path

    def trigger_headers(self) -> Mapping[str, str]:
        """Return the header that authorises a trigger."""
        self.workspace()
        return {"Authorization": f"Bearer {ensure_token(self.layout)}"}

    def look_after(self) -> None:
        """Find runners that died, and start the runs that there is room for."""
        self._dispatcher.dispatch()

    def integrity_check(self) -> list[str]:
        """Return what is wrong with the workspace, each with what to do; nothing is changed."""
        return list(check_workspace(self.database, self.layout).problems)

    def repair(self) -> IntegrityReport:
        """Mend what can be mended without losing anything that is registered."""
        return check_workspace(self.database, self.layout, repair=True)

    def _check_there(self) -> None:
        """Check that there is a workspace: who looks for something must not make one.

        Raises:
            NotFoundError: There is none.
        """
        if not self.database.exists():
            raise NotFoundError(
                f"There is no workspace at {self.layout.root}. Check the path (--workspace, or "
                "workspace.path in the configuration); the first `bankml run` makes one."
            )

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        self._check_there()
        with self.database.read() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        if not self.layout.database.exists():
            self.workspace()
        with self.database.write() as connection:
            yield connection

    def _row(self, connection: sqlite3.Connection, run_id: str) -> sqlite3.Row:
        row = runs.select_run(connection, local_run_id(run_id, self.layout.root))
        if row is None:
            raise runs.no_such_run(run_id)
        return row

    def _record(self, run_id: str) -> RunRecord:
        with self._read() as connection:
            return runs.run_record(self._row(connection, run_id), self.layout.root)

    def _records(self, rows: Sequence[sqlite3.Row]) -> tuple[RunRecord, ...]:
        return tuple(runs.run_record(row, self.layout.root) for row in rows)
