"""What the engine is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class AutoMLSettings:
    """The settings of one AutoML run, named as Azure's ``AutoMLConfig`` names them.

    Attributes:
        task: ``classification`` or ``regression``.
        label_column_name: The column to predict.
        primary_metric: The metric that candidates are ranked by.
        experiment_timeout_seconds: Hard limit on the whole run.
        iteration_timeout_seconds: Limit on one candidate, or None.
        iterations: Most candidates to try, the ensemble not counted, or None.
        max_concurrent_iterations: How many candidates may be under way at once. It also sets how
            far the search may run ahead of the results it learns from.
        enable_early_stopping: Stop when further candidates no longer help, and stop candidates
            that are far behind on the first folds.
        featurization: ``auto``, or ``off`` for numbers and category codes only.
        allowed_models: Only these algorithms, or None for all.
        blocked_models: None of these algorithms.
        enable_voting_ensemble: Try a weighted average of the best candidates at the end.
        n_cross_validations: Folds of cross-validation, or None to choose by the number of rows.
        validation_size: Share of the rows to hold out instead, or None.
        random_state: Seed of everything random.
        exclude_columns: Columns that must not be used.
        missing_label: ``error`` to refuse rows without a label, ``drop`` to leave them out.
        parallel_backend: Parameters of ``joblib.parallel_config`` for candidates that run
            elsewhere, or None for processes on this machine.
    """

    task: str
    label_column_name: str
    primary_metric: str = "AUC_weighted"
    experiment_timeout_seconds: float = 1200.0
    iteration_timeout_seconds: float | None = None
    iterations: int | None = None
    max_concurrent_iterations: int = 5
    enable_early_stopping: bool = True
    featurization: str = "auto"
    allowed_models: tuple[str, ...] | None = None
    blocked_models: tuple[str, ...] | None = None
    enable_voting_ensemble: bool = True
    n_cross_validations: int | None = None
    validation_size: float | None = None
    random_state: int = 0
    exclude_columns: tuple[str, ...] = ()
    missing_label: str = "error"
    parallel_backend: Mapping[str, object] | None = None
