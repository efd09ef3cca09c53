"""matplotlib figures as inline SVG that follows the page's light or dark colours."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any, cast

from bankml.errors import MissingDependencyError

if TYPE_CHECKING:
    from bankml.evaluation.plot import Plot

_INK = "#010203"
"""Stands for the page's text colour while matplotlib draws; no plot uses it otherwise."""

_SIZE_INCHES = (4.7, 3.5)

SERIES_COLOURS = (
    "#2f7fd6", "#d9631e", "#1a9270", "#b452c4", "#8a7a1f", "#7468d8", "#c4464e", "#5b7a99",
)  # fmt: skip
"""Colours with a contrast of at least 3.6 : 1 on the light and on the dark page."""


def svg(plot: Plot) -> str:
    """Draw a plot as an SVG element for an HTML page.

    The title is left to the page. Text stays text, and takes the page's colour and font.

    Args:
        plot: What to draw.

    Returns:
        The ``<svg>`` element; its ids begin with the plot's name, so that several fit on one page.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependencyError(
            "The report's plots need matplotlib. Install it with: pip install 'bankml[report]'"
        ) from error
    with rc_context(cast("Any", _style(plot.name))), warnings.catch_warnings():
        # The page's font may well have a character that matplotlib's has not.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
        plot.paint(figure.add_subplot())
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None}, transparent=True)
    return _for_page(drawn.getvalue(), plot.name)


def _style(name: str) -> dict[str, Any]:
    from cycler import cycler

    ink = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    return {
        **dict.fromkeys(ink, _INK),
        "axes.prop_cycle": cycler(color=SERIES_COLOURS),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "font.family": ["DejaVu Sans"],
        "font.size": 9,
        "legend.frameon": False,
        "svg.fonttype": "none",
        "svg.hashsalt": name,
    }


def _for_page(document: str, name: str) -> str:
    """Keep the ``<svg>`` element only, with the page's colour and ids of its own."""
    element = document[document.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", element, count=1)
    element = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", element, count=1)
    for colour in (_INK, "#000000"):  # scikit-learn draws its reference lines in black
        element = element.replace(colour, "currentColor")
    element = element.replace("'DejaVu Sans'", "inherit")
    element = re.sub(r'\bid="', f'id="{name}-', element)
    element = re.sub(r'href="#', f'href="#{name}-', element)
    return re.sub(r"url\(#", f"url(#{name}-", element)
