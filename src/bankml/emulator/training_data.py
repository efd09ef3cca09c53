"""From the definition of a dataset in a graph to its rows."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from bankml.data.urls import reason_of, shown_url
from bankml.emulator.answers import ServiceProblemError
from bankml.emulator.blobs import DATASTORE_CONTAINER
from bankml.emulator.dataflow import read_dataflow, split_datastore_path
from bankml.emulator.datasets import Datasets
from bankml.errors import DataError, DownloadError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from bankml.emulator.service import Service

TIMEOUT_SECONDS = 60.0


class TrainingData:
    """Finds and reads the rows that a step trains on.

    Args:
        service: What all routers share.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._datasets = Datasets(service.store)

    def saved_id(self, definition: Mapping[str, Any]) -> str | None:
        """Return the id of the saved dataflow that a definition means, or None."""
        return self._find(definition)[1]

    def read(self, definition: Mapping[str, Any]) -> tuple[str, pd.DataFrame]:
        """Return name and rows of a dataset.

        Args:
            definition: A ``DataSetReference`` or ``SavedDataSetReference`` of a graph.

        Raises:
            DataError: The rows can't be read.
        """
        name, saved_id = self._find(definition)
        if saved_id is None:
            raise ServiceProblemError(400, "UserError", "The AutoML step has no training data.")
        return name, read_dataflow(self._datasets.dataflow(saved_id), self._fetch)

    def _find(self, definition: Mapping[str, Any]) -> tuple[str, str | None]:
        registered = definition.get("DataSetReference")
        if registered:
            dataset = self._datasets.by_id(registered["Id"], registered.get("Version"))
            return dataset["name"], dataset["latest"]["savedDatasetId"]
        saved_id = (definition.get("SavedDataSetReference") or {}).get("Id")
        registrations = self._datasets.by_saved(saved_id) if saved_id else []
        name = registrations[0]["name"] if registrations else f"unregistered {saved_id}"
        return name, saved_id

    def _fetch(self, path: str) -> list[bytes]:
        datastore = split_datastore_path(path)
        if datastore is not None:
            return self._from_datastore(datastore[1])
        path = web_address(path)
        mapped = self._service.urls.find_url(path)
        if mapped is not None:
            return [mapped.read_bytes()]
        if not path.startswith(("http://", "https://")):
            shown = shown_url(path) if "://" in path else path
            raise DataError(f"The emulator can't read {shown!r}: use a URL or a datastore path.")
        return [_download(path)]

    def _from_datastore(self, pattern: str) -> list[bytes]:
        names = self._service.blobs.names(DATASTORE_CONTAINER)
        wanted = [name for name in names if _matches(name, pattern)]
        if not wanted:
            raise DataError(f"There is no file {pattern!r} in the default datastore.")
        paths = (self._service.blobs.path(DATASTORE_CONTAINER, name) for name in wanted)
        return [path.read_bytes() for path in paths]


def web_address(path: str) -> str:
    """Return the https URL of a ``wasbs`` address, and any other address as it is.

    Args:
        path: For example ``wasbs://container@account.blob.core.windows.net/train.csv``: the SDK
            turns the URLs of public blobs into such addresses.
    """
    found = re.fullmatch(r"wasbs?://([^@/]+)@([^/]+)/(.*)", path)
    return f"https://{found[2]}/{found[1]}/{found[3]}" if found else path


def _matches(name: str, pattern: str) -> bool:
    folder = pattern.rstrip("/") + "/"
    return name == pattern or fnmatchcase(name, pattern) or name.startswith(folder)


def _download(url: str) -> bytes:
    import requests

    try:
        response = requests.get(url, timeout=TIMEOUT_SECONDS)
    except (requests.RequestException, UnicodeError) as error:
        raise _unreadable(url, reason_of(error)) from error
    if not response.ok:
        raise _unreadable(url, f"the server answered {response.status_code}")
    return response.content


def _unreadable(url: str, reason: str) -> DownloadError:
    return DownloadError(
        f"The training data could not be read from {shown_url(url)}: {reason}. "
        "Map the URL to a local file with --map to work without a network."
    )
