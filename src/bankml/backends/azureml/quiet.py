"""Keeps the SDK quiet in the threads that use it, and leaves all others alone.

Where text is printed to, how a warning is shown and what ``logging.basicConfig`` does is one thing
for the whole process. While any thread uses the SDK, each of them is replaced by one that looks at
who is asking: a thread that does not use the SDK finds everything as it was.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import logging
import sys
import threading
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_SDK_MODULES = "azureml."
_logger = logging.getLogger("bankml.azureml.sdk")


@dataclass
class _Said:
    """What the SDK has said during one use of it."""

    printed: io.StringIO = field(default_factory=io.StringIO)
    warned: list[str] = field(default_factory=list)

    def move_to_log(self) -> None:
        for line in filter(None, map(str.strip, self.printed.getvalue().splitlines())):
            _logger.info("%s", line)
        for warning in self.warned:
            _logger.debug("%s", warning)
        self.printed, self.warned = io.StringIO(), []


class _Thread(threading.local):
    """The innermost use of the SDK that this thread is in, or None."""

    said: _Said | None = None


_thread = _Thread()
_pooled = _Said()
"""What was said in threads that the SDK has started."""


def _said() -> _Said | None:
    """Return where to keep what is said now, or None where it is not the SDK that says it."""
    return _thread.said or (_pooled if _is_in_sdk() else None)


def _is_in_sdk() -> bool:
    frame = inspect.currentframe()
    while frame is not None:
        if str(frame.f_globals.get("__name__")).startswith(_SDK_MODULES):
            return True
        frame = frame.f_back
    return False


class _Replacement:
    """Does as the original does, except to the SDK."""

    def __init__(self, original: Any) -> None:
        self.original = original


class _Stdout(_Replacement):
    """Keeps what is printed."""

    def __getattr__(self, name: str) -> Any:
        said = _said()
        return getattr(self.original if said is None else said.printed, name)


class _ShowWarning(_Replacement):
    """Keeps warnings."""

    def __call__(
        self, message: Warning | str, category: type[Warning], *args: Any, **kwargs: Any
    ) -> None:
        said = _said()
        if said is None:
            self.original(message, category, *args, **kwargs)
        else:
            said.warned.append(f"{category.__name__}: {message}")


class _BasicConfig(_Replacement):
    """Sets nothing up: the SDK's ``logging.info`` would give the root logger a handler."""

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        if _said() is None:
            self.original(*args, **kwargs)


class _UsesSdk:
    """Stands for the text in a filter of warnings: it matches any of the SDK's."""

    def match(self, _: str) -> bool:
        return _said() is not None


_REPLACED: tuple[tuple[Any, str, type[_Replacement]], ...] = (
    (sys, "stdout", _Stdout),
    (warnings, "showwarning", _ShowWarning),
    (logging, "basicConfig", _BasicConfig),
)
_SHOW_ALL = ("always", _UsesSdk(), Warning, None, 0)
_lock = threading.Lock()
_uses = 0


@contextlib.contextmanager
def printed_to_log() -> Iterator[None]:
    """Send what the SDK prints, and its warnings, to the log ``bankml.azureml.sdk``.

    That is what this thread says meanwhile, and threads that the SDK starts. Contexts of several
    threads may overlap in any order; what is replaced is put back when the last of them ends.
    """
    outer, said = _thread.said, _Said()
    _begin()
    try:
        _thread.said = said
        yield
    finally:
        _thread.said = outer
        _end()
        said.move_to_log()


def _begin() -> None:
    global _uses
    with _lock:
        _uses += 1
        # Somebody else may have put an object of their own in place since the first use.
        for module, name, replacement in _REPLACED:
            original = getattr(module, name)
            if original is not None and not isinstance(original, replacement):
                setattr(module, name, replacement(original))
        _stop_showing_all()
        _filters().insert(0, _SHOW_ALL)


def _end() -> None:
    global _uses
    with _lock:
        _uses -= 1
        if _uses:
            return
        for module, name, replacement in _REPLACED:
            current = getattr(module, name)
            if isinstance(current, replacement):
                setattr(module, name, current.original)
        _stop_showing_all()
    _pooled.move_to_log()


def _stop_showing_all() -> None:
    filters = _filters()
    if _SHOW_ALL in filters:
        filters.remove(_SHOW_ALL)


def _filters() -> list[Any]:
    return cast("list[Any]", warnings.filters)
