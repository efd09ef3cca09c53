"""The endpoint answers any request as its OpenAPI document says.

``benchmarks/rest/described.py`` asks it more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hostile.described import broken_promises, offered

if TYPE_CHECKING:
    from .conftest import Site


def test_no_request_breaks_the_endpoint(site: Site) -> None:
    run = site.backend.list_runs()[0]
    document = offered(
        site.client.get("/openapi.json").json(),
        {"published_id": [site.published.id, "nothing"], "run_id": [run.id, "nothing"]},
    )

    problems, count = broken_promises(
        document, site.client.url, site.backend.trigger_headers(), examples=12
    )

    assert problems == []
    assert count > 50
    assert site.triggered() > 0  # some requests were good


def test_the_document_is_that_of_this_workspace(site: Site) -> None:
    document = site.client.get("/openapi.json").json()

    assert site.endpoint.replace(site.published.id, "{published_id}") in document["paths"]
    assert site.client.get("/openapi.json", headers={"Authorization": ""}).status_code == 401
