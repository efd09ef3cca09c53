"""The filter expressions with which the SDK asks for runs (a small part of OData 4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bankml.emulator.answers import ServiceProblemError

DEEPEST = 100
Predicate = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(r"""\s*(\(|\)|"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s()]+)""")
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
}


def parse_filter(text: str | None) -> Predicate:
    """Return the predicate of a filter expression; everything passes where there is none.

    Args:
        text: For example ``(Tags/owner eq "me") and (Status eq Running)``. Names are those of a
            run's fields, ``Tags/<name>`` and ``Properties/<name>``.

    Returns:
        A predicate over a run's document.

    Raises:
        ServiceProblemError: The expression is not understood.
    """
    if not text:
        return _everything
    if text.count("(") > DEEPEST:
        raise ServiceProblemError(400, "UserError", "The filter is nested too deeply.")
    return _Parser(text).parse()


def _everything(run: Mapping[str, Any]) -> bool:
    del run
    return True


class _Parser:
    """Descends ``or`` → ``and`` → comparison; ``and`` binds more tightly."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _TOKEN.findall(text)

    def parse(self) -> Predicate:
        predicate = self._or()
        if self._tokens:
            raise self._problem()
        return predicate

    def _or(self) -> Predicate:
        terms = [self._and()]
        while self._skip("or"):
            terms.append(self._and())
        return lambda run: any(term(run) for term in terms)

    def _and(self) -> Predicate:
        terms = [self._comparison()]
        while self._skip("and"):
            terms.append(self._comparison())
        return lambda run: all(term(run) for term in terms)

    def _comparison(self) -> Predicate:
        if self._skip("("):
            inner = self._or()
            if not self._skip(")"):
                raise self._problem()
            return inner
        if len(self._tokens) < 3 or self._tokens[1] not in _OPERATORS:
            raise self._problem()
        name, operator, value = (self._tokens.pop(0) for _ in range(3))
        right = _literal(value)
        return lambda run: _holds(run, name, operator, right)

    def _skip(self, token: str) -> bool:
        if self._tokens and self._tokens[0] == token:
            self._tokens.pop(0)
            return True
        return False

    def _problem(self) -> ServiceProblemError:
        return ServiceProblemError(
            400, "UserError", f"The filter {self._text!r} is not understood."
        )


def _literal(token: str) -> str | None:
    if token == "null":  # noqa: S105 - a word of the filter language
        return None
    return token[1:-1] if token[:1] in "\"'" else token


def _field(run: Mapping[str, Any], name: str) -> str | None:
    head, _, key = name.partition("/")
    fields, wanted = (run.get(_camel(head)) or {}, key) if key else (run, _camel(name))
    if not isinstance(fields, Mapping) or wanted not in fields:
        raise KeyError(name)
    return None if fields[wanted] is None else str(fields[wanted])


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _holds(run: Mapping[str, Any], name: str, operator: str, right: str | None) -> bool:
    """Compare a field; one that is not there is neither equal nor unequal to anything.

    So the SDK's way to ask for a tag of any value, ``Tags/x ne null or Tags/x eq null``, works.
    """
    try:
        left = _field(run, name)
    except KeyError:
        return False
    if left is None or right is None:
        return left == right if operator == "eq" else operator == "ne" and left != right
    return _OPERATORS[operator](left, right)
