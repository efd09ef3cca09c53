"""Looking for the run that a trigger has started, by its tag."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from bankml.rest.answers import document_of, is_no_such_experiment, refusal
from bankml.rest.request import TriggeredRun, runs_query_url
from bankml.tags import TRIGGER_TAG

if TYPE_CHECKING:
    from bankml.rest.connection import Connection
    from bankml.rest.request import TriggerRequest

QUERIES = 6

_logger = logging.getLogger(__name__)


class UnknownOutcome(Exception):  # noqa: N818 - not yet an error: the sender says what follows
    """It can't be told whether there is a run."""


@dataclass
class LookUp:
    """Where the run of one trigger is looked for.

    Attributes:
        request: The trigger.
        connection: What sends the queries.
    """

    request: TriggerRequest
    connection: Connection

    @property
    def url(self) -> str | None:
        """Where runs are looked up, or None where the endpoint does not show it."""
        return runs_query_url(self.request.endpoint, self.request.experiment_name)

    def find(self) -> TriggeredRun | None:
        """Return the trigger's run, or None where the service says that there is none.

        Raises:
            UnknownOutcome: The service does not say.
            AuthenticationError: It refuses to say; asking again would not help.
        """
        url = self.url
        if url is None:
            raise UnknownOutcome("this endpoint's URL does not show where its runs are looked up")
        for _ in self.connection.tries(QUERIES):
            runs = self._query(url)
            if runs is not None:
                return self._first(runs)
        raise UnknownOutcome("the service does not tell whether the run was started")

    def _query(self, url: str) -> list[Mapping[str, Any]] | None:
        query = {"filter": f"(Tags/{TRIGGER_TAG} eq {self.request.trigger_id})", "top": 1}
        headers = self.connection.headers()
        try:
            return self._runs_in(self.connection.post(url, query, headers))
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            _logger.warning("The run can't be looked up now: %s", type(error).__name__)
            return None

    def _runs_in(self, response: requests.Response) -> list[Mapping[str, Any]] | None:
        status = response.status_code
        if is_no_such_experiment(response):
            return []
        if self.connection.renews(status):
            return None
        if status in (requests.codes.unauthorized, requests.codes.forbidden):
            raise refusal(response)
        return _runs_of(document_of(response)) if status == requests.codes.ok else None

    def _first(self, runs: list[Mapping[str, Any]]) -> TriggeredRun | None:
        own = next((run for run in runs if self._is_own(run)), None)
        return None if own is None else self.request.started(str(own["runId"]), own)

    def _is_own(self, run: Mapping[str, Any]) -> bool:
        tags = run.get("tags")
        own = isinstance(tags, Mapping) and tags.get(TRIGGER_TAG) == self.request.trigger_id
        return bool(own and run.get("runId"))


def _runs_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    runs = document["value"]
    if not isinstance(runs, list) or not all(isinstance(run, Mapping) for run in runs):
        raise TypeError("no list of runs")
    return runs
