"""The parameters that tell candidates of one name apart, and as few of them as do."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bankml.backends.base import ChildRecord


def differing_parameters(children: Sequence[ChildRecord]) -> list[dict[str, Any]]:
    """Return the parameters that tell each candidate from those of the same name.

    Candidates have the same name if their preprocessor and algorithm are the same. Of their
    parameters the one with the most different values is taken, then the one that tells most of the
    rest apart, until all are told apart or nothing more does.

    Args:
        children: The candidates of a run.

    Returns:
        For each of them, in the same order, the parameters with their values; none for a candidate
        that is alone with its name. A parameter that it does not set is left out.
    """
    names: dict[tuple[str, str], list[ChildRecord]] = defaultdict(list)
    for child in children:
        names[child.preprocessor, child.algorithm].append(child)
    chosen = {name: _telling([child.parameters for child in same]) for name, same in names.items()}
    return [
        {
            key: child.parameters[key]
            for key in chosen[child.preprocessor, child.algorithm]
            if key in child.parameters
        }
        for child in children
    ]


def in_words(parameters: Mapping[str, Any]) -> str:
    """Return parameters as one line of text, numbers with up to four digits."""
    return ", ".join(f"{name}={_value(value)}" for name, value in parameters.items())


def _telling(parameters: Sequence[Mapping[str, Any]]) -> list[str]:
    names = list(dict.fromkeys(name for each in parameters for name in each))
    chosen: list[str] = []
    while names:
        best = max(names, key=lambda name: _kinds(parameters, [*chosen, name]))
        if _kinds(parameters, [*chosen, best]) == _kinds(parameters, chosen):
            break
        chosen.append(best)
        names.remove(best)
    return chosen


def _kinds(parameters: Sequence[Mapping[str, Any]], names: Sequence[str]) -> int:
    """Return how many groups there are of the same values of these parameters."""
    return len({tuple(name in each and repr(each[name]) for name in names) for each in parameters})


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
