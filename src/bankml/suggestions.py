"""The valid word that was probably meant, for the texts of errors."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CUTOFF = 0.6
_SHORTEST_BEGINNING = 2


def nearest(given: object, valid: Iterable[str]) -> str | None:
    """Return the valid word nearest to the given one, ignoring case.

    Args:
        given: What was written.
        valid: The words to choose from.

    Returns:
        The most similar word, else the first that begins with the given one, else None.
    """
    written = str(given).casefold()
    by_fold = {word.casefold(): word for word in valid}
    found = difflib.get_close_matches(written, by_fold, n=1, cutoff=_CUTOFF)
    if not found and len(written) >= _SHORTEST_BEGINNING:
        found = [fold for fold in by_fold if fold.startswith(written)]
    return by_fold[found[0]] if found else None


def did_you_mean(given: object, valid: Iterable[str]) -> str:
    """Return the question to put behind an error's first sentence.

    Args:
        given: What was written.
        valid: The words to choose from.

    Returns:
        For example ``" Did you mean 'y'?"``; empty where no word is near.
    """
    suggestion = nearest(given, valid)
    return f" Did you mean {suggestion!r}?" if suggestion else ""
