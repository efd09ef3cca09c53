"""Triggering over HTTP: Azure ML's bodies, and one run for one trigger."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bankml import TriggerError, rest
from bankml.config import WorkflowConfig
from bankml.status import RunStatus

if TYPE_CHECKING:
    from .conftest import Site


def test_a_trigger_starts_a_run_that_can_be_followed(site: Site) -> None:
    answer = site.client.post(site.endpoint, json={"ExperimentName": "nightly"})

    assert answer.status_code == 200
    document = answer.json()
    run = site.backend.get_run(document["Id"])
    assert (run.experiment, run.published_id) == ("nightly", site.published.id)
    assert document["RunHistoryExperimentName"] == "nightly"
    assert document["PipelineId"] == site.published.id
    assert document["Status"]["StatusCode"] == "Queued"
    assert site.client.get(site.run_path(run.id)).json() == document


def test_parameters_dataset_and_tags_reach_the_run(site: Site) -> None:
    other = site.backend.register_dataset(
        WorkflowConfig().dataset, pd.DataFrame({"x": [5, 6], "y": ["yes", "no"]})
    )
    body = {
        "ExperimentName": "nightly",
        "ParameterAssignments": {"experiment_timeout_minutes": "2.5", "primary_metric": "accuracy"},
        "DataSetDefinitionValueAssignments": {
            "training_data": {"SavedDataSetReference": {"Id": other.id}}
        },
        "tags": {"team": "risk"},
        "RunSource": "SDK",
    }

    document = site.client.post(site.endpoint, json=body).json()

    run = site.backend.get_run(document["Id"])
    assert (run.budget_seconds, run.primary_metric) == (150.0, "accuracy")
    assert run.dataset_version == other.version
    assert run.tags == {"team": "risk"}
    assert document["ParameterAssignments"] == body["ParameterAssignments"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ParameterAssignments": {"iteration": "3"}}, "valid: experiment_timeout_minutes"),
        ({"ParameterAssignments": {"iteration": "3"}}, "Did you mean 'iterations'?"),
        ({"ParameterAssignments": {"iterations": "2.5"}}, "'2.5' is not a whole number"),
        ({"ParameterAssignments": {"experiment_timeout_minutes": "x"}}, "'x' is not a number"),
        ({"ParameterAssignments": {"iterations": "0"}}, "iterations"),
        ({"ParameterAssignments": {"primary_metric": "AUC_wighted"}}, "AUC_weighted"),
        ({"ParameterAssignments": {"experiment_timeout_minutes": "nan"}}, "timeout_minutes"),
        ({"DataSetDefinitionValueAssignments":
          {"other": {"SavedDataSetReference": {"Id": "1"}}}}, "'training_data'"),
        ({"ExperimentName": ""}, "ExperimentName"),
        ({"ExperimentName": "x" * 300}, "ExperimentName"),
        ({"ExperimentName": ".."}, "not '.' or '..'"),
        ({"ExperimentName": "two\nlines"}, "no control characters"),
        ({"tags": {"a": 1}}, "tags"),
        ({"ParameterAssignments": {"iterations": True}}, "iterations"),
        ({"ParameterAssignment": {"iterations": "3"}}, "mean 'ParameterAssignments'?"),
        ({"Tags": {"team": "risk"}}, "mean 'tags'?"),
        ({"DataSetDefinitionValueAssignment": {}}, "mean 'DataSetDefinitionValueAssignments'?"),
        ({"quite_another": 1}, "unknown key 'quite_another'; valid: ContinueRunOnStepFailure,"),
    ],
)  # fmt: skip
def test_what_is_not_valid_is_named_and_starts_nothing(
    site: Site, change: dict[str, Any], words: str
) -> None:
    answer = site.client.post(site.endpoint, json={"ExperimentName": "nightly", **change})

    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
    assert site.triggered() == 0


def test_a_dataset_without_the_label_is_named_and_starts_nothing(site: Site) -> None:
    other = site.backend.register_dataset(
        WorkflowConfig().dataset, pd.DataFrame({"x": [5, 6], "z": ["yes", "no"]})
    )
    binding = {"training_data": {"SavedDataSetReference": {"Id": other.id}}}
    body = {"ExperimentName": "nightly", "DataSetDefinitionValueAssignments": binding}

    answer = site.client.post(site.endpoint, json=body)

    assert answer.status_code == 400
    assert "no label column 'y'" in answer.json()["error"]["message"]
    assert site.triggered() == 0


@pytest.mark.parametrize("iterations", ["3", 3, 3.0])
def test_a_number_may_be_written_as_one(site: Site, iterations: object) -> None:
    body = {"ExperimentName": "nightly", "ParameterAssignments": {"iterations": iterations}}

    answer = site.client.post(site.endpoint, json=body)

    assert answer.json()["ParameterAssignments"] == {"iterations": "3"}


def test_keys_of_the_service_without_a_local_meaning_are_ignored(site: Site) -> None:
    body = {"ExperimentName": "e", "ContinueRunOnStepFailure": True, "Properties": {"a": "b"}}

    assert site.client.post(site.endpoint, json=body).status_code == 200


def test_an_unknown_dataset_or_pipeline_is_not_found(site: Site) -> None:
    binding = {"training_data": {"SavedDataSetReference": {"Id": "no-such-data"}}}
    body = {"ExperimentName": "nightly", "DataSetDefinitionValueAssignments": binding}

    assert site.client.post(site.endpoint, json=body).status_code == 404
    elsewhere = site.endpoint.replace(site.published.id, "no-such-pipeline")
    answer = site.client.post(elsewhere, json={"ExperimentName": "nightly"})
    assert answer.status_code == 404
    assert "no-such-pipeline" in answer.json()["error"]["message"]


def test_a_disabled_pipeline_conflicts_until_it_is_enabled(site: Site) -> None:
    site.backend.set_published_status(site.published.id, "Disabled")
    refused = site.client.post(site.endpoint, json={"ExperimentName": "nightly"})
    site.backend.set_published_status(site.published.id, "Active")
    taken = site.client.post(site.endpoint, json={"ExperimentName": "nightly"})

    assert (refused.status_code, taken.status_code) == (409, 200)
    assert "is disabled" in refused.json()["error"]["message"]


@pytest.mark.parametrize("how", ["header", "tag"])
def test_the_same_trigger_is_one_run(site: Site, how: str) -> None:
    headers = {"Idempotency-Key": "message 7"} if how == "header" else {}
    tags = {"bankml.trigger_id": "message 7"} if how == "tag" else {}

    def send(_: int) -> str:
        body = {"ExperimentName": "nightly", "tags": tags}
        return str(site.client.post(site.endpoint, json=body, headers=headers).json()["Id"])

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(send, range(24)))

    assert len(ids) == 1
    assert site.triggered() == 1


@pytest.mark.parametrize(
    "triggers",
    [
        [("key 1", "tag 1"), ("", "tag 1")],
        [("key 1", "tag 1"), ("key 1", "")],
        [("key 1", "tag 1"), ("key 2", "tag 1")],
        [("key 1", ""), ("key 1", "tag 1"), ("", "tag 1")],
        [("", "tag 1"), ("key 1", "tag 1"), ("key 1", "")],
        [("mine", "mine"), ("", "mine"), ("mine", "")],
    ],
)
def test_a_key_or_a_tag_that_was_seen_starts_no_second_run(
    site: Site, triggers: list[tuple[str, str]]
) -> None:
    ids = {site.trigger(key=key, tag=tag) for key, tag in triggers}

    assert len(ids) == 1
    assert site.triggered() == 1


def test_a_trigger_that_joins_two_runs_starts_no_third(site: Site) -> None:
    by_key, by_tag = site.trigger(key="key 1"), site.trigger(tag="tag 1")

    both = site.trigger(key="key 1", tag="tag 1")

    assert both == by_key != by_tag
    assert site.triggered() == 2


@pytest.mark.parametrize("how", ["header", "tag"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ExperimentName": "weekly"}, "another experiment ('nightly')"),
        ({"ParameterAssignments": {"iterations": "4"}}, "another set of parameters"),
        ({"ParameterAssignments": {}}, "another set of parameters"),
    ],
)
def test_a_key_stands_for_one_request(
    site: Site, change: dict[str, Any], words: str, how: str
) -> None:
    headers = {"Idempotency-Key": "message 7"} if how == "header" else {}
    body = {
        "ExperimentName": "nightly",
        "ParameterAssignments": {"iterations": "3"},
        "tags": {"bankml.trigger_id": "message 7"} if how == "tag" else {},
    }
    site.client.post(site.endpoint, json=body, headers=headers)

    answer = site.client.post(site.endpoint, json={**body, **change}, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "IdempotencyKeyReused"
    assert words in answer.json()["error"]["message"]
    assert site.triggered() == 1


def test_a_refused_request_takes_no_key(site: Site) -> None:
    tags = {"bankml.trigger_id": "tag 1"}
    site.client.post(site.endpoint, json={"ExperimentName": "nightly", "tags": tags})
    key = {"Idempotency-Key": "key 2"}

    other = {"ExperimentName": "weekly", "tags": tags}
    refused = site.client.post(site.endpoint, json=other, headers=key)
    taken = site.client.post(site.endpoint, json={"ExperimentName": "weekly"}, headers=key)

    assert (refused.status_code, taken.status_code) == (422, 200)


def test_a_key_stands_for_one_dataset(site: Site) -> None:
    other = site.backend.register_dataset(
        WorkflowConfig().dataset, pd.DataFrame({"x": [5, 6], "y": ["yes", "no"]})
    )
    reference = {"training_data": {"SavedDataSetReference": {"Id": other.id}}}
    body = {"ExperimentName": "e"}
    headers = {"Idempotency-Key": "message 7"}
    site.client.post(site.endpoint, json=body, headers=headers)

    bound = {**body, "DataSetDefinitionValueAssignments": reference}
    answer = site.client.post(site.endpoint, json=bound, headers=headers)

    assert answer.status_code == 422
    assert "another dataset ('Bank Marketing Dataset' version 1)" in str(answer.json())


def test_a_key_stands_for_its_request_whatever_the_tags(site: Site) -> None:
    headers = {"Idempotency-Key": "message 7"}
    ids = {
        site.client.post(
            site.endpoint, json={"ExperimentName": "e", "tags": {"try": number}}, headers=headers
        ).json()["Id"]
        for number in ("1", "2")
    }

    assert len(ids) == 1


@pytest.mark.parametrize(
    "change", [{"experiment_name": "weekly"}, {"parameters": {"iterations": 4}}]
)
def test_who_uses_an_id_for_another_request_is_told(site: Site, change: dict[str, Any]) -> None:
    url, auth = f"{site.client.url}{site.endpoint}", site.backend.trigger_headers
    request: dict[str, Any] = {"experiment_name": "nightly", "trigger_id": "message-7"}
    first = rest.trigger(url, auth=auth, **request)
    again = rest.trigger(url, auth=auth, **request)

    with pytest.raises(TriggerError, match="needs another id"):
        rest.trigger(url, auth=auth, **{**request, **change})

    assert (again.id, again.experiment_name) == (first.id, "nightly")
    assert site.triggered() == 1


def test_the_same_trigger_is_answered_after_the_pipeline_was_disabled(site: Site) -> None:
    headers = {"Idempotency-Key": "message 7"}
    body = {"ExperimentName": "nightly"}
    first = site.client.post(site.endpoint, json=body, headers=headers).json()["Id"]
    site.backend.set_published_status(site.published.id, "Disabled")

    assert site.client.post(site.endpoint, json=body, headers=headers).json()["Id"] == first


def test_an_empty_key_is_no_key(site: Site) -> None:
    answer = site.client.post(
        site.endpoint, json={"ExperimentName": "e"}, headers={"Idempotency-Key": ""}
    )

    assert answer.status_code == 400
    assert "idempotency-key" in answer.json()["error"]["message"]
    assert site.triggered() == 0


def test_different_triggers_are_different_runs(site: Site) -> None:
    for key in ("1", "2"):
        site.client.post(
            site.endpoint, json={"ExperimentName": "e"}, headers={"Idempotency-Key": key}
        )

    assert site.triggered() == 2


@pytest.mark.parametrize("quoted", ["'a b'", "a b"])
def test_runs_are_looked_up_by_tag(site: Site, quoted: str) -> None:
    for value in ("a b", "other"):
        body = {"ExperimentName": "nightly/2", "tags": {"x.id": value, "team": "risk"}}
        wanted = site.client.post(site.endpoint, json=body).json()["Id"] if value == "a b" else ""
        if not wanted:
            site.client.post(site.endpoint, json=body)
        else:
            expected = wanted
    path = site.query_path("nightly%2F2")

    query = {"filter": f"(Tags/x.id eq {quoted}) and (Tags/team eq risk)", "top": 1}
    found = site.client.post(path, json=query).json()["value"]
    everything = site.client.post(path, json={}).json()["value"]

    assert [run["runId"] for run in found] == [expected]
    assert found[0]["tags"]["x.id"] == "a b"
    assert len(everything) == 2
    assert site.client.post(site.query_path("other"), json=query).json()["value"] == []


def test_a_filter_that_is_not_understood_is_refused(site: Site) -> None:
    answer = site.client.post(site.query_path("e"), json={"filter": "Status eq Failed"})

    assert answer.status_code == 400
    assert "Tags/<name> eq <value>" in answer.json()["error"]["message"]


def test_a_failed_run_says_why(site: Site) -> None:
    run_id = site.client.post(site.endpoint, json={"ExperimentName": "e"}).json()["Id"]
    site.backend.cancel(run_id)

    status = site.client.get(site.run_path(run_id)).json()["Status"]

    assert status["StatusCode"] == str(RunStatus.CANCELED)
    assert status["EndTime"] is not None
