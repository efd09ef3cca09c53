"""Pipelines: modules, graphs and pipeline runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from bankml.emulator.answers import new_id, not_found, timestamp
from bankml.emulator.bodies import DataType, Module, NewRun, Path, StrictRoute
from bankml.emulator.faults import FaultKind
from bankml.emulator.history import History
from bankml.emulator.outputs import Outputs
from bankml.emulator.pipeline_documents import (
    DATA_TYPES,
    data_type,
    module_document,
    run_document,
    stalled_document,
)
from bankml.emulator.pipeline_runs import MODULE_KIND, PipelineRuns
from bankml.status import RunStatus

if TYPE_CHECKING:
    from bankml.emulator.service import Service

BASE = "/pipelines/v1.0"
RUN = BASE + "/PipelineRuns/{run_id}"
DATA_TYPE_KIND = "data-type"
HASH_KIND = "module-by-hash"


def router(service: Service) -> APIRouter:
    """Return the router."""
    runs = PipelineRuns(service)
    routes = APIRouter(route_class=StrictRoute)
    _add_modules(routes, service)
    _add_submission(routes, runs)
    _add_graph_state(routes, runs, History(service))
    _add_runs(routes, service, runs)
    return routes


def _add_modules(routes: APIRouter, service: Service) -> None:
    @routes.get(BASE + "/DataTypes", name="pipelines.data_types")
    def data_types() -> list[dict[str, Any]]:
        built_in = [data_type({"Id": name, "Name": name}) for name in DATA_TYPES]
        return built_in + service.store.list(DATA_TYPE_KIND)

    @routes.post(BASE + "/DataTypes", name="pipelines.create_data_type")
    async def create_data_type(body: DataType) -> dict[str, Any]:
        document = data_type({**body})
        return service.store.put(DATA_TYPE_KIND, document["Id"], document)

    @routes.get(BASE + "/Modules/Hash/{fingerprint}", name="pipelines.module_by_hash")
    def module_by_hash(fingerprint: str) -> JSONResponse:
        known = service.store.get(HASH_KIND, fingerprint)
        module = service.store.get(MODULE_KIND, known["Id"]) if known else None
        return JSONResponse(module_document(module) if module else None)

    @routes.post(BASE + "/Modules", name="pipelines.create_module")
    async def create_module(body: Module) -> dict[str, Any]:
        module_id = new_id()
        service.store.put(HASH_KIND, body["IdentifierHash"], {"Id": module_id})
        module = {**body, "Id": module_id, "CreatedDate": timestamp()}
        return service.store.put(MODULE_KIND, module_id, module)

    @routes.get(BASE + "/Modules/{module_id}", name="pipelines.get_module")
    def get_module(module_id: str) -> dict[str, Any]:
        module = service.store.get(MODULE_KIND, module_id)
        if module is None:
            raise not_found(f"Module {module_id!r}")
        return module_document(module)


def _add_submission(routes: APIRouter, runs: PipelineRuns) -> None:
    @routes.post(
        BASE + "/PipelineRuns/Unsubmitted/CreationInfoWithGraph", name="pipelines.create_run"
    )
    async def create_run(body: NewRun, experimentName: str) -> dict[str, Any]:
        graph_id = runs.save_graph({**body["Graph"]}, {**(body.get("GraphInterface") or {})})
        run = runs.create(graph_id, experimentName, body.get("CreationInfo") or {})
        return run_document(run, RunStatus.NOT_STARTED)

    @routes.post(
        BASE + "/PipelineRuns/Submit/{run_id}", name="pipelines.submit", response_class=Response
    )
    def submit(run_id: str) -> Response:
        runs.submit(run_id)
        return Response(status_code=200)

    @routes.get(BASE + "/Graphs/{graph_id}", name="pipelines.get_graph")
    def get_graph(graph_id: str) -> dict[str, Any]:
        graph: dict[str, Any] = runs.graph(graph_id)["graph"]
        return graph | {"Id": graph_id}

    @routes.get(BASE + "/Graphs/{graph_id}/Interface", name="pipelines.get_interface")
    def get_interface(graph_id: str) -> dict[str, Any]:
        interface: dict[str, Any] = runs.graph(graph_id)["interface"]
        return interface


def _add_graph_state(routes: APIRouter, runs: PipelineRuns, history: History) -> None:
    @routes.post(RUN + "/Graph/Node/StatusCode", name="pipelines.node_status_code")
    async def node_status_code(run_id: str, path: Path) -> JSONResponse:
        return JSONResponse(_node_status(runs, run_id, path[-1]).value)

    @routes.post(RUN + "/Graph/Node/Status", name="pipelines.node_status")
    async def node_status(run_id: str, path: Path) -> dict[str, Any]:
        return {"StatusCode": _node_status(runs, run_id, path[-1]).value}

    @routes.post(RUN + "/Graph/AllNodes/Status", name="pipelines.all_node_status")
    def all_status(run_id: str) -> dict[str, Any]:
        steps = runs.steps(runs.get(run_id))
        return {
            step["node_id"]: {"StatusCode": runs.step_status(step).value, "RunId": step["id"]}
            for step in steps
        }

    @routes.post(
        RUN + "/Graph/Shareable/JobLog", name="pipelines.job_log", response_class=PlainTextResponse
    )
    @routes.post(
        RUN + "/Graph/Shareable/STDOUT", name="pipelines.stdout", response_class=PlainTextResponse
    )
    @routes.post(
        RUN + "/Graph/Shareable/STDERR", name="pipelines.stderr", response_class=PlainTextResponse
    )
    def node_log(run_id: str, path: Path) -> PlainTextResponse:
        node_id = path[-1]
        steps = [step for step in runs.steps(runs.get(run_id)) if step["node_id"] == node_id]
        return PlainTextResponse("".join(history.log(step["id"]) for step in steps))


def _add_runs(routes: APIRouter, service: Service, runs: PipelineRuns) -> None:
    outputs = Outputs(service, runs)

    @routes.get(RUN, name="pipelines.get_run")
    def get_run(run_id: str) -> dict[str, Any]:
        run = runs.get(run_id)
        if service.faults.take("pipelines.get_run", FaultKind.STALLED):
            return stalled_document(run)
        return run_document(run, runs.status(run))

    @routes.delete(RUN + "/Execution", name="pipelines.cancel", response_class=Response)
    def cancel(run_id: str) -> Response:
        runs.cancel(run_id)
        return Response(status_code=200)

    @routes.get(RUN + "/PipelineRunOutputs/{name}", name="pipelines.output")
    def output(run_id: str, name: str) -> dict[str, Any]:
        return outputs.of_pipeline(runs.get(run_id), name)

    @routes.post(RUN + "/Outputs", name="pipelines.node_outputs")
    def node_outputs(run_id: str, path: Path) -> dict[str, Any]:
        return outputs.of_node(runs.get(run_id), path[-1])


def _node_status(runs: PipelineRuns, run_id: str, node_id: str) -> RunStatus:
    for step in runs.steps(runs.get(run_id)):
        if step["node_id"] == node_id:
            return runs.step_status(step)
    return RunStatus.NOT_STARTED
