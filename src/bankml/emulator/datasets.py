"""Registered datasets: names, versions and the dataflow of each."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from bankml.emulator.answers import ServiceProblemError, new_id, not_found, stable_id, timestamp

if TYPE_CHECKING:
    from bankml.emulator.store import Document, DocumentStore

DATASET_KIND = "dataset"
SAVED_KIND = "saved-dataset"


class Datasets:
    """Datasets in the emulator's store.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def save(self, dataflow: str, kind: str, properties: dict[str, Any] | None) -> Document:
        """Keep a dataflow; the same one always gets the same id."""
        saved_id = stable_id("saved", kind, dataflow)
        found = self._store.get(SAVED_KIND, saved_id)
        return found or self._store.put(
            SAVED_KIND,
            saved_id,
            {
                "id": saved_id,
                "datasetType": kind,
                "dataflowJson": dataflow,
                "properties": properties or {},
                "createdTime": timestamp(),
                "telemetryInfo": None,
            },
        )

    def saved(self, saved_id: str) -> Document:
        """Return a saved dataflow by id."""
        document = self._store.get(SAVED_KIND, saved_id)
        if document is None:
            raise not_found(f"Saved dataset {saved_id!r}")
        return document

    def dataflow(self, saved_id: str) -> str:
        """Return a saved dataflow in the form of an ``MLTable`` document (YAML)."""
        text = _dataflow(self.saved(saved_id)["dataflowJson"])
        if not text:
            raise ServiceProblemError(400, "UserError", "The dataflow has no MLTable form.")
        return str(text)

    def register(self, body: dict[str, Any], new_version: bool) -> Document:
        """Register a dataflow under a name.

        Args:
            body: The dataset as the SDK sends it.
            new_version: Whether a new version may be added to a name that is taken.

        Returns:
            The dataset with the version that has this dataflow: a new one, unless it was
            registered before.
        """
        latest = body["latest"]
        saved = self.save(latest["dataflow"], body["datasetType"], latest.get("properties"))
        dataset = self._store.get(DATASET_KIND, body["name"])
        if dataset is None:
            dataset = self._new(body)
        elif not new_version:
            raise ServiceProblemError(
                409, "UserError", f"There is already a dataset {body['name']!r}."
            )
        for version in dataset["versions"]:
            if version["savedDatasetId"] == saved["id"]:
                return self._document(dataset, version)
        number = len(dataset["versions"]) + 1
        version = {"number": number, "savedDatasetId": saved["id"], "createdTime": timestamp()}
        dataset["versions"].append(version)
        self._change(dataset, body)
        self._store.put(DATASET_KIND, body["name"], dataset)
        return self._document(dataset, version)

    def by_name(self, name: str, version: str | None = None) -> Document:
        """Return a dataset with one of its versions, the latest where None."""
        dataset = self._store.get(DATASET_KIND, name)
        versions = dataset["versions"] if dataset else []
        number = _number(version) if version else len(versions)
        if dataset is None or not 1 <= number <= len(versions):
            raise ServiceProblemError(404, "UserError", f"There is no dataset {name!r}.")
        return self._document(dataset, versions[number - 1])

    def by_id(self, dataset_id: str, version: str | None = None) -> Document:
        """Return a dataset by its id instead of its name."""
        return self.by_name(self._named(dataset_id)["name"], version)

    def by_saved(self, saved_id: str) -> list[Document]:
        """Return the registered versions that a saved dataflow belongs to."""
        return [
            self._document(dataset, version)
            for dataset in self._store.list(DATASET_KIND)
            for version in dataset["versions"]
            if version["savedDatasetId"] == saved_id
        ]

    def list(self) -> list[Document]:
        """Return all datasets with their latest versions."""
        return [
            self._document(dataset, dataset["versions"][-1])
            for dataset in self._store.list(DATASET_KIND)
        ]

    def update(self, dataset_id: str, body: dict[str, Any]) -> Document:
        """Change the description and the tags of a dataset."""
        dataset = self._named(dataset_id)
        self._change(dataset, body)
        self._store.put(DATASET_KIND, dataset["name"], dataset)
        return self._document(dataset, dataset["versions"][-1])

    def unregister(self, name: str) -> bool:
        """Forget a dataset by name or id; whether there was one."""
        for dataset in self._store.list(DATASET_KIND):
            if name in (dataset["name"], dataset["datasetId"]):
                return self._store.delete(DATASET_KIND, dataset["name"])
        return False

    def _named(self, dataset_id: str) -> Document:
        for dataset in self._store.list(DATASET_KIND):
            if dataset["datasetId"] == dataset_id:
                return dataset
        raise not_found(f"Dataset {dataset_id!r}")

    @staticmethod
    def _new(body: dict[str, Any]) -> Document:
        return {
            "datasetId": new_id(),
            "name": body["name"],
            "datasetType": body["datasetType"],
            "createdTime": timestamp(),
            "description": None,
            "tags": {},
            "versions": [],
        }

    @staticmethod
    def _change(dataset: Document, body: dict[str, Any]) -> None:
        if body.get("description") is not None:
            dataset["description"] = body["description"]
        if body.get("tags") is not None:
            dataset["tags"] = body["tags"]

    def _document(self, dataset: Document, version: dict[str, Any]) -> Document:
        saved = self.saved(version["savedDatasetId"])
        kept = ("datasetId", "name", "description", "tags", "datasetType", "createdTime")
        return {key: dataset[key] for key in kept} | {
            "datasetState": {"state": "active"},
            "isVisible": True,
            "modifiedTime": version["createdTime"],
            "latest": {
                "datasetId": dataset["datasetId"],
                "versionId": str(version["number"]),
                "datasetDefinitionState": {"state": "active"},
                "dataflow": saved["dataflowJson"],
                "properties": saved["properties"],
                "savedDatasetId": saved["id"],
                "createdTime": version["createdTime"],
                "modifiedTime": version["createdTime"],
                "description": dataset["description"],
                "tags": dataset["tags"],
            },
        }


def _number(version: str) -> int:
    """Return a version's number; what is no number is no version either."""
    return int(version) if re.fullmatch(r"[0-9]{1,9}", version) else 0


def _dataflow(text: str) -> object:
    try:
        return json.loads(text)["meta"]["RsDataflow"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
