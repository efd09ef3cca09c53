"""Runs: one request for a look, a few more at the end, none twice for what can't change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from bankml.backends.azureml import history
from bankml.backends.azureml.children import child_records, utc
from bankml.backends.azureml.failures import Diagnosis
from bankml.backends.azureml.graphs import Graph, assigned_dataset, read_graph
from bankml.backends.azureml.refs import is_ref, parse_ref
from bankml.backends.azureml.status import StateReader
from bankml.backends.base import ChildRecord, RunRecord
from bankml.errors import NotFoundError
from bankml.status import RunStatus
from bankml.tags import SYNTHETIC_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bankml.backends.azureml.datasets import Datasets
    from bankml.backends.azureml.session import Session

DATASET_TAG, VERSION_TAG = "bankml.dataset", "bankml.dataset_version"
AT_A_TIME = 8
"""Experiments whose runs are asked for at a time: the service has no list of all runs."""


class Runs:
    """The pipeline runs of a workspace.

    Args:
        session: The workspace.
        datasets: Its datasets, to name the one that a run trains on.
    """

    def __init__(self, session: Session, datasets: Datasets) -> None:
        self._session = session
        self._datasets = datasets
        self._states = StateReader(session.service.clock)
        self._diagnosis = Diagnosis(session)
        self._graphs: dict[str, Graph] = {}
        self._steps: dict[str, Any] = {}
        self._ended: dict[str, RunRecord] = {}
        self._ended_children: dict[str, tuple[ChildRecord, ...]] = {}
        self._containers: dict[str, str] = {}
        self._graph_ids: dict[str, str] = {}
        self._marks: dict[str, Mapping[str, str]] = {}

    def get(self, run: str) -> RunRecord:
        """Return a run as it is now, by id or ref.

        Raises:
            NotFoundError: There is no such run in this workspace.
        """
        run_id = self.id_of(run)
        if run_id in self._ended:
            return self._ended[run_id]
        entity = self.entity(run_id)
        record = self._record(entity)
        if record.status.is_terminal:
            record = self._completed(record)
            self._ended[run_id] = record
        return record

    def remember(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Keep the tags of a run that was started here, should the service not repeat them."""
        self._marks[run_id] = dict(tags)

    def id_of(self, run: str) -> str:
        """Return the id in a ref; an id stays as it is.

        Raises:
            NotFoundError: The ref is that of another workspace.
        """
        if not is_ref(run):
            return run
        ref = parse_ref(run)
        if not self._session.holds(ref):
            raise NotFoundError(
                f"Run {ref.run_id} belongs to workspace {ref.workspace_name!r}, not to "
                f"{self._session.config.workspace.workspace_name!r}. Open that one."
            )
        return ref.run_id

    def entity(self, run_id: str) -> Any:
        """Return the service's document of a pipeline run. One request, not repeated here."""
        pipelines = self._session.pipelines()
        return self._session.call(
            f"look at run {run_id}", lambda: pipelines.get_pipeline_run_async(run_id), attempts=1
        )

    def graph_of(self, run_id: str) -> Graph | None:
        """Return the graph of a run that has been looked at, or None where it has none."""
        graph_id = self._graph_ids.get(run_id)
        return None if graph_id is None else self.graph(graph_id)

    def graph(self, graph_id: str) -> Graph:
        """Return a graph; it never changes, so it is asked for once."""
        if graph_id not in self._graphs:
            pipelines = self._session.pipelines()
            self._graphs[graph_id] = read_graph(
                self._session.call("read the graph", lambda: pipelines.get_graph_async(graph_id))
            )
        return self._graphs[graph_id]

    def step(self, record: RunRecord) -> Any | None:
        """Return the run of the AutoML step, or None before it exists."""
        if record.id not in self._steps:
            step = history.step_run(self._session, record.experiment, record.id)
            if step is None or not record.status.is_terminal:
                return step
            self._steps[record.id] = step
        return self._steps[record.id]

    def children(self, run: str) -> Sequence[ChildRecord]:
        """Return the candidates in the order of their numbers. A request for each page of 500."""
        record = self.get(run)
        if record.id in self._ended_children:
            return self._ended_children[record.id]
        step = self.step(record)
        if step is None:
            return ()
        runs = history.child_runs(self._session, record.experiment, history.automl_run_id(step))
        self._containers.update({str(run.run_id): str(run.data_container_id) for run in runs})
        children = child_records(runs)
        if record.status.is_terminal:
            self._ended_children[record.id] = children
        return children

    def container(self, run_id: str) -> str:
        """Return the name under which the service keeps the files of a child run."""
        return self._containers.get(run_id, f"dcid.{run_id}")

    def cancel(self, run: str) -> None:
        """Ask a run to stop; harmless on one that has ended."""
        record = self.get(run)
        if record.status.is_terminal:
            return
        pipelines = self._session.pipelines()
        self._session.call(
            f"cancel run {record.id}", lambda: pipelines.cancel_pipeline_run_async(record.id)
        )

    def log(self, run: str) -> str:
        """Return the run's log so far: that of the step, once there is one."""
        record = self.get(run)
        step = self.step(record)
        run_id = record.id if step is None else str(step.run_id)
        return self._diagnosis.log(record.experiment, run_id)

    def newest(self, experiment: str | None, limit: int) -> Sequence[RunRecord]:
        """Return runs, newest first, of one experiment or of all. A request for each experiment."""
        names = [experiment] if experiment else history.experiment_names(self._session)
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            found = list(pool.map(lambda name: self._listed(name, limit), names))
        records = sorted(chain.from_iterable(found), key=_created, reverse=True)
        return records[:limit]

    def _listed(self, experiment: str, limit: int) -> list[RunRecord]:
        try:
            runs = history.pipeline_runs(self._session, experiment, limit)
        except NotFoundError:
            return []
        return [self._from_history(run, experiment) for run in runs]

    def _from_history(self, run: Any, experiment: str) -> RunRecord:
        run_id, tags = str(run.run_id), dict(run.tags or {})
        return RunRecord(
            id=run_id,
            ref=str(self._session.ref(run_id, experiment)),
            experiment=experiment,
            status=self._states.read(run_id, run.status),
            created=utc(run.created_utc),
            started=utc(run.start_time_utc),
            ended=utc(run.end_time_utc),
            dataset=tags.get(DATASET_TAG),
            dataset_version=_version(tags),
            published_id=(run.properties or {}).get("azureml.pipelineid") or None,
            tags=tags,
            portal_url=self._session.portal_url(run_id),
        )

    def _record(self, entity: Any) -> RunRecord:
        run_id, experiment = str(entity.id), str(entity.run_history_experiment_name)
        state = entity.status
        parameters = dict(entity.parameter_assignments or {})
        tags = {**self._marks.get(run_id, {}), **(entity.tags or {})}
        record = RunRecord(
            id=run_id,
            ref=str(self._session.ref(run_id, experiment)),
            experiment=experiment,
            status=self._states.read(run_id, state.status_code if state else None),
            created=utc(entity.created_date) or utc(getattr(state, "creation_time", None)),
            started=utc(getattr(state, "creation_time", None)),
            ended=utc(getattr(state, "end_time", None)),
            published_id=entity.pipeline_id or None,
            dataset=tags.get(DATASET_TAG),
            dataset_version=_version(tags),
            tags=tags,
            parameters=parameters,
            portal_url=self._session.portal_url(run_id),
            message=str(getattr(state, "status_detail", None) or ""),
        )
        if not entity.graph_id:
            return record
        self._graph_ids[run_id] = str(entity.graph_id)
        return self._with_settings(record, entity, self.graph(str(entity.graph_id)))

    def _with_settings(self, record: RunRecord, entity: Any, graph: Graph) -> RunRecord:
        minutes = graph.setting("experiment_timeout_minutes", record.parameters)
        record = self._with_dataset(record, entity, graph)
        return replace(
            record,
            budget_seconds=float(minutes) * 60 if minutes else None,
            task=graph.setting("task_type", record.parameters),
            primary_metric=graph.setting("primary_metric", record.parameters),
            label_column_name=graph.setting("label_column_name", record.parameters),
        )

    def _with_dataset(self, record: RunRecord, entity: Any, graph: Graph) -> RunRecord:
        # Two names may be registered for the same content: the run's own tags tell which it was.
        if record.dataset is not None:
            return record
        dataset_id = assigned_dataset(entity, graph)
        dataset = self._datasets.by_id(dataset_id) if dataset_id else None
        if dataset is None:
            return record
        tags = {**record.tags, SYNTHETIC_TAG: "true"} if dataset.synthetic else record.tags
        return replace(record, dataset=dataset.name, dataset_version=dataset.version, tags=tags)

    def _completed(self, record: RunRecord) -> RunRecord:
        step = self.step(record)
        if step is not None:
            record = replace(
                record,
                started=utc(step.start_time_utc) or record.started,
                ended=record.ended or utc(step.end_time_utc),
                reused_from=history.reused_pipeline(step),
            )
        if record.reused_from:
            record = replace(record, message=f"reused from {record.reused_from}")
        if record.status is not RunStatus.FAILED:
            return record
        return replace(record, failure=self._diagnosis.failure(record, step))


def _version(tags: Mapping[str, str]) -> int | None:
    version = tags.get(VERSION_TAG, "")
    return int(version) if version.isdigit() else None


def _created(record: RunRecord) -> float:
    return record.created.timestamp() if record.created else 0.0
