"""Reads the rows that a dataflow (an ``MLTable`` document) describes.

The SDK sends the definition of a ``TabularDataset`` as YAML: paths, how to read them, and then the
transformations in their order. See the ``MLTable`` schema in Azure ML's reference.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from bankml.emulator.expressions import filter_rows
from bankml.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    Reader = Callable[[str], bytes]
    """Returns the content of a URL or of a path in the default datastore."""

PATH_KEYS = ("file", "pattern", "folder")
READERS = ("read_delimited", "read_parquet", "read_json_lines")
ENCODINGS = {"utf8": "utf-8", "utf8bom": "utf-8-sig", "iso88591": "iso-8859-1", "latin1": "latin-1"}


def read_dataflow(text: str, fetch: Callable[[str], list[bytes]]) -> pd.DataFrame:
    """Return the rows of a dataflow.

    Args:
        text: The ``MLTable`` document.
        fetch: Returns the files behind one path of the document.

    Returns:
        The rows, after every transformation.

    Raises:
        DataError: A part of the document is not understood, or doesn't fit the data.
    """
    import pandas as pd
    import yaml

    document = yaml.safe_load(text)
    contents = [data for path in document.get("paths") or [] for data in fetch(_path(path))]
    frame: pd.DataFrame | None = None
    for transformation in document.get("transformations") or []:
        name, options = _named(transformation)
        if name in READERS:
            frame = pd.concat([_read(name, data, options) for data in contents], ignore_index=True)
        elif frame is None:
            raise DataError(f"The dataset's dataflow has {name!r} before its rows are read.")
        else:
            frame = _transform(frame, name, options)
    if frame is None:
        raise DataError("The dataset's dataflow reads no rows. Use a TabularDataset.")
    return frame.reset_index(drop=True)


def _path(entry: Mapping[str, str]) -> str:
    for key in PATH_KEYS:
        if key in entry:
            return entry[key]
    raise DataError(f"The dataset's path {dict(entry)} is neither a file, a pattern nor a folder.")


def _named(transformation: Any) -> tuple[str, Any]:
    if isinstance(transformation, str):
        return transformation, {}
    ((name, options),) = transformation.items()
    return name, options


def _read(name: str, data: bytes, options: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    if name == "read_parquet":
        return pd.read_parquet(io.BytesIO(data))
    if name == "read_json_lines":
        return pd.read_json(io.BytesIO(data), lines=True)
    options = options or {}
    header = None if options.get("header") == "no_header" else 0
    encoding = str(options.get("encoding") or "utf8").lower()
    frame = pd.read_csv(
        io.BytesIO(data),
        sep=options.get("delimiter") or ",",
        header=header,
        encoding=ENCODINGS.get(encoding, encoding),
        keep_default_na=False,
        na_values=[] if options.get("empty_as_string") else [""],
    )
    return frame if header == 0 else frame.set_axis(_numbered(frame.shape[1]), axis=1)


def _numbered(count: int) -> list[str]:
    return [f"Column{number}" for number in range(1, count + 1)]


def _transform(frame: pd.DataFrame, name: str, options: Any) -> pd.DataFrame:
    match name:
        case "drop_columns":
            return frame.drop(columns=_columns(frame, options), errors="ignore")
        case "keep_columns":
            return frame[_columns(frame, options)]
        case "take":
            return frame.head(int(options))
        case "skip":
            return frame.iloc[int(options) :]
        case "filter":
            return filter_rows(frame, options)
        case "convert_column_types":
            return _convert(frame, options)
        case "take_random_sample":
            return frame.sample(frac=options["probability"], random_state=options.get("seed"))
        case _:
            raise DataError(
                f"The emulator does not know the dataset transformation {name!r}. Known are "
                "drop_columns, keep_columns, take, skip, filter, take_sample and type conversion."
            )


def _columns(frame: pd.DataFrame, options: Any) -> list[str]:
    names = [options] if isinstance(options, str) else list(options)
    return [name for name in names if name in frame.columns]


def _convert(frame: pd.DataFrame, options: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    converted = frame.copy()
    for entry in options:
        names = _columns(frame, entry["columns"])
        kind = entry["column_type"]
        kind = next(iter(kind)) if isinstance(kind, dict) else kind
        for name in names:
            if kind in ("int", "float"):
                converted[name] = pd.to_numeric(frame[name], errors="coerce")
            elif kind == "datetime":
                converted[name] = pd.to_datetime(frame[name], errors="coerce")
            elif kind == "string":
                converted[name] = frame[name].astype(object)
    return converted


def split_datastore_path(path: str) -> tuple[str, str] | None:
    """Return datastore and path of a datastore's URI, or None for another address.

    Args:
        path: For example ``azureml://datastores/workspaceblobstore/paths/data/train.csv``.
    """
    if not path.startswith("azureml://"):
        return None
    parts = [unquote(part) for part in urlsplit(path).path.split("/")]
    host = urlsplit(path).netloc
    parts = [host, *parts[1:]]
    if "datastores" not in parts or "paths" not in parts:
        return None
    place = parts.index("datastores")
    return parts[place + 1], "/".join(parts[parts.index("paths") + 1 :])
