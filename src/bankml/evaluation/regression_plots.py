"""The plots of a regression model: scikit-learn's displays, with the finding as the title."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.evaluation.plot import Plot, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bankml.evaluation.regression import RegressionEvaluation

_MOST_POINTS = 1000


def regression_plots(evaluation: RegressionEvaluation) -> tuple[Plot, ...]:
    """Return the plots of a regression.

    Args:
        evaluation: What to show.

    Returns:
        Predicted against true values, and residuals.
    """
    return (_predicted(evaluation), _residuals(evaluation))


def _predicted(evaluation: RegressionEvaluation) -> Plot:
    r2, label = evaluation.metrics["r2_score"], evaluation.label

    def paint(axes: Axes) -> Any:
        display = _display(evaluation, axes, "actual_vs_predicted")
        axes.set(xlabel=f"Predicted {plain(label)}", ylabel=f"True {plain(label)}")
        return display

    return Plot(
        "predicted",
        f"The model explains {r2.estimate:.1%} of the variance of {label}",
        f"True against predicted {label}. R² is {r2}; on the diagonal a prediction is exact.",
        paint,
    )


def _residuals(evaluation: RegressionEvaluation) -> Plot:
    import numpy as np

    label, residuals = evaluation.label, evaluation.truth - evaluation.predicted
    typical, bias = float(np.median(np.abs(residuals))), float(residuals.mean())

    def paint(axes: Axes) -> Any:
        display = _display(evaluation, axes, "residual_vs_predicted")
        axes.set(xlabel=f"Predicted {plain(label)}", ylabel=f"True less predicted {plain(label)}")
        return display

    return Plot(
        "residuals",
        f"Half of the predictions are within {typical:.3g} of {label}",
        f"Residuals against predicted {label}. The median absolute residual is {typical:.4g}, the "
        f"mean residual {bias:.4g}.",
        paint,
    )


def _display(evaluation: RegressionEvaluation, axes: Axes, kind: str) -> Any:
    from sklearn.metrics import PredictionErrorDisplay

    return PredictionErrorDisplay.from_predictions(
        evaluation.truth,
        evaluation.predicted,
        kind=kind,
        subsample=min(evaluation.rows, _MOST_POINTS),
        random_state=evaluation.bootstrap.random_state,
        ax=axes,
        scatter_kwargs={"s": 9, "alpha": 0.5},
    )
