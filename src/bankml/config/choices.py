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

AZURE_MODELS: dict[str, tuple[str, ...]] = {
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
"""The models that Azure ML has, by task, as it spells them.

Source: ``azureml.automl.core.shared.constants`` of Azure ML SDK v1 (SupportedModels).
"""

LOCAL_MODELS = {
    "classification": ("MultiLayerPerceptron",),
    "regression": ("MultiLayerPerceptron", "SVM"),
}
"""Those that only the local engine has."""

MODELS = {task: (*names, *LOCAL_MODELS.get(task, ())) for task, names in AZURE_MODELS.items()}
"""Names that ``allowed_models`` and ``blocked_models`` take, by task."""
