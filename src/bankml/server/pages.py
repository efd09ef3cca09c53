"""The pages for people: runs, published pipelines, and a run's report. They only read."""

from __future__ import annotations

from datetime import datetime, timezone
from threading import Lock
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from bankml import outputs
from bankml.errors import MissingDependencyError, NotFoundError
from bankml.report.build import report_html
from bankml.report.content import collect
from bankml.report.page import render
from bankml.status import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from bankml.backends.local.backend import LocalBackend

_REFRESH_SECONDS = 3
_MOST_RUNS = 50
_MOST_REPORTS = 8
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def router(backend: LocalBackend) -> APIRouter:
    """Return the routes of the pages.

    Args:
        backend: The workspace to show.
    """
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    reports = Reports(backend)

    @routes.get("/")
    def runs() -> Response:
        records = backend.list_runs(None, _MOST_RUNS)
        active = any(not record.status.is_terminal for record in records)
        published = backend.list_published()
        return _page("runs.html.j2", records=records, published=published, refresh=_refresh(active))

    @routes.get("/runs/{run_id}")
    def run(run_id: str) -> Response:
        return _run_page(backend, run_id)

    @routes.get("/runs/{run_id}/report")
    def report(run_id: str) -> Response:
        return _found(lambda: HTMLResponse(reports.of(run_id), headers=_HEADERS))

    @routes.get("/published/{published_id}")
    def published(published_id: str) -> Response:
        return _published_page(backend, published_id)

    return routes


class Reports:
    """Reports, made one at a time; those of finished runs, which never change again, are kept.

    Args:
        backend: The workspace.
    """

    def __init__(self, backend: LocalBackend) -> None:
        """Start with none."""
        self._backend = backend
        self._lock = Lock()  # matplotlib draws one figure at a time
        self._kept: dict[str, str] = {}

    def of(self, run_id: str) -> str:
        """Return a run's report."""
        with self._lock:
            if run_id in self._kept:
                return self._kept[run_id]
            record = self._backend.get_run(_plain_id(run_id))
            document = report_html(collect(self._backend, record))
            if record.status is RunStatus.FINISHED:
                self._kept[run_id] = document
                while len(self._kept) > _MOST_REPORTS:
                    del self._kept[next(iter(self._kept))]
            return document


def _run_page(backend: LocalBackend, run_id: str) -> Response:
    def shown() -> Response:
        record = backend.get_run(_plain_id(run_id))
        return _page(
            "run.html.j2",
            record=record,
            leaderboard=outputs.leaderboard(backend, record),
            now=datetime.now(timezone.utc),
            refresh=_refresh(not record.status.is_terminal),
        )

    return _found(shown)


def _published_page(backend: LocalBackend, published_id: str) -> Response:
    def shown() -> Response:
        published = backend.get_published(published_id)
        records = backend.list_runs(None, 1000)
        started = [record for record in records if record.published_id == published_id]
        active = any(not record.status.is_terminal for record in started)
        return _page(
            "published.html.j2",
            published=published,
            records=started[:_MOST_RUNS],
            refresh=_refresh(active),
        )

    return _found(shown)


def _plain_id(run_id: str) -> str:
    """Refuse a reference, which could name another workspace's folder."""
    if "://" in run_id:
        raise NotFoundError("A run is asked for by its id here, not by its reference.")
    return run_id


def _found(shown: Callable[[], Response]) -> Response:
    try:
        return shown()
    except NotFoundError as error:
        return _page("message.html.j2", status=404, message=str(error))
    except MissingDependencyError as error:
        return _page("message.html.j2", status=501, message=str(error))


def _refresh(active: bool) -> int | None:
    return _REFRESH_SECONDS if active else None


def _page(template: str, *, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(render(template, **values), status, headers=_HEADERS)
