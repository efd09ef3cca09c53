"""Reports on the server's pages: those of finished runs are kept, a few at most."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from bankml.errors import MissingDependencyError, NotFoundError
from bankml.server import pages
from bankml.status import RunStatus

if TYPE_CHECKING:
    from .conftest import Site


class Shelf:
    """Stands for a backend whose runs are all in one state."""

    def __init__(self, status: RunStatus) -> None:
        self.status = status

    def get_run(self, run_id: str) -> Any:
        return SimpleNamespace(id=run_id, status=self.status)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the runs whose reports were made, in order."""
    ids: list[str] = []

    def report_html(record: Any) -> str:
        ids.append(record.id)
        return f"report of {record.id}"

    monkeypatch.setattr(pages, "collect", lambda _backend, record: record)
    monkeypatch.setattr(pages, "report_html", report_html)
    return ids


def reports(status: RunStatus) -> pages.Reports:
    return pages.Reports(Shelf(status))  # type: ignore[arg-type]


def test_the_report_of_a_finished_run_is_made_once(made: list[str]) -> None:
    kept = reports(RunStatus.FINISHED)

    assert [kept.of("a"), kept.of("a")] == ["report of a"] * 2
    assert made == ["a"]


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.FAILED, RunStatus.CANCELED])
def test_the_report_of_a_run_that_may_go_on_is_made_each_time(
    made: list[str], status: RunStatus
) -> None:
    kept = reports(status)

    kept.of("a")
    kept.of("a")

    assert made == ["a", "a"]


def test_the_oldest_report_is_given_up_for_the_ninth(made: list[str]) -> None:
    kept = reports(RunStatus.FINISHED)
    for name in "abcdefghi":
        kept.of(name)
    made.clear()

    kept.of("i")
    kept.of("b")
    kept.of("a")

    assert made == ["a"]


def test_a_reference_to_another_folder_has_no_report(made: list[str]) -> None:
    with pytest.raises(NotFoundError, match="by its id"):
        reports(RunStatus.FINISHED).of("local:///etc#a")
    assert made == []


def test_a_queued_runs_report_is_shown(site: Site) -> None:
    (run,) = site.backend.list_runs()

    answer = site.client.get(f"/runs/{run.id}/report")

    assert answer.status_code == 200
    assert run.id in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_what_a_report_needs_and_is_not_installed_is_said_on_a_page(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def report_html(_content: object) -> NoReturn:
        raise MissingDependencyError("Reports need matplotlib.")

    monkeypatch.setattr(pages, "report_html", report_html)
    (run,) = site.backend.list_runs()

    answer = site.client.get(f"/runs/{run.id}/report")

    assert answer.status_code == 501
    assert "Reports need matplotlib." in answer.text
