"""The server's pages: read with the token as a password, and good for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from bankml.server import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from bankml import PublishedPipeline, Run, Workflow
    from bankml.server import RunningServer


@pytest.fixture(scope="module")
def published(workflow: Workflow, finished: Run) -> PublishedPipeline:
    """The finished run's pipeline, published under a name from outside."""
    named = workflow.config.replace(publish={"name": "<b>Retrain</b>"})
    return type(workflow)(named).publish(finished)


@pytest.fixture(scope="module")
def server(workflow: Workflow, published: PublishedPipeline) -> Iterator[RunningServer]:
    """A server of the workspace with the finished run."""
    assert published.status == "Active"
    with running_server(workflow.config) as running:
        yield running


@pytest.fixture
def visitor() -> Iterator[requests.Session]:
    """A browser's session that has not signed in."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def reader(visitor: requests.Session, server: RunningServer) -> requests.Session:
    """A browser's session that has signed in."""
    visitor.auth = ("anyone", server.token)
    return visitor


@pytest.mark.parametrize("path", ["/", "/runs/1", "/runs/1/report", "/published/1"])
@pytest.mark.parametrize("auth", [None, ("anyone", ""), ("anyone", "wrong")])
def test_nothing_is_shown_without_the_token(
    visitor: requests.Session, server: RunningServer, path: str, auth: tuple[str, str] | None
) -> None:
    answer = visitor.get(f"{server.url}{path}", auth=auth)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_the_password_opens_pages_only(
    reader: requests.Session, server: RunningServer, published: PublishedPipeline
) -> None:
    answer = reader.post(server.endpoint(published.id), json={"ExperimentName": "e"})

    assert answer.status_code == 401


def test_the_start_page_lists_runs_and_pipelines(
    reader: requests.Session, server: RunningServer, finished: Run, published: PublishedPipeline
) -> None:
    page = reader.get(server.url).text

    assert f'href="/runs/{finished.id}"' in page
    assert f'href="/published/{published.id}"' in page
    assert "&lt;b&gt;Retrain&lt;/b&gt;" in page


def test_a_finished_runs_page_has_its_leaderboard_and_does_not_refresh(
    reader: requests.Session, server: RunningServer, finished: Run
) -> None:
    page = reader.get(f"{server.url}/runs/{finished.id}").text

    assert all(f"{row.score:.5f}" in page for row in finished.leaderboard())
    assert 'http-equiv="refresh"' not in page


def test_a_run_that_goes_on_is_looked_at_again(
    reader: requests.Session, server: RunningServer, workflow: Workflow, small_frame: pd.DataFrame
) -> None:
    settings = workflow.config.replace(
        automl={**workflow.config.automl.model_dump(), "random_state": 77}
    )
    run = type(workflow)(settings).train(small_frame, wait=False)

    page = reader.get(f"{server.url}/runs/{run.id}").text

    run.cancel()
    run.wait(60, progress=False, raise_on_failure=False)
    assert '<meta http-equiv="refresh" content="3">' in page


def test_a_published_pipelines_page_says_how_to_trigger_it(
    reader: requests.Session, server: RunningServer, published: PublishedPipeline
) -> None:
    page = reader.get(f"{server.url}/published/{published.id}").text

    assert published.id in page
    assert "curl -X POST" in page
    assert server.token not in page


@pytest.mark.parametrize("path", ["/runs/none", "/runs/none/report", "/published/none"])
def test_what_is_not_there_is_said_on_a_page(
    reader: requests.Session, server: RunningServer, path: str
) -> None:
    answer = reader.get(f"{server.url}{path}")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "All runs" in answer.text


def test_a_reference_to_another_folder_is_not_followed(
    reader: requests.Session, server: RunningServer
) -> None:
    answer = reader.get(f"{server.url}/runs/local%3A%2F%2F%2Fetc%23passwd")

    assert answer.status_code == 404


def test_a_browser_signs_in_and_reads_the_report(
    browser: Any, server: RunningServer, finished: Run
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        color_scheme="dark",
        http_credentials={"username": "anyone", "password": server.token},
    )
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text))
    page.goto(server.url)
    page.get_by_role("link", name=finished.id).click()
    assert page.get_by_role("heading", name=f"Run {finished.id}").is_visible()
    page.get_by_role("link", name="Report").click()

    assert page.get_by_role("heading", name="Evaluation").is_visible()
    assert page.locator("figure svg").count() == 8
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
    assert wrong == []
