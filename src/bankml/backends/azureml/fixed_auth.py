"""Authentication at an address that is given, with tokens from a function."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

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
    """
    from azureml.core.authentication import AbstractAuthentication

    class FixedAuthentication(AbstractAuthentication):  # type: ignore[misc] # the SDK has no types
        _cloud_type: Any

        def __init__(self) -> None:
            super().__init__(cloud="AzureCloud")
            self._cloud_type = copy.deepcopy(self._cloud_type)
            self._cloud_type.endpoints.resource_manager = resource_manager

        def _get_arm_token(self) -> str:
            return token()

        def _get_graph_token(self) -> str:
            return token()

        def _get_all_subscription_ids(self) -> tuple[list[Any], str]:
            from azureml._base_sdk_common.common import fetch_tenantid_from_aad_token
            from azureml.core.authentication import _SubscriptionInfo

            info = _SubscriptionInfo("bankml", subscription_id)
            return [info], fetch_tenantid_from_aad_token(token())

    return FixedAuthentication()
