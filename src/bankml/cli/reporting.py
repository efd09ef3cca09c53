"""The command that writes a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bankml.cli.found_runs import find_run
from bankml.cli.given_rows import read_rows
from bankml.cli.options import Config, Encoding, Separator, Trust, WorkspaceFolder, configuration
from bankml.cli.screen import say

RunId = Annotated[str, typer.Argument(help="The run's id, its beginning, or its ref.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="HTML file to write.")]
EvaluationData = Annotated[
    str | None,
    typer.Option("--data", "-d", help="Path or URL of rows not used in training, to evaluate on."),
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
    rows = None if data is None else read_rows(settings.dataset, data)
    say(f"Report written to {run.report(output, rows, trust=trust)}")
