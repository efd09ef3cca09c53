"""Content: snapshots of source folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from bankml.emulator.answers import new_id, timestamp
from bankml.emulator.blobs import SNAPSHOT_CONTAINER
from bankml.emulator.bodies import FileQuery, StrictRoute
from bankml.emulator.service import SAS

if TYPE_CHECKING:
    from bankml.emulator.service import Service

KIND = "snapshot"
NO_SNAPSHOT = "00000000-0000-0000-0000-000000000000"


def router(service: Service) -> APIRouter:
    """Return the router."""
    routes = APIRouter(route_class=StrictRoute)

    @routes.get("/content/v1.0/snapshots/latest/metadata", name="content.latest")
    def latest() -> dict[str, Any]:
        return {"id": NO_SNAPSHOT, "root": _empty_root()}

    @routes.post("/content/v2.0/snapshots/getblob", name="content.get_blobs")
    async def get_blobs(body: FileQuery) -> dict[str, Any]:
        names = body["FileNames"]
        return {"fileNodes": [_file_node(service, name) for name in names]}

    @routes.post("/content/v2.0/snapshots/{snapshot_id}", name="content.create")
    async def create(snapshot_id: str, body: dict[str, Any]) -> dict[str, Any]:
        service.store.put(KIND, snapshot_id, body)
        return {"id": snapshot_id}

    return routes


def _file_node(service: Service, name: str) -> dict[str, str]:
    uri = f"{service.storage_url}/{SNAPSHOT_CONTAINER}/{new_id()}?{SAS}"
    return {"fullName": name, "blobUri": uri}


def _empty_root() -> dict[str, Any]:
    return {
        "name": "",
        "hash": "",
        "type": "Directory",
        "timestamp": timestamp(),
        "sasUrl": "",
        "absoluteUrl": "",
        "sizeBytes": 0,
        "sizeSet": False,
        "children": {},
    }
