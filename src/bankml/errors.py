"""The errors of bankml.

::

    BankmlError
    ├── ConfigError                  a setting is unknown, misspelt or impossible
    ├── MissingDependencyError       an extra has to be installed
    ├── AuthenticationError          no valid credential
    │   └── PermissionDeniedError    a valid credential without the right to do this
    ├── WorkspaceError               the workspace can't be opened, read or written
    │   └── WorkspaceCorruptError    its database is damaged
    ├── NotFoundError                no such run, dataset, compute, pipeline
    ├── ComputeError                 compute could not be provided
    │   └── ComputeTimeoutError      … in the time given
    ├── DataError                    the data can't be used as it is
    │   ├── DownloadError            a URL could not be read to its end
    │   └── RunDataError             … a run failed because of it (a RunFailedError too)
    ├── RunError
    │   ├── RunFailedError           the run ended as Failed
    │   │   └── RunDataError         … because of its data
    │   ├── RunCanceledError         the run ended as Canceled
    │   ├── RunNotFinishedError      an output was asked for before there is one
    │   └── WaitTimeoutError         the wait ended, the run goes on
    ├── ModelError                   a model can't be loaded safely
    │   ├── ModelMismatchError       packages differ from those it was trained with
    │   └── UntrustedModelError      it would have to be unpickled; say trust=True
    ├── PublishError                 publishing failed, or the pipeline is disabled
    ├── TriggerError                 the endpoint refused the trigger
    │   └── TriggerUncertainError    it is unknown whether a run was started
    ├── ServiceError                 the service answered with an error
    │   └── ServiceUnavailableError  … that may pass: worth trying again
    └── UnsupportedError             this backend can't do that

and one warning, DataWarning: the data is used, but perhaps not as it was meant to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class BankmlError(Exception):
    """Base of every error that bankml raises on purpose.

    The message says what happened and what to do next.
    """


@dataclass(frozen=True)
class ConfigProblem:
    """One thing that is wrong in a configuration.

    Attributes:
        path: The key's path, for example ``automl.primary_metric``.
        message: What is wrong with it, and which values are valid.
        suggestion: The nearest valid key or value, if one is near.
    """

    path: str
    message: str
    suggestion: str | None = None

    def __str__(self) -> str:
        """Return the problem as one line."""
        hint = f" Did you mean {self.suggestion!r}?" if self.suggestion else ""
        return f"{self.path}: {self.message}{hint}"


class ConfigError(BankmlError):
    """A setting is unknown, misspelt, of the wrong type or impossible.

    Attributes:
        problems: Every problem found, in the order of the configuration.
    """

    def __init__(self, message: str, problems: Sequence[ConfigProblem] = ()) -> None:
        """Join the message and the problems into one text."""
        self.problems = tuple(problems)
        lines = [message, *(f"  {problem}" for problem in self.problems)]
        super().__init__("\n".join(lines))


class MissingDependencyError(BankmlError):
    """A package that is needed here is not installed; the message has the command."""


class AuthenticationError(BankmlError):
    """There is no valid credential for the service."""


class PermissionDeniedError(AuthenticationError):
    """The credential is valid, but it lacks the right (role) to do this."""


class WorkspaceError(BankmlError):
    """The workspace can't be opened, read or written."""


class WorkspaceCorruptError(WorkspaceError):
    """The workspace's database is damaged; see ``bankml doctor``."""


class NotFoundError(BankmlError):
    """There is no run, dataset, compute or pipeline of this name or id."""


class ComputeError(BankmlError):
    """The compute could not be provided."""


class ComputeTimeoutError(ComputeError):
    """The compute was not ready in the time given; it may still become ready."""


class DataError(BankmlError):
    """The data can't be read, or can't be used for training as it is."""


class DataWarning(UserWarning):
    """The data is used, but perhaps not as it was meant to be."""


class DownloadError(DataError):
    """A URL could not be read to its end."""


class RunError(BankmlError):
    """Base of the errors about one run.

    Attributes:
        run_id: The run's id.
    """

    def __init__(self, message: str, run_id: str = "") -> None:
        """Keep the run's id beside the message."""
        super().__init__(message)
        self.run_id = run_id

    def __reduce__(self) -> tuple[type[RunError], tuple[str, str]]:
        """Keep ``run_id`` when the error crosses a process boundary."""
        return (type(self), (str(self), self.run_id))


class RunFailedError(RunError):
    """The run ended as Failed; the message has the step, the cause and the last log lines."""


class RunDataError(RunFailedError, DataError):
    """The run ended as Failed because its data can't be used for training as it is."""


class RunCanceledError(RunError):
    """The run ended as Canceled."""


class RunNotFinishedError(RunError):
    """An output was asked for before the run has one."""


class WaitTimeoutError(RunError):
    """The wait's time is over. The run itself goes on; wait again or cancel it."""


class ModelError(BankmlError):
    """A model can't be loaded or used."""


class ModelMismatchError(ModelError):
    """Installed packages differ from those the model was trained with."""


class UntrustedModelError(ModelError):
    """Loading the model would run code from its file; pass ``trust=True`` if you trust it."""


class PublishError(BankmlError):
    """Publishing failed, or the published pipeline can't be used (it is disabled)."""


class TriggerError(BankmlError):
    """The endpoint refused the trigger: no run was started.

    Attributes:
        status_code: The HTTP status, or None where there was no answer.
        request_id: The service's ``x-ms-request-id``; Azure's support asks for it.
    """

    def __init__(
        self, message: str, status_code: int | None = None, request_id: str | None = None
    ) -> None:
        """Keep the HTTP status and the request id beside the message."""
        super().__init__(message)
        self.status_code = status_code
        self.request_id = request_id


class TriggerUncertainError(TriggerError):
    """It could not be found out whether a run was started; trigger again with the same id.

    Attributes:
        trigger_id: The id of the trigger: with it, triggering again gives the run if there is one.
    """

    def __init__(self, message: str, trigger_id: str = "") -> None:
        """Keep the trigger's id beside the message."""
        super().__init__(message)
        self.trigger_id = trigger_id

    def __reduce__(self) -> tuple[type[TriggerUncertainError], tuple[str, str]]:
        """Keep ``trigger_id`` when the error crosses a process boundary."""
        return (type(self), (str(self), self.trigger_id))


class ServiceError(BankmlError):
    """The service answered with an error.

    Attributes:
        status_code: The HTTP status, or None where there was no answer.
        code: The service's own error code, or None.
    """

    def __init__(
        self, message: str, status_code: int | None = None, code: str | None = None
    ) -> None:
        """Keep the HTTP status and the service's code beside the message."""
        super().__init__(message)
        self.status_code = status_code
        self.code = code


class ServiceUnavailableError(ServiceError):
    """The service can't answer now (408, 429, 5xx, no connection): worth trying again.

    Attributes:
        retry_after: Seconds the service asked to wait, or None.
    """

    def __init__(
        self,
        message: str,
        status_code: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Keep the wait the service asked for."""
        super().__init__(message, status_code, code)
        self.retry_after = retry_after


class UnsupportedError(BankmlError):
    """The chosen backend can't do this; the message names one that can, or another way."""
