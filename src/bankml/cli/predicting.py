"""The command that predicts rows with the model of a run, or with a saved one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bankml.cli.found_runs import find_run
from bankml.cli.given_rows import read_rows
from bankml.cli.options import (
    Config,
    Encoding,
    Separator,
    Trust,
    WorkspaceFolder,
    configuration,
)
from bankml.cli.screen import say
from bankml.errors import WorkspaceError

if TYPE_CHECKING:
    import pandas as pd

    from bankml.config import WorkflowConfig
    from bankml.models import BestModel

Target = Annotated[
    str, typer.Argument(help="The run's id, its beginning, or its ref; or a model's folder.")
]
Rows = Annotated[str, typer.Option("--data", "-d", help="Path or URL of the rows to predict.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="CSV file to write.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("predict")(predict)


def predict(
    target: Target,
    data: Rows,
    output: Output = Path("predictions.csv"),
    config: Config = None,
    separator: Separator = None,
    encoding: Encoding = None,
    trust: Trust = False,
    workspace: WorkspaceFolder = None,
) -> None:
    """Write what a model predicts for rows: a CSV file with a line for each, in their order.

    The first column has the label's name; a classification has a column with the probability of
    each class besides.
    """
    settings = configuration(config, workspace, separator=separator, encoding=encoding)
    model = _model(settings, target, trust)
    predicted = _predictions(model, read_rows(settings.dataset, data))
    _write(predicted, output)
    say(f"{len(predicted):,} predictions written to {output}")


def _model(settings: WorkflowConfig, target: str, trust: bool) -> BestModel:
    if _is_folder(target):
        from bankml.models import load_model

        return load_model(target, trust=trust)
    from bankml.workflow import Workflow

    return find_run(Workflow(settings), target).best_model(trust=trust)


def _is_folder(target: str) -> bool:
    try:
        return Path(target).is_dir()
    except OSError:  # too long for a path, for example
        return False


def _predictions(model: BestModel, rows: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    label = model.manifest.label_column_name or "prediction"
    predicted = pd.DataFrame({label: model.predict(rows)})
    if model.manifest.task != "classification":
        return predicted
    names = [f"probability_{name}" for name in model.classes_]
    return predicted.join(pd.DataFrame(model.predict_proba(rows), columns=names))


def _write(predicted: pd.DataFrame, output: Path) -> None:
    try:
        predicted.to_csv(output, index=False)
    except OSError as error:
        raise WorkspaceError(
            f"{output} can't be written: {error.strerror or error}. Choose another --output."
        ) from error
