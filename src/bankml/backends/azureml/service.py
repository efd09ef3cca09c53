"""Calls to the service: errors translated, an expired token renewed, what may pass tried again."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    retry_if_exception_type,
    stop_after_attempt,
)

from bankml.backends.azureml import auth
from bankml.backends.azureml.errors import translate
from bankml.backends.azureml.quiet import printed_to_log
from bankml.clock import SYSTEM_CLOCK, Clock
from bankml.errors import AuthenticationError, PermissionDeniedError, ServiceUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bankml.backends.azureml.sdk import Sdk
    from bankml.config import WorkspaceConfig

ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 60.0
TOO_MANY_REQUESTS = 429

_Result = TypeVar("_Result")


class Service:
    """Makes calls to the service as somebody who is signed in.

    Args:
        sdk: Gives the SDK; called when it is first needed.
        config: The workspace and how to sign in.
        credential: Used in place of the configured way to sign in.
        clock: The time.
    """

    def __init__(
        self,
        sdk: Callable[[], Sdk],
        config: WorkspaceConfig,
        credential: object | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._sdk = sdk
        self._config = config
        self._credential = credential
        self._authentication: Any = None
        self.clock = clock

    @property
    def sdk(self) -> Sdk:
        """The SDK's names."""
        return self._sdk()

    def authentication(self) -> Any:
        """Return the SDK's authentication object, signed in at the first call."""
        if self._authentication is None:
            self._authentication = auth.sign_in(self.sdk, self._config, self._credential)
        return self._authentication

    def call(
        self,
        what: str,
        operation: Callable[[], _Result],
        *,
        attempts: int = ATTEMPTS,
        may_repeat: bool = True,
    ) -> _Result:
        """Carry out an operation.

        Args:
            what: What it does, to follow "could not" in an error's text.
            operation: Uses the SDK.
            attempts: Tries at the most, while the service can't answer. A token that the service
                refuses is renewed once besides.
            may_repeat: Whether it is harmless to do it twice. If not, it is tried again only after
                an answer that says that nothing was done.

        Returns:
            What the operation returns.

        Raises:
            ServiceUnavailableError: The service could not answer at any attempt.
            BankmlError: Any other error, translated.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(ServiceUnavailableError)
            if may_repeat
            else retry_if_exception(_is_refusal),
            stop=stop_after_attempt(attempts),
            wait=_wait,
            sleep=self.clock.sleep,
            reraise=True,
        )
        result: _Result = retrying(self._signed_in, what, operation)
        return result

    def once(self, what: str, operation: Callable[[], _Result]) -> _Result:
        """Carry out an operation once; only errors are translated.

        The arguments are those of :meth:`call`.
        """
        try:
            with printed_to_log():
                return operation()
        except Exception as error:
            raise translate(error, what) from error

    def _signed_in(self, what: str, operation: Callable[[], _Result]) -> _Result:
        try:
            return self.once(what, operation)
        except PermissionDeniedError:
            raise
        except AuthenticationError:
            if self._authentication is None:
                raise
            auth.renew(self._authentication)
            return self.once(what, operation)


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, ServiceUnavailableError) and error.status_code == TOO_MANY_REQUESTS


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None)
    if asked is None:
        asked = 2.0 ** (state.attempt_number - 1) * (0.5 + random.random() / 2)  # noqa: S311 - jitter
    return float(min(asked, LONGEST_WAIT_SECONDS))
