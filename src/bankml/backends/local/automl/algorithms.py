"""The names of the algorithms that the local engine knows; importable without scikit-learn."""

from __future__ import annotations

CLASSIFICATION_ALGORITHMS: tuple[str, ...] = (
    "LightGBM",
    "LogisticRegression",
    "RandomForest",
    "ExtremeRandomTrees",
    "GradientBoosting",
    "KNN",
    "SVM",
    "MultiLayerPerceptron",
)
"""Accepted in ``allowed_models`` and ``blocked_models`` for classification."""

REGRESSION_ALGORITHMS: tuple[str, ...] = (
    "LightGBM",
    "ElasticNet",
    "RandomForest",
    "ExtremeRandomTrees",
    "GradientBoosting",
    "KNN",
    "SVM",
    "MultiLayerPerceptron",
)
"""Accepted in ``allowed_models`` and ``blocked_models`` for regression."""

ALGORITHMS: dict[str, tuple[str, ...]] = {
    "classification": CLASSIFICATION_ALGORITHMS,
    "regression": REGRESSION_ALGORITHMS,
}
"""The algorithms by task; Azure ML lacks those in `bankml.config.choices.LOCAL_MODELS`."""


def selected_algorithms(
    task: str, allowed: tuple[str, ...] | None, blocked: tuple[str, ...] | None
) -> tuple[str, ...]:
    """Return the algorithms of a task that the settings leave, in their usual order.

    Args:
        task: ``classification`` or ``regression``.
        allowed: Only these, or None for all.
        blocked: None of these.

    Returns:
        The names; empty where the settings exclude everything.
    """
    names = ALGORITHMS[task]
    return tuple(
        name
        for name in names
        if (allowed is None or name in allowed) and name not in (blocked or ())
    )
