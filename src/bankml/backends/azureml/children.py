"""The candidates of an AutoML run, from its list of child runs."""

from __future__ import annotations

import json
import math
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from bankml.backends.azureml.problems import error_body
from bankml.backends.azureml.status import translate
from bankml.backends.base import ChildRecord
from bankml.status import RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def child_records(runs: Sequence[Any]) -> tuple[ChildRecord, ...]:
    """Return the candidates among the child runs, in the order of their numbers.

    Runs that are not candidates (the set-up, the explanation of the best) are left out.

    Args:
        runs: Documents of the run history.
    """
    records = (_record(run) for run in runs)
    return tuple(
        sorted((found for found in records if found is not None), key=lambda child: child.number)
    )


def utc(moment: Any) -> datetime | None:
    """Return a time of the service as UTC, or None."""
    if not isinstance(moment, datetime):
        return None
    return (
        moment.replace(tzinfo=timezone.utc)
        if moment.tzinfo is None
        else moment.astimezone(timezone.utc)
    )


def _record(run: Any) -> ChildRecord | None:
    properties: Mapping[str, str] = run.properties or {}
    number = _number(properties.get("iteration"))
    if number is None:
        return None
    return ChildRecord(
        id=str(run.run_id),
        number=number,
        algorithm=properties.get("run_algorithm", ""),
        preprocessor=properties.get("run_preprocessor", ""),
        status=translate(run.status) or RunStatus.RUNNING,
        score=_score(properties.get("score")),
        parameters=_parameters(properties),
        started=utc(run.start_time_utc),
        ended=utc(run.end_time_utc),
        error=_error(run.error),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def _score(text: str | None) -> float | None:
    try:
        score = float(text or "nan")
    except ValueError:
        return None
    return None if math.isnan(score) else score


def _parameters(properties: Mapping[str, str]) -> dict[str, Any]:
    try:
        specification = json.loads(properties.get("pipeline_spec") or "{}")
        steps = specification.get("objects") or ()
    except (ValueError, AttributeError):
        return {}
    models = [step for step in steps if "sklearn" in str(step.get("spec_class", ""))] or list(steps)
    found = models[-1].get("param_kwargs") if models else None
    return dict(found) if isinstance(found, dict) else {}


def _error(error: Any) -> str | None:
    if error is None:
        return None
    document = error.as_dict() if hasattr(error, "as_dict") else error
    code, message = error_body(document)
    return message or code or None
