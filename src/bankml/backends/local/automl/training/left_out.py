"""Packages that others load where they are installed, kept from being loaded."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class LeftOut(MetaPathFinder):
    """Says that packages are not installed, unless they are loaded already.

    Args:
        packages: Their names.
    """

    def __init__(self, *packages: str) -> None:
        self._packages = packages

    def find_spec(self, fullname: str, *_: object) -> None:
        """Refuse a package that is left out, and leave the others to the usual finders."""
        if fullname in self._packages:
            raise ModuleNotFoundError(f"{fullname} is left out of workers", name=fullname)


@contextmanager
def left_out(*packages: str) -> Iterator[None]:
    """Leave packages out for a while."""
    finder = LeftOut(*packages)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
