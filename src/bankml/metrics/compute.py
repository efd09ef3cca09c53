"""The metrics, computed as Azure ML defines them.

Definitions: https://learn.microsoft.com/azure/machine-learning/how-to-understand-automated-ml
("Evaluate automated machine learning experiment results").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bankml.metrics.ranking import auc_and_average_precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


def classification_metrics(
    y_true: ArrayLike, probabilities: ArrayLike, classes: Sequence[Any]
) -> dict[str, float]:
    """Return the classification metrics.

    Macro is the plain mean over classes, weighted the mean by each class's share of the rows,
    micro counts every pair of row and class once, binary is that of the second class. Classes
    without a row are left out of the ranking metrics.

    Args:
        y_true: The true labels, shape ``(rows,)``.
        probabilities: The probability of each class, shape ``(rows, classes)``; for two classes
            also that of the second one, shape ``(rows,)``.
        classes: The labels in the order of the columns, at least two.

    Returns:
        The values by name, in the order of `bankml.metrics.CLASSIFICATION_METRICS`; those that
        end in ``_binary`` for two classes only.

    Raises:
        ValueError: Shapes do not fit, or a label is not among the classes.
    """
    probability = _two_columns(np.asarray(probabilities, dtype=np.float64))
    truth = _codes(np.asarray(y_true), classes)
    if probability.shape != (len(truth), len(classes)):
        raise ValueError(
            f"probabilities have the shape {probability.shape}, "
            f"expected {(len(truth), len(classes))}"
        )
    values = _threshold_metrics(truth, probability) | _ranking_metrics(truth, probability)
    if len(classes) > 2:
        values = {name: value for name, value in values.items() if not name.endswith("_binary")}
    return dict(sorted(values.items(), key=lambda item: item[0].lower()))


def regression_metrics(
    y_true: ArrayLike, y_pred: ArrayLike, y_min: float | None = None, y_max: float | None = None
) -> dict[str, float]:
    """Return the regression metrics.

    The ``normalized_`` errors are divided by the range of the label. As in Azure, they end at 1,
    r2_score ends at -1, the percentage error leaves out rows whose label is 0, and the logarithmic
    errors are NaN where a label or a prediction is negative.

    Args:
        y_true: The true values, shape ``(rows,)``.
        y_pred: The predictions, shape ``(rows,)``.
        y_min: Least label in the whole data; that of ``y_true`` if None.
        y_max: Largest label in the whole data; that of ``y_true`` if None.

    Returns:
        The values by name, in the order of `bankml.metrics.REGRESSION_METRICS`.
    """
    truth = np.asarray(y_true, dtype=np.float64)
    predicted = np.asarray(y_pred, dtype=np.float64)
    low = float(truth.min()) if y_min is None else float(y_min)
    high = float(truth.max()) if y_max is None else float(y_max)
    errors = _errors(truth, predicted)
    log_error = errors["root_mean_squared_log_error"]
    log_range = float(np.log1p(high) - np.log1p(low)) if low > -1 else 0.0
    values = errors | {
        "normalized_root_mean_squared_log_error": _normalized(log_error, log_range),
        **{
            f"normalized_{name}": _normalized(errors[name], high - low)
            for name in ("mean_absolute_error", "median_absolute_error", "root_mean_squared_error")
        },
        **_agreement(truth, predicted),
    }
    return dict(sorted(values.items()))


def _threshold_metrics(
    truth: NDArray[np.int64], probability: NDArray[np.float64]
) -> dict[str, float]:
    """Return the metrics of the most probable class."""
    predicted = probability.argmax(axis=1)
    count = probability.shape[1]
    share = np.bincount(truth, minlength=count) / len(truth)
    true_share = share[truth]
    correct = predicted == truth
    per_class = _per_class(truth, predicted, count)
    random_recall = 1.0 / count
    return {
        "accuracy": float(correct.mean()),
        "balanced_accuracy": per_class["balanced"],
        "weighted_accuracy": float(true_share @ correct / true_share.sum()),
        "norm_macro_recall": (per_class["recall_score_macro"] - random_recall)
        / (1 - random_recall),
        "log_loss": log_loss(truth, probability),
        "matthews_correlation": _matthews_correlation(truth, predicted, count),
        **{name: value for name, value in per_class.items() if name != "balanced"},
    }


def _matthews_correlation(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], count: int
) -> float:
    """Return the correlation of the true and the predicted classes; 0 where one of them is alone.

    scikit-learn's own would be the only reason to load it where trees are boosted: 64 MB, 0.7 s.
    """
    rows = np.bincount(truth, minlength=count).astype(np.float64)
    claims = np.bincount(predicted, minlength=count).astype(np.float64)
    total = float(len(truth))
    covariance = float((truth == predicted).sum()) * total - rows @ claims
    spread = (total**2 - rows @ rows) * (total**2 - claims @ claims)
    return float(covariance / np.sqrt(spread)) if spread > 0 else 0.0


def log_loss(truth: NDArray[np.int64], probability: NDArray[np.float64]) -> float:
    """Return the mean negative logarithm of the probability of the true class.

    Args:
        truth: Column of the true class, shape ``(rows,)``.
        probability: Probabilities, shape ``(rows, classes)``.

    Returns:
        The log loss in nats: the mean of `log_losses`.
    """
    return float(log_losses(truth, probability).mean())


def log_losses(truth: NDArray[np.int64], probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the negative logarithm of the probability of each row's true class.

    Args:
        truth: Column of the true class, shape ``(rows,)``.
        probability: Probabilities, shape ``(rows, classes)``.

    Returns:
        The losses in nats, shape ``(rows,)``, with probabilities kept above 1e-15.
    """
    chosen = probability[np.arange(len(truth)), truth] / probability.sum(axis=1)
    losses: NDArray[np.float64] = -np.log(np.clip(chosen, 1e-15, 1.0))
    return losses


def _per_class(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], count: int
) -> dict[str, float]:
    """Return precision, recall and F1, averaged in each way."""
    hits = np.bincount(truth[truth == predicted], minlength=count).astype(np.float64)
    rows = np.bincount(truth, minlength=count)
    claims = np.bincount(predicted, minlength=count)
    seen = (rows + claims) > 0
    precision = hits / np.maximum(claims, 1)
    recall = hits / np.maximum(rows, 1)
    f1 = 2 * hits / np.maximum(rows + claims, 1)
    accuracy = float(hits.sum() / len(truth))
    values = {"balanced": float(recall[rows > 0].mean())}
    for name, value in (("precision_score", precision), ("recall_score", recall), ("f1_score", f1)):
        values[f"{name}_macro"] = float(value[seen].mean())
        values[f"{name}_micro"] = accuracy
        values[f"{name}_weighted"] = float(value @ rows / len(truth))
        values[f"{name}_binary"] = float(value[1])
    return values


def _ranking_metrics(
    truth: NDArray[np.int64], probability: NDArray[np.float64]
) -> dict[str, float]:
    """Return the metrics of the ranking by each class's probability."""
    count = probability.shape[1]
    is_class = truth[:, None] == np.arange(count)
    pairs = [auc_and_average_precision(is_class[:, k], probability[:, k]) for k in range(count)]
    micro = auc_and_average_precision(is_class.ravel(), probability.ravel())
    rows = is_class.sum(axis=0)
    values: dict[str, float] = {}
    for place, name in enumerate(("AUC", "average_precision_score")):
        per_class = np.array([pair[place] for pair in pairs])
        valid = ~np.isnan(per_class)
        values[f"{name}_macro"] = float(per_class[valid].mean()) if valid.any() else float("nan")
        values[f"{name}_micro"] = micro[place]
        values[f"{name}_weighted"] = (
            float(per_class[valid] @ rows[valid] / rows[valid].sum())
            if valid.any()
            else float("nan")
        )
        values[f"{name}_binary"] = float(per_class[1])
    return values


def _errors(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, float]:
    error = np.abs(truth - predicted)
    nonzero = truth != 0
    percentage = error[nonzero] / np.abs(truth[nonzero])
    logarithmic = float("nan")
    if truth.min() >= 0 and predicted.min() >= 0:
        logarithmic = float(np.sqrt(np.mean((np.log1p(truth) - np.log1p(predicted)) ** 2)))
    return {
        "mean_absolute_error": float(error.mean()),
        "mean_absolute_percentage_error": float(100 * percentage.mean())
        if nonzero.any()
        else float("nan"),
        "median_absolute_error": float(np.median(error)),
        "root_mean_squared_error": float(np.sqrt(np.mean(error**2))),
        "root_mean_squared_log_error": logarithmic,
    }


def _agreement(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, float]:
    constant = np.ptp(truth) == 0 or np.ptp(predicted) == 0
    spearman = -1.0 if constant else np.corrcoef(_ranks(truth), _ranks(predicted))[0, 1]
    error = truth - predicted
    spread = float(((truth - truth.mean()) ** 2).sum())
    return {
        "explained_variance": _share_explained(float(((error - error.mean()) ** 2).sum()), spread),
        "r2_score": max(-1.0, _share_explained(float((error**2).sum()), spread)),
        "spearman_correlation": float(spearman),
    }


def _share_explained(left: float, spread: float) -> float:
    """Return how much of a spread is not left; as scikit-learn has it where there is none."""
    if spread == 0:
        return 1.0 if left == 0 else 0.0
    return 1.0 - left / spread


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank of each value from 1; equal ones share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(count) - (count - 1) / 2)[place]
    return ranks


def _normalized(error: float, scale: float) -> float:
    if np.isnan(error):
        return error
    if scale <= 0:
        return 0.0 if error == 0 else 1.0
    return min(1.0, error / scale)


def _two_columns(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    return probability if probability.ndim == 2 else np.column_stack([1 - probability, probability])


def _codes(labels: NDArray[Any], classes: Sequence[Any]) -> NDArray[np.int64]:
    """Return the place of each label among the classes."""
    known = np.asarray(classes)
    order = np.argsort(known, kind="stable")
    places: NDArray[np.int64] = order[
        np.searchsorted(known, labels, sorter=order).clip(max=len(known) - 1)
    ]
    if not np.array_equal(known[places], labels):
        unknown = sorted(set(labels.tolist()) - set(known.tolist()), key=str)
        raise ValueError(f"labels that are not among the classes: {unknown[:5]}")
    return places
