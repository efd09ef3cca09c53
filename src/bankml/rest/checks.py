"""What a trigger may not be made of: a run that can't be looked up later could start twice."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from bankml.errors import TriggerError
from bankml.tags import TRIGGER_TAG

_TRIGGER_ID = re.compile(r"[!#-&*-~]{1,255}")
"""What a header and a filter take as it is."""


def is_experiment_name(name: str) -> bool:
    """Tell whether runs of an experiment with this name can be looked up over HTTP.

    Args:
        name: Any text.
    """
    return name not in ("", ".", "..") and name.isprintable()


def check_endpoint(endpoint: object) -> None:
    """Refuse what is not an http(s) URL.

    Raises:
        TriggerError: It is not one.
    """
    if not isinstance(endpoint, str) or not re.match(r"https?://[^/]", endpoint):
        raise TriggerError(f"The endpoint must be an http(s) URL, not {_shown(endpoint)}.")


def check_experiment(name: object) -> None:
    """Refuse an experiment whose runs could not be looked up.

    Raises:
        TriggerError: It is one.
    """
    if not isinstance(name, str) or not is_experiment_name(name):
        raise TriggerError(
            f"{_shown(name)} can't be the name of an experiment: a name is a text, not empty, "
            "not '.' or '..', and has no control characters."
        )


def check_trigger_id(trigger_id: object) -> None:
    """Refuse an id that a header and a filter would not take as it is.

    Raises:
        TriggerError: It is one.
    """
    if not isinstance(trigger_id, str) or not _TRIGGER_ID.fullmatch(trigger_id):
        raise TriggerError(
            "A trigger_id is a text of 1 to 255 ASCII characters without spaces, quotes and "
            f"parentheses, not {_shown(trigger_id)}. Pass a hash of your own id, for example its "
            "SHA-256, or None to have one made."
        )


def check_parameters(parameters: object) -> None:
    """Refuse what is not a mapping of names to texts and finite numbers.

    Raises:
        TriggerError: It is not one.
    """
    for name, value in _pairs("parameters", parameters):
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise TriggerError(
                f"The parameter {name!r} must be a text or a number, not {_shown(value)}. Leave it "
                "out to use the published value."
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise TriggerError(f"The parameter {name!r} must be a finite number, not {value}.")


def check_tags(tags: object) -> None:
    """Refuse what is not a mapping of texts to texts, and the tag that names the trigger.

    Raises:
        TriggerError: It is not one.
    """
    for name, value in _pairs("tags", tags):
        if not isinstance(value, str):
            raise TriggerError(f"The tag {name!r} must be a text, not {_shown(value)}.")
        if name == TRIGGER_TAG:
            raise TriggerError(
                f"The tag {TRIGGER_TAG!r} names the trigger; pass trigger_id={value!r} instead."
            )


def check_text(what: str, text: object) -> None:
    """Refuse what is neither a text nor None.

    Raises:
        TriggerError: It is neither.
    """
    if text is not None and not isinstance(text, str):
        raise TriggerError(f"{what} must be a text or None, not {_shown(text)}.")


def check_seconds(what: str, seconds: object) -> None:
    """Refuse what is not a number above 0.

    Raises:
        TriggerError: It is not one.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise TriggerError(f"{what} must be a number of seconds above 0, not {_shown(seconds)}.")


def _pairs(what: str, mapping: object) -> list[tuple[str, object]]:
    if mapping is None:
        return []
    if not isinstance(mapping, Mapping) or not all(isinstance(name, str) for name in mapping):
        raise TriggerError(f"{what} must be a mapping with texts as keys, not {_shown(mapping)}.")
    return list(mapping.items())


def _shown(value: object) -> str:
    return repr(value)[:200]
