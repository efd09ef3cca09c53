"""Which raw columns a model relies on: permutation importance with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankml.errors import DataError
from bankml.evaluation.held_out import (
    Predictor,
    classes_of,
    evaluate_predictions,
    evaluate_probabilities,
    label_of,
)
from bankml.evaluation.intervals import Interval
from bankml.metrics.names import (
    BINARY_METRICS,
    CLASSIFICATION_METRICS,
    REGRESSION_METRICS,
    is_greater_better,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_CHANCE = {"AUC": 0.5, "norm_macro_recall": 0.0, "matthews_correlation": 0.0}
"""What a model without skill scores, by the start of the metric's name."""


@dataclass(frozen=True)
class Importance:
    """What a model loses when a column is shuffled.

    Attributes:
        metric: The metric that is lost.
        score: The model's score on the data as it is.
        columns: Loss per column, largest first: how much worse the metric is when the column's
            values are shuffled among the rows. About 0 for a column that isn't used.
        rows: Number of rows used.
        repeats: Number of shuffles of each column.
    """

    metric: str
    score: float
    columns: dict[str, Interval]
    rows: int
    repeats: int

    @property
    def chance(self) -> float | None:
        """The metric of a model without skill, or None where it depends on the data."""
        if self.metric == "r2_score":
            return 0.0
        for start, value in _CHANCE.items():
            if self.metric.startswith(start):
                return value
        return None

    def to_pandas(self) -> pd.DataFrame:
        """Return a row per column, largest loss first: estimate, low and high."""
        import pandas as pd

        rows = {name: vars(interval) for name, interval in self.columns.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("column")


def permutation_importance(
    model: Predictor,
    data: pd.DataFrame,
    *,
    label: str,
    metric: str | None = None,
    repeats: int = 5,
    most_rows: int = 2_000,
    random_state: int = 0,
    workers: int = 1,
) -> Importance:
    """Measure how much worse a model is when one raw column at a time is shuffled.

    Permutation importance as in L. Breiman, *Random Forests*, 2001, computed by scikit-learn on
    columns of any type. Columns that carry the same information stand in for each other, so each
    of them can look less important than they are together.

    Args:
        model: Anything with ``predict`` (and ``predict_proba`` and ``classes_``) on raw frames.
        data: Rows the model was not trained on, with the label column.
        label: Name of the label column.
        metric: The metric that is lost; ``AUC_weighted`` or ``r2_score`` where None.
        repeats: Shuffles of each column; at least 2.
        most_rows: Rows used at the most, drawn at random.
        random_state: Seed of the shuffles and of the rows drawn.
        workers: Threads to use; the result is the same with any number.

    Returns:
        The mean loss of each column with its 95% interval (Student's t over the repeats).

    Raises:
        DataError: The label column is missing or incomplete, or the metric doesn't fit the model.
    """
    import joblib
    from sklearn import inspection

    metric = _fitting_metric(metric, classes_of(model))
    label_of(data, label)
    if len(data) > most_rows:
        data = data.sample(most_rows, random_state=random_state)
    features = data.drop(columns=label)
    scorer = _Scorer(metric)
    with joblib.parallel_config(backend="threading"):
        found = inspection.permutation_importance(
            _Fitted(model),
            features,
            data[label],
            scoring=scorer,
            n_repeats=max(2, repeats),
            random_state=random_state,
            n_jobs=workers,
        )
    intervals = _t_intervals(found.importances)
    ranked = sorted(zip(features.columns, intervals, strict=True), key=lambda one: -one[1].estimate)
    score = scorer(_Fitted(model), features, data[label])
    return Importance(
        metric=metric,
        score=score if is_greater_better(metric) else -score,
        columns={str(name): interval for name, interval in ranked},
        rows=len(data),
        repeats=max(2, repeats),
    )


@dataclass(frozen=True)
class _Fitted:
    """A model as scikit-learn wants to see it here: something that has ``fit``."""

    model: Any

    def fit(self, *_: Any) -> _Fitted:
        """Do nothing: the model is fitted."""
        return self


@dataclass(frozen=True)
class _Scorer:
    """scikit-learn's scorer for one of our metrics; greater is better."""

    metric: str

    def __call__(self, fitted: _Fitted, features: pd.DataFrame, truth: pd.Series) -> float:
        model = fitted.model
        classes = classes_of(model)
        if classes is None:
            value = self._regression(truth, model.predict(features))
        else:
            value = self._classification(truth, model.predict_proba(features), classes)
        return value if is_greater_better(self.metric) else -value

    def _classification(
        self, truth: pd.Series, probabilities: Any, classes: tuple[Any, ...]
    ) -> float:
        import numpy as np

        metrics = evaluate_probabilities(truth, probabilities, classes).resampled
        return float(metrics(np.ones((1, len(truth))))[self.metric][0])

    def _regression(self, truth: pd.Series, predicted: Any) -> float:
        return evaluate_predictions(truth, predicted).estimates[self.metric]


def _fitting_metric(metric: str | None, classes: tuple[Any, ...] | None) -> str:
    if metric is None:
        return "r2_score" if classes is None else "AUC_weighted"
    if classes is not None and len(classes) > 2 and metric in BINARY_METRICS:
        raise DataError(
            f"{metric!r} is of two classes, and this model has {len(classes)}. Choose an average "
            f"over them, such as {metric.replace('_binary', '_weighted')!r}."
        )
    valid = REGRESSION_METRICS if classes is None else CLASSIFICATION_METRICS
    if metric not in valid:
        raise DataError(
            f"{metric!r} is no metric of this model's kind. There are: {', '.join(valid)}."
        )
    return metric


def _t_intervals(losses: NDArray[np.float64]) -> list[Interval]:
    """Return 95 % t intervals for the mean of each row of shape ``(columns, repeats)``."""
    from scipy import stats

    repeats = losses.shape[1]
    means, errors = losses.mean(axis=1), stats.sem(losses, axis=1)
    half = errors * stats.t.ppf(0.975, repeats - 1)
    ends = zip(means, half, strict=True)
    return [Interval(float(mean), float(mean - by), float(mean + by)) for mean, by in ends]
