"""The names of the metrics, spelt as Azure ML spells them, and which way is better.

Nothing heavy is imported here: the configuration validates metric names against these tables.
"""

from __future__ import annotations

_AVERAGED = ("AUC", "average_precision_score", "f1_score", "precision_score", "recall_score")
_AVERAGES = ("macro", "micro", "weighted", "binary")

BINARY_METRICS: tuple[str, ...] = tuple(f"{name}_binary" for name in _AVERAGED)
"""The metrics that exist only where the label has two classes."""

CLASSIFICATION_METRICS: tuple[str, ...] = tuple(
    sorted(
        [f"{name}_{average}" for name in _AVERAGED for average in _AVERAGES]
        + [
            "accuracy",
            "balanced_accuracy",
            "log_loss",
            "matthews_correlation",
            "norm_macro_recall",
            "weighted_accuracy",
        ],
        key=str.lower,
    )
)
"""All classification metrics; those in `BINARY_METRICS` are left out for three or more classes."""

REGRESSION_METRICS: tuple[str, ...] = (
    "explained_variance",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "median_absolute_error",
    "normalized_mean_absolute_error",
    "normalized_median_absolute_error",
    "normalized_root_mean_squared_error",
    "normalized_root_mean_squared_log_error",
    "r2_score",
    "root_mean_squared_error",
    "root_mean_squared_log_error",
    "spearman_correlation",
)
"""All regression metrics."""

PRIMARY_METRICS: dict[str, tuple[str, ...]] = {
    "classification": (
        "accuracy",
        "AUC_weighted",
        "average_precision_score_weighted",
        "norm_macro_recall",
        "precision_score_weighted",
    ),
    "regression": (
        "spearman_correlation",
        "normalized_root_mean_squared_error",
        "r2_score",
        "normalized_mean_absolute_error",
    ),
    "forecasting": (
        "spearman_correlation",
        "normalized_root_mean_squared_error",
        "r2_score",
        "normalized_mean_absolute_error",
    ),
}
"""The metrics that a run may optimise, by task."""


def is_greater_better(name: str) -> bool:
    """Tell whether a larger value of a metric is a better one.

    Args:
        name: A metric's name, from `CLASSIFICATION_METRICS` or `REGRESSION_METRICS`.

    Returns:
        False for losses and errors, True for every other metric.

    Raises:
        ValueError: The name is not a metric's name.
    """
    if name not in CLASSIFICATION_METRICS and name not in REGRESSION_METRICS:
        raise ValueError(f"{name!r} is not the name of a metric")
    return name != "log_loss" and not name.endswith("_error")
