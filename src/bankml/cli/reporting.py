"""The command that writes a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bankml.cli.found_runs import find_run
from bankml.cli.options import Config, Encoding, Separator, WorkspaceFolder, configuration
from bankml.cli.screen import say

if TYPE_CHECKING:
    import pandas as pd

    from bankml.config import DatasetConfig

RunId = Annotated[str, typer.Argument(help="The run's id, its beginning, or its ref.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="HTML file to write.")]
EvaluationData = Annotated[
    str | None,
    typer.Option("--data", "-d", help="Path or URL of rows not used in training, to evaluate on."),
]
Trust = Annotated[
    bool, typer.Option("--trust", help="Load a pickled model, which runs code from it.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    run_id: RunId,
    output: Output = Path("report.html"),
    config: Config = None,
    data: EvaluationData = None,
    separator: Separator = None,
    encoding: Encoding = None,
    trust: Trust = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Write a run's report: one HTML file that needs nothing else."""
    from bankml.workflow import Workflow

    settings = configuration(config, workspace, separator=separator, encoding=encoding)
    run = find_run(Workflow(settings), run_id)
    rows = None if data is None else _read(settings.dataset, data)
    say(f"Report written to {run.report(output, rows, trust=trust)}")


def _read(like: DatasetConfig, source: str) -> pd.DataFrame:
    """Read rows as the configured dataset is read: same separator, encoding and size limit."""
    from bankml.config import DatasetConfig
    from bankml.data.source import load_source
    from bankml.errors import DataError

    settings = DatasetConfig(**{**like.model_dump(), "source": source, "version": None})
    loaded = load_source(settings)
    if loaded is None:
        raise DataError(f"{source} has no rows to evaluate on.")
    frame: pd.DataFrame = loaded.table.to_pandas()
    return frame
