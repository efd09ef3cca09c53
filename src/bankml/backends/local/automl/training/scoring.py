"""The metrics of predictions for the held-out rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bankml.metrics.compute import classification_metrics, regression_metrics

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_CHANCE = 1e-15


def held_out_metrics(
    label: NDArray[np.float64],
    held_out: NDArray[np.int32],
    predictions: NDArray[np.floating],
    classes: int,
) -> dict[str, float]:
    """Return the metrics of a candidate or an ensemble.

    Args:
        label: Class codes or numbers of all rows, shape ``(rows,)``.
        held_out: The rows that the predictions are for.
        predictions: Numbers, or the second class's probability, shape ``(held_out,)``; else
            probabilities, shape ``(held_out, classes)``.
        classes: Number of classes; 0 for regression.
    """
    truth = label[held_out]
    if classes == 0:
        return regression_metrics(truth, predictions, float(label.min()), float(label.max()))
    return classification_metrics(truth, predictions, range(classes))


def of_true_class(
    values: NDArray[np.floating], truth: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Return the probability that was given to the true class.

    Args:
        values: Probabilities of all classes, shape ``(rows, classes)``, or of the second of two,
            shape ``(rows,)``.
        truth: The class codes, shape ``(rows,)``.
    """
    if values.ndim == 1:
        return np.where(truth == 1, values, 1 - values)
    chosen: NDArray[np.floating] = values[np.arange(len(truth)), truth.astype(int)]
    return chosen


def losses_of_rows(
    values: NDArray[np.floating], truth: NDArray[np.floating], classes: int
) -> NDArray[np.floating]:
    """Return the log loss of each row, or the squared error, shape ``(rows,)``.

    Args:
        values: Numbers, or probabilities as in `of_true_class`.
        truth: Class codes or numbers, shape ``(rows,)``.
        classes: Number of classes; 0 for regression.
    """
    if classes == 0:
        return (values - truth) ** 2
    losses: NDArray[np.floating] = -np.log(np.maximum(of_true_class(values, truth), _LEAST_CHANCE))
    return losses


def loss_of_constant(truth: NDArray[np.float64], classes: int) -> float:
    """Return the mean loss of the best prediction that is the same for all rows.

    Args:
        truth: Class codes or numbers, shape ``(rows,)``.
        classes: Number of classes; 0 for regression.

    Returns:
        The log loss, which is the entropy of the classes, or the mean squared error.
    """
    if classes == 0:
        return float(np.var(truth))
    shares = np.bincount(truth.astype(int)) / len(truth)
    shares = shares[shares > 0]
    return -float((shares * np.log(shares)).sum())
