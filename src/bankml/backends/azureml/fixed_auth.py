"""Authentication at an address that is given, with tokens from a function."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from bankml.backends.azureml.auth import Subscription
from bankml.backends.azureml.sdk import load

if TYPE_CHECKING:
    from collections.abc import Callable


def fixed_authentication(
    resource_manager: str, token: Callable[[], str], subscription_id: str
) -> Any:
    """Return an ``AbstractAuthentication`` of the SDK that looks nothing up.

    Args:
        resource_manager: URL of Azure Resource Manager, or of what stands for it.
        token: Returns a bearer token, fresh at each call.
        subscription_id: The only subscription there is.

    Returns:
        An authentication object for ``Workspace(auth=…)``.

    Raises:
        MissingDependencyError: The SDK is not installed, or this Python is too new for it.
    """
    base: type = load().AbstractAuthentication

    class FixedAuthentication(base):  # type: ignore[misc]  # the SDK has no types
        def __init__(self) -> None:
            super().__init__(cloud="AzureCloud")
            self._cloud_type: Any = copy.deepcopy(self._cloud_type)
            self._cloud_type.endpoints.resource_manager = resource_manager

        def _get_arm_token(self) -> str:
            return token()

        def _get_graph_token(self) -> str:
            return token()

        def _get_all_subscription_ids(self) -> tuple[list[Subscription], str]:
            return [Subscription(subscription_id, subscription_id)], ""

    return FixedAuthentication()
