"""The evaluation of a regression model on data it has not seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bankml.evaluation.intervals import Bootstrap, Interval

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from bankml.evaluation.plot import Plot


@dataclass(frozen=True, eq=False)
class RegressionEvaluation:
    """What a regression model's predictions are worth on held-out rows.

    Made by :func:`bankml.evaluate`; or from predictions kept earlier, by the constructor.

    Attributes:
        truth: True value of each row in the label's unit, shape ``(rows,)``.
        predicted: Predicted value of each row in the label's unit, shape ``(rows,)``.
        label: Name of the label column.
        bootstrap: How the intervals are found.
    """

    truth: NDArray[np.float64] = field(repr=False)
    predicted: NDArray[np.float64] = field(repr=False)
    label: str = "label"
    bootstrap: Bootstrap = field(default_factory=Bootstrap)

    @property
    def task(self) -> str:
        """The task: ``regression``."""
        return "regression"

    @property
    def rows(self) -> int:
        """Number of rows evaluated."""
        return len(self.truth)

    @cached_property
    def metrics(self) -> dict[str, Interval]:
        """All metrics by name, each with its bootstrap interval."""
        batches = self.bootstrap.counts(self.rows)
        return self.bootstrap.intervals(self.estimates, self._resampled, batches)

    @cached_property
    def estimates(self) -> dict[str, float]:
        """All metrics by name, without intervals."""
        import numpy as np

        return self._metrics_of(np.arange(self.rows))

    def metrics_table(self) -> pd.DataFrame:
        """Return the metrics as a table: index the name; columns estimate, low and high."""
        import pandas as pd

        rows = {name: vars(interval) for name, interval in self.metrics.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("metric")

    def plots(self) -> tuple[Plot, ...]:
        """Return the plots: predicted against true values, and residuals."""
        from bankml.evaluation.regression_plots import regression_plots

        return regression_plots(self)

    def plot(self, name: str, axes: Axes | None = None) -> Any:
        """Draw one plot: ``predicted`` or ``residuals``.

        Args:
            name: Name of the plot.
            axes: matplotlib axes to draw into; a new figure where None.

        Returns:
            scikit-learn's ``PredictionErrorDisplay``.

        Raises:
            DataError: There is no plot of this name; the message lists those there are.
            MissingDependencyError: matplotlib is not installed.
        """
        from bankml.evaluation.plot import find_plot

        return find_plot(self.plots(), name).draw(axes)

    def __str__(self) -> str:
        """Return the best-known metrics, a line each."""
        shown = ("r2_score", "root_mean_squared_error", "mean_absolute_error")
        lines = [f"{self.rows:,} rows of {self.label}"]
        return "\n".join(lines + [f"  {name}: {self.metrics[name]}" for name in shown])

    def _metrics_of(self, rows: NDArray[np.int64]) -> dict[str, float]:
        from bankml.metrics.compute import regression_metrics

        low, high = float(self.truth.min()), float(self.truth.max())
        return regression_metrics(self.truth[rows], self.predicted[rows], low, high)

    def _resampled(self, counts: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        import numpy as np

        every = np.arange(self.rows)
        found = [self._metrics_of(np.repeat(every, row.astype(int))) for row in counts]
        return {name: np.array([one[name] for one in found]) for name in found[0]}
