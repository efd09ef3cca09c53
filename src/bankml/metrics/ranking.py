"""Area under the ROC curve and average precision, both from one sort of the scores.

scikit-learn computes the same numbers one metric and one class at a time; with many classes or
rows that takes longer than fitting a candidate, so both are read from the same sorted counts here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def auc_and_average_precision(
    positive: NDArray[np.bool_], score: NDArray[np.floating]
) -> tuple[float, float]:
    """Return the area under the ROC curve and the average precision of a score.

    Average precision is the sum over thresholds of precision times the step in recall, as
    scikit-learn's ``average_precision_score`` defines it. Equal scores are one threshold.

    Args:
        positive: Which rows are of the class, shape ``(rows,)``.
        score: Their scores, larger for the class, shape ``(rows,)``.

    Returns:
        Both values; NaN where one of the two classes has no row.
    """
    order = np.argsort(-score, kind="stable")
    sorted_score = score[order]
    last_of_ties = np.append(np.flatnonzero(np.diff(sorted_score)), len(score) - 1)
    true_positives = np.cumsum(positive[order], dtype=np.float64)[last_of_ties]
    false_positives = 1.0 + last_of_ties - true_positives
    positives, negatives = true_positives[-1], false_positives[-1]
    if positives == 0 or negatives == 0:
        return float("nan"), float("nan")
    steps = np.diff(true_positives, prepend=0.0)
    heights = true_positives - steps / 2
    area = float(heights @ np.diff(false_positives, prepend=0.0)) / (positives * negatives)
    precision = true_positives / (true_positives + false_positives)
    return area, float(steps @ precision) / positives
