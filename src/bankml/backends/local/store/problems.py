"""SQLite's errors in our words."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bankml.errors import (
    BankmlError,
    ConfigError,
    ServiceUnavailableError,
    WorkspaceCorruptError,
    WorkspaceError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CORRUPT = ("malformed", "not a database", "no such table", "no such column")
_FULL = ("disk is full",)
_BUSY = ("locked", "busy")
_UNWRITABLE = ("readonly", "unable to open", "disk i/o error")


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours.

    Args:
        path: The database's file.

    Raises:
        WorkspaceCorruptError: The file is damaged, or is no database of ours.
        ServiceUnavailableError: Others kept it locked for too long.
        WorkspaceError: It can't be opened, read or written.
        ConfigError: A text that was given is none: it has half of a character.
    """
    try:
        yield
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"{ascii(error.object)[:200]} has half of a character in it, so nothing can have this "
            "name. Write it with whole characters."
        ) from error
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        if isinstance(error, (sqlite3.ProgrammingError, sqlite3.IntegrityError)):
            raise
        raise _translated(path, str(error)) from error


def _translated(path: Path, message: str) -> BankmlError:
    text = message.lower()
    if any(words in text for words in _CORRUPT):
        return WorkspaceCorruptError(
            f"The workspace's database {path} is damaged ({message}). "
            "Run `bankml doctor` to see what can be saved."
        )
    if any(words in text for words in _FULL):
        return WorkspaceError(
            f"{path} can't be written. The disk is full; free some space and try again."
        )
    if any(words in text for words in _BUSY):
        return ServiceUnavailableError(
            f"{path} is kept locked by another process ({message}). Try again in a moment."
        )
    if any(words in text for words in _UNWRITABLE):
        return WorkspaceError(
            f"{path} can't be opened or written ({message}). Check the permissions of its folder, "
            "or set workspace.path to a folder you can write."
        )
    return WorkspaceError(f"{path}: {message}. Run `bankml doctor` to check the workspace.")
