"""Run history: experiments and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from bankml.emulator.answers import ServiceProblemError
from bankml.emulator.bodies import Query, RunChanges, StrictRoute
from bankml.emulator.filters import parse_filter
from bankml.emulator.history import History
from bankml.emulator.pages import page
from bankml.emulator.pipeline_runs import EXPERIMENT_KIND

if TYPE_CHECKING:
    from bankml.emulator.service import Service
    from bankml.emulator.store import DocumentStore

BASE = "/history/v1.0"
EXPERIMENT = BASE + "/experiments/{experiment}"
RUN = EXPERIMENT + "/runs/{run_id}"
RUN_BY_ID = BASE + "/experimentids/{experiment}/runs/{run_id}"


def router(service: Service) -> APIRouter:
    """Return the router."""
    history = History(service)
    routes = APIRouter(route_class=StrictRoute)
    _add_experiments(routes, service.store, history)
    _add_runs(routes, service.store, history)
    return routes


def _add_experiments(routes: APIRouter, store: DocumentStore, history: History) -> None:
    @routes.get(EXPERIMENT, name="history.get_experiment")
    def get_experiment(experiment: str) -> dict[str, Any]:
        document = store.get(EXPERIMENT_KIND, experiment)
        if document is None:
            raise ServiceProblemError(404, "UserError", f"There is no experiment {experiment!r}.")
        return document

    @routes.post(EXPERIMENT, name="history.create_experiment")
    def create_experiment(experiment: str) -> dict[str, Any]:
        return history.runs.experiment(experiment)

    @routes.get(BASE + "/experimentids/{experiment}", name="history.get_experiment_by_id")
    def get_by_id(experiment: str) -> dict[str, Any]:
        for document in store.list(EXPERIMENT_KIND):
            if document["experimentId"] == experiment:
                return document
        raise ServiceProblemError(404, "UserError", f"There is no experiment {experiment!r}.")

    @routes.post(BASE + "/experiments:query", name="history.query_experiments")
    async def query_experiments(body: Query, request: Request) -> dict[str, Any]:
        passes = parse_filter(body.get("filter"))
        found = [document for document in store.list(EXPERIMENT_KIND) if passes(document)]
        return page(found[::-1], request, body)


def _add_runs(routes: APIRouter, store: DocumentStore, history: History) -> None:
    @routes.get(RUN, name="history.get_run")
    @routes.get(RUN_BY_ID, name="history.get_run")
    @routes.get(BASE + "/runs/{run_id}", name="history.get_run")
    def get_run(run_id: str) -> dict[str, Any]:
        return history.get(run_id)

    @routes.patch(RUN, name="history.patch_run")
    @routes.patch(RUN_BY_ID, name="history.patch_run")
    async def patch_run(run_id: str, body: RunChanges) -> dict[str, Any]:
        return history.patch(run_id, {**body})

    @routes.delete(RUN + "/tags", name="history.delete_tags")
    async def delete_tags(run_id: str, names: list[str]) -> dict[str, Any]:
        return history.delete_tags(run_id, names)

    @routes.get(RUN + "/children", name="history.children")
    def children(run_id: str, request: Request) -> dict[str, Any]:
        passes = parse_filter(request.query_params.get("$filter"))
        return page([run for run in history.children(run_id) if passes(run)], request)

    @routes.get(RUN + "/details", name="history.details")
    @routes.get(RUN_BY_ID + "/details", name="history.details")
    def details(run_id: str) -> dict[str, Any]:
        return history.details(run_id)

    @routes.post(EXPERIMENT + "/runs:query", name="history.query_runs")
    async def query_runs(experiment: str, body: Query, request: Request) -> dict[str, Any]:
        if store.get(EXPERIMENT_KIND, experiment) is None:
            raise ServiceProblemError(404, "UserError", f"There is no experiment {experiment!r}.")
        passes = parse_filter(body.get("filter"))
        return page(filter(passes, history.of_experiment(experiment)), request, body)
