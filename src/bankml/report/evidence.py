"""What a report may judge the model on: the caller's rows, or the run's validation predictions."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml.errors import BankmlError, ModelError
from bankml.evaluation.held_out import (
    Evaluation,
    evaluate,
    evaluate_predictions,
    evaluate_probabilities,
)
from bankml.evaluation.importance import Importance, permutation_importance

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from bankml.models import BestModel

VALIDATION_NAME = "validation.parquet"
"""Beside the model: ``row``, ``truth``, and ``probability_<class>`` or ``prediction``."""

_MOST_IMPORTANCE_ROWS = 500
_REPEATS = 5


@dataclass(frozen=True)
class Evidence:
    """What is known of a model's worth, and how.

    Attributes:
        evaluation: The evaluation, or None where there is no data to judge on.
        evaluated_on: Which data that was, or why there is none, one sentence.
        importance: The permutation importance, or None.
        importance_on: Which rows that was measured on, one sentence.
    """

    evaluation: Evaluation | None
    evaluated_on: str
    importance: Importance | None
    importance_on: str


def evidence(
    model: BestModel,
    folder: Path,
    data: pd.DataFrame | None,
    training: pd.DataFrame | None,
) -> Evidence:
    """Evaluate a model on the best data there is.

    Args:
        model: The model.
        folder: Its folder, where validation predictions may be kept.
        data: Rows given by the caller, not used in training; or None.
        training: The training rows, for the importance where no others are given; or None.

    Raises:
        DataError: The caller's rows can't be used.
        ModelError: The validation predictions are damaged.
    """
    label = model.manifest.label_column_name
    if data is not None:
        rows = f"{len(data):,} rows that were given for it, which the run has not seen"
        return Evidence(
            evaluate(model, data, label=label),
            f"Evaluated on {rows}.",
            _importance(model, data),
            f"Measured on up to {_MOST_IMPORTANCE_ROWS:,} of the same rows.",
        )
    kept = _validation(folder, model)
    importance = None if training is None else _importance(model, training)
    return Evidence(
        kept,
        _kept_words(kept),
        importance,
        "Measured on training rows: it shows what the model relies on, and overstates what columns "
        "are worth on new rows.",
    )


def _kept_words(kept: Evaluation | None) -> str:
    if kept is None:
        return (
            "No evaluation: the run kept no validation predictions. Give rows that were not used "
            "in training: bankml report <run> --data <file>, or run.report(path, data=frame)."
        )
    return (
        f"Evaluated on the run's own validation predictions: {kept.rows:,} rows that the "
        "candidates were not fitted on. The winner was chosen by these rows, so they flatter it a "
        "little; rows of your own, given with data=, are the better test."
    )


def _importance(model: BestModel, data: pd.DataFrame) -> Importance:
    return permutation_importance(
        model,
        data,
        label=model.manifest.label_column_name,
        repeats=_REPEATS,
        most_rows=_MOST_IMPORTANCE_ROWS,
        workers=min(4, os.cpu_count() or 1),
    )


def _validation(folder: Path, model: BestModel) -> Evaluation | None:
    """Evaluate the validation predictions kept beside the model, if there are any."""
    import pandas as pd

    path = folder / VALIDATION_NAME
    if not path.exists():
        return None
    try:
        kept = pd.read_parquet(path)
        truth = kept["truth"].rename(model.manifest.label_column_name)
        if model.manifest.task != "classification":
            return evaluate_predictions(truth, kept["prediction"])
        classes = tuple(model.manifest.classes)
        columns = [name for name in kept.columns if name.startswith("probability_")]
        return evaluate_probabilities(truth, kept[columns].to_numpy(), classes)
    except BankmlError:
        raise
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(
            f"The validation predictions {path} can't be read ({error}). Give rows to evaluate on "
            "instead: data=."
        ) from error
