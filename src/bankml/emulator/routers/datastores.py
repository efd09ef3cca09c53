"""Datastores: the workspace's default blob container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from bankml.emulator.answers import not_found
from bankml.emulator.blobs import DATASTORE_CONTAINER
from bankml.emulator.bodies import StrictRoute
from bankml.emulator.service import DATASTORE, DEFAULT_WORKSPACE, SAS, STORAGE_ACCOUNT

if TYPE_CHECKING:
    from bankml.emulator.service import Service


def router(service: Service) -> APIRouter:
    """Return the router."""
    routes = APIRouter(route_class=StrictRoute)

    @routes.get("/datastore/v1.0/default", name="datastores.default")
    def default() -> dict[str, Any]:
        return _datastore(service)

    @routes.get("/datastore/v1.0/datastores", name="datastores.list")
    def list_datastores() -> dict[str, Any]:
        return {"value": [_datastore(service)], "continuationToken": None}

    @routes.get("/datastore/v1.0/datastores/{name}", name="datastores.get")
    def get_datastore(name: str) -> dict[str, Any]:
        if name != DATASTORE:
            raise not_found(f"Datastore {name!r}")
        return _datastore(service)

    return routes


def _datastore(service: Service) -> dict[str, Any]:
    names = service.workspace or DEFAULT_WORKSPACE
    return {
        "name": DATASTORE,
        "dataStoreType": "AzureBlob",
        "hasBeenValidated": True,
        "tags": None,
        "isDefault": True,
        "azureStorageSection": {
            "accountName": STORAGE_ACCOUNT,
            "containerName": DATASTORE_CONTAINER,
            "endpoint": service.storage_suffix,
            "protocol": "https",
            "credentialType": "Sas",
            "credential": SAS,
            "sasToken": SAS,
            "isSas": True,
            "accountKey": None,
            "blobCacheTimeout": 0,
            "subscriptionId": names.subscription_id,
            "resourceGroup": names.resource_group,
            "areWorkspaceManagedIdentitiesAllowed": False,
            "serviceDataAccessAuthIdentity": "None",
        },
    }
