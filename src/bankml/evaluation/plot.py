"""A plot with the words that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankml.errors import DataError, MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Plot:
    """A plot: how to draw it, what it finds, and the same in words.

    Attributes:
        name: Short name, for example ``roc``.
        title: The finding, one line; drawn above the plot.
        text: What the plot shows, for those who can't see it.
        paint: Draws into the axes and returns scikit-learn's or matplotlib's own object.
    """

    name: str
    title: str
    text: str
    paint: Callable[[Axes], Any]

    def draw(self, axes: Axes | None = None) -> Any:
        """Draw the plot, into a new figure where no axes are given.

        Returns:
            The scikit-learn display, or the axes where scikit-learn has no display for it.

        Raises:
            MissingDependencyError: matplotlib is not installed.
        """
        try:
            import matplotlib.pyplot as plt
        except ImportError as error:
            raise MissingDependencyError(
                "Plots need matplotlib. Install it with: pip install 'bankml[report]'"
            ) from error
        if axes is None:
            _, axes = plt.subplots(layout="constrained")
        shown = self.paint(axes)
        axes.set_title(plain(self.title, most=120))
        return shown


def find_plot(plots: Sequence[Plot], name: str, left_out: Mapping[str, str] | None = None) -> Plot:
    """Return the plot of this name.

    Args:
        plots: The plots there are.
        name: Name of the one to return.
        left_out: Why there is no such plot, by name, for those that the data does not allow.

    Raises:
        DataError: There is none; the message says why, or lists the names there are.
    """
    for plot in plots:
        if plot.name == name:
            return plot
    if left_out and name in left_out:
        raise DataError(f"There is no plot {name!r} here: {left_out[name]}.")
    valid = ", ".join(plot.name for plot in plots)
    raise DataError(f"There is no plot {name!r} here. There are: {valid}.")


def plain(value: Any, most: int = 24) -> str:
    """Return a label from outside as text that matplotlib draws as it is, shortened.

    A ``$`` would begin a formula, and a leading ``_`` would hide the label from the legend.

    Args:
        value: The label.
        most: Characters at the most.
    """
    text = str(value)
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    text = text.replace("$", r"\$")
    return f"\u200a{text}" if text.startswith("_") else text
