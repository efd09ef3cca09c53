from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from sklearn.calibration import CalibrationDisplay
from sklearn.metrics import ConfusionMatrixDisplay, PrecisionRecallDisplay, RocCurveDisplay

from bankml.errors import DataError
from bankml.evaluation.classification import ClassificationEvaluation
from bankml.evaluation.held_out import evaluate, evaluate_probabilities

if TYPE_CHECKING:
    from collections.abc import Iterator

DISPLAYS = {
    "roc": RocCurveDisplay,
    "precision_recall": PrecisionRecallDisplay,
    "calibration": CalibrationDisplay,
    "confusion_matrix": ConfusionMatrixDisplay,
    "gains": Axes,
    "lift": Axes,
}


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture
def evaluation(classifier: Any, many_calls: pd.DataFrame) -> ClassificationEvaluation:
    found = evaluate(classifier, many_calls, label="y", resamples=20)
    assert isinstance(found, ClassificationEvaluation)
    return found


@pytest.mark.parametrize("name", DISPLAYS)
def test_a_plot_is_the_librarys_own_object_and_says_what_it_shows(
    evaluation: ClassificationEvaluation, name: str
) -> None:
    shown = evaluation.plot(name)

    assert isinstance(shown, DISPLAYS[name])
    axes = shown if isinstance(shown, Axes) else shown.ax_
    assert any(character.isdigit() for character in axes.get_title()), "the title has the finding"
    assert axes.get_xlabel()
    assert axes.get_ylabel()


def test_a_plot_can_be_drawn_into_given_axes(evaluation: ClassificationEvaluation) -> None:
    _, axes = plt.subplots()

    assert evaluation.plot("gains", axes) is axes


def test_every_plot_has_words_for_those_who_can_not_see_it(
    evaluation: ClassificationEvaluation,
) -> None:
    plots = evaluation.plots(threshold=0.3)

    assert [plot.name for plot in plots] == list(DISPLAYS)
    assert all(len(plot.text) > len(plot.title) for plot in plots)


def test_the_gains_title_states_what_the_gains_table_has(
    evaluation: ClassificationEvaluation,
) -> None:
    held = evaluation.gains(parts=5)["captured_share"].iloc[0]

    assert f"hold {held:.0%} of all y = yes" in evaluation.plot("gains").get_title()


def test_the_confusion_matrix_is_drawn_at_the_threshold(
    evaluation: ClassificationEvaluation,
) -> None:
    shown = evaluation.plot("confusion_matrix", threshold=0.2)

    assert shown.confusion_matrix.tolist() == evaluation.confusion_matrix(0.2).to_numpy().tolist()
    assert "0.20" in shown.ax_.get_title()


def test_an_unknown_plot_is_refused_with_the_names_there_are(
    evaluation: ClassificationEvaluation,
) -> None:
    with pytest.raises(DataError, match=r"'rok'.*roc, precision_recall"):
        evaluation.plot("rok")


def test_many_classes_get_a_curve_each_and_no_gains() -> None:
    generator = np.random.default_rng(2)
    truth = pd.Series(generator.choice(list("abc"), size=90), name="letter")
    probabilities = generator.dirichlet(np.ones(3), size=90)
    evaluation = evaluate_probabilities(truth, probabilities, ("a", "b", "c"))

    axes = evaluation.plot("roc").ax_

    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert [label.split()[0] for label in labels[:3]] == sorted(
        truth.unique(), key=lambda letter: -(truth == letter).sum()
    )
    assert "gains" not in [plot.name for plot in evaluation.plots()]


def test_a_class_without_rows_is_not_the_one_found_least_often() -> None:
    truth = pd.Series([0, 0, 1, 1], name="size")
    probabilities = np.array([[0.8, 0.1, 0.1], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.8, 0.1, 0.1]])
    evaluation = evaluate_probabilities(truth, probabilities, (0, 1, 2))

    title = evaluation.plot("confusion_matrix").ax_.get_title()

    assert title == "75.0% are right; 50.0% of 1 are found"


@pytest.mark.parametrize(
    ("answer", "classes", "why"),
    [
        ("no", ("no", "yes"), "every row has y = 'no'"),
        ("yes", ("no", "yes"), "every row has y = 'yes'"),
        ("no", ("maybe", "no", "yes"), "every row has y = 'no'"),
    ],
)
def test_with_one_class_in_the_data_there_are_no_curves(
    answer: str, classes: tuple[str, ...], why: str
) -> None:
    truth = pd.Series([answer] * 6, name="y")
    probabilities = np.full((6, len(classes)), 1 / len(classes))
    evaluation = evaluate_probabilities(truth, probabilities, classes)

    assert [plot.name for plot in evaluation.plots()] == ["confusion_matrix"]
    with pytest.raises(DataError, match=f"no plot 'roc' here: {why}"):
        evaluation.plot("roc")


def test_without_a_row_of_the_class_to_look_for_there_are_no_curves() -> None:
    truth = pd.Series(["a", "b", "a"], name="letter")
    evaluation = evaluate_probabilities(truth, np.full((3, 3), 1 / 3), tuple("abc"), "c")

    assert [plot.name for plot in evaluation.plots()] == ["confusion_matrix"]
    with pytest.raises(DataError, match="no row has letter = 'c'"):
        evaluation.plot("gains")


def test_gains_need_a_class_to_look_for() -> None:
    truth = pd.Series(["a", "b", "c"], name="letter")
    evaluation = evaluate_probabilities(truth, np.full((3, 3), 1 / 3), tuple("abc"))

    with pytest.raises(DataError, match=r"there are 3 classes.*positive_class"):
        evaluation.plot("gains")
