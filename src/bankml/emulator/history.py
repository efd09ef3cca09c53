"""Run history: pipeline runs, their steps and the AutoML child runs as run documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.emulator.answers import not_found, stable_id, timestamp
from bankml.emulator.pipeline_runs import RUN_KIND, STEP_KIND, PipelineRuns
from bankml.emulator.tokens import TENANT_ID, USER_ID
from bankml.metrics.best import best_of
from bankml.status import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bankml.backends.base import ChildRecord, RunRecord
    from bankml.emulator.service import Service
    from bankml.emulator.store import Document

NOTES_KIND = "run-notes"
WORDS = {RunStatus.FINISHED: "Completed"}
"""Run history's words, where they differ from those of pipelines."""
STEP_TAGS = ("azureml.nodeid", "azureml.pipeline", "azureml.pipelineComponent")
"""Properties of a step that are its tags too."""


class History:
    """Run documents.

    Args:
        service: What all routers share.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._store = service.store
        self.runs = PipelineRuns(service)

    def get(self, run_id: str) -> Document:
        """Return the document of any run."""
        run = self._store.get(RUN_KIND, run_id)
        if run is not None:
            return self._pipeline_document(run)
        step = self._store.get(STEP_KIND, run_id)
        if step is not None:
            return self._step_document(step)
        parent, _, number = run_id.rpartition("_")
        parent_step = self._store.get(STEP_KIND, parent)
        if parent_step is not None and number.isdigit():
            for child in self._service.training.children(parent):
                if child.id == run_id:
                    return self._child_document(parent_step, child)
        raise not_found(f"Run {run_id!r}")

    def children(self, run_id: str) -> list[Document]:
        """Return the documents of a run's children: steps of a pipeline, candidates of a step."""
        run = self._store.get(RUN_KIND, run_id)
        if run is not None:
            return [self._step_document(step) for step in self.runs.steps(run)]
        step = self._store.get(STEP_KIND, run_id)
        if step is None:
            self.get(run_id)
            return []
        return [self._child_document(step, child) for child in self.candidates(step)]

    def candidates(self, step: Document) -> Sequence[ChildRecord]:
        """Return the candidates of a step, none for one that could not start."""
        return [] if step["error"] else self._service.training.children(step["id"])

    def best(self, step: Document) -> ChildRecord | None:
        """Return the candidate of a step with the best score, or None."""
        return best_of(self.candidates(step), step["primary_metric"])

    def of_experiment(self, experiment: str) -> Iterator[Document]:
        """Yield the documents of all runs of an experiment: the newest pipeline run first.

        Each is followed by its steps and candidates; a reused step's candidates are found with
        the step that trained them.
        """
        for run in reversed(self._store.list(RUN_KIND)):
            if run["experiment"] != experiment or not run["submitted"]:
                continue
            yield self._pipeline_document(run)
            for step in self.runs.steps(run):
                yield self._step_document(step)
                for child in self.candidates(step):
                    if child.id.startswith(step["id"]):
                        yield self._child_document(step, child)

    def patch(self, run_id: str, body: Document) -> Document:
        """Change tags, properties and texts of a run."""
        self.get(run_id)
        notes = self._notes(run_id)
        for key in ("tags", "properties"):
            notes[key] = notes.get(key, {}) | (body.get(key) or {})
        for key in ("displayName", "description"):
            if body.get(key) is not None:
                notes[key] = body[key]
        self._store.put(NOTES_KIND, run_id, notes)
        return self.get(run_id)

    def delete_tags(self, run_id: str, names: Sequence[str]) -> Document:
        """Take tags off a run."""
        self.get(run_id)
        notes = self._notes(run_id)
        notes["tags"] = {k: v for k, v in notes.get("tags", {}).items() if k not in names}
        notes["deleted_tags"] = sorted({*notes.get("deleted_tags", []), *names})
        self._store.put(NOTES_KIND, run_id, notes)
        return self.get(run_id)

    def log(self, run_id: str) -> str:
        """Return the log of a step or of all steps of a pipeline run."""
        step = self._store.get(STEP_KIND, run_id)
        if step is not None:
            return step["error"]["message"] if step["error"] else self._service.training.log(run_id)
        run = self._store.get(RUN_KIND, run_id)
        return "".join(self.log(step["id"]) for step in self.runs.steps(run)) if run else ""

    def details(self, run_id: str) -> Document:
        """Return what the SDK shows of a run: times, error and the addresses of its logs."""
        run = self.get(run_id)
        address = f"{self._service.url}/artifacts/logs/{run_id}"
        kept = ("runId", "target", "status", "startTimeUtc", "endTimeUtc", "properties", "error")
        is_step = run["runType"] == "azureml.StepRun"
        return {key: run[key] for key in kept} | {
            "inputDatasets": [],
            "outputDatasets": [],
            "logFiles": {"logs/azureml/executionlogs.txt": address} if is_step else {},
            "services": {},
            "warnings": run["warnings"],
            "runDefinition": None,
            "submittedBy": "bankml emulator",
        }

    def _notes(self, run_id: str) -> Document:
        return self._store.get(NOTES_KIND, run_id) or {}

    def _pipeline_document(self, run: Document) -> Document:
        status = self.runs.status(run)
        steps = [self._step_document(step) for step in self.runs.steps(run)]
        error = next((step["error"] for step in steps if step["error"]), None)
        ends = [step["endTimeUtc"] or "" for step in steps]
        properties = {
            "azureml.runsource": "azureml.PipelineRun",
            "runSource": run["source"],
            "runType": run["type"],
            "azureml.parameters": _text(run["parameters"]),
            "azureml.continue_on_step_failure": str(run["continue_on_failure"]),
            "azureml.pipelineid": run["pipeline_id"] or "",
        }
        return self._document(
            run["id"],
            run,
            status,
            {
                "runNumber": run["number"],
                "rootRunId": run["id"],
                "createdUtc": run["created"],
                "startTimeUtc": run["submitted"],
                "endTimeUtc": max(ends) if status.is_terminal and ends else None,
                "runType": "azureml.PipelineRun",
                "description": run["description"],
                "error": error,
                "tags": run["tags"],
                "properties": properties | run["properties"],
            },
        )

    def _step_document(self, step: Document) -> Document:
        run = self.runs.get(step["run_id"])
        record = None if step["error"] else self._service.training.run(step["id"])
        properties = _step_properties(step)
        if record is not None and record.reused_from:
            properties |= self._reused(record.reused_from)
        return self._document(
            step["id"],
            run,
            self.runs.step_status(step),
            {
                "runNumber": run["number"],
                "rootRunId": run["id"],
                "parentRunId": run["id"],
                "createdUtc": step["created"],
                **_step_times(step, record),
                "name": step["name"],
                "displayName": step["name"],
                "runType": "azureml.StepRun",
                "target": step["target"],
                "error": _error(_step_error(step, record)),
                "warnings": _warnings(record.warnings if record else ()),
                "tags": {name: properties[name] for name in STEP_TAGS},
                "properties": properties,
            },
        )

    def _reused(self, source_id: str) -> dict[str, str]:
        source = self._store.get(STEP_KIND, source_id) or {}
        return {
            "azureml.isreused": "true",
            "azureml.reusedrunid": source_id,
            "azureml.reusednodeid": source.get("node_id", ""),
            "azureml.reusedpipeline": source.get("run_id", ""),
            "azureml.reusedpipelinerunid": source.get("run_id", ""),
        }

    def _child_document(self, step: Document, child: ChildRecord) -> Document:
        run = self.runs.get(step["run_id"])
        score = "" if child.score is None else repr(child.score)
        properties = {
            "runTemplate": "automl_child",
            "iteration": str(child.number),
            "run_algorithm": child.algorithm,
            "run_preprocessor": child.preprocessor,
            "score": score,
            "primary_metric": step["primary_metric"] or "",
            "azureml.runsource": "automl",
            "azureml.pipelinerunid": run["id"],
            "conda_env_data_location": f"aml://artifact/ExperimentRun/dcid.{child.id}/"
            "outputs/conda_env_v_1_0_0.yml",
            "model_output_path": "outputs/model.pkl",
            "run_properties": _text(dict(child.parameters)),
        }
        error = {"code": "UserError", "message": child.error} if child.error else None
        return self._document(
            child.id,
            run,
            child.status,
            {
                "runNumber": child.number + 1,
                "rootRunId": run["id"],
                "parentRunId": step["id"],
                "createdUtc": _moment(child.started),
                "startTimeUtc": _moment(child.started),
                "endTimeUtc": _moment(child.ended),
                "name": None,
                "displayName": f"{child.preprocessor}, {child.algorithm}".strip(", "),
                "runType": "automl",
                "target": step["target"],
                "error": _error(error),
                "tags": {},
                "properties": properties,
            },
        )

    def _document(
        self, run_id: str, run: Document, status: RunStatus, fields: Document
    ) -> Document:
        notes = self._notes(run_id)
        document = {
            "runId": run_id,
            "runUuid": stable_id("run", run_id),
            "rootRunUuid": stable_id("run", run["id"]),
            "parentRunId": None,
            "experimentId": self.runs.experiment(run["experiment"])["experimentId"],
            "status": WORDS.get(status, status.value),
            "dataContainerId": f"dcid.{run_id}",
            "name": None,
            "displayName": "run",
            "description": None,
            "hidden": False,
            "target": "",
            "userId": USER_ID,
            "createdBy": {
                "userObjectId": USER_ID,
                "userTenantId": TENANT_ID,
                "userName": "bankml emulator",
            },
            "options": None,
            "heartbeatEnabled": False,
            "warnings": None,
            "error": None,
            "token": None,
            **fields,
        }
        removed = notes.get("deleted_tags", [])
        tags = {k: v for k, v in document["tags"].items() if k not in removed}
        document["tags"] = tags | notes.get("tags", {})
        document["properties"] = document["properties"] | notes.get("properties", {})
        for key in ("displayName", "description"):
            document[key] = notes.get(key, document[key])
        return document


def _step_properties(step: Document) -> dict[str, str]:
    return {
        "azureml.runsource": "azureml.StepRun",
        "StepType": "AutoMLStep",
        "ContentSnapshotId": stable_id("snapshot", step["id"]),
        "azureml.moduleid": stable_id("module", step["node_id"]),
        "azureml.nodeid": step["node_id"],
        "azureml.pipelinerunid": step["run_id"],
        "azureml.pipeline": step["run_id"],
        "azureml.pipelineComponent": "masterautomlcloud",
        "azureml.rootpipelinerunid": step["run_id"],
        "primary_metric": step["primary_metric"] or "",
        "task_type": step["task"] or "",
    }


def _step_times(step: Document, record: RunRecord | None) -> dict[str, str | None]:
    if record is None:  # it could not start
        return {"startTimeUtc": step["created"], "endTimeUtc": step["created"]}
    return {
        "startTimeUtc": _moment(record.started) or step["created"],
        "endTimeUtc": _moment(record.ended),
    }


def _step_error(step: Document, record: RunRecord | None) -> dict[str, str] | None:
    if record is None or record.failure is None:
        error: dict[str, str] | None = step["error"]
        return error
    return {"code": record.failure.code, "message": record.failure.message}


def _moment(moment: datetime | None) -> str | None:
    return timestamp(moment) if moment is not None else None


def _text(values: dict[str, Any]) -> str:
    import json

    return json.dumps(values, default=str)


def _error(error: dict[str, str] | None) -> Document | None:
    if error is None:
        return None
    return {
        "error": {"code": error["code"], "message": error["message"], "details": []},
        "correlation": {},
        "environment": "emulator",
        "location": "emulator",
        "time": timestamp(),
    }


def _warnings(warnings: Sequence[str]) -> list[dict[str, str]] | None:
    return [{"source": "AutoML", "message": text} for text in warnings] or None
