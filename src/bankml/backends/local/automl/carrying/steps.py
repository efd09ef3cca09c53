"""Steps of a run that are no candidates, each carried out in a process."""

from __future__ import annotations

from concurrent.futures import wait
from typing import TYPE_CHECKING, Any, TypeVar

from bankml.backends.local.automl.carrying.processes import WorkerDiedError
from bankml.errors import RunFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bankml.backends.local.automl.carrying.process_slot import ProcessSlot

Result = TypeVar("Result")
_POLL_SECONDS = 0.1


def carry_out(
    what: str, slot: ProcessSlot, look: Callable[[], None],
    function: Callable[..., Result], *arguments: Any,
) -> Result:  # fmt: skip
    """Call a function in a process, and once more if something kills the process.

    Args:
        what: The step in words, for the case that it fails.
        slot: The process.
        look: Called at least five times a second meanwhile; it may raise to end the wait.
        function: A function of a module.
        arguments: What it is called with.

    Returns:
        The function's result.

    Raises:
        RunFailedError: The process died.
        Exception: Whatever the function raised.
    """
    for is_last in (False, True):
        future = slot.call(function, *arguments)
        while not wait([future], _POLL_SECONDS).done:
            look()
        death = future.exception()
        if not isinstance(death, WorkerDiedError):
            return future.result()
        if is_last or not death.killed:
            break
    raise RunFailedError(
        f"The process for {what} died ({death}). Where something kills processes, memory is often "
        f"short: use fewer rows or columns, or a machine with more memory."
    )
