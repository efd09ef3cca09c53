"""The states of a run, the same on every backend."""

from __future__ import annotations

from enum import Enum


class RunStatus(str, Enum):
    """State of a run, in the words that Azure ML pipelines use."""

    NOT_STARTED = "NotStarted"
    QUEUED = "Queued"
    PREPARING = "Preparing"
    RUNNING = "Running"
    FINISHED = "Finished"
    FAILED = "Failed"
    CANCELED = "Canceled"

    @property
    def is_terminal(self) -> bool:
        """Whether a run in this state has ended.

        Only a finished run will never change again: a failed or canceled one may be resumed, where
        the backend can.
        """
        return self in (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELED)

    def __str__(self) -> str:
        """Return the state's word."""
        return self.value
