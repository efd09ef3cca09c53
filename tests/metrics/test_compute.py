"""The metrics against scikit-learn and against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from bankml.metrics import CLASSIFICATION_METRICS, REGRESSION_METRICS
from bankml.metrics.compute import classification_metrics, regression_metrics


def _three_classes() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    truth = random.choice(3, 400, p=[0.6, 0.3, 0.1])
    scores = random.gamma(1.0, size=(400, 3)).round(1) + 0.1
    scores[np.arange(400), truth] += 0.8
    return truth, scores / scores.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("average", ["macro", "weighted", "micro"])
def test_averages_are_those_of_scikit_learn(average: str) -> None:
    truth, probability = _three_classes()
    predicted = probability.argmax(axis=1)

    values = classification_metrics(truth, probability, [0, 1, 2])

    one_hot = np.eye(3)[truth]
    assert values[f"AUC_{average}"] == pytest.approx(
        metrics.roc_auc_score(one_hot, probability, average=average)
    )
    assert values[f"average_precision_score_{average}"] == pytest.approx(
        metrics.average_precision_score(one_hot, probability, average=average)
    )
    for name in ("f1_score", "precision_score", "recall_score"):
        expected = getattr(metrics, name)(truth, predicted, average=average)
        assert values[f"{name}_{average}"] == pytest.approx(expected)


def test_metrics_without_an_average_are_those_of_scikit_learn() -> None:
    truth, probability = _three_classes()
    predicted = probability.argmax(axis=1)

    values = classification_metrics(truth, probability, [0, 1, 2])

    assert values["accuracy"] == pytest.approx(metrics.accuracy_score(truth, predicted))
    assert values["balanced_accuracy"] == pytest.approx(
        metrics.balanced_accuracy_score(truth, predicted)
    )
    assert values["matthews_correlation"] == pytest.approx(
        metrics.matthews_corrcoef(truth, predicted)
    )
    assert values["log_loss"] == pytest.approx(metrics.log_loss(truth, probability))


def test_azures_own_metrics_by_hand() -> None:
    # Three of four "no" are right, one of two "yes".
    truth = ["no", "no", "no", "no", "yes", "yes"]
    probability_of_yes = [0.1, 0.2, 0.3, 0.9, 0.4, 0.8]

    values = classification_metrics(truth, probability_of_yes, ["no", "yes"])

    assert values["recall_score_macro"] == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert values["norm_macro_recall"] == pytest.approx((0.625 - 0.5) / 0.5)
    # A row weighs as much as its class has rows: 4 for "no", 2 for "yes".
    assert values["weighted_accuracy"] == pytest.approx((3 * 4 + 1 * 2) / (4 * 4 + 2 * 2))
    assert values["AUC_binary"] == pytest.approx(6 / 8)


def test_two_classes_have_26_metrics_and_three_have_those_that_are_not_binary() -> None:
    truth, probability = _three_classes()

    two = classification_metrics([0, 1, 1, 0], [0.2, 0.9, 0.4, 0.6], [0, 1])
    three = classification_metrics(truth, probability, [0, 1, 2])

    assert set(two) == set(CLASSIFICATION_METRICS)
    assert set(three) == {name for name in two if not name.endswith("_binary")}


def test_a_class_without_rows_does_not_spoil_the_ranking_metrics() -> None:
    probability = [[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]]

    values = classification_metrics(["a", "b", "a"], probability, ["a", "b", "c"])

    assert values["AUC_macro"] == pytest.approx(1.0)


def test_labels_in_any_order_of_classes() -> None:
    values = classification_metrics(["x", "a"], [[0.9, 0.1], [0.2, 0.8]], ["x", "a"])

    assert values["accuracy"] == 1.0


def test_an_unknown_label_and_a_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="maybe"):
        classification_metrics(["no", "maybe"], [0.1, 0.2], ["no", "yes"])
    with pytest.raises(ValueError, match="shape"):
        classification_metrics(["no", "yes"], [[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]], ["no", "yes"])


def test_regression_by_hand() -> None:
    values = regression_metrics([1.0, 2.0, 4.0], [1.0, 3.0, 2.0], y_min=0.0, y_max=10.0)

    assert set(values) == set(REGRESSION_METRICS)
    assert values["mean_absolute_error"] == pytest.approx(1.0)
    assert values["normalized_mean_absolute_error"] == pytest.approx(0.1)
    assert values["median_absolute_error"] == pytest.approx(1.0)
    assert values["root_mean_squared_error"] == pytest.approx(np.sqrt(5 / 3))
    assert values["normalized_root_mean_squared_error"] == pytest.approx(np.sqrt(5 / 3) / 10)
    assert values["mean_absolute_percentage_error"] == pytest.approx(100 * (0 + 1 / 2 + 1 / 2) / 3)
    logarithms = np.log([2 / 2, 3 / 4, 5 / 3])
    log_error = np.sqrt(np.mean(logarithms**2))
    assert values["root_mean_squared_log_error"] == pytest.approx(log_error)
    assert values["normalized_root_mean_squared_log_error"] == pytest.approx(log_error / np.log(11))
    assert values["spearman_correlation"] == pytest.approx(0.5)


def test_regression_against_scikit_learn() -> None:
    random = np.random.default_rng(5)
    truth = random.normal(size=200)
    predicted = truth + random.normal(0, 0.5, 200)

    values = regression_metrics(truth, predicted)

    assert values["r2_score"] == pytest.approx(metrics.r2_score(truth, predicted))
    assert values["explained_variance"] == pytest.approx(
        metrics.explained_variance_score(truth, predicted)
    )
    assert np.isnan(values["root_mean_squared_log_error"])


def test_equal_values_share_their_rank_as_scipy_has_it() -> None:
    random = np.random.default_rng(6)
    truth = random.integers(0, 9, 300).astype(np.float64)
    predicted = (truth + random.normal(0, 2, 300)).round()

    values = regression_metrics(truth, predicted)

    expected = stats.spearmanr(truth, predicted).statistic
    assert values["spearman_correlation"] == pytest.approx(expected)


@pytest.mark.parametrize("predicted", [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0]])
def test_what_is_explained_of_a_label_that_never_varies(predicted: list[float]) -> None:
    truth = [1.0, 1.0]

    values = regression_metrics(truth, predicted)

    assert values["r2_score"] == metrics.r2_score(truth, predicted)
    assert values["explained_variance"] == metrics.explained_variance_score(truth, predicted)


def test_one_class_alone_is_not_correlated() -> None:
    values = classification_metrics(["no", "yes"], [0.1, 0.2], ["no", "yes"])

    assert values["matthews_correlation"] == 0.0


def test_regression_at_its_limits() -> None:
    hopeless = regression_metrics([1.0, 2.0, 3.0], [900.0, -900.0, 900.0])
    constant = regression_metrics([1.0, 2.0, 3.0], [2.0, 2.0, 2.0])

    assert hopeless["r2_score"] == -1.0
    assert hopeless["normalized_mean_absolute_error"] == 1.0
    assert constant["spearman_correlation"] == -1.0
