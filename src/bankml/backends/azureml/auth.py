"""Signing in to Azure: which credential, and tokens that are fresh.

A credential of azure-identity (anything with ``get_token``) is adapted to what the SDK expects. A
token is kept until shortly before it expires, and thrown away when the service refuses it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from bankml.backends.registry import missing_dependency
from bankml.errors import AuthenticationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bankml.backends.azureml.sdk import Sdk
    from bankml.config import WorkspaceConfig

REFRESH_SECONDS = 5 * 60.0
"""A token is renewed when less than this is left of it."""

CLOUD_VARIABLE = "AZUREML_CURRENT_CLOUD"
SERVICE_PRINCIPAL_VARIABLES = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
MANAGED_IDENTITY_VARIABLES = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT")


class AccessToken(Protocol):
    """A token as azure-identity gives it."""

    token: str
    expires_on: int


class TokenCredential(Protocol):
    """Anything that gives tokens: every credential of azure-identity does."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token for the scopes."""
        ...


class Subscription(NamedTuple):
    """A subscription as the SDK lists it."""

    subscription_name: str
    subscription_id: str


class TokenCache:
    """Tokens of a credential, by scope, renewed before they expire.

    Args:
        credential: Gives new tokens.
        now: Gives the seconds since 1970.
    """

    def __init__(self, credential: TokenCredential, now: Callable[[], float] = time.time) -> None:
        self._credential = credential
        self._now = now
        self._tokens: dict[str, AccessToken] = {}
        self._lock = threading.Lock()

    def token(self, scope: str) -> str:
        """Return a token that is good for some minutes yet."""
        with self._lock:
            kept = self._tokens.get(scope)
            if kept is None or kept.expires_on - self._now() < REFRESH_SECONDS:
                kept = self._tokens[scope] = self._credential.get_token(scope)
            return kept.token

    def clear(self) -> None:
        """Forget all tokens, because the service refused one."""
        with self._lock:
            self._tokens.clear()


def sign_in(sdk: Sdk, config: WorkspaceConfig, credential: object | None = None) -> Any:
    """Return the SDK's authentication object.

    Args:
        sdk: The SDK.
        config: How to sign in, and to which tenant.
        credential: Used in place of the configured way: a credential with ``get_token``, or one of
            the SDK's own authentication objects.

    Returns:
        An ``azureml.core.authentication.AbstractAuthentication``.

    Raises:
        AuthenticationError: The credential can't be used, or the environment lacks variables.
    """
    if isinstance(credential, sdk.AbstractAuthentication):
        return credential
    if credential is not None:
        return adapt(sdk, config, _checked(credential))
    way = choose(config.auth, os.environ, is_interactive())
    if way == "interactive":
        return sdk.InteractiveLoginAuthentication(
            tenant_id=config.tenant_id, cloud=os.environ.get(CLOUD_VARIABLE, "AzureCloud")
        )
    return adapt(sdk, config, make_credential(way, config, os.environ))


def choose(auth: str, environ: Mapping[str, str], interactive: bool) -> str:
    """Return the way to sign in; ``auto`` is resolved.

    A service (no terminal, no notebook) never gets a way that could open a browser.

    Args:
        auth: ``workspace.auth`` of the configuration.
        environ: The environment variables.
        interactive: Whether a person is there.
    """
    if auth != "auto":
        return auth
    if all(environ.get(name) for name in SERVICE_PRINCIPAL_VARIABLES):
        return "service_principal"
    if any(environ.get(name) for name in MANAGED_IDENTITY_VARIABLES):
        return "managed_identity"
    return "interactive" if interactive else "default"


def is_interactive() -> bool:
    """Whether a person is there to sign in: a terminal or a notebook."""
    if "ipykernel" in sys.modules:
        return True
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty())


def make_credential(
    way: str, config: WorkspaceConfig, environ: Mapping[str, str]
) -> TokenCredential:
    """Return a credential of azure-identity.

    Args:
        way: ``service_principal``, ``managed_identity``, ``azure_cli`` or ``default``.
        config: The tenant.
        environ: The environment variables, which alone hold a service principal's secret.

    Raises:
        AuthenticationError: A variable of the service principal is missing.
        MissingDependencyError: azure-identity is not installed.
    """
    try:
        from azure import identity
    except ModuleNotFoundError as error:
        raise missing_dependency("azureml", "azure-identity") from error
    makers: dict[str, Callable[[], Any]] = {
        "service_principal": lambda: identity.ClientSecretCredential(
            **_service_principal(config, environ)
        ),
        "managed_identity": lambda: identity.ManagedIdentityCredential(
            client_id=environ.get("AZURE_CLIENT_ID")
        ),
        "azure_cli": lambda: identity.AzureCliCredential(tenant_id=config.tenant_id or ""),
        "default": lambda: identity.DefaultAzureCredential(
            exclude_interactive_browser_credential=True
        ),
    }
    credential: TokenCredential = makers[way]()
    return credential


def adapt(
    sdk: Sdk,
    config: WorkspaceConfig,
    credential: TokenCredential,
    now: Callable[[], float] = time.time,
) -> Any:
    """Adapt a credential to the SDK's authentication class.

    Args:
        sdk: The SDK.
        config: The subscription and tenant.
        credential: Gives tokens.
        now: Gives the seconds since 1970.
    """
    return _adapter_class(sdk.AbstractAuthentication)(TokenCache(credential, now), config)


def renew(authentication: Any) -> None:
    """Throw away the kept tokens, because the service refused one."""
    clear = getattr(authentication, "clear_tokens", None)
    if clear is not None:
        clear()


@cache
def _adapter_class(base: type) -> type:
    class CredentialAuthentication(base):  # type: ignore[misc]  # the SDK has no types
        """The SDK's view of a credential."""

        def __init__(self, tokens: TokenCache, config: WorkspaceConfig) -> None:
            super().__init__(cloud=os.environ.get(CLOUD_VARIABLE, "AzureCloud"))
            self._tokens = tokens
            self._subscription = config.subscription_id or ""
            self._tenant = config.tenant_id or ""

        def clear_tokens(self) -> None:
            """Forget all tokens."""
            self._tokens.clear()

        def _resource_token(self, resource: str) -> str:
            return self._tokens.token(f"{resource}/.default")

        def _get_arm_token(self) -> str:
            return self._resource_token(self._cloud_type.endpoints.active_directory_resource_id)

        def _get_graph_token(self) -> str:
            endpoints = self._cloud_type.endpoints
            return self._resource_token(endpoints.active_directory_graph_resource_id)

        def _get_azureml_client_token(self) -> str:
            return self._resource_token(self._get_aml_resource_id())

        def _get_all_subscription_ids(self) -> tuple[list[Subscription], str]:
            # The configured subscription is taken at its word: listing costs a request, and the
            # service refuses a wrong one anyway.
            return [Subscription(self._subscription, self._subscription)], self._tenant

        def _get_workspace(self, *_: str) -> None:
            return None

    return CredentialAuthentication


def _checked(credential: object) -> TokenCredential:
    if not callable(getattr(credential, "get_token", None)):
        raise AuthenticationError(
            f"{type(credential).__name__} is not a credential: it has no get_token(). Give one of "
            "azure-identity's, for example DefaultAzureCredential()."
        )
    return credential  # type: ignore[return-value]  # it has get_token, as just seen


def _service_principal(config: WorkspaceConfig, environ: Mapping[str, str]) -> dict[str, str]:
    values = {name: environ.get(name, "") for name in SERVICE_PRINCIPAL_VARIABLES}
    if config.tenant_id:
        values["AZURE_TENANT_ID"] = config.tenant_id
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise AuthenticationError(
            f"Signing in as a service principal needs {', '.join(missing)} in the environment. "
            "Set them, or choose another workspace.auth."
        )
    return {
        "tenant_id": values["AZURE_TENANT_ID"],
        "client_id": values["AZURE_CLIENT_ID"],
        "client_secret": values["AZURE_CLIENT_SECRET"],
    }
