"""Reading a local file whole, with an error that says what is at the path instead."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from bankml.errors import DataError

_OTHER_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")


def read_file(source: str) -> bytes:
    """Return a regular file's bytes.

    The bytes are read once, so that the fingerprint and the rows are of the same content even
    where somebody writes to the file meanwhile.

    Args:
        source: A path; ``~`` stands for the home folder.

    Returns:
        The content.

    Raises:
        DataError: There is no such file, it is a folder or a device, or it can't be read.
    """
    if _OTHER_SCHEME.match(source):
        scheme = source.partition(":")[0]
        raise DataError(
            f"dataset.source {scheme}://… is not supported: use http(s), a path, or 'sample'."
        )
    try:
        path = Path(source).expanduser()
        _check_regular(path, source)
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(_missing(source)) from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise DataError(
            f"{source} can't be read: {reason}. Check dataset.source and the file's permissions."
        ) from error
    except MemoryError as error:
        raise DataError(f"{source} is too large for this machine's memory.") from error


def _check_regular(path: Path, source: str) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise DataError(f"{source} is a folder; set dataset.source to a file in it.")
    if not stat.S_ISREG(mode):
        raise DataError(f"{source} is not a regular file; save the data to a file first.")


def _missing(source: str) -> str:
    hint = "" if Path(source).is_absolute() else f" (looked for it in {Path.cwd()})"
    return (
        f"There is no file {source}{hint}. Set dataset.source to an existing file, a URL or "
        "'sample'."
    )
