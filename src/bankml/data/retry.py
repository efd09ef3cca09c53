"""Trying again what may pass, as patiently as the server asks and no longer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from bankml.errors import DownloadError
from bankml.retry_after import seconds_asked

if TYPE_CHECKING:
    from collections.abc import Callable

    import tenacity

ATTEMPTS = 5
LONGEST_WAIT = 60.0

T = TypeVar("T")


class MayPassError(Exception):
    """A try failed in a way that may pass.

    Attributes:
        retry_after: The server's ``Retry-After`` header, or None.
    """

    def __init__(self, message: str, retry_after: str | None = None) -> None:
        """Keep what the server asked for beside the message."""
        super().__init__(message)
        self.retry_after = retry_after


def with_retries(
    attempt: Callable[[], T], shown: str, sleep: Callable[[float], None] | None = None
) -> T:
    """Call until it works, at most :data:`ATTEMPTS` times.

    Args:
        attempt: Raises :class:`MayPassError` where another try is worth it.
        shown: The URL as it may be shown.
        sleep: Waits that many seconds.

    Returns:
        What the first good attempt returned.

    Raises:
        DownloadError: Every try failed, or the server asks to wait longer than
            :data:`LONGEST_WAIT` seconds.
    """
    import tenacity

    retrying = tenacity.Retrying(
        stop=_give_up,
        wait=_wait,
        retry=tenacity.retry_if_exception_type(MayPassError),
        sleep=sleep or time.sleep,
        reraise=True,
    )
    try:
        return retrying(attempt)
    except MayPassError as error:
        tries = retrying.statistics.get("attempt_number", ATTEMPTS)
        raise DownloadError(
            f"{shown} could not be read, tried {tries} times: {error}. Try again later, or "
            "download the file and set dataset.source to its path."
        ) from error


def _asked(state: tenacity.RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return seconds_asked(error.retry_after) if isinstance(error, MayPassError) else None


def _give_up(state: tenacity.RetryCallState) -> bool:
    return state.attempt_number >= ATTEMPTS or (_asked(state) or 0.0) > LONGEST_WAIT


def _wait(state: tenacity.RetryCallState) -> float:
    import tenacity

    asked = _asked(state)
    backoff = tenacity.wait_exponential(multiplier=0.5, max=10) + tenacity.wait_random(0, 0.5)
    return asked if asked is not None else backoff(state)
