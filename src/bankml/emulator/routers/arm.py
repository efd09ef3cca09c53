"""Azure Resource Manager: clouds, subscriptions and the workspace itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from bankml.emulator.answers import stable_id, timestamp
from bankml.emulator.bodies import StrictRoute
from bankml.emulator.service import DEFAULT_WORKSPACE, LOCATION, STORAGE_ACCOUNT, workspace_path
from bankml.emulator.tokens import TENANT_ID

if TYPE_CHECKING:
    from bankml.emulator.service import Service


def router(service: Service) -> APIRouter:
    """Return the router."""
    routes = APIRouter(route_class=StrictRoute)

    @routes.get("/metadata/endpoints", name="arm.metadata")
    def clouds() -> list[dict[str, Any]]:
        return [_cloud(service)]

    @routes.get("/subscriptions", name="arm.subscriptions")
    def subscriptions() -> dict[str, Any]:
        names = service.workspace or DEFAULT_WORKSPACE
        return {"value": [_subscription(names.subscription_id)]}

    @routes.get("/arm", name="arm.workspace")
    def workspace(request: Request) -> dict[str, Any]:
        return _workspace(service, workspace_path(request))

    return routes


def _cloud(service: Service) -> dict[str, Any]:
    return {
        "name": "AzureCloud",
        "portal": "https://portal.azure.com",
        "resourceManager": f"{service.secure_url}/",
        "authentication": {
            "loginEndpoint": f"{service.secure_url}/identity/",
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "graphAudience": "https://graph.windows.net/",
        "graph": "https://graph.windows.net/",
        "gallery": "https://gallery.azure.com/",
        "batch": "https://batch.core.windows.net/",
        "media": "https://rest.media.azure.net",
        "sqlManagement": "https://management.core.windows.net:8443/",
        "vmImageAliasDoc": f"{service.url}/aliases.json",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "suffixes": {
            "storage": "core.windows.net",
            "keyVaultDns": "vault.azure.net",
            "sqlServerHostname": "database.windows.net",
            "acrLoginServer": "azurecr.io",
            "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
            "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
        },
    }


def _subscription(subscription_id: str) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription_id}",
        "subscriptionId": subscription_id,
        "displayName": "bankml emulator",
        "state": "Enabled",
        "tenantId": TENANT_ID,
    }


def _workspace(service: Service, path: str) -> dict[str, Any]:
    provider = path.split("/providers/")[0] + "/providers"
    name = path.rsplit("/", 1)[1]
    return {
        "id": path,
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces",
        "location": LOCATION,
        "tags": {},
        "etag": None,
        "identity": {"type": "SystemAssigned", "tenantId": TENANT_ID},
        "sku": {"name": "Basic", "tier": "Basic"},
        "properties": {
            "friendlyName": name,
            "description": "",
            "workspaceId": stable_id(service.url, path),
            "discoveryUrl": f"{service.url}/discovery",
            "provisioningState": "Succeeded",
            "creationTime": timestamp(),
            "storageAccount": f"{provider}/Microsoft.Storage/storageAccounts/{STORAGE_ACCOUNT}",
            "keyVault": f"{provider}/Microsoft.KeyVault/vaults/emulator",
            "applicationInsights": f"{provider}/Microsoft.insights/components/emulator",
            "hbiWorkspace": False,
        },
    }
