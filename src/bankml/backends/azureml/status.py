"""Azure ML's words for the state of a run, in ours."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from bankml.clock import SYSTEM_CLOCK, Clock
from bankml.errors import ServiceError
from bankml.status import RunStatus

STATES: dict[str, RunStatus] = {
    "NotStarted": RunStatus.NOT_STARTED,
    "Unapproved": RunStatus.NOT_STARTED,
    "Pausing": RunStatus.QUEUED,
    "Paused": RunStatus.QUEUED,
    "Queued": RunStatus.QUEUED,
    "Preparing": RunStatus.PREPARING,
    "Provisioning": RunStatus.PREPARING,
    "Starting": RunStatus.PREPARING,
    "Running": RunStatus.RUNNING,
    "Finalizing": RunStatus.RUNNING,
    "CancelRequested": RunStatus.RUNNING,
    "NotResponding": RunStatus.RUNNING,
    "Finished": RunStatus.FINISHED,
    "Completed": RunStatus.FINISHED,
    "Bypassed": RunStatus.FINISHED,
    "Failed": RunStatus.FAILED,
    "Canceled": RunStatus.CANCELED,
    "Cancelled": RunStatus.CANCELED,
}
"""Both vocabularies: pipelines say ``Finished`` where the run history says ``Completed``."""

CODES = ("NotStarted", "Running", "Failed", "Finished", "Canceled")
"""States that the pipeline service may also send as a number from 0 to 4."""

PATIENCE_SECONDS = 600.0
"""How long a run may stay in a state that is not in the table."""

_logger = logging.getLogger(__name__)


@dataclass
class StateReader:
    """Reads states; an unknown one counts as running, but not for ever.

    Attributes:
        clock: The time.
    """

    clock: Clock = SYSTEM_CLOCK
    _unknown_since: dict[str, tuple[str, float]] = field(default_factory=dict)

    def read(self, run_id: str, word: str | None) -> RunStatus:
        """Return the state that a word of the service stands for.

        Args:
            run_id: The run, for which time in an unknown state is measured.
            word: The service's word; None is a run that has not started.

        Raises:
            ServiceError: The run has been in an unknown state for ten minutes.
        """
        status = translate(word)
        if status is not None:
            self._unknown_since.pop(run_id, None)
            return status
        self._bound(run_id, str(word))
        return RunStatus.RUNNING

    def _bound(self, run_id: str, word: str) -> None:
        now = self.clock.now()
        seen, since = self._unknown_since.get(run_id, ("", now))
        if seen != word:
            _logger.warning("Run %s is in the state %r, which is not known here.", run_id, word)
            since = now if not seen else since
        self._unknown_since[run_id] = (word, since)
        if now - since > PATIENCE_SECONDS:
            raise ServiceError(
                f"Run {run_id} has been in the state {word!r}, which is not known here, for more "
                "than ten minutes. Look at it in the portal.",
                code=word,
            )


def translate(word: str | None) -> RunStatus | None:
    """Return the state that a word or number of the service stands for, or None."""
    if not word:
        return RunStatus.NOT_STARTED
    if word.isdigit() and int(word) < len(CODES):
        word = CODES[int(word)]
    return STATES.get(word)
