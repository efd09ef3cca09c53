"""Registered datasets and their definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from bankml.emulator.answers import ServiceProblemError, not_found
from bankml.emulator.bodies import Dataset, DatasetChanges, SavedDataset, StrictRoute
from bankml.emulator.datasets import Datasets
from bankml.emulator.pages import page

if TYPE_CHECKING:
    from bankml.emulator.service import Service

DATASET = "/dataset/v1.0"
DATA = "/data/v1.0/dataversion/{name}/versions/{version}"
UNREGISTERED = "unregistered-"


def router(service: Service) -> APIRouter:
    """Return the router."""
    datasets = Datasets(service.store)
    routes = APIRouter(route_class=StrictRoute)
    _add_reading(routes, datasets)
    _add_writing(routes, datasets)
    return routes


def _add_reading(routes: APIRouter, datasets: Datasets) -> None:
    @routes.get(DATASET + "/datasets/query/name={name:path}", name="datasets.by_name")
    def by_name(name: str, versionId: str | None = None) -> dict[str, Any]:
        return datasets.by_name(name, versionId)

    @routes.get(DATASET + "/datasets/query/savedDatasetId={saved_id}", name="datasets.by_saved")
    def by_saved(saved_id: str) -> dict[str, Any]:
        return {"value": datasets.by_saved(saved_id), "continuationToken": None}

    @routes.get(DATASET + "/datasets", name="datasets.list")
    def list_datasets(request: Request) -> dict[str, Any]:
        return page(datasets.list(), request)

    @routes.get(DATASET + "/saveddatasets/{saved_id}", name="datasets.get_saved")
    def get_saved(saved_id: str) -> dict[str, Any]:
        return datasets.saved(saved_id)

    @routes.get(DATA, name="datasets.data_version")
    def data_version(name: str, version: str) -> dict[str, Any]:
        del version
        if not name.startswith(UNREGISTERED):
            raise not_found(f"Data asset {name!r}")
        saved = datasets.saved(name[len(UNREGISTERED) :])
        return {
            "dataVersion": {"dataType": "UriFile", "dataUri": ""},
            "legacyDataflow": datasets.dataflow(saved["id"]),
            "legacyDataflowType": saved["datasetType"],
        }


def _add_writing(routes: APIRouter, datasets: Datasets) -> None:
    @routes.post(DATASET + "/datasets", name="datasets.register")
    async def register(body: Dataset, request: Request) -> dict[str, Any]:
        new_version = request.query_params.get("updateDefinitionIfExists", "").lower() == "true"
        return datasets.register({**body}, new_version)

    @routes.post(DATASET + "/saveddatasets", name="datasets.save")
    async def save(body: SavedDataset) -> dict[str, Any]:
        return datasets.save(body["dataflowJson"], body["datasetType"], body.get("properties"))

    @routes.put(DATASET + "/datasets/{dataset_id}", name="datasets.update")
    async def update(dataset_id: str, body: DatasetChanges) -> dict[str, Any]:
        return datasets.update(dataset_id, {**body})

    @routes.delete(DATASET + "/datasets/{name:path}", name="datasets.unregister")
    def unregister(name: str) -> dict[str, Any]:
        if not datasets.unregister(name):
            raise ServiceProblemError(404, "UserError", f"There is no dataset {name!r}.")
        return {}
