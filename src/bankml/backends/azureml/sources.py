"""From rows or a URL to the SDK's TabularDataset."""

from __future__ import annotations

import codecs
import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bankml.errors import DataError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from bankml.backends.azureml.sdk import Sdk
    from bankml.backends.azureml.session import Session
    from bankml.config import DatasetConfig

ENCODINGS = {
    "ascii": "ascii",
    "cp1252": "windows1252",
    "iso8859-1": "iso88591",
    "utf-16": "utf16",
    "utf-32": "utf32",
    "utf-8": "utf8",
    "utf-8-sig": "utf8bom",
}
"""Encodings that the service reads, by Python's names for them."""

LONGEST_TAG = 256
"""Longest text of a tag that Azure takes."""

DATE_FORMAT = "%Y-%m-%dT%H:%M:%S"
_COLUMN_SEPARATOR = "|"


def from_url(sdk: Sdk, url: str, config: DatasetConfig) -> Any:
    """Return a dataset that the service reads from a URL; its column types are inferred now.

    Args:
        sdk: The SDK.
        url: An http(s) URL that the service can read without a credential.
        config: How to read the file.

    Raises:
        DataError: The service does not read this encoding.
    """
    return sdk.Dataset.Tabular.from_delimited_files(
        url, validate=False, separator=config.separator, encoding=service_encoding(config.encoding)
    )


def upload(session: Session, table: pa.Table, fingerprint: str) -> Any:
    """Upload rows as CSV to the default datastore, and return a dataset of them.

    Content that is there already is not sent again.

    Args:
        session: The workspace.
        table: The rows.
        fingerprint: Their fingerprint, which is part of the path.
    """
    datastore = session.datastore()
    if not hasattr(datastore, "blob_service"):
        raise UnsupportedError(
            f"The default datastore {datastore.name!r} is not a blob container; make one the "
            "default, or register the dataset in Azure and leave dataset.source out."
        )
    path = f"bankml/{fingerprint}/data.csv"
    with tempfile.TemporaryDirectory(prefix="bankml-") as folder:
        file = Path(folder) / "data.csv"
        write_csv(table, file)
        session.call("upload the data", lambda: _send(datastore, path, file))
    return session.call(
        "describe the data",
        lambda: session.sdk.Dataset.Tabular.from_delimited_files(
            (datastore, path),
            validate=False,
            infer_column_types=False,
            set_column_types=column_types(session.sdk, table),
            support_multi_line=_has_line_breaks(table),
        ),
    )


def write_csv(table: pa.Table, file: Path) -> None:
    """Write rows as the service reads them: UTF-8, commas, ISO dates, missing values empty."""
    from pyarrow import csv

    csv.write_csv(_with_iso_dates(table), file)


def column_types(sdk: Sdk, table: pa.Table) -> dict[str, Any]:
    """Return the service's type of each column, so that nothing has to be read to infer them."""
    return {field.name: _service_type(sdk, field.type) for field in table.schema}


def service_encoding(encoding: str) -> str:
    """Return the service's name of a text encoding.

    Raises:
        DataError: The service does not read it.
    """
    try:
        return ENCODINGS[codecs.lookup(encoding).name]
    except (KeyError, LookupError):
        raise DataError(
            f"Azure ML does not read the encoding {encoding!r}. Save the file as UTF-8, or take a "
            "local copy as dataset.source: it is converted on upload."
        ) from None


def names_url(definition: str, url: str, config: DatasetConfig) -> bool:
    """Whether a registered definition reads this URL in this way.

    Args:
        definition: The definition as the service keeps it: YAML inside JSON.
        url: The URL.
        config: How to read the file.
    """
    text = _unescaped(definition)
    separator = json.dumps(config.separator, ensure_ascii=False)
    return (
        any(f'"{form}"' in text for form in (url, _blob_address(url)))
        and f"delimiter: {separator}" in text
        and f"encoding: {service_encoding(config.encoding)}" in text
    )


def url_mark(url: str, config: DatasetConfig) -> str:
    """Return a mark of a URL and how it is read, from which neither can be told."""
    text = f"{url} {config.separator} {config.encoding.casefold()}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def packed(columns: Sequence[str]) -> str:
    """Return column names as one tag, or nothing where they don't fit into one."""
    text = _COLUMN_SEPARATOR.join(columns)
    fits = len(text) <= LONGEST_TAG and text.count(_COLUMN_SEPARATOR) == len(columns) - 1
    return text if fits else ""


def unpacked(tag: str) -> tuple[str, ...]:
    """Return the column names in a tag."""
    return tuple(tag.split(_COLUMN_SEPARATOR)) if tag else ()


def _send(datastore: Any, path: str, file: Path) -> None:
    blob = datastore.blob_service.get_blob_client(container=datastore.container_name, blob=path)
    if not blob.exists():
        with file.open("rb") as stream:
            blob.upload_blob(stream, overwrite=True)


def _service_type(sdk: Sdk, kind: pa.DataType) -> Any:
    from pyarrow import types

    if types.is_boolean(kind):
        return sdk.DataType.to_bool()
    if types.is_integer(kind):
        return sdk.DataType.to_long()
    if types.is_floating(kind) or types.is_decimal(kind):
        return sdk.DataType.to_float()
    if types.is_temporal(kind):
        return sdk.DataType.to_datetime(formats=[DATE_FORMAT])
    return sdk.DataType.to_string()


def _with_iso_dates(table: pa.Table) -> pa.Table:
    import pyarrow as pa
    from pyarrow import compute, types

    for place, field in enumerate(table.schema):
        column = table.column(place)
        if types.is_date(field.type) or types.is_timestamp(field.type):
            whole = column.cast(pa.timestamp("s"), safe=False)
            column = compute.strftime(whole, format=DATE_FORMAT)
        elif types.is_dictionary(field.type):
            column = column.cast(field.type.value_type)
        else:
            continue
        table = table.set_column(place, field.name, column)
    return table


def _has_line_breaks(table: pa.Table) -> bool:
    from pyarrow import compute, types

    texts = (
        table.column(place)
        for place, field in enumerate(table.schema)
        if types.is_string(field.type) or types.is_large_string(field.type)
    )
    return any(
        compute.any(compute.match_substring_regex(column, "[\r\n]")).as_py() for column in texts
    )


def _blob_address(url: str) -> str:
    # The SDK writes the address of a public blob in this form.
    parts = urlsplit(url)
    container, _, path = parts.path.lstrip("/").partition("/")
    scheme = "wasbs" if parts.scheme == "https" else "wasb"
    return f"{scheme}://{container}@{parts.netloc}/{path}"


def _unescaped(definition: str) -> str:
    try:
        document = json.loads(definition)
        text = document["meta"]["RsDataflow"]
    except (ValueError, KeyError, TypeError):
        return definition
    return str(text)
