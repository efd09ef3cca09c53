"""Pipeline runs: created from a graph, submitted, followed, canceled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.emulator import graphs
from bankml.emulator.answers import ServiceProblemError, new_id, not_found, stable_id, timestamp
from bankml.emulator.compute_targets import compute_config
from bankml.emulator.parameters import check_parameters
from bankml.emulator.training_data import TrainingData
from bankml.errors import BankmlError, DataError
from bankml.status import RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.emulator.graphs import Step
    from bankml.emulator.service import Service
    from bankml.emulator.store import Document

RUN_KIND = "pipeline-run"
STEP_KIND = "step"
GRAPH_KIND = "graph"
MODULE_KIND = "module"
EXPERIMENT_KIND = "experiment"
ORDER = (
    RunStatus.FAILED,
    RunStatus.CANCELED,
    RunStatus.RUNNING,
    RunStatus.PREPARING,
    RunStatus.QUEUED,
    RunStatus.NOT_STARTED,
    RunStatus.FINISHED,
)
"""Of several steps, the first of these states that one of them has is the pipeline's."""


class PipelineRuns:
    """Pipeline runs in the emulator's store.

    Args:
        service: What all routers share.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._store = service.store
        self._data = TrainingData(service)
        self._lock = service.lock

    def experiment(self, name: str) -> Document:
        """Return the experiment of a name; it is made where there is none."""
        with self._lock:
            return self._store.get(EXPERIMENT_KIND, name) or self._store.put(
                EXPERIMENT_KIND,
                name,
                {
                    "experimentId": stable_id("experiment", name),
                    "name": name,
                    "description": None,
                    "createdUtc": timestamp(),
                    "tags": {},
                    "archivedTime": None,
                    "retainForLifetimeOfWorkspace": False,
                    "artifactLocation": None,
                },
            )

    def save_graph(self, graph: Document, interface: Document | None) -> str:
        """Keep a graph with its interface and return its id."""
        graph_id = new_id()
        document = {"Id": graph_id, "graph": graph, "interface": interface or {}}
        self._store.put(GRAPH_KIND, graph_id, document)
        return graph_id

    def graph(self, graph_id: str) -> Document:
        """Return a graph and its interface by id."""
        document = self._store.get(GRAPH_KIND, graph_id)
        if document is None:
            raise not_found(f"Graph {graph_id!r}")
        return document

    def create(
        self,
        graph_id: str,
        experiment: str,
        info: Mapping[str, Any],
        pipeline_id: str | None = None,
    ) -> Document:
        """Create a run that is not yet submitted.

        Args:
            graph_id: Its graph.
            experiment: Name of its experiment.
            info: What the SDK says about it: parameters, tags, description.
            pipeline_id: The published pipeline that it comes from.
        """
        saved = self.graph(graph_id)
        parameters = graphs.parameter_defaults(saved["interface"])
        given = info.get("ParameterAssignments") or {}
        check_parameters(given, saved["interface"])
        document = {
            "id": (run_id := new_id()),
            "experiment": self.experiment(experiment)["name"],
            "graph_id": graph_id,
            "pipeline_id": pipeline_id,
            "description": info.get("Description"),
            "source": info.get("RunSource") or "Unavailable",
            "type": info.get("RunType") or "HTTP",
            "parameters": parameters | given,
            "given_parameters": given,
            "datasets": info.get("DataSetDefinitionValueAssignments") or {},
            "tags": info.get("tags") or {},
            "properties": info.get("Properties") or {},
            "continue_on_failure": bool(info.get("ContinueRunOnStepFailure")),
            "created": timestamp(),
            "submitted": None,
            "canceled": None,
            "step_count": 0,
            "steps": [],
        }
        with self._lock:
            number = self._store.count(RUN_KIND) + 1
            return self._store.put(RUN_KIND, run_id, document | {"number": number})

    def submit(self, run_id: str) -> Document:
        """Start the steps of a run; a second call changes nothing."""
        with self._lock:
            run = self.get(run_id)
            if run["submitted"]:
                return run
            planned = self._planned(run)
            run |= {"submitted": timestamp(), "step_count": len(planned)}
            self._store.put(RUN_KIND, run_id, run)
        run["steps"] = [self._start(run, step)["id"] for step in planned]
        return self._store.put(RUN_KIND, run_id, run)

    def get(self, run_id: str) -> Document:
        """Return a run by id."""
        run = self._store.get(RUN_KIND, run_id)
        if run is None:
            raise not_found(f"Pipeline run {run_id!r}")
        return run

    def of_pipeline(self, pipeline_id: str) -> list[Document]:
        """Return the runs of a published pipeline, the newest first."""
        runs = self._store.list(RUN_KIND)[::-1]
        return [run for run in runs if run["pipeline_id"] == pipeline_id]

    def steps(self, run: Document) -> list[Document]:
        """Return the steps of a run."""
        found = (self._store.get(STEP_KIND, step_id) for step_id in run["steps"])
        return [step for step in found if step is not None]

    def step_status(self, step: Document) -> RunStatus:
        """Return the state of a step, never ``Preparing``: the SDK takes that for an end."""
        if step["error"]:
            return RunStatus.FAILED
        status = self._service.training.run(step["id"]).status
        return RunStatus.RUNNING if status is RunStatus.PREPARING else status

    def status(self, run: Document) -> RunStatus:
        """Return the state of a run: that of the step that decides it."""
        if not run["submitted"]:
            return RunStatus.NOT_STARTED
        if len(run["steps"]) < run.get("step_count", 0):  # reading their data takes a while
            return RunStatus.RUNNING
        states = {self.step_status(step) for step in self.steps(run)}
        return next((state for state in ORDER if state in states), RunStatus.FINISHED)

    def cancel_all(self) -> list[str]:
        """Ask every run that has not ended to stop, and return the ids of its steps."""
        steps = [step for step in self._store.list(STEP_KIND) if not step["error"]]
        running = [step["id"] for step in steps if not self.step_status(step).is_terminal]
        for step_id in running:
            self._service.training.cancel(step_id)
        return running

    def cancel(self, run_id: str) -> None:
        """Ask all steps of a run to stop."""
        for step in self.steps(self.get(run_id)):
            if not step["error"]:
                self._service.training.cancel(step["id"])

    def _planned(self, run: Document) -> list[Step]:
        saved = self.graph(run["graph_id"])
        modules = self._modules(saved["graph"])
        datasets = graphs.dataset_defaults(saved["graph"], saved["interface"]) | run["datasets"]
        return graphs.steps(saved["graph"], modules, run["parameters"], datasets)

    def _modules(self, graph: Document) -> dict[str, Document]:
        ids = [node["ModuleId"] for node in graph.get("ModuleNodes") or []]
        found = {module_id: self._store.get(MODULE_KIND, module_id) for module_id in ids}
        missing = [module_id for module_id, module in found.items() if module is None]
        if missing:
            raise not_found(f"Module {missing[0]!r}")
        return {module_id: module for module_id, module in found.items() if module is not None}

    def _start(self, run: Document, step: Step) -> Document:
        document = {
            "run_id": run["id"],
            "node_id": step.node_id,
            "name": step.name,
            "outputs": dict(step.outputs),
            "created": timestamp(),
            "target": step.parameters.get("target") or "",
            "primary_metric": step.settings.get("primary_metric"),
            "task": step.settings.get("task_type"),
            "dataset": self._data.saved_id(step.dataset),
            "error": None,
            "tags": {},
            "properties": {},
        }
        try:
            step_id = self._train(run["experiment"], step)
        except (BankmlError, ServiceProblemError) as error:
            step_id = new_id()
            code = "DataError" if isinstance(error, DataError) else "UserError"
            document["error"] = {"code": code, "message": str(error)}
        return self._store.put(STEP_KIND, step_id, {"id": step_id, **document})

    def _train(self, experiment: str, step: Step) -> str:
        config = graphs.workflow_config(step, experiment)
        target = self._store.get("compute", step.parameters.get("target") or "")
        if target is not None:
            config = config.replace(compute=compute_config(target).model_dump())
        name, frame = self._data.read(step.dataset)
        config = config.replace(dataset={"name": name, "source": None})
        return self._service.training.submit(config, frame)
