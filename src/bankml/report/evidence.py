"""What a report may judge the model on: the caller's rows, or the run's validation predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml.cores import available_cores
from bankml.errors import ModelError
from bankml.evaluation.held_out import (
    Evaluation,
    classes_of,
    evaluate,
    evaluate_predictions,
    evaluate_probabilities,
)
from bankml.evaluation.importance import Importance, permutation_importance
from bankml.model_folder import VALIDATION_NAME

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from bankml.models import BestModel

_TRAINING_WORDS = (
    "Measured on training rows: it shows what the model relies on, and overstates what columns are "
    "worth on new rows."
)
_HELD_OUT_WORDS = "Measured on validation rows, which the model was not fitted on."

_MOST_IMPORTANCE_ROWS = 500
_REPEATS = 5
_ROWS_TO_COMPARE = 200


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
    if training is not None:
        # Rows without a label were left out of training, and do not count in the kept numbers.
        training = training[training[label].notna()]
    kept = _kept_predictions(folder)
    evaluation = None if kept is None else _validation(kept, model)
    held_out = None if kept is None or training is None else _held_out(kept, model, training)
    measured = training if held_out is None else held_out
    return Evidence(
        evaluation,
        _kept_words(evaluation),
        None if measured is None else _importance(model, measured),
        _TRAINING_WORDS if held_out is None else _HELD_OUT_WORDS,
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
        workers=min(4, available_cores()),
    )


def _kept_predictions(folder: Path) -> pd.DataFrame | None:
    """Read the validation predictions kept beside the model, if there are any."""
    import pandas as pd

    path = folder / VALIDATION_NAME
    if not path.exists():
        return None
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The validation predictions {path} can't be read ({error}). Give rows to evaluate on "
            "instead: data=."
        ) from error


def _validation(kept: pd.DataFrame, model: BestModel) -> Evaluation:
    truth = kept["truth"].rename(model.manifest.label_column_name)
    if model.manifest.task != "classification":
        return evaluate_predictions(truth, kept["prediction"])
    classes = classes_of(model) or ()
    return evaluate_probabilities(truth, _values(kept), classes)


def _values(kept: pd.DataFrame) -> NDArray[np.float64]:
    """Return the kept predictions: shape ``(rows, 1)``, or ``(rows, classes)``."""
    return kept.drop(columns=["row", "truth"]).to_numpy(dtype=float)


def _held_out(kept: pd.DataFrame, model: BestModel, training: pd.DataFrame) -> pd.DataFrame | None:
    """Return the validation rows, if the model has never seen them.

    It has not if it was validated on a part of the rows, and gives the same predictions for them as
    in the validation: a model that was fitted again on all rows would give others.
    """
    import numpy as np

    if len(kept) >= len(training) or kept["row"].max() >= len(training):
        return None
    rows = training.iloc[kept["row"].to_numpy()]
    some = slice(0, _ROWS_TO_COMPARE)
    if model.manifest.task == "classification":
        now = model.predict_proba(rows[some])
    else:
        now = model.predict(rows[some]).reshape(-1, 1)
    same = np.allclose(now, _values(kept)[some], rtol=1e-3, atol=1e-4)
    return rows if same else None
