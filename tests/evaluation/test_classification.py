from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from bankml.errors import DataError, UnsupportedError
from bankml.evaluation.classification import ClassificationEvaluation
from bankml.evaluation.held_out import evaluate, evaluate_probabilities
from bankml.metrics import CLASSIFICATION_METRICS


@pytest.fixture
def evaluation(classifier: Any, calls: pd.DataFrame) -> ClassificationEvaluation:
    found = evaluate(classifier, calls, label="y")
    assert isinstance(found, ClassificationEvaluation)
    return found


@pytest.fixture
def three_classes() -> ClassificationEvaluation:
    truth = pd.Series(["a", "b", "c", "a", "b", "c"], name="letter")
    likely = np.array([0, 1, 2, 1, 1, 0])
    probabilities = np.full((6, 3), 0.1)
    probabilities[np.arange(6), likely] = 0.8
    return evaluate_probabilities(truth, probabilities, ("a", "b", "c"))


def test_every_metric_comes_with_an_interval_around_it(
    classifier: Any, many_calls: pd.DataFrame
) -> None:
    evaluation = evaluate(classifier, many_calls, label="y")

    assert set(evaluation.metrics) == set(CLASSIFICATION_METRICS)
    for name, interval in evaluation.metrics.items():
        assert interval.low < interval.estimate < interval.high, name


def test_the_metrics_table_has_a_row_per_metric(evaluation: ClassificationEvaluation) -> None:
    table = evaluation.metrics_table()

    assert list(table.columns) == ["estimate", "low", "high"]
    assert table.loc["accuracy", "estimate"] == pytest.approx(0.7)


def test_the_confusion_matrix_is_named_by_the_labels(evaluation: ClassificationEvaluation) -> None:
    table = evaluation.confusion_matrix()

    assert table.loc["yes", "yes"] == 3
    assert table.loc["yes", "no"] == 1
    assert table.loc["no", "yes"] == 2
    assert table.index.name == "true y"
    assert table.columns.name == "predicted y"


def test_a_higher_threshold_predicts_fewer_positive_rows(
    evaluation: ClassificationEvaluation,
) -> None:
    table = evaluation.confusion_matrix(threshold=0.8)

    assert table["yes"].tolist() == [0, 3]


def test_a_row_at_the_threshold_is_positive(evaluation: ClassificationEvaluation) -> None:
    choice = evaluation.threshold_for_contacts(count=3)

    assert choice.threshold == 0.8
    assert choice.contacted == 3
    assert np.count_nonzero(evaluation.predicted(choice.threshold)) == 3


def test_the_per_class_table_has_the_rows_of_each_class(
    evaluation: ClassificationEvaluation,
) -> None:
    table = evaluation.per_class()

    assert table.to_numpy()[1].tolist() == pytest.approx([3 / 5, 3 / 4, 2 / 3, 4])
    assert table.loc["no", "rows"] == 6


def test_the_first_class_can_be_the_one_to_look_for(classifier: Any, calls: pd.DataFrame) -> None:
    evaluation = evaluate(classifier, calls, label="y", positive_class="no")
    assert isinstance(evaluation, ClassificationEvaluation)

    choice = evaluation.threshold_for_contacts(count=4)

    assert choice.captured == 4
    assert evaluation.confusion_matrix(threshold=0.7)["no"].tolist() == [4, 0]


def test_the_second_of_two_classes_is_looked_for_where_none_is_named() -> None:
    probabilities = np.array([[0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])

    evaluation = ClassificationEvaluation(np.array([0, 1, 0]), probabilities, ("no", "yes"))

    assert evaluation.positive_class == "yes"
    assert evaluation.predicted(0.65).tolist() == [0, 1, 0]
    assert evaluation.threshold_for_f1().threshold == 0.7


def test_thresholds_and_gains_are_about_the_same_ranking(
    evaluation: ClassificationEvaluation,
) -> None:
    assert evaluation.threshold_for_f1().f1 == pytest.approx(6 / 7)
    profit = evaluation.threshold_for_profit(cost_per_contact=1, value_per_success=3)
    assert profit.profit == pytest.approx(6)
    assert evaluation.gains(parts=2)["captured_share"].tolist() == pytest.approx([0.75, 1.0])


def test_many_classes_have_metrics_but_no_positive_class(
    three_classes: ClassificationEvaluation,
) -> None:
    assert three_classes.metrics["accuracy"].estimate == pytest.approx(4 / 6)
    assert "AUC_binary" not in three_classes.metrics
    with pytest.raises(UnsupportedError, match="positive_class"):
        three_classes.threshold_for_f1()
    with pytest.raises(UnsupportedError, match="two classes"):
        three_classes.predicted(0.5)


def test_one_of_many_classes_can_be_looked_for() -> None:
    truth = pd.Series([10, 20, 30, 10], name="size")
    probabilities = np.array([[0.8, 0.1, 0.1], [0.3, 0.4, 0.3], [0.1, 0.1, 0.8], [0.6, 0.2, 0.2]])

    evaluation = evaluate_probabilities(truth, probabilities, (10, 20, 30), positive_class=10)

    assert evaluation.threshold_for_f1().threshold == 0.6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "answer"}, "no column 'answer'"),
        ({"label": "Y"}, "Did you mean 'y'"),
        ({"positive_class": "maybe"}, "no class 'maybe'"),
    ],
)
def test_what_can_not_be_evaluated_is_said(
    classifier: Any, calls: pd.DataFrame, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        evaluate(classifier, calls, **{"label": "y", **change})


def test_rows_without_a_label_are_counted(classifier: Any, calls: pd.DataFrame) -> None:
    calls.loc[[1, 2], "y"] = None

    with pytest.raises(DataError, match="2 of 10 rows have no 'y'"):
        evaluate(classifier, calls, label="y")


def test_a_class_the_model_does_not_know_is_named(classifier: Any, calls: pd.DataFrame) -> None:
    calls.loc[0, "y"] = "perhaps"

    with pytest.raises(DataError, match=r"'perhaps'.*'no', 'yes'"):
        evaluate(classifier, calls, label="y")


@pytest.mark.parametrize("data", ["b.csv", [1, 2], {"y": ["no"]}])
def test_what_is_no_frame_is_refused(classifier: Any, data: Any) -> None:
    with pytest.raises(DataError, match=f"a pandas DataFrame, not {type(data).__name__}"):
        evaluate(classifier, data, label="y")


def test_a_label_that_is_there_twice_is_named(classifier: Any, calls: pd.DataFrame) -> None:
    twice = pd.concat([calls, calls["y"]], axis=1)

    with pytest.raises(DataError, match="the column 'y' more than once"):
        evaluate(classifier, twice, label="y")


def test_no_rows_are_an_error(classifier: Any, calls: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="no rows"):
        evaluate(classifier, calls.head(0), label="y")


def test_without_a_positive_row_there_is_no_ranking(classifier: Any, calls: pd.DataFrame) -> None:
    only_no = calls[calls["y"] == "no"]
    truth, chance = only_no["y"], classifier.predict_proba(only_no)
    evaluation = evaluate_probabilities(truth, chance, ("no", "yes"))

    with pytest.raises(DataError, match="no row with y = 'yes'"):
        evaluation.threshold_for_f1()


def test_the_evaluation_prints_its_main_metrics(evaluation: ClassificationEvaluation) -> None:
    text = str(evaluation)

    assert text.startswith("10 rows, 2 classes of y")
    assert "accuracy: 0.7 (" in text
