"""Faults on demand: what goes wrong, where, and how often."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase


class FaultKind(str, Enum):
    """What goes wrong."""

    THROTTLED = "throttled"
    """429 with Retry-After; nothing was done."""
    UNAVAILABLE_BEFORE = "unavailable-before"
    """503; nothing was done."""
    UNAVAILABLE_AFTER = "unavailable-after"
    """503, although the request was carried out."""
    DROPPED_BEFORE = "dropped-before"
    """The connection is dropped; nothing was done."""
    DROPPED_AFTER = "dropped-after"
    """The connection is dropped, although the request was carried out."""
    SILENT_BEFORE = "silent-before"
    """No answer ever comes; nothing was done."""
    SILENT_AFTER = "silent-after"
    """No answer ever comes, although the request was carried out."""
    FORBIDDEN = "forbidden"
    """403: the token lacks the right; nothing was done."""
    EXPIRED_TOKEN = "expired-token"  # noqa: S105 - the name of a fault
    """401: the token has expired."""
    TRUNCATED = "truncated"
    """The connection is dropped in the middle of the answer's body."""
    STALLED = "stalled"
    """A pipeline run is reported as ``Preparing``, however far it is."""
    QUOTA = "quota"
    """A compute target that is created fails for lack of quota."""


DEFAULT_ROUTES = {
    FaultKind.STALLED: "pipelines.get_run",
    FaultKind.QUOTA: "compute.create",
    FaultKind.TRUNCATED: "blob.get",
}


@dataclass
class Fault:
    """A fault that is to happen.

    Attributes:
        kind: What goes wrong.
        route: Name of the routes it happens on, ``*`` and ``?`` allowed.
        count: How often it happens at the most, or None for always.
        retry_after: Seconds in the header ``Retry-After`` of 429 and 503.
        probability: Share of the matching requests that it happens on.
        random: Decides where the probability is below 1.
        happened: How often it has happened.
    """

    kind: FaultKind
    route: str
    count: int | None = 1
    retry_after: float = 1.0
    probability: float = 1.0
    random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311
    happened: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether it has happened often enough."""
        return self.count is not None and self.happened >= self.count


class Faults:
    """The faults that are to happen; safe to use from several threads."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Let a fault happen from now on, and return it."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Let none happen any more."""
        with self._lock:
            self._faults.clear()

    def take(self, route: str, *kinds: FaultKind) -> Fault | None:
        """Return the fault that happens to this request, and count it.

        Args:
            route: Name of the route that was asked.
            kinds: Kinds that are of interest here; all but the state's where none is given.

        Returns:
            A fault, or None.
        """
        wanted = kinds or tuple(set(FaultKind) - {FaultKind.STALLED, FaultKind.QUOTA})
        with self._lock:
            for fault in self._faults:
                if fault.kind not in wanted or not fnmatchcase(route, fault.route):
                    continue
                if fault.is_spent or fault.random.random() >= fault.probability:
                    continue
                fault.happened += 1
                return fault
        return None
