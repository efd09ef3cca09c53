"""What the command line prints: text for people, or JSON for scripts."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bankml.errors import TriggerUncertainError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bankml.errors import BankmlError

out = Console(highlight=False, emoji=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
_UNSEEN = re.compile(
    r"[^\S\n\t ]|[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""What a terminal would carry out, and what would change the order of the text around it."""


def visible(text: object) -> str:
    """Return a text with its control characters written out: names come from anybody."""
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], str(text))


def one_line(text: object) -> str:
    """Return a text as :func:`visible` does, with its line breaks written out too."""
    return visible(text).replace("\n", r"\n").replace("\t", r"\t")


def say(text: object, console: Console = out) -> None:
    """Print a text as it is: nothing in it is markup, or a command to the terminal."""
    console.print(visible(text), markup=False)


def print_json(document: Any) -> None:
    """Print a document as JSON on standard output."""
    out.print_json(json.dumps(plain(document), allow_nan=False))


def is_json_wanted(words: Sequence[str]) -> bool:
    """Tell whether a command line asks for JSON; what follows ``--`` is no option of ours.

    Args:
        words: The command line without the program's name.
    """
    options = words[: words.index("--")] if "--" in words else words
    return "--json" in options


def error_document(error: BankmlError) -> dict[str, str]:
    """Return an error as a script wants it: its class, its message, the trigger it is about.

    Args:
        error: Any error of ours.
    """
    about = {"error": type(error).__name__, "message": str(error)}
    return about | (
        {"trigger_id": error.trigger_id} if isinstance(error, TriggerUncertainError) else {}
    )


def print_pairs(pairs: Mapping[str, Any]) -> None:
    """Print names and values in two columns; values that are None are left out."""
    shown = {name: value for name, value in pairs.items() if value is not None and value != ""}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        say(f"{name:<{width}}  {one_line(value)}")


def plain(value: Any) -> Any:
    """Return a value as JSON types: records as objects, NaN as null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
