"""The plots of a classifier: scikit-learn's displays, with the finding as the title."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bankml.evaluation.plot import Plot, plain
from bankml.metrics.calibration import CALIBRATION_GROUPS, calibration_error

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from bankml.evaluation.classification import ClassificationEvaluation

_MOST_CURVES = 8
"""More curves than these can't be told apart in one plot; the classes with most rows are drawn."""

_OF_A_CURVE = ("roc", "precision_recall", "calibration", "gains", "lift")
_OF_THE_POSITIVE_CLASS = ("gains", "lift")


def classification_plots(
    evaluation: ClassificationEvaluation, threshold: float | None
) -> tuple[Plot, ...]:
    """Return the plots that the data allows.

    Args:
        evaluation: What to show.
        threshold: Threshold of the confusion matrix; the most likely class where None.

    Returns:
        ROC, precision-recall, calibration, confusion matrix, gains and lift, without those that
        `left_out` has.
    """
    makers: dict[str, Callable[[ClassificationEvaluation], Plot]] = {
        "roc": _roc,
        "precision_recall": _precision_recall,
        "calibration": _calibration,
        "confusion_matrix": partial(_confusion, threshold=threshold),
        "gains": _gains,
        "lift": _lift,
    }
    without = left_out(evaluation)
    return tuple(make(evaluation) for name, make in makers.items() if name not in without)


def left_out(evaluation: ClassificationEvaluation) -> dict[str, str]:
    """Return the plots that the data does not allow.

    Args:
        evaluation: What would be shown.

    Returns:
        Why there is no such plot, by its name.
    """
    if not _curves(evaluation):
        return dict.fromkeys(_OF_A_CURVE, _why_no_curve(evaluation))
    if evaluation.positive_class is None:
        count = len(evaluation.classes)
        why = f"there are {count} classes and none to look for (positive_class=…)"
        return dict.fromkeys(_OF_THE_POSITIVE_CLASS, why)
    return {}


def _curves(evaluation: ClassificationEvaluation) -> list[int]:
    """Return the classes to draw a curve for: the positive one, else those with most rows.

    A class without rows, or without rows of other classes to tell it from, has no curve.
    """
    import numpy as np

    support = _support(evaluation)
    ranked = np.argsort(-support, kind="stable")[:_MOST_CURVES]
    if evaluation.positive_class is not None:
        ranked = np.array([evaluation.classes.index(evaluation.positive_class)])
    return [int(number) for number in ranked if 0 < support[number] < evaluation.rows]


def _support(evaluation: ClassificationEvaluation) -> NDArray[np.int64]:
    import numpy as np

    return np.bincount(evaluation.truth, minlength=len(evaluation.classes))


def _why_no_curve(evaluation: ClassificationEvaluation) -> str:
    present = [evaluation.classes[number] for number in _support(evaluation).nonzero()[0]]
    if len(present) == 1:
        return f"every row has {evaluation.label} = {present[0]!r}"
    return f"no row has {evaluation.label} = {evaluation.positive_class!r}"


def _of(evaluation: ClassificationEvaluation, number: int) -> tuple[NDArray[Any], NDArray[Any]]:
    return evaluation.truth == number, evaluation.probabilities[:, number]


def _subject(evaluation: ClassificationEvaluation) -> str:
    if evaluation.positive_class is None:
        return f"each class of {evaluation.label}"
    return f"{evaluation.label} = {evaluation.positive_class}"


def _roc(evaluation: ClassificationEvaluation) -> Plot:
    auc = evaluation.metrics["AUC_macro"]

    def paint(axes: Axes) -> Any:
        from sklearn.metrics import RocCurveDisplay

        display = None
        for number in _curves(evaluation):
            positive, scores = _of(evaluation, number)
            name = plain(evaluation.classes[number])
            display = RocCurveDisplay.from_predictions(positive, scores, name=name, ax=axes)
        axes.axline((0, 0), slope=1, linestyle="--", linewidth=1, color="grey", label="chance")
        axes.set(xlabel="False positive rate", ylabel="True positive rate")
        axes.legend(loc="lower right")
        return display

    return Plot(
        "roc",
        f"A hit is ranked above a miss in {auc.estimate:.1%} of pairs",
        f"ROC curve for {_subject(evaluation)}. The area under it is {auc}; 0.5 would be chance.",
        paint,
    )


def _precision_recall(evaluation: ClassificationEvaluation) -> Plot:
    import numpy as np
    from sklearn.metrics import average_precision_score

    numbers = _curves(evaluation)
    rate = float(np.mean([(evaluation.truth == number).mean() for number in numbers]))
    found = [average_precision_score(*_of(evaluation, number)) for number in numbers]
    precision = float(np.mean(found))

    def paint(axes: Axes) -> Any:
        from sklearn.metrics import PrecisionRecallDisplay

        display = None
        for number in numbers:
            positive, scores = _of(evaluation, number)
            label = plain(evaluation.classes[number])
            display = PrecisionRecallDisplay.from_predictions(positive, scores, name=label, ax=axes)
        axes.axhline(rate, linestyle="--", linewidth=1, color="grey", label="chance")
        axes.set(xlabel="Recall", ylabel="Precision")
        axes.legend(loc="best")
        return display

    return Plot(
        "precision_recall",
        f"Average precision {precision:.1%}, by chance {rate:.1%}",
        f"Precision against recall for {_subject(evaluation)}. Average precision is "
        f"{precision:.3f}; a model without skill would have {rate:.3f}.",
        paint,
    )


def _calibration(evaluation: ClassificationEvaluation) -> Plot:
    import numpy as np

    numbers = _curves(evaluation)
    error = float(np.mean([calibration_error(*_of(evaluation, number)) for number in numbers]))

    def paint(axes: Axes) -> Any:
        from sklearn.calibration import CalibrationDisplay

        display = None
        for number in numbers:
            positive, scores = _of(evaluation, number)
            display = CalibrationDisplay.from_predictions(
                positive,
                np.clip(scores, 0, 1),
                n_bins=CALIBRATION_GROUPS,
                strategy="quantile",
                name=plain(evaluation.classes[number]),
                ax=axes,
            )
        axes.set(xlabel="Mean predicted probability", ylabel="Observed rate")
        axes.legend(loc="upper left")
        return display

    return Plot(
        "calibration",
        f"Predicted and observed rates differ by {error:.1%} on average",
        f"Calibration curve for {_subject(evaluation)}, ten groups of as many rows each. The mean "
        f"difference between predicted and observed rate is {error:.3f}; on the diagonal it is 0.",
        paint,
    )


def _confusion(evaluation: ClassificationEvaluation, *, threshold: float | None) -> Plot:
    table = evaluation.confusion_matrix(threshold)
    right = float(table.to_numpy().trace() / evaluation.rows)
    at = "" if threshold is None else f" at a threshold of {threshold:.2f}"
    found = evaluation.per_class(threshold)["recall"][_support(evaluation) > 0]
    hardest = found.idxmin()

    def paint(axes: Axes) -> Any:
        from sklearn.metrics import ConfusionMatrixDisplay

        few = len(evaluation.classes) <= _MOST_CURVES
        names = [plain(value) for value in evaluation.classes]
        display = ConfusionMatrixDisplay(table.to_numpy(), display_labels=names)
        display.plot(
            ax=axes, include_values=few, values_format=",d", cmap="Blues", colorbar=False,
            xticks_rotation="horizontal" if few else "vertical",
        )  # fmt: skip
        label = plain(evaluation.label)
        axes.set(xlabel=f"Predicted {label}", ylabel=f"True {label}")
        return display

    return Plot(
        "confusion_matrix",
        f"{right:.1%} are right{at}; {found.min():.1%} of {hardest} are found",
        f"Confusion matrix{at}: {right:.1%} of {evaluation.rows:,} rows are right. The class found "
        f"least often is {hardest}: {found.min():.1%} of its rows.",
        paint,
    )


def _gains(evaluation: ClassificationEvaluation) -> Plot:
    ranking, subject = evaluation.ranking, _subject(evaluation)
    held = ranking.captured_by(0.2)

    def paint(axes: Axes) -> Any:
        from matplotlib.ticker import PercentFormatter

        contacted = [0.0, *(ranking.contacted / ranking.rows)]
        captured = [0.0, *(ranking.captured / ranking.positives)]
        axes.plot(contacted, captured, label="model")
        best = [0, ranking.positives / ranking.rows, 1]
        axes.plot(best, [0, 1, 1], linestyle=":", linewidth=1, color="grey", label="best possible")
        axes.plot([0, 1], [0, 1], linestyle="--", linewidth=1, color="grey", label="chance")
        axes.plot([0.2, 0.2, 0], [0, held, held], linewidth=0.8, color="grey")
        axes.set(
            xlabel="Rows contacted, highest first", ylabel=f"Share of all {plain(subject)} reached"
        )
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.legend(loc="lower right")
        return axes

    return Plot(
        "gains",
        f"The 20% scored highest hold {held:.0%} of all {subject}",
        f"Cumulative gains: the 10% of rows scored highest hold {ranking.captured_by(0.1):.0%} of "
        f"all {subject}, 20% hold {held:.0%}, 40% hold {ranking.captured_by(0.4):.0%}.",
        paint,
    )


def _lift(evaluation: ClassificationEvaluation) -> Plot:
    import numpy as np

    ranking, subject = evaluation.ranking, _subject(evaluation)
    first = ranking.captured_by(0.1) / 0.1

    def paint(axes: Axes) -> Any:
        from matplotlib.ticker import PercentFormatter

        shares = np.arange(1, 101) / 100
        lift = [ranking.captured_by(share) / share for share in shares]
        axes.plot(shares, lift, label="model")
        axes.axhline(1, linestyle="--", linewidth=1, color="grey", label="chance")
        axes.set(xlabel="Rows contacted, highest first", ylabel="Lift (times the average rate)")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_ylim(bottom=0)
        axes.legend(loc="upper right")
        return axes

    return Plot(
        "lift",
        f"The 10% scored highest have {first:.1f} times the average rate",
        f"Cumulative lift for {subject}: among the 10% of rows scored highest the rate is "
        f"{first:.1f} times the average, among 20% {ranking.captured_by(0.2) / 0.2:.1f} times.",
        paint,
    )
