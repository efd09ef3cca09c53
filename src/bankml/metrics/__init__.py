"""Metric names, which are light, and their computation, which loads numpy when used."""

from __future__ import annotations

from bankml.metrics.names import (
    CLASSIFICATION_METRICS,
    PRIMARY_METRICS,
    REGRESSION_METRICS,
    is_greater_better,
)

__all__ = ["CLASSIFICATION_METRICS", "PRIMARY_METRICS", "REGRESSION_METRICS", "is_greater_better"]
