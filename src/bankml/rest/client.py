"""Sending a trigger until there is exactly one run, or a reason why there can be none."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, overload

import requests
from urllib3.exceptions import LocationParseError

from bankml.clock import SYSTEM_CLOCK, Clock
from bankml.errors import AuthenticationError, BankmlError, TriggerError, TriggerUncertainError
from bankml.rest.answers import (
    document_of,
    failed_to_connect_securely,
    never_connected,
    refusal,
)
from bankml.rest.request import (
    IDEMPOTENCY_HEADER,
    TRIGGER_TAG,
    TriggeredRun,
    TriggerRequest,
    build_request,
    runs_query_url,
)
from bankml.retry_after import seconds_asked

Auth = str | Mapping[str, str] | Callable[[], str | Mapping[str, str]]
"""A bearer token, the headers, or a function that returns either, fresh at each call."""

NEVER_SENT = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    LocationParseError,
    UnicodeError,
)
_HEADER = re.compile(r"[!-~](?:[ -~]*[!-~])?")
ATTEMPTS = 6
LOOKS = 3
LONGEST_WAIT_SECONDS = 60.0

_logger = logging.getLogger(__name__)


@overload
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
    dry_run: Literal[False] = False,
    timeout: float = 30.0,
    verify: bool | str = True,
    clock: Clock = SYSTEM_CLOCK,
) -> TriggeredRun: ...


@overload
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
    dry_run: Literal[True],
    timeout: float = 30.0,
    verify: bool | str = True,
    clock: Clock = SYSTEM_CLOCK,
) -> TriggerRequest: ...


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
    dry_run: bool = False,
    timeout: float = 30.0,
    verify: bool | str = True,
    clock: Clock = SYSTEM_CLOCK,
) -> TriggeredRun | TriggerRequest:
    """Start a run of a published pipeline, exactly once.

    Azure ML has no idempotency key: a run whose answer was lost is looked for by its tag, several
    times over some seconds. Only a service that takes longer than ``timeout`` and these looks to
    start a run that it then does start can be triggered twice; the local endpoint never is.

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
            trigger: triggering again with it returns the same run, where the endpoint's URL shows
            where its runs are looked up, or it knows the idempotency key. None makes a new one.
        dry_run: Whether to return the request without sending anything; ``auth`` is not asked then.
        timeout: Seconds for one HTTP request.
        verify: Whether TLS certificates are checked, or a file with those to trust.
        clock: The time.

    Returns:
        The run that was started; the request where ``dry_run`` is true.

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
    if dry_run:
        return request
    with requests.Session() as session:
        session.verify = verify
        session.auth = _as_it_is
        sender = _Sender(request, auth, session, timeout, clock)
        return sender.send(may_exist=trigger_id is not None)


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
    posted: bool = False

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
                if attempt < ATTEMPTS - 1:
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
        self.posted = True
        try:
            response = self._send(self.request.endpoint, self.request.body, headers)
        except NEVER_SENT as error:
            endpoint = self.request.endpoint[:200]
            raise TriggerError(f"{endpoint!r} is not the URL of an endpoint.") from error
        except requests.exceptions.SSLError as error:
            raise self._insecure(error) from error
        except requests.ConnectionError as error:
            raise (_Later if never_connected(error) else _Unsure)(_words(error)) from error
        except requests.RequestException as error:
            raise _Unsure(_words(error)) from error
        except OSError as error:  # the file with the certificates to trust
            raise TriggerError(f"Nothing was sent: {error}") from error
        return self._judge(response)

    def _send(
        self, url: str, document: Mapping[str, Any], headers: Mapping[str, str]
    ) -> requests.Response:
        return self.session.post(
            url,
            json=document,
            headers=headers,
            timeout=self.timeout,
            verify=self.session.verify,  # else REQUESTS_CA_BUNDLE would go before it
            allow_redirects=False,
        )

    def _insecure(self, error: requests.exceptions.SSLError) -> Exception:
        if failed_to_connect_securely(error):
            return TriggerError(f"The endpoint's certificate is not trusted: {error}")
        return _Unsure(_words(error))

    def _judge(self, response: requests.Response) -> TriggeredRun:
        status = response.status_code
        if status == requests.codes.too_many_requests:
            raise _Later(
                "429 too many requests", seconds_asked(response.headers.get("Retry-After"))
            )
        if self._renews(status):
            raise _Later("401, the token was renewed", 0.0)
        if status >= requests.codes.internal_server_error or status == requests.codes.timeout:
            raise _Unsure(f"HTTP {status}")
        if status >= requests.codes.multiple_choices:
            raise refusal(response)
        return self._triggered(response)

    def _renews(self, status: int) -> bool:
        """Tell whether the token has expired and a new one can be had: once for each trigger."""
        if status != requests.codes.unauthorized or not callable(self.auth) or self.refreshed:
            return False
        self.refreshed = True
        return True

    def _triggered(self, response: requests.Response) -> TriggeredRun:
        try:
            document = document_of(response)
            run_id = document["Id"]
        except (ValueError, KeyError, TypeError) as error:
            raise _Unsure("an answer without the run's Id") from error
        if not run_id or not isinstance(run_id, str):
            raise _Unsure("an answer without the run's Id")
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
            raise self._uncertain("this endpoint's URL does not show where its runs are looked up")
        for attempt in range(ATTEMPTS):
            runs = self._query(url)
            if runs is not None:
                return self._first(runs)
            if attempt < ATTEMPTS - 1:
                self._pause(attempt, None)
        raise self._uncertain("the service does not tell whether the run was started")

    def _uncertain(self, why: str) -> TriggerUncertainError:
        what = "The answer was lost" if self.posted else "A run may have been started before"
        again = f"trigger again with trigger_id={self.request.trigger_id!r}"
        look = f"look for a run with the tag {TRIGGER_TAG}={self.request.trigger_id}"
        next_step = f"{again}, or {look} first" if self._url() else f"{look} before you {again}"
        return TriggerUncertainError(
            f"{what}, and {why}. {next_step[0].upper()}{next_step[1:]}.", self.request.trigger_id
        )

    def _url(self) -> str | None:
        return runs_query_url(self.request.endpoint, self.request.experiment_name)

    def _query(self, url: str) -> list[Mapping[str, Any]] | None:
        query = {"filter": f"(Tags/{TRIGGER_TAG} eq {self.request.trigger_id})", "top": 1}
        try:
            return self._runs_in(self._send(url, query, self._headers()))
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            _logger.warning("The run can't be looked up now: %s", _words(error))
            return None

    def _runs_in(self, response: requests.Response) -> list[Mapping[str, Any]] | None:
        status = response.status_code
        if status == requests.codes.not_found:
            # no such experiment yet, so no such run; a page of something in between says nothing
            return [] if isinstance(document_of(response)["error"], dict) else None
        if self._renews(status):
            return None
        if status in (requests.codes.unauthorized, requests.codes.forbidden):
            raise self._no_look(refusal(response))
        return _runs_of(document_of(response)) if status == requests.codes.ok else None

    def _no_look(self, denied: BankmlError) -> BankmlError:
        """Asking again would not help; what was sent before decides what is known."""
        if not self.posted:
            return denied
        uncertain = self._uncertain(f"it can't be looked up: {denied}")
        uncertain.__cause__ = denied
        return uncertain

    def _first(self, runs: list[Mapping[str, Any]]) -> TriggeredRun | None:
        own = (run for run in runs if self._is_own(run))
        run = next(own, None)
        return None if run is None else self._run(str(run["runId"]), run)

    def _is_own(self, run: Mapping[str, Any]) -> bool:
        tags = run.get("tags")
        own = isinstance(tags, Mapping) and tags.get(TRIGGER_TAG) == self.request.trigger_id
        return bool(own and run.get("runId"))

    def _run(self, run_id: str, document: Mapping[str, Any]) -> TriggeredRun:
        return TriggeredRun(run_id, self.request.experiment_name, self.request.trigger_id, document)

    def _headers(self) -> dict[str, str]:
        auth = self.auth() if callable(self.auth) else self.auth
        headers = {"Authorization": f"Bearer {auth}"} if isinstance(auth, str) else dict(auth)
        if not all(_HEADER.fullmatch(text) for pair in headers.items() for text in pair):
            raise AuthenticationError(
                "The token can't be sent in a header: it is empty, or has line breaks or other "
                "characters than ASCII. Was the whole file read, or the wrong one?"
            )
        return headers

    def _pause(self, attempt: int, asked: float | None) -> None:
        """Wait as long as the service asks, or longer each time; never in step with others."""
        seconds = min(2.0**attempt / 2 if asked is None else asked, LONGEST_WAIT_SECONDS)
        jitter = random.random() * (seconds if asked is None else seconds / 4)  # noqa: S311 - no secret
        self.clock.sleep(seconds + jitter)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep the token, in whose place requests would send what a ``.netrc`` has for the host."""
    return request


def _runs_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    runs = document["value"]
    if not isinstance(runs, list) or not all(isinstance(run, Mapping) for run in runs):
        raise TypeError("no list of runs")
    return runs


def _words(error: Exception) -> str:
    return type(error).__name__
