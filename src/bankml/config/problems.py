"""Pydantic's findings, said in our words: the key's path, the valid values, the nearest match."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from bankml.errors import ConfigError, ConfigProblem
from bankml.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_SECRET_WORDS = ("secret", "password", "token", "account_key", "api_key", "sas")
_MAX_PROBLEMS = 50
_MAX_KEY_LENGTH = 100
_BEGINNING = re.compile(r"^(Input|String|Value) should ")
"""How pydantic begins to say what a value must be."""
_TYPE_WORDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "path_type": "a path",
    "model_type": "a section (an object with keys)",
}


def config_error(error: ValidationError, model: type[BaseModel]) -> ConfigError:
    """Return one error that lists every problem of a rejected configuration."""
    errors = error.errors(include_url=False)
    problems = [_problem(found, model) for found in errors[:_MAX_PROBLEMS]]
    what = "a problem" if len(errors) == 1 else f"{len(errors)} problems"
    if len(errors) > _MAX_PROBLEMS:
        what += f", the first {_MAX_PROBLEMS} of which are"
    return ConfigError(f"The configuration has {what}:", problems)


def printable(key: str) -> str:
    """Return a key short, and without characters that a terminal would act on."""
    short = key if len(key) <= _MAX_KEY_LENGTH else f"{key[:_MAX_KEY_LENGTH]}…"
    return short if short.isprintable() else ascii(short)[1:-1]


def _problem(found: ErrorDetails, model: type[BaseModel]) -> ConfigProblem:
    path = ".".join(printable(str(part)) for part in found["loc"]) or "(the configuration)"
    if found["type"] == "extra_forbidden":
        return _unknown_key(path, found, model)
    if found["type"] == "literal_error":
        return _bad_choice(path, found, _literal_values(model, found["loc"]))
    context = found.get("ctx", {})
    if found["type"] == "choice":
        return ConfigProblem(path, found["msg"], nearest(context["given"], context["valid"]))
    if found["type"] in _TYPE_WORDS:
        given = type(found["input"]).__name__
        return ConfigProblem(path, f"must be {_TYPE_WORDS[found['type']]}, not {given}")
    return ConfigProblem(path, _BEGINNING.sub("must ", found["msg"]))


def _unknown_key(path: str, found: ErrorDetails, model: type[BaseModel]) -> ConfigProblem:
    key = printable(str(found["loc"][-1]))
    if any(word in key.casefold() for word in _SECRET_WORDS):
        return ConfigProblem(
            path,
            "looks like a secret, and secrets are never read from a configuration; "
            "give it by the environment (for a service principal: AZURE_TENANT_ID, "
            "AZURE_CLIENT_ID, AZURE_CLIENT_SECRET)",
        )
    valid = sorted(_model_at(model, found["loc"][:-1]).model_fields)
    return ConfigProblem(path, f"unknown key; valid keys: {', '.join(valid)}", nearest(key, valid))


def _bad_choice(path: str, found: ErrorDetails, valid: tuple[str, ...]) -> ConfigProblem:
    listed = ", ".join(valid)
    return ConfigProblem(path, f"must be one of: {listed}", nearest(found["input"], valid))


def _model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    for part in location:
        model = _field_type(model, str(part))
    return model


def _field_type(model: type[BaseModel], key: str) -> Any:
    return model.model_fields[key].annotation


def _literal_values(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[str, ...]:
    annotation = _field_type(_model_at(model, location[:-1]), str(location[-1]))
    return tuple(_literals(annotation))


def _literals(annotation: Any) -> Iterable[str]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
        return
    for inner in get_args(annotation):
        yield from _literals(inner)
