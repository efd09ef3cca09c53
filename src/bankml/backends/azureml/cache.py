"""A folder of this user's for what has been fetched, keyed by workspace and run."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bankml.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE = "BANKML_CACHE"


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the cache folder: ``BANKML_CACHE``, or the platform's usual place.

    Args:
        environ: The environment variables.
    """
    if environ.get(VARIABLE):
        return Path(environ[VARIABLE])
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "bankml"
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "bankml"


def run_folder(workspace: tuple[str, str, str], run_id: str) -> Path:
    """Return the folder of a run's outputs; it may not exist yet.

    Args:
        workspace: Subscription, resource group and name.
        run_id: The run.
    """
    mark = hashlib.sha256("/".join(workspace).casefold().encode()).hexdigest()[:16]
    return cache_folder() / "azureml" / mark / hashlib.sha256(run_id.encode()).hexdigest()[:32]


@contextmanager
def filling(target: Path) -> Iterator[Path]:
    """Give a fresh folder beside the target, which becomes the target if all goes well.

    What is half done is never seen under the target's name. Where somebody else was faster, theirs
    is kept.

    Args:
        target: The folder to be made.

    Raises:
        WorkspaceError: The cache can't be written.
    """
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".fetching-", dir=target.parent))
    except OSError as error:
        raise WorkspaceError(
            f"The cache {target.parent} can't be written: {error.strerror}. Set {VARIABLE} to a "
            "folder that can."
        ) from error
    try:
        yield fresh
        _take_place(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _take_place(fresh: Path, target: Path) -> None:
    try:
        fresh.rename(target)
    except OSError:
        if not target.is_dir():
            raise
