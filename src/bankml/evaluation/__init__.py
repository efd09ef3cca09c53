"""What a model is worth, what it looks at, and what its data looks like.

Light to import: scikit-learn and matplotlib are loaded when something is computed or drawn.
"""

from __future__ import annotations

from bankml.evaluation.classification import ClassificationEvaluation
from bankml.evaluation.data_profile import DataProfile, profile
from bankml.evaluation.held_out import Evaluation, evaluate
from bankml.evaluation.importance import Importance, permutation_importance
from bankml.evaluation.intervals import Interval
from bankml.evaluation.leakage import LeakageWarning, leakage_warnings
from bankml.evaluation.regression import RegressionEvaluation
from bankml.evaluation.thresholds import ThresholdChoice

__all__ = [
    "ClassificationEvaluation",
    "DataProfile",
    "Evaluation",
    "Importance",
    "Interval",
    "LeakageWarning",
    "RegressionEvaluation",
    "ThresholdChoice",
    "evaluate",
    "leakage_warnings",
    "permutation_importance",
    "profile",
]
