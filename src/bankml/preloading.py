"""Importing what is needed next while there is nothing to do but wait."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_logger = logging.getLogger(__name__)


def import_meanwhile(modules: Sequence[str]) -> None:
    """Import modules in a thread, so that a later ``import`` finds them, or waits for the rest.

    The thread is waited for when Python ends: an import that is cut off there can crash it.

    Args:
        modules: Names of modules; those that can't be imported are left to whoever needs them.
    """
    missing = [name for name in modules if name not in sys.modules]
    if missing:
        threading.Thread(target=_import, args=(missing,), name="bankml-preloading").start()


def _import(modules: Sequence[str]) -> None:
    with _garbage_left_alone():
        for name in modules:
            try:
                import_module(name)
            except Exception:  # a package's import can raise anything
                _logger.debug("%s could not be imported ahead of time", name, exc_info=True)


@contextmanager
def _garbage_left_alone() -> Iterator[None]:
    """Look for no garbage meanwhile: what an import makes stays, and looking took a tenth of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
