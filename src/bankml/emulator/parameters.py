"""Values of pipeline parameters, checked against what a graph declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bankml.emulator.answers import ServiceProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BOOLEANS = ("true", "false")
_NUMBERS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "0": ("a whole number", int),
    "Int": ("a whole number", int),
    "1": ("a number", float),
    "Double": ("a number", float),
}
"""What a value of a type is and what reads it; any text does for the other types."""


def check_parameters(given: Mapping[str, Any], interface: Mapping[str, Any]) -> None:
    """Refuse values that no parameter of the graph takes.

    Args:
        given: Values by the parameters' names.
        interface: The graph's interface, which declares the parameters and their types.

    Raises:
        ServiceProblemError: A parameter is not declared, or its value is of another type.
    """
    types = {item["Name"]: item.get("Type") for item in interface.get("Parameters") or []}
    for name, value in sorted(given.items()):
        if name not in types:
            listed = ", ".join(sorted(types)) or "none"
            raise _refused(f"The pipeline has no parameter {name!r}. It declares: {listed}.")
        expected, read = _NUMBERS.get(str(types[name]), ("a text", str))
        if str(value).casefold() in _BOOLEANS:
            continue  # the SDK declares a bool as a whole number
        try:
            read(str(value))
        except ValueError:
            raise _refused(f"The parameter {name!r} must be {expected}, not {value!r}.") from None


def _refused(message: str) -> ServiceProblemError:
    return ServiceProblemError(400, "BadRequest", message)
