"""The one seam at which errors of the SDK become errors of bankml.

Vendor classes are known by name, so that this table can be read, and tested, without the SDK.
"""

from __future__ import annotations

from collections.abc import Callable

from bankml.backends.azureml.problems import Problem, chain, read_problem
from bankml.errors import (
    AuthenticationError,
    BankmlError,
    ComputeError,
    ConfigError,
    DataError,
    NotFoundError,
    PermissionDeniedError,
    RunError,
    RunFailedError,
    ServiceError,
    ServiceUnavailableError,
    WorkspaceError,
)

Maker = Callable[[str, Problem], BankmlError]

UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404
PASSING_STATUSES = frozenset({408, 413, 425, 429, 500, 502, 503, 504, 530})
"""Statuses that may pass. 530 is the service's own, while a new node is coming up."""


def _plain(error: type[BankmlError]) -> Maker:
    return lambda text, _: error(text)


def _service(text: str, problem: Problem) -> BankmlError:
    return ServiceError(text, problem.status, problem.code or None)


def _unavailable(text: str, problem: Problem) -> BankmlError:
    return ServiceUnavailableError(text, problem.status, problem.code or None, problem.retry_after)


def _authentication(text: str, _: Problem) -> BankmlError:
    return AuthenticationError(
        f"{text} Sign in again ('az login'), or check the credential's environment variables."
    )


def _compute(text: str, problem: Problem) -> BankmlError:
    hint = " Ask for more quota or take a smaller vm_size." if "uota" in text + problem.code else ""
    return ComputeError(text + hint)


VENDOR_ERRORS: dict[str, Maker] = {
    # azureml.exceptions, all of them:
    "ActivityFailedException": _plain(RunFailedError),
    "AuthenticationException": _authentication,
    "AzureMLAggregatedException": _service,
    "AzureMLException": _service,
    "ComputeTargetException": _compute,
    "DatasetTimestampMissingError": _plain(DataError),
    "DiscoveryUrlNotFoundException": _plain(WorkspaceError),
    "ExperimentExecutionException": _plain(RunError),
    "ModelNotFoundException": _plain(NotFoundError),
    "ModelPathNotFoundException": _plain(NotFoundError),
    "ParallelRunException": _plain(RunError),
    "ProjectSystemException": _plain(WorkspaceError),
    "RunConfigurationException": _plain(ConfigError),
    "RunEnvironmentException": _plain(RunError),
    "ServiceException": _service,
    "SnapshotException": _service,
    "TrainingException": _plain(RunError),
    "UserErrorException": _service,
    "WebserviceException": _service,
    "WorkspaceException": _plain(WorkspaceError),
    "WorkspacePrivateEndpointException": _plain(WorkspaceError),
    # azureml.automl and azureml.dataprep:
    "ConfigException": _plain(ConfigError),
    "DataException": _plain(DataError),
    "DataPrepException": _plain(DataError),
    "DatasetExecutionError": _plain(DataError),
    "DatasetValidationError": _plain(DataError),
    "ExecutionError": _plain(DataError),
    # azure.core, azure.identity, msal and msrest:
    "AuthenticationError": _authentication,
    "AzureError": _service,
    "ClientAuthenticationError": _authentication,
    "ClientRequestError": _unavailable,
    "ClientException": _service,
    "DeserializationError": _service,
    "HttpOperationError": _service,
    "HttpResponseError": _service,
    "IncompleteReadError": _unavailable,
    "MsalError": _authentication,
    "ResourceNotFoundError": _plain(NotFoundError),
    "SerializationError": _service,
    "ServiceRequestError": _unavailable,
    "ServiceResponseError": _unavailable,
    "TokenExpiredError": _authentication,
    # requests, urllib3 and Python itself:
    "ChunkedEncodingError": _unavailable,
    "ConnectionError": _unavailable,
    "ContentDecodingError": _unavailable,
    "HTTPError": _service,
    "MaxRetryError": _unavailable,
    "ProtocolError": _unavailable,
    "ProxySchemeUnsupported": _service,
    "RequestException": _service,
    "RetryError": _unavailable,
    "Timeout": _unavailable,
    "TimeoutError": _unavailable,
}
"""What a vendor's class, or the nearest base of it that is named here, becomes."""


def translate(error: BaseException, what: str) -> BankmlError:
    """Return the error of bankml for an error of the SDK.

    A known HTTP status decides; without one, the error's class does.

    Args:
        error: What was raised.
        what: What was being done, for example ``look up the dataset``.

    Returns:
        The error to be raised from it.
    """
    if isinstance(error, BankmlError):
        return error
    problem = read_problem(error)
    text = f"Azure ML could not {what}: {_sentence(problem)}"
    maker = _by_status(problem.status) or _by_class(error) or _service
    return maker(text, problem)


def _by_status(status: int | None) -> Maker | None:
    if status == UNAUTHORIZED:
        return _authentication
    if status == FORBIDDEN:
        return _forbidden
    if status == NOT_FOUND:
        return _plain(NotFoundError)
    return _unavailable if status in PASSING_STATUSES else None


def _forbidden(text: str, _: Problem) -> BankmlError:
    return PermissionDeniedError(
        f"{text} Ask for the role 'AzureML Data Scientist' or 'Contributor' on the workspace."
    )


def _by_class(error: BaseException) -> Maker | None:
    for link in chain(error):
        named = (VENDOR_ERRORS.get(base.__name__) for base in type(link).__mro__)
        maker = next((found for found in named if found is not None), None)
        if maker is not None and maker is not _service:
            return maker
    return None


def _sentence(problem: Problem) -> str:
    code = f"{problem.code}: " if problem.code and problem.code not in problem.message else ""
    text = f"{code}{problem.message}".strip() or f"HTTP {problem.status}"
    return text if text.endswith((".", "!", "…")) else f"{text}."
