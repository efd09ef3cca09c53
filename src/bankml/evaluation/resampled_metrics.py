"""The classification metrics over many bootstrap resamples at once.

Scores are sorted once and each resample is only a vector of counts, so that two hundred resamples
of all metrics take about as long as a few plain computations. With every count 1 the values are
those of :func:`bankml.metrics.compute.classification_metrics`; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True)
class RankedScores:
    """One column of scores, sorted from the highest, ties kept together.

    Attributes:
        positive: Whether each row is positive, in the sorted order.
        order: Row numbers in the sorted order.
        starts: Where each group of equal scores starts in the sorted order.
    """

    positive: NDArray[np.bool_]
    order: Integers
    starts: Integers

    @classmethod
    def of(cls, positive: NDArray[np.bool_], scores: Floats) -> RankedScores:
        """Sort scores of shape ``(rows,)``, once for all resamples."""
        import numpy as np

        order = np.argsort(-scores, kind="stable")
        changes = np.flatnonzero(np.diff(scores[order])) + 1
        return cls(positive[order], order, np.concatenate(([0], changes)))

    def auc_and_precision(self, counts: Floats) -> tuple[Floats, Floats]:
        """Return the ROC AUC and the average precision of each resample.

        Args:
            counts: How often each row was drawn, shape ``(resamples, rows)``.

        Returns:
            Two arrays of shape ``(resamples,)``; NaN where a resample has one class only.
        """
        import numpy as np

        drawn = counts[:, self.order]
        hits = np.add.reduceat(drawn * self.positive, self.starts, axis=1)
        misses = np.add.reduceat(drawn, self.starts, axis=1) - hits
        caught, raised = hits.cumsum(axis=1), misses.cumsum(axis=1)
        positives, negatives = caught[:, -1], raised[:, -1]
        with np.errstate(invalid="ignore", divide="ignore"):
            above = caught - hits / 2
            auc = (misses * above).sum(axis=1) / (positives * negatives)
            precision = np.divide(caught, caught + raised, where=hits > 0, out=np.zeros_like(hits))
            average_precision = (hits * precision).sum(axis=1) / positives
        return auc, np.where(negatives > 0, average_precision, np.nan)


@dataclass(frozen=True)
class ResampledMetrics:
    """Computes all classification metrics for batches of resamples.

    Attributes:
        truth: Class number of each row, shape ``(rows,)``.
        probabilities: Shape ``(rows, classes)``.
    """

    truth: Integers
    probabilities: Floats
    _per_class: list[RankedScores] = field(init=False, repr=False)
    _micro: RankedScores = field(init=False, repr=False)
    _log_losses: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the scores of each class, and of all classes together."""
        import numpy as np

        from bankml.metrics.compute import log_losses

        is_class = self.truth[:, None] == np.arange(self.classes)[None, :]
        columns = [
            RankedScores.of(is_class[:, number], self.probabilities[:, number])
            for number in range(self.classes)
        ]
        object.__setattr__(self, "_per_class", columns)
        micro = RankedScores.of(is_class.ravel(), self.probabilities.ravel())
        object.__setattr__(self, "_micro", micro)
        object.__setattr__(self, "_log_losses", log_losses(self.truth, self.probabilities))

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.probabilities.shape[1])

    def __call__(self, counts: Floats) -> dict[str, Floats]:
        """Return every metric by name for counts of shape ``(resamples, rows)``."""
        drawn = counts.sum(axis=1)
        metrics = self._from_confusion(self._confusion(counts))
        metrics |= self._from_ranks(counts)
        metrics["log_loss"] = counts @ self._log_losses / drawn
        return metrics

    def _confusion(self, counts: Floats) -> Floats:
        """Count rows per true and predicted class: ``(resamples, classes, classes)``."""
        import numpy as np

        size = self.classes
        cell = self.truth * size + self.probabilities.argmax(axis=1)
        tables = [np.bincount(cell, weights=row, minlength=size * size) for row in counts]
        return np.asarray(tables, dtype=np.float64).reshape(-1, size, size)

    def _from_ranks(self, counts: Floats) -> dict[str, Floats]:
        import numpy as np

        found = [column.auc_and_precision(counts) for column in self._per_class]
        auc = np.stack([one[0] for one in found], axis=1)
        precision = np.stack([one[1] for one in found], axis=1)
        support = np.stack([counts @ (self.truth == c) for c in range(self.classes)], axis=1)
        micro = self._micro.auc_and_precision(np.repeat(counts, self.classes, axis=1))
        metrics = _averages("AUC", auc, support, ~np.isnan(auc))
        metrics |= _averages("average_precision_score", precision, support, ~np.isnan(precision))
        metrics["AUC_micro"], metrics["average_precision_score_micro"] = micro
        return metrics

    def _from_confusion(self, table: Floats) -> dict[str, Floats]:
        import numpy as np

        hits = np.diagonal(table, axis1=1, axis2=2)
        support, chosen = table.sum(axis=2), table.sum(axis=1)
        total = support.sum(axis=1)
        accuracy = hits.sum(axis=1) / total
        recall, precision = _ratio(hits, support), _ratio(hits, chosen)
        f1 = _ratio(2 * hits, support + chosen)
        seen = support + chosen > 0
        chance = 1 / self.classes
        metrics = {
            "accuracy": accuracy,
            "balanced_accuracy": recall.sum(axis=1) / (support > 0).sum(axis=1),
            "norm_macro_recall": (recall.sum(axis=1) / seen.sum(axis=1) - chance) / (1 - chance),
            "weighted_accuracy": (support * hits).sum(axis=1) / (support**2).sum(axis=1),
            "matthews_correlation": _matthews(hits, support, chosen, total),
        }
        for name, values in (("f1", f1), ("precision", precision), ("recall", recall)):
            metrics |= _averages(f"{name}_score", values, support, seen)
            metrics[f"{name}_score_micro"] = accuracy
        return metrics


def _averages(
    name: str, per_class: Floats, support: Floats, counted: NDArray[np.bool_]
) -> dict[str, Floats]:
    """Average a metric of shape ``(resamples, classes)`` over the classes that are counted."""
    import numpy as np

    values, weights = np.where(counted, per_class, 0.0), support * counted
    with np.errstate(invalid="ignore"):
        metrics = {
            f"{name}_macro": values.sum(axis=1) / counted.sum(axis=1),
            f"{name}_weighted": (values * weights).sum(axis=1) / weights.sum(axis=1),
        }
    if per_class.shape[1] == 2:
        metrics[f"{name}_binary"] = per_class[:, 1]
    return metrics


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Divide, with 0 where there is nothing to divide by."""
    import numpy as np

    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


def _matthews(hits: Floats, support: Floats, chosen: Floats, total: Floats) -> Floats:
    """Matthews correlation for many classes (J. Gorodkin, 2004, the R_K statistic)."""
    import numpy as np

    agreement = hits.sum(axis=1) * total - (support * chosen).sum(axis=1)
    spread = (total**2 - (chosen**2).sum(axis=1)) * (total**2 - (support**2).sum(axis=1))
    return _ratio(agreement, np.sqrt(spread))
