"""The local AutoML engine; the heavy libraries are loaded by its processes only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.backends.local.automl.events import (
    AutoMLResult,
    ChildFinished,
    ChildResult,
    ChildStarted,
    Event,
    Progress,
)
from bankml.backends.local.automl.settings import AutoMLSettings

if TYPE_CHECKING:
    from bankml.backends.local.automl.engine import train

__all__ = [
    "AutoMLResult",
    "AutoMLSettings",
    "ChildFinished",
    "ChildResult",
    "ChildStarted",
    "Event",
    "Progress",
    "train",
]


def __getattr__(name: str) -> object:
    """Load the engine when it is asked for."""
    if name == "train":
        from bankml.backends.local.automl.engine import train

        return train
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
