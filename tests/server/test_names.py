"""Names of any kind in a trigger and in the endpoint's paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from bankml import BankmlError, TriggerUncertainError, rest
from tests.hostile.test_names import STRANGE, outside
from tests.unit.fake_clock import FakeClock

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Site


def uses(name: str) -> dict[str, dict[str, Any]]:
    """Return triggers that have a name in each place where one can be."""
    return {
        "experiment": {"experiment_name": name},
        "value of a parameter": {"parameters": {"primary_metric": name}},
        "parameter": {"parameters": {name: "1"}},
        "tag": {"tags": {name: name}},
        "description": {"description": name},
        "dataset": {"dataset_id": name or "nothing"},
        "own id": {"trigger_id": name},
        "token": {"auth": name},
        "header": {"auth": {"x": name}},
    }


def refusal(endpoint: str, **arguments: Any) -> BankmlError | None:
    """Trigger, and return the error of ours that it ends in."""
    try:
        rest.trigger(endpoint, clock=FakeClock(), **arguments)
    except BankmlError as error:
        return error
    return None


@pytest.mark.parametrize("kind", STRANGE)
def test_a_trigger_with_any_name_is_one_run_or_our_error(
    site: Site, kind: str, tmp_path: Path
) -> None:
    before = outside(tmp_path)

    for place, options in uses(STRANGE[kind]).items():
        started = site.triggered()
        arguments = {"experiment_name": "e", "auth": site.backend.trigger_headers, **options}
        error = refusal(f"{site.client.url}{site.endpoint}", **arguments)
        assert not isinstance(error, TriggerUncertainError), place
        assert site.triggered() - started == (0 if error else 1), place

    assert outside(tmp_path) == before


@pytest.mark.parametrize("kind", sorted(STRANGE.keys() - {"half a character", "dots", "nothing"}))
def test_a_path_of_any_name_is_not_found(site: Site, kind: str) -> None:
    name = quote(STRANGE[kind], safe="")
    paths = [site.run_path(name), f"/runs/{name}", f"/runs/{name}/report", f"/published/{name}"]
    endpoint = site.endpoint.replace(site.published.id, name)

    answers = [site.client.get(path) for path in paths]
    answers.append(site.client.post(endpoint, json={"ExperimentName": "e"}))

    assert {answer.status_code for answer in answers} <= {400, 404}
    assert site.triggered() == 0


@pytest.mark.parametrize("url", ["http://" + "x" * 100, "http://[", "http://a b", "http://\ud800"])
def test_what_is_no_address_is_our_error(url: str) -> None:
    with pytest.raises(BankmlError, match=r"URL|tries"):
        rest.trigger(url, experiment_name="e", auth="t", clock=FakeClock(), timeout=5)


def test_a_token_that_can_not_be_sent_is_not_shown() -> None:
    with pytest.raises(BankmlError, match="can't be sent") as caught:
        rest.trigger("http://127.0.0.1:9/x", experiment_name="e", auth="planted\nsecret")

    assert "planted" not in str(caught.value)
