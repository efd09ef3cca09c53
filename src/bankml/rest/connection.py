"""Requests of one trigger: with its credential, its waits between tries, and an end to them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from bankml.errors import AuthenticationError
from bankml.rest.request import HONOURS_HEADER, IDEMPOTENCY_HEADER

if TYPE_CHECKING:
    from bankml.clock import Clock

Auth = str | Mapping[str, str] | Callable[[], str | Mapping[str, str]]
"""A bearer token, the headers, or a function that returns either, fresh at each call."""

LONGEST_WAIT_SECONDS = 60.0
_HEADER = re.compile(r"[!-~](?:[ -~]*[!-~])?")


@dataclass
class Connection:
    """What all requests of one trigger share.

    Attributes:
        session: Sends them.
        auth: The credential.
        timeout: Seconds for one request.
        clock: The time.
        deadline: The clock's time after which no further try begins.
        honours_keys: Whether the service has said that a key never starts a second run.
        asked_seconds: How long the service has asked to wait before the next try, or None.
    """

    session: requests.Session
    auth: Auth
    timeout: float
    clock: Clock
    deadline: float
    honours_keys: bool = False
    asked_seconds: float | None = None
    _renewed: bool = False

    def post(
        self, url: str, document: Mapping[str, Any], headers: Mapping[str, str]
    ) -> requests.Response:
        """Send a document, and note what the answer tells of the service."""
        response = self.session.post(
            url,
            json=document,
            headers=headers,
            timeout=self.timeout,
            verify=self.session.verify,  # else REQUESTS_CA_BUNDLE would go before it
            allow_redirects=False,
        )
        self.honours_keys |= response.headers.get(HONOURS_HEADER) == IDEMPOTENCY_HEADER
        return response

    def headers(self) -> dict[str, str]:
        """Return the credential as headers.

        Raises:
            AuthenticationError: It is none that can be sent.
        """
        headers = _as_headers(self.auth() if callable(self.auth) else self.auth)
        if not all(_HEADER.fullmatch(text) for pair in headers.items() for text in pair):
            raise AuthenticationError(
                "The token can't be sent in a header: it is empty, or has line breaks or other "
                "characters than ASCII. Was the whole file read, or the wrong one?"
            )
        return headers

    def renews(self, status: int) -> bool:
        """Tell whether the token has expired and a new one can be had: once for each trigger."""
        if status != requests.codes.unauthorized or not callable(self.auth) or self._renewed:
            return False
        self._renewed = True
        return True

    def tries(self, most: int) -> Iterator[int]:
        """Count tries and wait between them, up to a number of tries or to the deadline.

        Args:
            most: How many tries there are at the most.

        Yields:
            The number of the try, from 0.
        """
        for attempt in range(most):
            yield attempt
            seconds = self._wait_after(attempt)
            if attempt + 1 == most or self.clock.now() + seconds > self.deadline:
                return
            self.clock.sleep(seconds)

    def _wait_after(self, attempt: int) -> float:
        """As long as the service asks, or longer each time; never in step with others."""
        asked, self.asked_seconds = self.asked_seconds, None
        seconds = min(2.0**attempt / 2 if asked is None else asked, LONGEST_WAIT_SECONDS)
        jitter = random.random() * (seconds if asked is None else seconds / 4)  # noqa: S311 - no secret
        return seconds + jitter


def _as_headers(auth: object) -> dict[str, str]:
    if isinstance(auth, str):
        return {"Authorization": f"Bearer {auth}"}
    if isinstance(auth, Mapping) and all(
        isinstance(text, str) for pair in auth.items() for text in pair
    ):
        return dict(auth)
    raise AuthenticationError(
        "auth must be a bearer token, the headers (a mapping of texts), or a function that returns "
        f"either; it is, or returned, {type(auth).__name__}."
    )
