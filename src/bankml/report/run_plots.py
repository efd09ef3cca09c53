"""Plots of a run as a whole: how it learnt, and what its model relies on."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from bankml.evaluation.plot import Plot, plain
from bankml.metrics.best import is_score
from bankml.metrics.names import is_greater_better

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from bankml.backends.base import ChildRecord
    from bankml.evaluation.importance import Importance

_MOST_COLUMNS = 15


def learning_plot(children: Sequence[ChildRecord], metric: str) -> Plot | None:
    """Show each candidate's score when it ended, and the best score so far.

    Args:
        children: The candidates.
        metric: The primary metric.

    Returns:
        The plot, or None where no candidate has a score and a time.
    """
    scored = sorted(
        (child.ended, child.score)
        for child in children
        if child.ended is not None and is_score(child.score)
    )
    begun = [child.started for child in children if child.started is not None]
    if not scored or not begun:
        return None
    seconds = [(ended - min(begun)).total_seconds() for ended, _ in scored]
    scores = [score for _, score in scored]
    best = list(accumulate(scores, max if is_greater_better(metric) else min))
    found = best.index(best[-1])

    def paint(axes: Axes) -> Any:
        axes.plot(seconds, scores, "o", markersize=4, alpha=0.8, label="candidate")
        axes.step(seconds, best, where="post", label="best so far")
        axes.set(xlabel="Seconds since the first candidate began", ylabel=metric)
        axes.legend(loc="best")
        return axes

    return Plot(
        "learning",
        f"The best of {len(scored)} candidates ended after {seconds[found]:.1f} s",
        f"{metric} of each candidate over time. The first candidate reached {scores[0]:.4f} after "
        f"{seconds[0]:.1f} s, the best {best[-1]:.4f} after {seconds[found]:.1f} s; the last ended "
        f"after {seconds[-1]:.1f} s.",
        paint,
    )


def importance_plot(importance: Importance) -> Plot:
    """Show the columns that the model relies on most, with their intervals.

    Args:
        importance: The permutation importance.
    """
    ranked = list(importance.columns.items())[:_MOST_COLUMNS]
    first, loss = ranked[0]

    def paint(axes: Axes) -> Any:
        names = [plain(name) for name, _ in reversed(ranked)]
        values = [interval.estimate for _, interval in reversed(ranked)]
        errors = [interval.high - interval.estimate for _, interval in reversed(ranked)]
        places = range(len(names))
        axes.barh(places, values, xerr=errors, error_kw={"ecolor": "grey", "capsize": 2})
        axes.set_yticks(places, names)
        axes.set(xlabel=f"Loss of {importance.metric} when shuffled", ylabel="Column")
        return axes

    listed = "; ".join(f"{name} {interval.estimate:.4f}" for name, interval in ranked[:5])
    return Plot(
        "importance",
        f"{first} matters most: without it {importance.metric} falls by {loss.estimate:.3f}"
        if is_greater_better(importance.metric)
        else f"{first} matters most: without it {importance.metric} is {loss.estimate:.3g} worse",
        f"Loss of {importance.metric} when one column is shuffled, largest first: {listed}.",
        paint,
    )
