"""The filters of a query for runs, in the form that Azure ML's SDK sends.

Source: ``azureml._restclient._odata`` of azureml-core 1.61: terms like ``(Tags/name eq value)``,
joined by ``and``.
"""

from __future__ import annotations

import re

from bankml.errors import ConfigError

_TERM = re.compile(r"\s*\(?Tags/(?P<key>[^\s()]+) eq (?P<value>'(?:[^']|'')*'|[^()]*?)\)?\s*")
_AND = re.compile(r"\)\s+and\s+\(", re.IGNORECASE)


def wanted_tags(text: str | None) -> dict[str, str]:
    """Return the tags that a run must carry.

    Args:
        text: The filter, or None for no condition.

    Returns:
        Values by tag.

    Raises:
        ConfigError: It is something else than tags that have to be equal.
    """
    if not text or not text.strip():
        return {}
    return dict(_tag(term) for term in _AND.split(text.strip()))


def _tag(term: str) -> tuple[str, str]:
    match = _TERM.fullmatch(term)
    if match is None:
        raise ConfigError(
            f"The filter {term[:200]!r} is not understood here; use (Tags/<name> eq <value>), "
            "several of them joined by ' and '."
        )
    value = match["value"]
    if value.startswith("'") and value.endswith("'") and len(value) > 1:
        value = value[1:-1].replace("''", "'")
    return match["key"], value
