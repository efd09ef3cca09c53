"""The scikit-learn estimators by the names of their algorithms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Parameters = Mapping[str, object]


def new_estimator(task: str, algorithm: str, parameters: Parameters, seed: int) -> Any:
    """Return an unfitted estimator.

    Args:
        task: ``classification`` or ``regression``.
        algorithm: One of `bankml.backends.local.automl.algorithms`, but LightGBM.
        parameters: Its parameters, as scikit-learn names them.
        seed: Its seed, where it has one.

    Returns:
        The estimator. Regressors that depend on the label's scale get it standardised.
    """
    return _BUILDERS[algorithm](task == "classification", parameters, seed)


def _logistic_regression(_classification: bool, parameters: Parameters, _seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=300, tol=1e-3, **parameters)


def _elastic_net(_classification: bool, parameters: Parameters, _seed: int) -> Any:
    from sklearn.linear_model import ElasticNet

    return _on_standard_scale(ElasticNet(**parameters))


def _forest(name: str) -> Callable[[bool, Parameters, int], Any]:
    def build(classification: bool, parameters: Parameters, seed: int) -> Any:
        from sklearn import ensemble

        kind = "Classifier" if classification else "Regressor"
        return getattr(ensemble, name + kind)(random_state=seed, **parameters)

    return build


def _neighbours(classification: bool, parameters: Parameters, _seed: int) -> Any:
    from sklearn import neighbors

    name = "KNeighborsClassifier" if classification else "KNeighborsRegressor"
    # The trees that scikit-learn would make for few columns follow whatever a model file says,
    # without looking: they can't be trusted, and so not be loaded.
    return getattr(neighbors, name)(algorithm="brute", **parameters)


def _support_vectors(classification: bool, parameters: Parameters, _seed: int) -> Any:
    from bankml.backends.local.automl.models.support_vectors import RadialBasisSVC, RadialBasisSVR

    machine: Any = RadialBasisSVC if classification else RadialBasisSVR
    if not classification:
        return _on_standard_scale(machine(**parameters))
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.multiclass import OneVsRestClassifier

    # The distances of more than two classes at a time are votes, which can't be calibrated well.
    calibrated = CalibratedClassifierCV(machine(**parameters), ensemble=False, cv=3)
    return OneVsRestClassifier(calibrated)


def _perceptron(classification: bool, parameters: Parameters, seed: int) -> Any:
    from bankml.backends.local.automl.models.networks import FastMLPClassifier, FastMLPRegressor

    if classification:
        return FastMLPClassifier(random_state=seed, **parameters)
    return _on_standard_scale(FastMLPRegressor(random_state=seed, **parameters))


def _on_standard_scale(regressor: Any) -> Any:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler

    return TransformedTargetRegressor(regressor, transformer=StandardScaler())


_BUILDERS: dict[str, Callable[[bool, Parameters, int], Any]] = {
    "LogisticRegression": _logistic_regression,
    "ElasticNet": _elastic_net,
    "RandomForest": _forest("RandomForest"),
    "ExtremeRandomTrees": _forest("ExtraTrees"),
    "GradientBoosting": _forest("HistGradientBoosting"),
    "KNN": _neighbours,
    "SVM": _support_vectors,
    "MultiLayerPerceptron": _perceptron,
}
