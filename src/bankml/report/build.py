"""Write the report of a run: one HTML file that needs nothing else."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from bankml.errors import WorkspaceError
from bankml.evaluation.classification import ClassificationEvaluation
from bankml.report.content import ReportContent, collect
from bankml.report.exports import csv_link
from bankml.report.figures import svg
from bankml.report.page import render
from bankml.report.run_plots import importance_plot, learning_plot
from bankml.report.surroundings import configuration, environment, reproduction

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from bankml.backends.base import Backend, RunRecord
    from bankml.evaluation.plot import Plot
    from bankml.evaluation.thresholds import ThresholdChoice


def build(
    backend: Backend,
    record: RunRecord,
    path: str | Path,
    data: pd.DataFrame | None = None,
    *,
    trust: bool = False,
) -> Path:
    """Write a run's report.

    Args:
        backend: Where the run is.
        record: The run; one that goes on or failed has a shorter report.
        path: The HTML file to write; an older one is replaced.
        data: Rows with the label that were not used in training, to evaluate on. Without them the
            run's own validation predictions are shown.
        trust: Whether a pickled model (from Azure ML) may be loaded: that runs code from it.

    Returns:
        The path.

    Raises:
        MissingDependencyError: Jinja2 or matplotlib is not installed.
        RunError: An output of the run can't be read.
        ModelError: The model can't be loaded.
        DataError: The given rows can't be used.
        WorkspaceError: The file can't be written.
    """
    return _write(Path(path), report_html(collect(backend, record, data, trust=trust)))


def report_html(content: ReportContent) -> str:
    """Return the report as one HTML document."""
    evidence = content.evidence
    evaluation = evidence.evaluation if evidence else None
    importance = evidence.importance if evidence else None
    learning = learning_plot(content.leaderboard.children, content.leaderboard.primary_metric)
    return render(
        "report.html.j2",
        content=content,
        evaluation=evaluation,
        importance=importance,
        choices=list(_choices(evaluation)),
        gains=_gains(evaluation),
        per_class=_per_class(evaluation),
        learning=_drawn(learning) if learning else None,
        plots=[_drawn(plot) for plot in evaluation.plots()] if evaluation else [],
        importance_plot=_drawn(importance_plot(importance)) if importance else None,
        exports=dict(_exports(content)),
        environment=environment(content.manifest),
        reproduction=reproduction(content.record),
        configuration=configuration(content.record),
        written=datetime.now(timezone.utc),
    )


def _drawn(plot: Plot) -> tuple[Plot, str]:
    return plot, svg(plot)


def _choices(evaluation: object) -> Iterator[ThresholdChoice]:
    """Return the thresholds that need no figures from the user."""
    if isinstance(evaluation, ClassificationEvaluation) and evaluation.positive_class is not None:
        yield evaluation.threshold_for_f1()
        for share in (0.1, 0.2, 0.4):
            yield evaluation.threshold_for_contacts(share=share)


def _gains(evaluation: object) -> pd.DataFrame | None:
    if isinstance(evaluation, ClassificationEvaluation) and evaluation.positive_class is not None:
        return evaluation.gains()
    return None


def _per_class(evaluation: object) -> pd.DataFrame | None:
    return evaluation.per_class() if isinstance(evaluation, ClassificationEvaluation) else None


def _exports(content: ReportContent) -> Iterator[tuple[str, str]]:
    """Return the tables to save, as pairs of file name and address."""
    evidence = content.evidence
    yield "leaderboard.csv", csv_link(content.leaderboard.to_pandas())
    if content.profile is not None:
        yield "columns.csv", csv_link(content.profile.to_pandas())
    if evidence is not None and evidence.evaluation is not None:
        yield "metrics.csv", csv_link(evidence.evaluation.metrics_table())
    if evidence is not None and evidence.importance is not None:
        yield "importance.csv", csv_link(evidence.importance.to_pandas())


def _write(path: Path, document: str) -> Path:
    """Write the file in one step, so that no half of it is ever seen."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(document, "utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WorkspaceError(
            f"The report can't be written to {path}: {error.strerror}. Choose another path."
        ) from error
    return path
