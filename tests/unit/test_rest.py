"""A trigger starts exactly one run, whatever happens on the way."""

from __future__ import annotations

import json
import random
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

import bankml
from bankml.errors import (
    AuthenticationError,
    PermissionDeniedError,
    PublishError,
    TriggerError,
    TriggerUncertainError,
)
from bankml.rest import (
    HONOURS_HEADER,
    IDEMPOTENCY_HEADER,
    TRIGGER_TAG,
    build_request,
    runs_query_url,
)
from bankml.rest.connection import LONGEST_WAIT_SECONDS

from .fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/pipelines/v1.0/subscriptions/s/workspaces/w/PipelineRuns/PipelineSubmit/p1"

FAULTS = ("429", "503 before", "503 after", "drop before", "drop after", "401", "502 look-up")


@dataclass
class Service:
    """A service with the trigger's protocol, with faults on demand; Azure's knows no keys."""

    honours_keys: bool = False
    faults: deque[str] = field(default_factory=deque)
    held: list[dict[str, Any]] = field(default_factory=list)
    answer: tuple[int, dict[str, Any]] | None = None
    runs: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    look_up_status: int = 200
    look_up_error: Any = field(default_factory=dict)
    retry_after: str = "7"
    posts: int = 0
    url: str = ""

    def start_run(self, body: dict[str, Any]) -> dict[str, Any]:
        same = [run for run in self.runs if run["tags"] == body["tags"]]
        if same and self.honours_keys:
            return same[0]
        run = {"runId": f"run-{len(self.runs)}", "tags": body.get("tags", {}), "body": body}
        self.runs.append(run)
        return run

    def let_the_held_arrive(self) -> None:
        """Carry out what a gateway had taken, and kept for longer than anybody waited."""
        for body in self.held:
            self.start_run(body)

    def next_fault(self) -> str:
        return self.faults.popleft() if self.faults else ""


class Handler(BaseHTTPRequestHandler):
    service: Service

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("runs:query"):
            self._query(body)
            return
        self.service.posts += 1
        self.service.tokens.append(self.headers.get("Authorization", ""))
        self._submit(body, self.service.next_fault())

    def _query(self, body: dict[str, Any]) -> None:
        if self.service.faults and self.service.faults[0] == "502 look-up":
            self.service.faults.popleft()
            self._send(502, {})
            return
        if self.service.look_up_status != 200:
            self._send(self.service.look_up_status, {"error": self.service.look_up_error})
            return
        found = [run for run in self.service.runs if run["tags"][TRIGGER_TAG] in body["filter"]]
        self._send(200, {"value": found[: body["top"]]})

    def _submit(self, body: dict[str, Any], fault: str) -> None:
        if self.service.answer is not None:
            self._send(*self.service.answer)
        elif fault in ("429", "401"):
            self._send(
                int(fault),
                {"error": {"code": fault, "message": "not now"}},
                self.service.retry_after,
            )
        elif fault == "503 before":
            self._send(503, {})
        elif fault == "403":
            self._send(403, {"error": {"code": "Forbidden", "message": "not from here"}})
        elif fault == "drop before":
            self.close_connection = True
        elif fault == "held":
            self.service.held.append(body)
            self.close_connection = True
        else:
            run = self.service.start_run(body)
            self._after(fault, run)

    def _after(self, fault: str, run: dict[str, Any]) -> None:
        if fault == "drop after":
            self.close_connection = True
        elif fault == "503 after":
            self._send(503, {})
        else:
            self._send(200, {"Id": run["runId"]})

    def _send(self, status: int, document: dict[str, Any], retry_after: str = "") -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-ms-request-id", "request-1")
        if self.service.honours_keys:
            self.send_header(HONOURS_HEADER, IDEMPOTENCY_HEADER)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def service() -> Iterator[Service]:
    double = Service()
    handler = type("Handler", (Handler,), {"service": double})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        double.url = f"http://127.0.0.1:{server.server_port}{PATH}"
        yield double
        server.shutdown()
        thread.join()


def trigger(service: Service, **options: Any) -> bankml.TriggeredRun:
    arguments = {"experiment_name": "nightly", "auth": "secret-token", "clock": FakeClock()}
    triggered: bankml.TriggeredRun = bankml.trigger(service.url, **{**arguments, **options})
    return triggered


def trigger_as_told(service: Service, **options: Any) -> bankml.TriggeredRun:
    """Trigger, and after each uncertain outcome again with its id."""
    for _ in range(9):
        try:
            return trigger(service, **options)
        except TriggerUncertainError as error:
            options["trigger_id"] = error.trigger_id
    raise AssertionError("never certain")


def test_a_trigger_sends_what_azure_expects(service: Service) -> None:
    triggered = trigger(
        service, parameters={"iterations": 3}, dataset_id="d-1", tags={"caller": "billing"}
    )

    body = service.runs[0]["body"]
    assert triggered.id == "run-0"
    assert body["ExperimentName"] == "nightly"
    assert body["ParameterAssignments"] == {"iterations": "3"}
    assert body["tags"] == {"caller": "billing", TRIGGER_TAG: triggered.trigger_id}
    assert body["DataSetDefinitionValueAssignments"] == {
        "training_data": {"SavedDataSetReference": {"Id": "d-1"}}
    }
    assert service.tokens == ["Bearer secret-token"]


@pytest.mark.parametrize("honours_keys", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_any_schedule_of_faults_ends_in_exactly_one_run(
    service: Service, seed: int, honours_keys: bool
) -> None:
    dice = random.Random(seed)
    service.faults.extend(dice.sample(FAULTS * 2, k=dice.randint(1, 4)))
    if service.faults.count("401") == 2:
        service.faults.remove("401")  # a token that is refused twice is an error, tested below

    service.honours_keys = honours_keys

    triggered = trigger_as_told(service, auth=lambda: "fresh")

    assert [run["runId"] for run in service.runs] == [triggered.id]


@pytest.mark.parametrize("fault", ["503 after", "drop after"])
def test_a_run_whose_answer_was_lost_is_found_by_its_tag(service: Service, fault: str) -> None:
    service.faults.append(fault)

    triggered = trigger(service)

    assert (triggered.id, service.posts) == ("run-0", 1)


def test_what_may_still_be_under_way_is_not_sent_again_to_a_service_without_keys(
    service: Service,
) -> None:
    service.faults.append("held")

    with pytest.raises(TriggerUncertainError, match="wait for some minutes") as caught:
        trigger(service)
    service.let_the_held_arrive()
    again = trigger(service, trigger_id=caught.value.trigger_id)

    assert [run["runId"] for run in service.runs] == [again.id]
    assert service.posts == 1


def test_what_may_still_be_under_way_is_sent_again_to_a_service_that_honours_keys(
    service: Service,
) -> None:
    service.honours_keys = True
    service.faults.append("held")

    triggered = trigger(service)
    service.let_the_held_arrive()

    assert [run["runId"] for run in service.runs] == [triggered.id]
    assert service.posts == 2


@pytest.mark.parametrize("ending", ["held", "429"])
def test_while_one_request_is_under_way_nobody_is_told_that_no_run_was_started(
    service: Service, ending: str
) -> None:
    service.honours_keys = True
    service.faults.extend(["held", *[ending] * 9])

    with pytest.raises(TriggerUncertainError, match="lost") as caught:
        trigger(service)
    service.faults.clear()
    service.let_the_held_arrive()
    again = trigger(service, trigger_id=caught.value.trigger_id)

    assert "No run was started" not in str(caught.value)
    assert [run["runId"] for run in service.runs] == [again.id]


def test_a_refusal_after_a_lost_answer_does_not_say_what_became_of_that(service: Service) -> None:
    service.honours_keys = True
    service.faults.extend(["held", "403"])

    with pytest.raises(TriggerUncertainError, match="AzureML Data Scientist") as caught:
        trigger(service, trigger_id="message-17")

    assert caught.value.trigger_id == "message-17"
    assert isinstance(caught.value.__cause__, PermissionDeniedError)


def test_a_credential_that_fails_after_a_lost_answer_does_not_hide_the_trigger(
    service: Service,
) -> None:
    service.faults.append("drop after")
    answers = iter(["token"])

    with pytest.raises(TriggerUncertainError, match="StopIteration") as caught:
        trigger(service, auth=lambda: next(answers))

    assert service.runs[0]["tags"][TRIGGER_TAG] == caught.value.trigger_id
    assert isinstance(caught.value.__cause__, StopIteration)


def test_an_empty_token_after_a_lost_answer_does_not_hide_the_trigger(service: Service) -> None:
    service.faults.append("drop after")
    answers = iter(["token", ""])

    with pytest.raises(TriggerUncertainError, match="empty") as caught:
        trigger(service, auth=lambda: next(answers))

    assert isinstance(caught.value.__cause__, AuthenticationError)


def test_a_credential_that_fails_before_anything_was_sent_is_its_own_error(
    service: Service,
) -> None:
    answers: Iterator[str] = iter([])

    with pytest.raises(StopIteration):
        trigger(service, auth=lambda: next(answers))


def test_no_try_begins_after_the_total_time(service: Service) -> None:
    service.faults.extend(["429"] * 50)
    service.retry_after = "50"
    clock = FakeClock()

    with pytest.raises(TriggerError, match="No run was started"):
        trigger(service, clock=clock, total_timeout=90)

    assert service.posts == 2
    assert clock.time <= 90


def test_the_same_trigger_id_gives_the_same_run(service: Service) -> None:
    first = trigger(service, trigger_id="message-17")
    second = trigger(service, trigger_id="message-17")

    assert first.id == second.id
    assert len(service.runs) == 1


def test_a_run_that_was_found_again_tells_what_became_of_it(service: Service) -> None:
    first = trigger(service, trigger_id="message-17")
    service.runs[0]["status"] = "Failed"
    again = trigger(service, trigger_id="message-17")

    assert (first.status, again.status) == (None, "Failed")


@pytest.mark.parametrize("told", [None, {}, {"StatusCode": None}, 7, ["Failed"]])
def test_a_run_of_which_the_service_tells_no_status_has_none(service: Service, told: Any) -> None:
    service.answer = (200, {"Id": "r1", "Status": told})

    assert trigger(service).status is None


def test_a_new_run_has_the_status_of_the_answer(service: Service) -> None:
    service.answer = (200, {"Id": "r1", "Status": {"StatusCode": "Queued"}})

    assert trigger(service).status == "Queued"


@pytest.mark.parametrize("fault", ["429", "403", "503 before", "held"])
def test_a_run_that_was_found_is_there_whatever_else_the_service_answers(
    service: Service, fault: str
) -> None:
    service.honours_keys = True
    first = trigger(service, trigger_id="message-17")
    service.faults.append(fault)

    assert trigger(service, trigger_id="message-17").id == first.id


def test_429_is_waited_out_as_long_as_the_service_asks(service: Service) -> None:
    service.faults.extend(["429", "429"])
    clock = FakeClock()

    trigger(service, clock=clock)

    assert len(clock.sleeps) == 2
    assert all(7.0 <= seconds <= 7.0 * 1.25 for seconds in clock.sleeps)
    assert len(set(clock.sleeps)) == 2  # many clients must not come back at the same moment


def test_a_service_that_asks_for_a_day_is_asked_again_sooner(service: Service) -> None:
    service.faults.append("429")
    service.retry_after = "86400"
    clock = FakeClock()

    trigger(service, clock=clock)

    assert max(clock.sleeps) <= LONGEST_WAIT_SECONDS * 1.25


def test_a_429_storm_is_given_up_and_says_that_nothing_was_started(service: Service) -> None:
    service.faults.extend(["429"] * 50)

    with pytest.raises(TriggerError, match="No run was started"):
        trigger(service)

    assert not service.runs


def test_an_expired_token_is_renewed_once(service: Service) -> None:
    service.faults.append("401")
    tokens = iter(["old", "new"])

    trigger(service, auth=lambda: next(tokens))

    assert service.tokens == ["Bearer old", "Bearer new"]


def test_a_token_that_is_refused_twice_is_an_error(service: Service) -> None:
    service.faults.extend(["401", "401"])

    with pytest.raises(AuthenticationError):
        trigger(service, auth=lambda: "stale")

    assert not service.runs


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, AuthenticationError), (403, PermissionDeniedError), (404, PublishError),
     (409, PublishError), (400, TriggerError), (302, TriggerError)],
)  # fmt: skip
def test_a_refusal_is_final(service: Service, status: int, error: type[Exception]) -> None:
    service.answer = (status, {"error": {"code": "Nope", "message": "said the service"}})

    with pytest.raises(error) as caught:
        trigger(service)

    assert service.posts == 1
    assert "secret-token" not in str(caught.value)


def test_a_missing_role_is_named(service: Service) -> None:
    service.answer = (403, {"error": {"code": "Forbidden", "message": "no"}})

    with pytest.raises(PermissionDeniedError, match="AzureML Data Scientist"):
        trigger(service)


def test_nobody_listening_is_tried_again_and_then_said() -> None:
    closed = "http://127.0.0.1:9" + PATH

    with pytest.raises(TriggerError, match="No run was started"):
        bankml.trigger(closed, experiment_name="e", auth="t", clock=FakeClock())


def test_an_unknown_kind_of_endpoint_never_risks_a_second_run(service: Service) -> None:
    service.url = service.url.replace("/pipelines/v1.0", "/elsewhere")
    service.faults.append("drop after")

    with pytest.raises(TriggerUncertainError, match=TRIGGER_TAG) as caught:
        trigger(service)

    assert [run["tags"][TRIGGER_TAG] for run in service.runs] == [caught.value.trigger_id]


def test_a_look_up_that_is_forbidden_is_not_repeated_and_names_the_role(service: Service) -> None:
    service.look_up_status = 403
    service.faults.append("drop after")
    clock = FakeClock()

    with pytest.raises(TriggerUncertainError, match="AzureML Data Scientist"):
        trigger(service, clock=clock)

    assert not clock.sleeps
    assert len(service.runs) == 1


@pytest.mark.parametrize("error", ["a page", {}, {"code": "ResourceNotFound", "message": "no"}])
def test_a_404_of_something_in_between_does_not_say_that_there_is_no_run(
    service: Service, error: object
) -> None:
    service.look_up_status, service.look_up_error = 404, error

    with pytest.raises(TriggerUncertainError):
        trigger(service, trigger_id="message-17")

    assert service.posts == 0


def test_an_experiment_that_does_not_exist_has_no_run_yet(service: Service) -> None:
    service.look_up_status = 404
    service.look_up_error = {"code": "UserError", "message": "Experiment nightly not found"}

    assert trigger(service, trigger_id="message-17").id == "run-0"


@pytest.mark.parametrize(
    ("status", "error"), [(401, AuthenticationError), (403, PermissionDeniedError)]
)
def test_nothing_is_sent_where_an_earlier_run_may_not_be_looked_up(
    service: Service, status: int, error: type[Exception]
) -> None:
    service.look_up_status = status

    with pytest.raises(error):
        trigger(service, trigger_id="message-17")

    assert service.posts == 0


def test_a_look_up_follows_no_redirect(service: Service) -> None:
    service.look_up_status = 307

    with pytest.raises(TriggerUncertainError):
        trigger(service, trigger_id="message-17")

    assert service.posts == 0


@pytest.mark.parametrize(
    "trigger_id", ["", 4711, "a b", "it's", "(x)", "two\nlines", "ä", "x" * 256, "a\0b", '"']
)
def test_an_id_that_could_not_be_looked_up_is_refused(service: Service, trigger_id: Any) -> None:
    with pytest.raises(TriggerError, match="SHA-256"):
        trigger(service, trigger_id=trigger_id)

    assert service.posts == 0


@pytest.mark.parametrize("name", ["", 5, None, ".", "..", "two\nlines", "a\0b", "\ud800"])
def test_an_experiment_that_could_not_be_looked_up_is_refused(service: Service, name: Any) -> None:
    with pytest.raises(TriggerError, match="name of an experiment"):
        trigger(service, experiment_name=name)

    assert service.posts == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"parameters": {"iterations": None}}, "'iterations' must be a text or a number"),
        ({"parameters": {"iterations": True}}, "'iterations' must be a text or a number"),
        ({"parameters": {"iterations": float("nan")}}, "finite"),
        ({"parameters": ["iterations=3"]}, "parameters must be a mapping"),
        ({"parameters": {3: "x"}}, "parameters must be a mapping"),
        ({"tags": {"team": 7}}, "'team' must be a text"),
        ({"tags": "team"}, "tags must be a mapping"),
        ({"tags": {TRIGGER_TAG: "mine"}}, "pass trigger_id='mine'"),
        ({"dataset_id": 3}, "dataset_id must be a text"),
        ({"description": 3}, "description must be a text"),
        ({"timeout": 0}, "timeout must be a number of seconds above 0"),
        ({"timeout": None}, "timeout must be a number of seconds above 0"),
        ({"total_timeout": "long"}, "total_timeout must be a number"),
    ],
)
def test_an_argument_that_cant_be_sent_is_named(
    service: Service, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(TriggerError, match=words):
        trigger(service, **options)

    assert service.posts == 0


@pytest.mark.parametrize(
    "auth", [None, lambda: None, 7, {"Authorization": None}, {1: "token"}, lambda: {"a": b"b"}]
)
def test_a_credential_of_another_kind_is_refused(service: Service, auth: Any) -> None:
    with pytest.raises(AuthenticationError, match="must be a bearer token, the headers"):
        trigger(service, auth=auth)

    assert service.posts == 0


def test_a_dry_run_sends_nothing_and_shows_no_token() -> None:
    request = bankml.trigger(
        "https://host/x", experiment_name="e", auth="secret-token", trigger_id="t-1", dry_run=True
    )

    assert "secret-token" not in f"{request}{request!r}"
    assert request == build_request("https://host/x", experiment_name="e", trigger_id="t-1")
    assert request.body == {"ExperimentName": "e", "tags": {TRIGGER_TAG: "t-1"}}


def test_runs_are_looked_up_beside_the_endpoint() -> None:
    url = runs_query_url("https://host" + PATH, "my experiment/1")

    assert url == (
        "https://host/history/v1.0/subscriptions/s/workspaces/w"
        "/experiments/my%20experiment%2F1/runs:query"
    )


@pytest.mark.parametrize("endpoint", ["ftp://host", "", None, 7])
def test_only_urls_are_accepted(endpoint: Any) -> None:
    with pytest.raises(TriggerError, match="URL"):
        bankml.trigger(endpoint, experiment_name="e", auth="t")
