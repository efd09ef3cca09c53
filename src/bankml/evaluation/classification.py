"""The evaluation of a classifier on data it has not seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bankml.errors import DataError, UnsupportedError
from bankml.evaluation.intervals import Bootstrap, Interval
from bankml.evaluation.resampled_metrics import ResampledMetrics
from bankml.evaluation.thresholds import Ranking, ThresholdChoice

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from bankml.evaluation.plot import Plot


@dataclass(frozen=True, eq=False)
class ClassificationEvaluation:
    """What a classifier's probabilities are worth on held-out rows.

    Made by :func:`bankml.evaluate`; or from predictions kept earlier, by the constructor.

    Attributes:
        truth: Number of the true class of each row, shape ``(rows,)``.
        probabilities: Probability of each class, shape ``(rows, classes)``.
        classes: The labels in the order of the columns of ``probabilities``.
        label: Name of the label column.
        positive_class: The class that thresholds, gains and lift are about: by default the second
            of two, and None with three or more.
        bootstrap: How the intervals are found.
    """

    truth: NDArray[np.int64] = field(repr=False)
    probabilities: NDArray[np.float64] = field(repr=False)
    classes: tuple[Any, ...]
    label: str = "label"
    positive_class: Any = None
    bootstrap: Bootstrap = field(default_factory=Bootstrap)

    def __post_init__(self) -> None:
        """Choose the class to look for where none is named, as scikit-learn does."""
        if self.positive_class is None and len(self.classes) == 2:
            object.__setattr__(self, "positive_class", self.classes[1])

    @property
    def task(self) -> str:
        """The task: ``classification``."""
        return "classification"

    @property
    def rows(self) -> int:
        """Number of rows evaluated."""
        return len(self.truth)

    @cached_property
    def metrics(self) -> dict[str, Interval]:
        """All metrics by name, each with its bootstrap interval."""
        from bankml.metrics.compute import classification_metrics

        numbers = range(len(self.classes))
        estimates = classification_metrics(self.truth, self.probabilities, numbers)
        batches = self.bootstrap.counts(self.rows, cells_per_row=2 * len(self.classes))
        return self.bootstrap.intervals(estimates, self.resampled, batches)

    @cached_property
    def resampled(self) -> ResampledMetrics:
        """Computes the metrics with weights on the rows, many weightings at once."""
        return ResampledMetrics(self.truth, self.probabilities)

    def metrics_table(self) -> pd.DataFrame:
        """Return the metrics as a table: index the name; columns estimate, low and high."""
        import pandas as pd

        rows = {name: vars(interval) for name, interval in self.metrics.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("metric")

    @cached_property
    def ranking(self) -> Ranking:
        """Rows ranked by the probability of the positive class.

        Raises:
            UnsupportedError: There are three or more classes and no positive class was named.
            DataError: The data has no row of the positive class.
        """
        if self.positive_class is None:
            raise UnsupportedError(
                f"There are {len(self.classes)} classes. Name the one to look for: "
                "evaluate(…, positive_class=…)."
            )
        positive = self.truth == self.classes.index(self.positive_class)
        if not positive.any():
            raise DataError(
                f"The data has no row with {self.label} = {self.positive_class!r}; evaluate on "
                "data that has some."
            )
        return Ranking.of(positive, self._positive_scores)

    def threshold_for_f1(self) -> ThresholdChoice:
        """Choose the threshold with the highest F1 score of the positive class."""
        return self.ranking.by_f1()

    def threshold_for_contacts(
        self, *, count: int | None = None, share: float | None = None
    ) -> ThresholdChoice:
        """Choose the threshold for a contact budget: a ``count`` or a ``share`` of the rows."""
        return self.ranking.by_contacts(count=count, share=share)

    def threshold_for_profit(
        self, *, cost_per_contact: float, value_per_success: float
    ) -> ThresholdChoice:
        """Choose the threshold with the highest profit, for example of a call campaign."""
        return self.ranking.by_profit(
            cost_per_contact=cost_per_contact, value_per_success=value_per_success
        )

    def gains(self, parts: int = 10) -> pd.DataFrame:
        """Return cumulative gains and lift, a row per equal part of the ranked rows."""
        return self.ranking.gains(parts)

    def predicted(self, threshold: float | None = None) -> NDArray[np.int64]:
        """Return the class number predicted for each row.

        Args:
            threshold: Probability from which the positive class is predicted; the most likely
                class where None.

        Raises:
            UnsupportedError: A threshold was given with three or more classes.
        """
        import numpy as np

        if threshold is None:
            return self._most_likely
        if len(self.classes) != 2:
            raise UnsupportedError(
                "A threshold decides between two classes; leave it out to get the most likely of "
                f"{len(self.classes)}."
            )
        positive = self.classes.index(self.positive_class)
        return np.where(self._positive_scores >= threshold, positive, 1 - positive)

    def confusion_matrix(self, threshold: float | None = None) -> pd.DataFrame:
        """Return counts: a row per true class, a column per predicted class."""
        import pandas as pd
        from sklearn.metrics import confusion_matrix

        counts = confusion_matrix(
            self.truth, self.predicted(threshold), labels=range(len(self.classes))
        )
        true = pd.Index(self.classes, name=f"true {self.label}")
        return pd.DataFrame(counts, true, pd.Index(self.classes, name=f"predicted {self.label}"))

    def per_class(self, threshold: float | None = None) -> pd.DataFrame:
        """Return precision, recall, F1 score and number of rows of each class."""
        import pandas as pd
        from sklearn.metrics import precision_recall_fscore_support

        scores = precision_recall_fscore_support(
            self.truth,
            self.predicted(threshold),
            labels=range(len(self.classes)),
            zero_division=0.0,
        )
        index = pd.Index(self.classes, name=self.label)
        columns = ("precision", "recall", "f1_score", "rows")
        return pd.DataFrame(dict(zip(columns, scores, strict=True)), index)

    def plots(self, threshold: float | None = None) -> tuple[Plot, ...]:
        """Return the plots that make sense here, each with its finding and its text.

        Args:
            threshold: Threshold of the confusion matrix; the most likely class where None.
        """
        from bankml.evaluation.classification_plots import classification_plots

        return classification_plots(self, threshold)

    def plot(self, name: str, axes: Axes | None = None, threshold: float | None = None) -> Any:
        """Draw one plot: ``roc``, ``precision_recall``, ``calibration``, ``gains``, ….

        Args:
            name: Name of the plot, one of those in :meth:`plots`.
            axes: matplotlib axes to draw into; a new figure where None.
            threshold: Threshold of the confusion matrix.

        Returns:
            scikit-learn's display object, or the axes where scikit-learn has none.

        Raises:
            DataError: There is no plot of this name, or the data does not allow it; the message
                lists those there are, or says why.
            MissingDependencyError: matplotlib is not installed.
        """
        from bankml.evaluation.classification_plots import left_out
        from bankml.evaluation.plot import find_plot

        return find_plot(self.plots(threshold), name, left_out(self)).draw(axes)

    def __str__(self) -> str:
        """Return the best-known metrics, a line each."""
        shown = ("AUC_weighted", "accuracy", "average_precision_score_weighted", "log_loss")
        lines = [f"{self.rows:,} rows, {len(self.classes)} classes of {self.label}"]
        lines += [f"  {name}: {self.metrics[name]}" for name in shown]
        return "\n".join(lines)

    @cached_property
    def _most_likely(self) -> NDArray[np.int64]:
        import numpy as np

        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    @property
    def _positive_scores(self) -> NDArray[np.float64]:
        return self.probabilities[:, self.classes.index(self.positive_class)]
