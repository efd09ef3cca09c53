"""The application: three routes of Azure ML's services for a local workspace, and its pages."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import anyio
from fastapi import APIRouter, Depends, FastAPI, Header
from fastapi import Path as PathParameter
from fastapi.security import HTTPBearer

from bankml.backends.local.backend import LocalBackend
from bankml.backends.local.endpoint import (
    RESOURCE_GROUP,
    SUBSCRIPTION,
    ensure_token,
    workspace_path,
)
from bankml.backends.local.triggers import Trigger
from bankml.errors import BankmlError, ConfigError, NotFoundError
from bankml.plan import DATASET_PARAMETER
from bankml.server import problems
from bankml.server.bodies import RunsQuery, TriggerBody, history_run, pipeline_run
from bankml.server.description import ANSWERS, describe
from bankml.server.filters import wanted_tags
from bankml.server.gate import Gate
from bankml.server.pages import router

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

_logger = logging.getLogger(__name__)
WATCH_SECONDS = 5.0
"""Seconds between two looks at the queue: a dead runner is found also when nobody asks."""
_WORKSPACE = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers"
    "/Microsoft.MachineLearningServices/workspaces/{workspace}"
)
_PIPELINE_RUNS = f"/pipelines/v1.0{_WORKSPACE}/PipelineRuns"
_IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=255)]
_Id = Annotated[str, PathParameter(max_length=255)]


def create_app(workspace: Path, *, watch: bool = True) -> FastAPI:
    """Return the application that serves a workspace's published pipelines.

    Args:
        workspace: The workspace's folder.
        watch: Whether to look after the queue while nobody asks.

    Returns:
        The application; every route wants the workspace's bearer token.

    Raises:
        WorkspaceError: The workspace can't be opened.
    """
    backend = LocalBackend(workspace)
    backend.workspace()
    ensure_token(backend.layout)
    app = FastAPI(
        title="bankml",
        description="Published pipelines of a local workspace",
        docs_url=None,
        redoc_url=None,
        responses=ANSWERS,
        lifespan=_lifespan(backend) if watch else None,
    )
    problems.install(app)
    app.include_router(_routes(backend))
    app.include_router(router(backend))
    app.add_middleware(Gate, layout=backend.layout)
    describe(app, _places(backend))
    return app


def _routes(backend: LocalBackend) -> APIRouter:
    bearer = HTTPBearer(auto_error=False)  # for the description; the gate has asked for it
    routes = APIRouter(dependencies=[Depends(bearer), Depends(_own_workspace(backend))])
    _add_trigger(routes, backend)
    _add_runs(routes, backend)
    return routes


def _add_trigger(routes: APIRouter, backend: LocalBackend) -> None:
    @routes.post(f"{_PIPELINE_RUNS}/PipelineSubmit/{{published_id}}")
    def trigger(
        published_id: _Id, body: TriggerBody, idempotency_key: _IdempotencyKey = None
    ) -> dict[str, Any]:
        """Start a run; the same idempotency key starts only one, and stands for one request."""
        for name in body.unknown_datasets():
            raise ConfigError(
                f"The pipeline has no dataset parameter {name!r}; it has {DATASET_PARAMETER!r}."
            )
        asked = Trigger(
            published_id,
            body.experiment_name,
            parameters=body.parameters,
            dataset_id=body.dataset_id(),
            tags=body.tags,
            key=idempotency_key,
        )
        return pipeline_run(backend.submit_published(asked))


def _add_runs(routes: APIRouter, backend: LocalBackend) -> None:
    @routes.get(f"{_PIPELINE_RUNS}/{{run_id}}")
    def status(run_id: _Id) -> dict[str, Any]:
        """Return a run as it is now."""
        if "://" in run_id:
            raise NotFoundError("A run is asked for by its id here, not by its reference.")
        return pipeline_run(backend.get_run(run_id))

    @routes.post(f"/history/v1.0{_WORKSPACE}/experiments/{{experiment:path}}/runs:query")
    def query(experiment: str, body: RunsQuery) -> dict[str, Any]:
        """Return an experiment's runs, newest first, those with certain tags if asked for."""
        tags, top = wanted_tags(body.filter), body.top or 100
        if tags:
            found = [run for run in backend.find_runs(tags, 1000) if run.experiment == experiment]
        else:
            found = list(backend.list_runs(experiment, top))
        return {"value": [history_run(run) for run in found[:top]], "continuationToken": None}


def _places(backend: LocalBackend) -> dict[str, str]:
    return {
        "subscription": SUBSCRIPTION,
        "group": RESOURCE_GROUP,
        "workspace": quote(backend.layout.name, safe=""),
    }


def _own_workspace(backend: LocalBackend) -> Callable[[str, str, str], None]:
    name = backend.layout.name

    def check(subscription: _Id, group: _Id, workspace: _Id) -> None:
        if (subscription, group, workspace) != (SUBSCRIPTION, RESOURCE_GROUP, name):
            raise NotFoundError(
                f"This server serves the workspace {name!r} only, at "
                f"{workspace_path(backend.layout)}."
            )

    return check


def _lifespan(backend: LocalBackend) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_watch, backend)
            yield
            tasks.cancel_scope.cancel()

    return running


async def _watch(backend: LocalBackend) -> None:
    while True:
        try:
            await anyio.to_thread.run_sync(backend.look_after)
        except BankmlError as error:
            _logger.error("The queue could not be looked after: %s", error)  # noqa: TRY400 - it says all
        await anyio.sleep(WATCH_SECONDS)
