"""Long lists, one page at a time."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from bankml.emulator.answers import ServiceProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

PAGE_SIZE = 500
SIZE_NAMES = ("$top", "top", "pageSize", "count")
TOKEN_NAMES = ("$continuationToken", "continuationToken", "$continuationtoken")


def page(
    values: Iterable[Any], request: Request, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return one page of a list and a token for the next.

    Args:
        values: The whole list; no more of it is made than the page needs.
        request: Says in its query which page, and how long.
        body: Says so where the query does not.

    Returns:
        A document with ``value`` and ``continuationToken``.
    """
    start = _parameter(request, body, TOKEN_NAMES, 0)
    size = _parameter(request, body, SIZE_NAMES, PAGE_SIZE)
    end = start + max(size, 1)
    wanted = list(islice(values, start, end + 1))
    token = str(end) if len(wanted) > end - start else None
    return {"value": wanted[: end - start], "continuationToken": token, "nextLink": None}


def _parameter(
    request: Request, body: Mapping[str, Any] | None, names: tuple[str, ...], default: int
) -> int:
    for name in names:
        value = request.query_params.get(name) or (body or {}).get(name)
        if value:
            return _number(name, value)
    return default


def _number(name: str, value: object) -> int:
    text = str(value)
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ServiceProblemError(400, "BadArgument", f"{name} is not a number: {text[:100]!r}")
    return int(text)
