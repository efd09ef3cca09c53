"""The versions that bankml asks for, as its own installation says."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from bankml.manifest import installed_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

_PACKAGE = "bankml"
_NOT_FOR_USERS = "dev"


@cache
def required_versions() -> dict[str, SpecifierSet]:
    """Return the versions that are asked for by package, of the extras that are there.

    It is empty where bankml runs from its source, without having been installed.
    """
    from packaging.utils import canonicalize_name

    asked: dict[str, SpecifierSet] = {}
    for requirement in _requirements():
        name = canonicalize_name(requirement.name)
        asked[name] = (
            asked[name] & requirement.specifier if name in asked else requirement.specifier
        )
    return asked


def unmet(package: str, version: str) -> str:
    """Return the versions of a package that are asked for if this one is none of them, else "".

    Args:
        package: Its name on the package index.
        version: The version that is installed.
    """
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion

    asked = required_versions().get(canonicalize_name(package))
    try:
        met = asked is None or asked.contains(version, prereleases=True)
    except InvalidVersion:  # of a build of one's own: nobody can tell
        met = True
    return "" if met else str(asked)


def _requirements() -> Iterator[Requirement]:
    """Give what is asked for always, and by the extras all of whose packages are there."""
    from packaging.requirements import Requirement

    try:
        document = metadata.metadata(_PACKAGE)
    except metadata.PackageNotFoundError:
        return
    all_of = [Requirement(text) for text in document.get_all("Requires-Dist") or ()]
    yield from _of_extra(all_of, "")
    for name in document.get_all("Provides-Extra") or ():
        of_extra = _of_extra(all_of, name)
        if name != _NOT_FOR_USERS and all(installed_version(each.name) for each in of_extra):
            yield from of_extra


def _of_extra(requirements: Sequence[Requirement], extra: str) -> list[Requirement]:
    return [
        each
        for each in requirements
        if (each.marker is None and not extra)
        or (each.marker is not None and each.marker.evaluate({"extra": extra}))
    ]
