"""What the control groups of a process leave of the memory: limits of containers and services.

Sources: the Linux kernel's documents on control groups, version 2 and version 1 ("memory").
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMBERSHIP = Path("/proc/self/cgroup")
_MOUNTED = Path("/sys/fs/cgroup")


class _Files(NamedTuple):
    """Names of the files of a version.

    Attributes:
        limit: Most bytes, or ``max``.
        used: Bytes in use, those of cached files among them.
        cached: Its line in ``memory.stat`` for cached files, which give way to processes.
    """

    limit: str
    used: str
    cached: str


_FIRST = _Files("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_SECOND = _Files("memory.max", "memory.current", "inactive_file")


def free_bytes(membership: Path = _MEMBERSHIP, mounted: Path = _MOUNTED) -> int | None:
    """Return how many bytes this process and its group may still use.

    Args:
        membership: The file that names the groups of the process.
        mounted: Where the groups are mounted.

    Returns:
        The least that its group and the groups around it leave; None where there is no limit.
    """
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return None
    left = [_left(folder, files) for folder, files in _groups(lines, mounted)]
    return min((value for value in left if value is not None), default=None)


def _groups(lines: list[str], mounted: Path) -> Iterator[tuple[Path, _Files]]:
    """Yield the group of each version and all around it; a container sees but the outermost."""
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            root, files = mounted, _SECOND
        elif "memory" in controllers.split(","):
            root, files = mounted / "memory", _FIRST
        else:
            continue
        group = root / path.lstrip("/")
        while True:
            yield group, files
            if group in (root, group.parent):
                break
            group = group.parent


def _left(folder: Path, files: _Files) -> int | None:
    limit, used = (_number(folder / name) for name in (files.limit, files.used))
    if limit is None or used is None:
        return None
    return max(0, limit - used + _cached(folder, files.cached))


def _number(path: Path) -> int | None:
    """Return a file's number, None where there is no file or it says ``max``."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _cached(folder: Path, name: str) -> int:
    try:
        lines = (folder / "memory.stat").read_text().splitlines()
    except OSError:
        return 0
    values = dict(line.split(maxsplit=1) for line in lines if " " in line)
    return int(values.get(name, 0))
