"""The metrics of predictions for the held-out rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.metrics.compute import classification_metrics, regression_metrics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
