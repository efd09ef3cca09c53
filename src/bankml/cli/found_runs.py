"""The run that is meant on the command line: by its id, its ref, or the beginning of its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bankml.errors import NotFoundError

if TYPE_CHECKING:
    from bankml.runs import Run
    from bankml.workflow import Workflow

_SHORTEST = 4
_NEWEST = 1000
"""Runs whose ids are compared with the beginning of one."""


def find_run(workflow: Workflow, written: str) -> Run:
    """Return the run that is meant.

    Args:
        workflow: Where the run is.
        written: Its id, its ref, or at least four characters that only its id begins with.

    Returns:
        The run's handle.

    Raises:
        NotFoundError: There is no such run, or there are several whose ids begin so.
    """
    try:
        return workflow.attach(written)
    except NotFoundError:
        if len(written) < _SHORTEST:
            raise
        begun = [run for run in workflow.runs(limit=_NEWEST) if run.id.startswith(written)]
        if not begun:
            raise
    if len(begun) > 1:
        raise NotFoundError(
            f"{written!r} is the beginning of {len(begun)} runs' ids, such as {begun[0].id} and "
            f"{begun[1].id}. Write more of it."
        )
    return begun[0]
