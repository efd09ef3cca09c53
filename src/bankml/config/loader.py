"""Reading a configuration file, and finding it where Azure ML would."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bankml.config.models import WorkflowConfig
from bankml.config.problems import config_error, printable
from bankml.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_NAMES = ("config.json", ".azureml/config.json")
MAX_BYTES = 1_000_000
_AZURE_KEYS = frozenset({"subscription_id", "resource_group", "workspace_name"})


def find_config(start: Path) -> Path | None:
    """Return the nearest configuration file, looked for like Azure ML looks for its own.

    Args:
        start: Folder to begin in; then its parents, up to the root.

    Returns:
        The path of ``config.json`` or ``.azureml/config.json``, or None.
    """
    return next((path for path in _candidates(start.resolve()) if path.is_file()), None)


def load_config(path: str | Path | None = None) -> WorkflowConfig:
    """Read and check a configuration.

    Args:
        path: A file, a folder to begin the search in, or None for the current folder.

    Returns:
        The configuration; a plain Azure ML file gives backend ``azureml`` and the defaults.

    Raises:
        ConfigError: There is no file, it is not JSON, or a key or value is not valid.
    """
    file = _existing(Path(path) if path is not None else Path.cwd())
    return parse_config(_read(file), str(file))


def parse_config(document: object, origin: str = "The configuration") -> WorkflowConfig:
    """Check a configuration that has been read already.

    Args:
        document: The parsed JSON document.
        origin: Where it came from, for the error's text.

    Returns:
        The configuration.

    Raises:
        ConfigError: It is not an object, or a key or value is not valid.
    """
    if not isinstance(document, dict):
        raise ConfigError(
            f"{origin} must be a JSON object with keys, not a {_json_type(document)}."
        )
    if document.keys() & _AZURE_KEYS and not document.keys() - _AZURE_KEYS:
        document = {"backend": "azureml", "workspace": document}
    try:
        return WorkflowConfig.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise config_error(error, WorkflowConfig) from None
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"{origin} can't be written as JSON: {error}.") from error


def _candidates(start: Path) -> Iterator[Path]:
    for folder in (start, *start.parents):
        yield from (folder / name for name in FILE_NAMES)


def _existing(path: Path) -> Path:
    if path.is_file():
        return path
    found = find_config(path) if path.is_dir() else None
    if found is None:
        raise ConfigError(
            f"There is no configuration at {path}. Copy config.example.json to config.json, or "
            "build one in code with WorkflowConfig()."
        )
    return found


def _read(file: Path) -> Any:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{file} is larger than 1 MB; that is no configuration.")
        return json.loads(file.read_text("utf-8-sig"), object_pairs_hook=_no_duplicates)
    except OSError as error:
        raise ConfigError(f"{file} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8 text; save it as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file} is not valid JSON: {error}.") from error


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = sorted(printable(key) for key, count in counts.items() if count > 1)
        raise ConfigError(f"The configuration has a key twice: {', '.join(twice[:10])}. Keep one.")
    return document


def _json_type(document: object) -> str:
    return {list: "list", str: "text", type(None): "null"}.get(type(document), "single value")
