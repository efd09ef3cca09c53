"""Run references of the local backend: ``local:///folder/of/the/workspace#run-id``."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote

from bankml.errors import NotFoundError

SCHEME = "local://"


def make_ref(workspace: Path, run_id: str) -> str:
    """Return the string by which another process attaches to a run.

    Args:
        workspace: The workspace's folder, absolute.
        run_id: The run's id.
    """
    return f"{SCHEME}{quote(str(workspace))}#{quote(run_id, safe='')}"


def parse_ref(ref: str) -> tuple[Path, str]:
    """Return the workspace's folder and the run's id of a reference.

    Args:
        ref: What :func:`make_ref` made.

    Raises:
        NotFoundError: It is not such a reference.
    """
    folder, separator, run_id = ref.removeprefix(SCHEME).rpartition("#")
    if not ref.startswith(SCHEME) or not separator or not folder or not run_id:
        raise NotFoundError(
            f"{ref!r} is not a reference to a local run. One looks like "
            f"{SCHEME}/home/me/.bankml#1f0c...; see: bankml runs"
        )
    return Path(unquote(folder)), unquote(run_id)


def local_run_id(run: str, workspace: Path) -> str:
    """Return the run id that an id or a reference of this workspace means.

    Args:
        run: A run's id or reference.
        workspace: The workspace it must belong to, absolute.

    Raises:
        NotFoundError: It is a reference of another workspace or of another backend.
    """
    if "://" not in run:
        return run
    folder, run_id = parse_ref(run)
    if folder != workspace and folder.resolve() != workspace:
        raise NotFoundError(
            f"The run belongs to the workspace {folder}, but this is {workspace}. "
            f"Set workspace.path to {folder} to attach to it."
        )
    return run_id
