"""Sending a trigger until there is exactly one run, or a reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
from urllib3.exceptions import LocationParseError

from bankml.errors import BankmlError, TriggerError, TriggerUncertainError
from bankml.rest.answers import (
    document_of,
    failed_to_connect_securely,
    never_connected,
    refusal,
)
from bankml.rest.look_up import LookUp, UnknownOutcome
from bankml.rest.request import IDEMPOTENCY_HEADER
from bankml.retry_after import seconds_asked
from bankml.tags import TRIGGER_TAG

if TYPE_CHECKING:
    from bankml.rest.connection import Connection
    from bankml.rest.request import TriggeredRun, TriggerRequest

NEVER_SENT = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    LocationParseError,
    UnicodeError,
)
ATTEMPTS = 6
LOOKS = 7
"""After a lost answer; with the waits between them half a minute or more."""


class _Unsure(Exception):  # noqa: N818 - not an error: it says that a look-up is due
    """A run may have been started."""


class _Later(Exception):  # noqa: N818 - not an error: it says that a retry is due
    """No run was started; trying again is safe."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass
class Sender:
    """Sends one trigger.

    A request whose answer was lost may still be under way, and arrive after any look-up. So it is
    sent again only to a service that honours idempotency keys; of another one the run is waited
    for, and if none appears, that is said.

    Attributes:
        request: The trigger.
        connection: What sends it.
        lost: Why a request's answer is not known, or None while all are known.
        reason: Why the last try was in vain.
    """

    request: TriggerRequest
    connection: Connection
    lost: str | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        """Know where the run is looked for."""
        self._runs = LookUp(self.request, self.connection)

    def send(self, *, may_exist: bool) -> TriggeredRun:
        """Send until there is one run, or a reason why there is none.

        Args:
            may_exist: Whether it may have been sent before, by somebody else.

        Raises:
            TriggerUncertainError: A request's outcome is not known, whatever came after it.
            BankmlError: Every request was refused, or never arrived.
        """
        try:
            return self._run(may_exist)
        except UnknownOutcome as unknown:
            raise self._uncertain(str(unknown)) from unknown.__cause__
        except Exception as error:
            if self.lost is None:
                raise
            raise self._uncertain(f"then there was {_described(error)}") from error

    def _run(self, may_exist: bool) -> TriggeredRun:
        found = self._runs.find() if may_exist and self._runs.url else None
        if found is not None:
            return self._confirmed(found) if self.connection.honours_keys else found
        for _ in self.connection.tries(ATTEMPTS):
            run = self._try()
            if run is not None:
                return run
        taken = f"the endpoint did not take the trigger in several tries ({self.reason})"
        if self.lost is not None:
            raise UnknownOutcome(taken)
        raise TriggerError(f"T{taken[1:]}. No run was started by them; try again later.")

    def _confirmed(self, found: TriggeredRun) -> TriggeredRun:
        """Let the service compare the request with the one that its key stands for.

        Whatever else it answers, the run is there.
        """
        try:
            return self._post()
        except (_Later, _Unsure, BankmlError) as answer:
            if getattr(answer, "status_code", None) == requests.codes.unprocessable_entity:
                raise
            return found

    def _try(self) -> TriggeredRun | None:
        try:
            return self._post()
        except _Later as later:
            self.reason, self.connection.asked_seconds = str(later), later.seconds
        except _Unsure as unsure:
            self.reason = self.lost = str(unsure)
            return self._found_after_the_loss()
        return None

    def _found_after_the_loss(self) -> TriggeredRun | None:
        """Return the run; None where there is none yet and the trigger may be sent again."""
        for _ in self.connection.tries(LOOKS):
            found = self._runs.find()
            if found is not None or self.connection.honours_keys:
                return found
        raise UnknownOutcome("no run with its tag has appeared so far")

    def _post(self) -> TriggeredRun:
        headers = {**self.connection.headers(), IDEMPOTENCY_HEADER: self.request.trigger_id}
        try:
            response = self.connection.post(self.request.endpoint, self.request.body, headers)
        except NEVER_SENT as error:
            endpoint = self.request.endpoint[:200]
            raise TriggerError(f"{endpoint!r} is not the URL of an endpoint.") from error
        except requests.exceptions.SSLError as error:
            raise _insecure(error) from error
        except requests.ConnectionError as error:
            raise (_Later if never_connected(error) else _Unsure)(_words(error)) from error
        except requests.RequestException as error:
            raise _Unsure(_words(error)) from error
        except OSError as error:  # the file with the certificates to trust
            raise TriggerError(f"Nothing was sent: {error}") from error
        return self._judge(response)

    def _judge(self, response: requests.Response) -> TriggeredRun:
        status = response.status_code
        if status == requests.codes.too_many_requests:
            raise _Later(
                "429 too many requests", seconds_asked(response.headers.get("Retry-After"))
            )
        if self.connection.renews(status):
            raise _Later("401, the token was renewed", 0.0)
        if status >= requests.codes.internal_server_error or status == requests.codes.timeout:
            raise _Unsure(f"HTTP {status}")
        if status >= requests.codes.multiple_choices:
            raise refusal(response)
        return self._triggered(response)

    def _triggered(self, response: requests.Response) -> TriggeredRun:
        try:
            document = document_of(response)
            run_id = document["Id"]
        except (ValueError, KeyError, TypeError) as error:
            raise _Unsure("an answer without the run's Id") from error
        if not run_id or not isinstance(run_id, str):
            raise _Unsure("an answer without the run's Id")
        return self.request.started(run_id, document)

    def _uncertain(self, why: str) -> TriggerUncertainError:
        lost = f"The answer was lost ({self.lost})"
        what = "A run may have been started before" if self.lost is None else lost
        return TriggerUncertainError(
            f"{what}, and {why}. {self._next_step()}", self.request.trigger_id
        )

    def _next_step(self) -> str:
        again = f"trigger again with trigger_id={self.request.trigger_id!r}"
        look = f"Look for a run with the tag {TRIGGER_TAG}={self.request.trigger_id}"
        if self.connection.honours_keys:
            return f"T{again[1:]}: for this service that is the same trigger."
        if self._runs.url is None:
            return f"{look} before you {again}."
        return (
            f"{look}, or wait for some minutes, until no request can be under way any more, and "
            f"{again}: that looks for the run first."
        )


def _insecure(error: requests.exceptions.SSLError) -> Exception:
    if failed_to_connect_securely(error):
        return TriggerError(f"The endpoint's certificate is not trusted: {error}")
    return _Unsure(_words(error))


def _described(error: Exception) -> str:
    return f"{_words(error)}: {str(error).rstrip('.')}" if str(error) else _words(error)


def _words(error: Exception) -> str:
    return type(error).__name__
