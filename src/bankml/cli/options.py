"""Options that several commands share, and the configuration they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bankml.config import WorkflowConfig, find_config, load_config

SAMPLE = "sample"
SAMPLE_NAME = "Bank Marketing Sample (synthetic)"
_TYPED = {r"\t": "\t"}
"""Separators that are hard to type in a shell, as they are typed."""

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Configuration file; else config.json is looked for."),
]
WorkspaceFolder = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="Folder of the local workspace.")
]
Data = Annotated[
    str | None, typer.Option("--data", "-d", help="Path or URL of the data, or 'sample'.")
]
Separator = Annotated[
    str | None,
    typer.Option("--separator", help=r"Character between a CSV file's fields; '\t' for a tab."),
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", help="Text encoding of a CSV file, such as 'cp1252'.")
]
Trust = Annotated[
    bool, typer.Option("--trust", help="Load a pickled model, which runs code from it.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts; an error too.")]


def configuration(
    config: Path | None,
    workspace: Path | None = None,
    data: str | None = None,
    *,
    separator: str | None = None,
    encoding: str | None = None,
    **automl: Any,
) -> WorkflowConfig:
    """Return the configuration that the options describe.

    Without a file and without data it is the synthetic sample, so that the first command works
    without a network. Real data is never replaced by it.

    Args:
        config: Configuration file, or None to look for one.
        workspace: Folder of the local workspace, or None for the configured one.
        data: Data to use in place of the configured source, or None.
        separator: Character between the fields of a CSV file, or None for the configured one.
        encoding: Text encoding of a CSV file, or None for the configured one.
        **automl: Keys of the section ``automl``; those that are None are left alone.

    Returns:
        The configuration.

    Raises:
        ConfigError: Something in it is not valid.
    """
    found = config or find_config(Path.cwd())
    base = load_config(found) if found else WorkflowConfig()
    source = data if data is not None or found else SAMPLE
    changes: dict[str, dict[str, Any]] = {
        "automl": automl,
        "workspace": {"path": workspace},
        "dataset": {"separator": _TYPED.get(separator or "", separator), "encoding": encoding},
    }
    given = {name: _without_none(keys) for name, keys in changes.items()}
    if source is not None:
        given["dataset"] |= _dataset(source)
    return base.replace(**{name: keys for name, keys in given.items() if keys})


def _without_none(keys: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if value is not None}


def _dataset(source: str) -> dict[str, Any]:
    if source == SAMPLE:
        description = "Generated rows that resemble the Bank Marketing data"
        return {"name": SAMPLE_NAME, "source": SAMPLE, "description": description, "version": None}
    name = Path(source.split("?")[0]).stem or "data"
    return {"name": name, "source": source, "description": f"Read from {name}", "version": None}
