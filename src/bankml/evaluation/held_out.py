"""Evaluate a model on data it has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from bankml.data.frames import check_frame
from bankml.errors import DataError
from bankml.evaluation.classification import ClassificationEvaluation
from bankml.evaluation.intervals import Bootstrap
from bankml.evaluation.regression import RegressionEvaluation
from bankml.suggestions import did_you_mean

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Evaluation = ClassificationEvaluation | RegressionEvaluation
"""What :func:`evaluate` returns, by the kind of model."""


class Predictor(Protocol):
    """A model that predicts from a raw frame: a ``BestModel`` or a scikit-learn pipeline.

    A classifier also has ``predict_proba`` (shape ``(rows, classes)``) and ``classes_``.
    """

    def predict(self, frame: Any, /) -> Any:
        """Return a prediction per row, in the label's own values."""
        ...


def classes_of(model: Any) -> tuple[Any, ...] | None:
    """Return a classifier's labels in the order of its probabilities; None for a regression."""
    if not hasattr(model, "classes_") or not hasattr(model, "predict_proba"):
        return None
    return tuple(_plain(value) for value in model.classes_)


def evaluate(
    model: Predictor,
    data: pd.DataFrame,
    *,
    label: str,
    positive_class: Any = None,
    confidence: float = 0.95,
    resamples: int = 200,
    random_state: int = 0,
) -> Evaluation:
    """Evaluate a model on rows it was not trained on.

    Args:
        model: Anything with ``predict``, and for a classifier ``predict_proba`` and ``classes_``,
            on raw frames.
        data: Rows with the label column.
        label: Name of the label column.
        positive_class: The class to look for. By default the second of two classes, as in
            scikit-learn; with more classes there is none.
        confidence: Share of bootstrap resamples inside each interval.
        resamples: Number of bootstrap resamples.
        random_state: Seed of the bootstrap.

    Returns:
        A :class:`ClassificationEvaluation` or a :class:`RegressionEvaluation`.

    Raises:
        DataError: The data is not a frame, its label column is missing or incomplete, there is no
            row, or it has a class that the model doesn't know.
    """
    truth = label_of(data, label)
    features = data.drop(columns=label)
    bootstrap = Bootstrap(confidence, resamples, random_state)
    classes = classes_of(model)
    if classes is None:
        return evaluate_predictions(truth, model.predict(features), bootstrap)
    probabilities = cast("Any", model).predict_proba(features)
    return evaluate_probabilities(truth, probabilities, classes, positive_class, bootstrap)


def evaluate_probabilities(
    truth: pd.Series,
    probabilities: Any,
    classes: tuple[Any, ...],
    positive_class: Any = None,
    bootstrap: Bootstrap | None = None,
) -> ClassificationEvaluation:
    """Evaluate probabilities that were predicted earlier.

    Args:
        truth: The true labels; its name is the label column's.
        probabilities: Shape ``(rows, classes)``.
        classes: The labels in the order of the columns of ``probabilities``.
        positive_class: The class to look for; the second of two by default.
        bootstrap: How the intervals are found.

    Raises:
        DataError: A true label is none of the classes, or there is no such positive class.
    """
    import numpy as np

    if positive_class is not None and positive_class not in classes:
        raise DataError(f"There is no class {positive_class!r}. The classes are: {_list(classes)}.")
    return ClassificationEvaluation(
        truth=_class_numbers(truth, classes),
        probabilities=np.asarray(probabilities, dtype=float),
        classes=classes,
        label=str(truth.name),
        positive_class=positive_class,
        bootstrap=bootstrap or Bootstrap(),
    )


def evaluate_predictions(
    truth: pd.Series, predicted: Any, bootstrap: Bootstrap | None = None
) -> RegressionEvaluation:
    """Evaluate numbers that were predicted earlier.

    Args:
        truth: The true values; its name is the label column's.
        predicted: The predicted values in the same unit, shape ``(rows,)``.
        bootstrap: How the intervals are found.

    Raises:
        DataError: The true values are not numbers.
    """
    import numpy as np

    try:
        values = truth.to_numpy(dtype=float)
    except ValueError as error:
        raise DataError(
            f"The model predicts numbers, but {truth.name!r} is not numeric: {error}."
        ) from error
    predictions = np.asarray(predicted, dtype=float)
    return RegressionEvaluation(values, predictions, str(truth.name), bootstrap or Bootstrap())


def label_of(data: pd.DataFrame, label: str) -> pd.Series:
    """Return the label column of evaluation data.

    Raises:
        DataError: The data is not a frame, or the label column is missing, there twice, or has
            missing values, or there is no row.
    """
    check_frame(data, [label])
    if label not in data.columns:
        raise DataError(
            f"The data has no column {label!r} to compare with."
            f"{did_you_mean(label, map(str, data.columns))} "
            f"Its columns are: {_list(data.columns)}."
        )
    if data.empty:
        raise DataError("The data to evaluate on has no rows.")
    missing = int(data[label].isna().sum())
    if missing:
        raise DataError(
            f"{missing:,} of {len(data):,} rows have no {label!r}. Drop them first: "
            f"data.dropna(subset=[{label!r}])."
        )
    return data[label]


def _class_numbers(truth: pd.Series, classes: tuple[Any, ...]) -> NDArray[np.int64]:
    import numpy as np
    import pandas as pd

    numbers = pd.Index(classes, dtype=object).get_indexer(truth.astype(object))
    unknown = truth[numbers < 0].unique()
    if len(unknown):
        raise DataError(
            f"{truth.name!r} has values the model was not trained on: {_list(unknown)}. "
            f"Its classes are: {_list(classes)}."
        )
    return np.asarray(numbers, dtype=np.int64)


def _plain(value: Any) -> Any:
    """Turn a numpy scalar into the Python value it stands for."""
    return value.item() if hasattr(value, "item") else value


def _list(values: Any, most: int = 20) -> str:
    """Return the first values as one line."""
    shown = [repr(_plain(value)) for value in list(values)[:most]]
    return ", ".join(shown) + (", …" if len(values) > most else "")
