"""The outputs of a run: metrics of every child run, the leaderboard, the best model."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bankml.backends.base import METRICS_FILE_KIND, MODEL_FILE_KIND
from bankml.errors import (
    DataError,
    RunCanceledError,
    RunDataError,
    RunError,
    RunFailedError,
    RunNotFinishedError,
)
from bankml.leaderboard import Leaderboard
from bankml.models import BestModel, load_model
from bankml.status import RunStatus
from bankml.tags import SYNTHETIC_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from bankml.backends.base import Backend, ChildRecord, RunRecord

__all__ = ["BestModel", "Leaderboard", "best_model", "leaderboard", "metrics", "read_metrics"]

MAX_METRICS_BYTES = 150 * 10**6
MAX_METRICS_MEMORY = 500 * 10**6
_MEMORY = {b",": 32, b":": 60, b"{": 500, b"[": 100}
"""About the bytes of memory that each of these characters of a metrics output leads to."""
_SCALARS = (int, float, str, type(None))

ChildMetrics = dict[str, dict[str, list[float]]]


def metrics(backend: Backend, record: RunRecord) -> pd.DataFrame:
    """Return the metrics of all child runs.

    Args:
        backend: Where the run is.
        record: The finished run.

    Returns:
        A frame with one row per metric and one column per child run. A metric that was logged
        several times shows its last value.

    Raises:
        RunError: The run is not finished, failed, or its metrics output is empty or can't be read.
    """
    import pandas as pd

    check_finished(record)
    path = backend.fetch_output(record.id, METRICS_FILE_KIND)
    document = read_metrics(path, record.id)
    if not any(document.values()):
        raise RunError(f"The metrics output {path} has no metric of any child run.", record.id)
    columns = {child: _last_values(values) for child, values in document.items()}
    return pd.DataFrame(columns).sort_index(key=lambda names: names.str.lower())


def leaderboard(backend: Backend, record: RunRecord) -> Leaderboard:
    """Return the candidates, best first, with all their metrics.

    It may be asked for while the run goes on: it then has what is known so far.

    Args:
        backend: Where the run is.
        record: The run.

    Returns:
        The leaderboard.

    Raises:
        RunError: The metrics output of a finished run can't be read.
    """
    children = backend.children(record.id)
    if record.status is RunStatus.FINISHED and any(_lacks_metrics(child) for child in children):
        document = read_metrics(backend.fetch_output(record.id, METRICS_FILE_KIND), record.id)
        children = _with_metrics(children, document)
    metric = record.primary_metric or "AUC_weighted"
    synthetic = " (synthetic data)" if record.tags.get(SYNTHETIC_TAG) else ""
    return Leaderboard(children, metric, f"Run {record.id}{synthetic}")


def best_model(backend: Backend, record: RunRecord, *, trust: bool = False,
               check_versions: bool = True) -> BestModel:  # fmt: skip
    """Return the best model.

    Args:
        backend: Where the run is.
        record: The finished run.
        trust: Whether a pickled model may be loaded; see :func:`bankml.models.load_model`.
        check_versions: Whether differing package versions are an error.

    Returns:
        The model.

    Raises:
        RunError: The run is not finished, or failed.
        ModelError: The model can't be loaded.
    """
    check_finished(record)
    folder = backend.fetch_output(record.id, MODEL_FILE_KIND)
    return load_model(folder, trust=trust, check_versions=check_versions)


def check_finished(record: RunRecord) -> None:
    """Raise unless the run is finished.

    Raises:
        RunFailedError: It failed; the message has step, cause and log. It is a RunDataError where
            the data is the cause.
        RunCanceledError: It was canceled.
        RunNotFinishedError: It goes on.
    """
    if record.status is RunStatus.FINISHED:
        return
    raise end_error(record) or RunNotFinishedError(
        f"Run {record.id} is {record.status}; its outputs are there when it is Finished. "
        "Wait for it with wait().",
        record.id,
    )


def end_error(record: RunRecord) -> RunError | None:
    """Return the error that a run ended with, or None."""
    if record.status is RunStatus.CANCELED:
        return RunCanceledError(f"Run {record.id} was canceled.", record.id)
    if record.status is RunStatus.FAILED:
        kind = RunDataError if _is_about_data(record) else RunFailedError
        return kind(_failure_text(record), record.id)
    return None


def read_metrics(path: Path, run_id: str = "") -> ChildMetrics:
    """Read a metrics output: ``{child run id: {metric: [value, …]}}``.

    Args:
        path: The JSON file.
        run_id: The run, for the error's text.

    Returns:
        The document; values that are not finite numbers are NaN.

    Raises:
        RunError: The file is too large, not JSON, or has another shape.
    """
    try:
        if path.stat().st_size > MAX_METRICS_BYTES:
            raise RunError(
                f"The metrics output {path} is larger than 150 MB; read it yourself.", run_id
            )
        content = path.read_bytes()
        if sum(content.count(sign) * cost for sign, cost in _MEMORY.items()) > MAX_METRICS_MEMORY:
            raise RunError(
                f"The metrics output {path} has so many values that they would take more than "
                "500 MB of memory; read it yourself.",
                run_id,
            )
        document = json.loads(content.decode("utf-8"), object_pairs_hook=_unique)
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"The metrics output {path} can't be read: {error}.", run_id) from error
    if not isinstance(document, dict):
        raise RunError(f"The metrics output {path} is not an object of child runs.", run_id)
    return {str(child): _child_metrics(values, path, run_id) for child, values in document.items()}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("it has a key twice, so one of its values would be lost")
    return document


def _child_metrics(values: object, path: Path, run_id: str) -> dict[str, list[float]]:
    if not isinstance(values, dict):
        raise RunError(f"The metrics output {path} has a child run without metrics.", run_id)
    found = {str(name): _numbers(value) for name, value in values.items()}
    return {name: numbers for name, numbers in found.items() if numbers}


def _numbers(value: Any) -> list[float]:
    items = value if isinstance(value, list) else [value]
    return [_number(item) for item in items if isinstance(item, _SCALARS)]


def _number(item: float | str | None) -> float:
    try:
        number = float(item) if item is not None else math.nan
    except (ValueError, OverflowError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def _last_values(values: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: numbers[-1] for name, numbers in values.items()}


def _lacks_metrics(child: ChildRecord) -> bool:
    return child.status is RunStatus.FINISHED and not child.metrics


def _with_metrics(children: Sequence[ChildRecord], document: ChildMetrics) -> list[ChildRecord]:
    return [
        replace(child, metrics=_last_values(document[child.id]))
        if child.id in document and not child.metrics
        else child
        for child in children
    ]


def _is_about_data(record: RunRecord) -> bool:
    return record.failure is not None and record.failure.code == DataError.__name__


def _failure_text(record: RunRecord) -> str:
    failure = record.failure
    if failure is None:
        return f"Run {record.id} failed; its log may tell why: log()."
    parts = [f"Run {record.id} failed in step {failure.step!r}: {failure.message} ({failure.code})"]
    if record.portal_url:
        parts.append(f"Look at it in the portal: {record.portal_url}")
    if failure.log_tail:
        parts.append(f"Last lines of its log:\n{failure.log_tail}")
    return "\n".join(parts)
