"""Files that are either whole or not there, and plain words where the file system says no."""

from __future__ import annotations

import errno
import json
import os
import shutil
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bankml.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEMPORARY = ".tmp-"
"""How the names of unfinished files begin."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_ADVICE = {
    errno.ENOSPC: "The disk is full; free some space and try again.",
    errno.EDQUOT: "The disk quota is used up; free some space and try again.",
    errno.EROFS: "The file system is read-only; set workspace.path to a folder you can write.",
    errno.EACCES: "Permission is denied; set workspace.path to a folder you can write.",
    errno.EPERM: "Permission is denied; set workspace.path to a folder you can write.",
    errno.ENOTDIR: "A part of the path is a file; set workspace.path to a folder.",
    errno.EEXIST: "There is a file in its place; set workspace.path to a folder.",
    errno.EMFILE: "Too many files are open; raise the limit (ulimit -n) and try again.",
}


@contextmanager
def file_errors(path: Path, action: str) -> Iterator[None]:
    """Turn the operating system's errors into ours.

    Args:
        path: The file or folder worked on.
        action: What is done with it, as in "can't be ...".

    Raises:
        WorkspaceError: An ``OSError`` came up inside.
    """
    try:
        yield
    except OSError as error:
        raise _refusal(path, action, error) from error


@contextmanager
def full_disk_errors(path: Path) -> Iterator[None]:
    """Turn the lack of room for what is written into our error, and no other error.

    Args:
        path: The file or folder that is written to.

    Raises:
        WorkspaceError: The disk was full, or the quota used up.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise _refusal(path, "written", error) from error


def _refusal(path: Path, action: str, error: OSError) -> WorkspaceError:
    advice = _ADVICE.get(error.errno or 0, f"{error.strerror or error}.")
    return WorkspaceError(f"{path} can't be {action}. {advice}")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path whose file takes the place of ``path`` once it is whole.

    Args:
        path: The file or folder to appear; its parent is made if need be.

    Yields:
        A path in the same folder, to write a file or to fill a folder at.

    Raises:
        WorkspaceError: The file system refused.
    """
    temporary = path.with_name(f"{TEMPORARY}{uuid.uuid4().hex}")
    try:
        with file_errors(path, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            _sync_tree(temporary)
            if temporary.is_dir() and path.is_dir():
                shutil.rmtree(path)
            temporary.replace(path)
            _sync(path.parent)
    finally:
        discard(temporary)


def discard(path: Path) -> None:
    """Remove a file or folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_json(path: Path, document: Any, mode: int = 0o600) -> None:
    """Write a JSON file that is whole or not there.

    Args:
        path: The file.
        document: What to write.
        mode: Its permissions.
    """
    with replacing(path) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(document, stream, indent=1, ensure_ascii=False)


def tail(path: Path, lines: int = 20, size: int = 16_384) -> str:
    """Return the last lines of a text file, or an empty string where there is none.

    Args:
        path: The file.
        lines: Lines at the most.
        size: Bytes looked at, at the most.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - size))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _sync_tree(path: Path) -> None:
    if path.is_dir():
        for member in sorted(path.rglob("*")):
            _sync(member)
    _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
