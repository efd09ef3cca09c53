"""Starting a run of a published pipeline over REST, exactly once.

Only ``requests`` is needed here, and no backend is known: another service can trigger without
pandas, scikit-learn or an SDK. The protocol is that of Azure ML's published pipelines: a POST to
the endpoint with ``ExperimentName`` and, if wanted, ``ParameterAssignments``, answered with the
run's ``Id``. It has no idempotency key, so every trigger carries a unique tag: after an answer that
leaves open whether a run was started, the run with that tag is looked for before another try.
"""

from __future__ import annotations

import logging
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import requests

from bankml.clock import SYSTEM_CLOCK, Clock
from bankml.errors import (
    AuthenticationError,
    PermissionDeniedError,
    PublishError,
    TriggerError,
    TriggerUncertainError,
)
from bankml.plan import DATASET_PARAMETER

Auth = str | Mapping[str, str] | Callable[[], str | Mapping[str, str]]
"""A bearer token, the headers, or a function that returns either, fresh at each call."""

TRIGGER_TAG = "bankml.trigger_id"
IDEMPOTENCY_HEADER = "Idempotency-Key"
ATTEMPTS = 6
LOOKS = 3
LONGEST_WAIT_SECONDS = 60.0
DISABLED_STATUS = 409

_logger = logging.getLogger(__name__)
_ENDPOINT = re.compile(
    r"(?P<base>https?://[^/?#]+)/pipelines/v1\.0(?P<workspace>/.+)/PipelineRuns/PipelineSubmit/[^/]+"
)


@dataclass(frozen=True)
class TriggerRequest:
    """One trigger: what is sent, and the tag that makes it unique.

    Attributes:
        endpoint: URL of the published pipeline.
        experiment_name: Experiment that the run belongs to.
        trigger_id: Unique id of this trigger; the same id never starts a second run.
        body: The JSON document that is sent.
    """

    endpoint: str
    experiment_name: str
    trigger_id: str
    body: Mapping[str, Any]

    def __str__(self) -> str:
        """Return the request without any credential."""
        return f"POST {self.endpoint}\n{dict(self.body)}"


@dataclass(frozen=True)
class TriggeredRun:
    """A run that a trigger started.

    Attributes:
        id: The run's id.
        experiment_name: Experiment that it belongs to.
        trigger_id: Id of the trigger that started it.
        document: The service's whole answer.
    """

    id: str
    experiment_name: str
    trigger_id: str
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)


def trigger(
    endpoint: str,
    *,
    experiment_name: str,
    auth: Auth,
    parameters: Mapping[str, str | int | float] | None = None,
    dataset_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
    trigger_id: str | None = None,
    timeout: float = 30.0,
    verify: bool | str = True,
    clock: Clock = SYSTEM_CLOCK,
) -> TriggeredRun:
    """Start a run of a published pipeline, exactly once.

    Args:
        endpoint: URL of the published pipeline.
        experiment_name: Experiment that the run belongs to.
        auth: A bearer token, the headers, or a function that returns either. A function is called
            again when the service says that the token has expired.
        parameters: Values for the parameters that the pipeline declares.
        dataset_id: Id of the dataset version to train on, or None for the published one.
        tags: Tags for the run.
        description: Description for the run.
        trigger_id: A unique id of your own, for example that of the message that caused the
            trigger: triggering again with it returns the same run. None makes a new one.
        timeout: Seconds for one HTTP request.
        verify: Whether TLS certificates are checked, or a file with those to trust.
        clock: The time.

    Returns:
        The run that was started.

    Raises:
        AuthenticationError: The credential is missing or expired (401).
        PermissionDeniedError: It lacks the right to start a run (403).
        PublishError: The pipeline is unknown or disabled.
        TriggerError: The endpoint refused; no run was started.
        TriggerUncertainError: It can't be found out whether a run was started.
    """
    request = build_request(
        endpoint,
        experiment_name=experiment_name,
        parameters=parameters,
        dataset_id=dataset_id,
        tags=tags,
        description=description,
        trigger_id=trigger_id,
    )
    with requests.Session() as session:
        session.verify = verify
        sender = _Sender(request, auth, session, timeout, clock)
        return sender.send(may_exist=trigger_id is not None)


def build_request(
    endpoint: str,
    *,
    experiment_name: str,
    parameters: Mapping[str, str | int | float] | None = None,
    dataset_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    description: str | None = None,
    trigger_id: str | None = None,
) -> TriggerRequest:
    """Return the request that :func:`trigger` would send, without sending it.

    The arguments are those of :func:`trigger`.

    Raises:
        TriggerError: The endpoint is not an http(s) URL.
    """
    if not re.match(r"https?://[^/]", endpoint):
        raise TriggerError(f"The endpoint must be an http(s) URL, not {endpoint!r}.")
    identity = trigger_id or uuid.uuid4().hex
    body: dict[str, Any] = {
        "ExperimentName": experiment_name,
        "tags": {**(tags or {}), TRIGGER_TAG: identity},
    }
    if description:
        body["Description"] = description
    if parameters:
        body["ParameterAssignments"] = {name: str(value) for name, value in parameters.items()}
    if dataset_id:
        reference = {"SavedDataSetReference": {"Id": dataset_id}}
        body["DataSetDefinitionValueAssignments"] = {DATASET_PARAMETER: reference}
    return TriggerRequest(endpoint, experiment_name, identity, body)


def runs_query_url(endpoint: str, experiment_name: str) -> str | None:
    """Return the URL at which runs of the endpoint's workspace are looked up, or None.

    Args:
        endpoint: URL of a published pipeline.
        experiment_name: Experiment to look in.
    """
    match = _ENDPOINT.fullmatch(endpoint)
    if match is None:
        return None
    experiment = quote(experiment_name, safe="")
    return f"{match['base']}/history/v1.0{match['workspace']}/experiments/{experiment}/runs:query"


class _Unsure(Exception):  # noqa: N818 - not an error: it says that a look-up is due
    """A run may have been started."""


class _Later(Exception):  # noqa: N818 - not an error: it says that a retry is due
    """No run was started; trying again is safe."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass
class _Sender:
    request: TriggerRequest
    auth: Auth
    session: requests.Session
    timeout: float
    clock: Clock
    refreshed: bool = False

    def send(self, may_exist: bool) -> TriggeredRun:
        """Send until there is one run, or a reason why there can be none."""
        found = self._look() if may_exist and self._url() else None
        reason = ""
        for attempt in range(ATTEMPTS):
            if found is not None:
                return found
            try:
                return self._post()
            except _Later as later:
                reason = str(later)
                self._pause(attempt, later.seconds)
            except _Unsure as unsure:
                reason = str(unsure)
                found = self._look_patiently()
        if found is not None:
            return found
        raise TriggerError(
            f"The endpoint did not take the trigger in {ATTEMPTS} tries ({reason}). "
            "No run was started; try again later."
        )

    def _post(self) -> TriggeredRun:
        headers = {**self._headers(), IDEMPOTENCY_HEADER: self.request.trigger_id}
        try:
            response = self.session.post(
                self.request.endpoint,
                json=self.request.body,
                headers=headers,
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise TriggerError(f"The endpoint's certificate is not trusted: {error}") from error
        except requests.ConnectionError as error:
            raise (_Later if _never_connected(error) else _Unsure)(_words(error)) from error
        except requests.RequestException as error:
            raise _Unsure(_words(error)) from error
        return self._judge(response)

    def _judge(self, response: requests.Response) -> TriggeredRun:
        status = response.status_code
        if status == requests.codes.too_many_requests:
            raise _Later("429 too many requests", retry_after(response))
        if status == requests.codes.unauthorized and callable(self.auth) and not self.refreshed:
            self.refreshed = True
            raise _Later("401, the token was renewed", 0.0)
        if status >= requests.codes.internal_server_error or status == requests.codes.timeout:
            raise _Unsure(f"HTTP {status}")
        if status >= requests.codes.multiple_choices:
            raise refusal(response)
        return self._triggered(response)

    def _triggered(self, response: requests.Response) -> TriggeredRun:
        try:
            document = response.json()
            run_id = str(document["Id"])
        except (ValueError, KeyError, TypeError) as error:
            raise _Unsure("an answer without the run's Id") from error
        return self._run(run_id, document)

    def _look_patiently(self) -> TriggeredRun | None:
        for attempt in range(LOOKS):
            found = self._look()
            if found is not None:
                return found
            self._pause(attempt, None)
        return None

    def _look(self) -> TriggeredRun | None:
        url = self._url()
        if url is None:
            raise TriggerUncertainError(
                "The answer was lost, and this endpoint's URL does not show where its runs can be "
                f"looked up. Look for a run with the tag {TRIGGER_TAG}={self.request.trigger_id} "
                "before you trigger again."
            )
        for attempt in range(ATTEMPTS):
            runs = self._query(url)
            if runs is not None:
                return self._first(runs)
            self._pause(attempt, None)
        raise TriggerUncertainError(
            "The answer was lost and the service does not tell whether the run was started. Look "
            f"for a run with the tag {TRIGGER_TAG}={self.request.trigger_id} before you trigger "
            "again, or trigger again with the same trigger_id."
        )

    def _url(self) -> str | None:
        return runs_query_url(self.request.endpoint, self.request.experiment_name)

    def _query(self, url: str) -> list[Mapping[str, Any]] | None:
        query = {"filter": f"(Tags/{TRIGGER_TAG} eq {self.request.trigger_id})", "top": 1}
        try:
            response = self.session.post(
                url, json=query, headers=self._headers(), timeout=self.timeout
            )
            if response.status_code == requests.codes.not_found:
                return []  # there is no such experiment yet, so there is no such run
            if not response.ok:
                return None
            return list(response.json()["value"])
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            _logger.warning("The run can't be looked up now: %s", _words(error))
            return None

    def _first(self, runs: list[Mapping[str, Any]]) -> TriggeredRun | None:
        own = (run for run in runs if self._is_own(run))
        run = next(own, None)
        return None if run is None else self._run(str(run["runId"]), run)

    def _is_own(self, run: Mapping[str, Any]) -> bool:
        tags = run.get("tags") or {}
        return bool(tags.get(TRIGGER_TAG) == self.request.trigger_id and run.get("runId"))

    def _run(self, run_id: str, document: Mapping[str, Any]) -> TriggeredRun:
        return TriggeredRun(run_id, self.request.experiment_name, self.request.trigger_id, document)

    def _headers(self) -> dict[str, str]:
        auth = self.auth() if callable(self.auth) else self.auth
        return {"Authorization": f"Bearer {auth}"} if isinstance(auth, str) else dict(auth)

    def _pause(self, attempt: int, seconds: float | None) -> None:
        if seconds is None:
            seconds = 2.0**attempt * (0.5 + random.random() / 2)  # noqa: S311 - jitter, not a secret
        self.clock.sleep(min(seconds, LONGEST_WAIT_SECONDS))


def retry_after(response: requests.Response) -> float | None:
    """Return the seconds that the answer asks to wait, or None.

    Both forms of the header are understood (RFC 9110, section 10.2.3).
    """
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    return _seconds_until(value)


def refusal(response: requests.Response) -> Exception:
    """Return the error for an answer that says no.

    Args:
        response: An answer with a status from 300 to 499.
    """
    code, message = _error_of(response)
    request_id = response.headers.get("x-ms-request-id")
    status = response.status_code
    if status == requests.codes.unauthorized:
        return AuthenticationError(f"The endpoint does not accept the token: {message}")
    if status == requests.codes.forbidden:
        return PermissionDeniedError(
            f"The token lacks the right to start a run: {message} On Azure ML the caller needs the "
            "role 'AzureML Data Scientist' or 'Contributor' on the workspace."
        )
    if status in (requests.codes.not_found, DISABLED_STATUS, requests.codes.gone):
        return PublishError(f"The published pipeline can't be used: {message}")
    quoted = f" Quote the request id {request_id} to support." if request_id else ""
    return TriggerError(f"{code}: {message}{quoted}", status, request_id)


def _error_of(response: requests.Response) -> tuple[str, str]:
    try:
        document = response.json()
        error = document.get("Error") or document.get("error") or {}
        code = error.get("Code") or error.get("code")
        message = error.get("Message") or error.get("message")
    except (ValueError, AttributeError):
        code = message = None
    return str(code or f"HTTP {response.status_code}"), str(message or response.reason)


def _never_connected(error: requests.ConnectionError) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    return type(reason).__name__ in (
        "NewConnectionError",
        "ConnectTimeoutError",
        "NameResolutionError",
    )


def _seconds_until(http_date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(http_date)
    except ValueError:
        return None
    return max((moment - datetime.now(timezone.utc)).total_seconds(), 0.0)


def _words(error: Exception) -> str:
    return type(error).__name__
