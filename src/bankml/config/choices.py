"""The words that a configuration may use, where they are a closed set."""

from __future__ import annotations

from typing import Literal

BackendName = Literal["local", "azureml"]
TaskName = Literal["classification", "regression", "forecasting"]
AuthName = Literal[
    "auto", "interactive", "service_principal", "managed_identity", "azure_cli", "default"
]
Featurization = Literal["auto", "off"]
MissingLabel = Literal["error", "drop"]
VmPriority = Literal["dedicated", "lowpriority"]

_COMMON_MODELS = (
    "DecisionTree",
    "ExtremeRandomTrees",
    "GradientBoosting",
    "KNN",
    "LightGBM",
    "RandomForest",
    "SGD",
)

MODELS: dict[str, tuple[str, ...]] = {
    "classification": (
        *_COMMON_MODELS,
        "BernoulliNaiveBayes",
        "LinearSVM",
        "LogisticRegression",
        "MultinomialNaiveBayes",
        "SVM",
        "XGBoostClassifier",
    ),
    "regression": (
        *_COMMON_MODELS,
        "ElasticNet",
        "FastLinearRegressor",
        "LassoLars",
        "OnlineGradientDescentRegressor",
        "XGBoostRegressor",
    ),
    "forecasting": (
        *_COMMON_MODELS,
        "Arimax",
        "AutoArima",
        "Average",
        "ElasticNet",
        "ExponentialSmoothing",
        "LassoLars",
        "Naive",
        "Prophet",
        "SeasonalAverage",
        "SeasonalNaive",
        "TCNForecaster",
        "XGBoostRegressor",
    ),
}
"""Names that ``allowed_models`` and ``blocked_models`` take, by task, as Azure ML spells them.

Source: ``azureml.automl.core.shared.constants`` of Azure ML SDK v1 (SupportedModels).
"""
