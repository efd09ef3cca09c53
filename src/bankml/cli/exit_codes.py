"""What the exit codes mean, and which error gives which."""

from __future__ import annotations

from bankml.errors import (
    AuthenticationError,
    BankmlError,
    ComputeError,
    ConfigError,
    DataError,
    MissingDependencyError,
    ModelError,
    NotFoundError,
    PublishError,
    RunCanceledError,
    RunFailedError,
    ServiceError,
    TriggerError,
    TriggerUncertainError,
    UnsupportedError,
    WaitTimeoutError,
    WorkspaceError,
)

OK, OTHER, USAGE = 0, 1, 2
CONFIG, DATA, WORKSPACE, NOT_FOUND, DEPENDENCY = 3, 4, 5, 6, 7
RUN_FAILED, RUN_CANCELED, WAIT_TIMEOUT = 10, 11, 12
AUTHENTICATION, SERVICE, TRIGGER, PUBLISH, MODEL, UNCERTAIN = 20, 21, 22, 23, 24, 25
INTERRUPTED = 130

_CODES: tuple[tuple[type[BankmlError], int], ...] = (
    (ConfigError, CONFIG),
    (UnsupportedError, CONFIG),
    (DataError, DATA),
    (WorkspaceError, WORKSPACE),
    (NotFoundError, NOT_FOUND),
    (MissingDependencyError, DEPENDENCY),
    (RunFailedError, RUN_FAILED),
    (RunCanceledError, RUN_CANCELED),
    (WaitTimeoutError, WAIT_TIMEOUT),
    (AuthenticationError, AUTHENTICATION),
    (ComputeError, SERVICE),
    (ServiceError, SERVICE),
    (TriggerUncertainError, UNCERTAIN),
    (TriggerError, TRIGGER),
    (PublishError, PUBLISH),
    (ModelError, MODEL),
)


def exit_code(error: BankmlError) -> int:
    """Return the exit code for an error.

    Args:
        error: Any error of ours.

    Returns:
        A code from 1 to 25; the README lists them.
    """
    return next((code for kind, code in _CODES if isinstance(error, kind)), OTHER)
