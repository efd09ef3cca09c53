"""Turns templates into pages: everything from outside is escaped."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bankml.errors import MissingDependencyError

if TYPE_CHECKING:
    from datetime import datetime

    from jinja2 import Environment


def render(template: str, **values: Any) -> str:
    """Render a template of this package.

    Args:
        template: Its file name, for example ``report.html.j2``.
        **values: What it shows.

    Raises:
        MissingDependencyError: Jinja2 is not installed.
    """
    return _environment().get_template(template).render(**values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise MissingDependencyError(
            "Reports need Jinja2. Install it with: pip install 'bankml[report]'"
        ) from error
    environment = Environment(
        loader=PackageLoader("bankml.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "percent": percent,
        "moment": moment,
        "duration": duration,
    }
    return environment


def number(value: float | None) -> str:
    """Return a number with four digits behind the point, or as many as matter."""
    if value is None or math.isnan(value):
        return "—"
    if value != 0 and not 0.001 <= abs(value) < 100_000:
        return f"{value:.3g}"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.1f}"


def percent(share: float, digits: int = 1) -> str:
    """Return a share as a percentage."""
    return f"{share:.{digits}%}"


def moment(when: datetime | None) -> str:
    """Return a moment in UTC, to the second."""
    return "—" if when is None else f"{when:%Y-%m-%d %H:%M:%S} UTC"


def duration(seconds: float | None) -> str:
    """Return seconds in words, for example ``2 min 05 s``."""
    if seconds is None:
        return "—"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
