"""Why a run failed, and what its log says."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import requests

from bankml.backends.azureml import history
from bankml.backends.azureml.problems import error_body, redact
from bankml.backends.base import RunFailure
from bankml.errors import BankmlError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bankml.backends.azureml.session import Session
    from bankml.backends.base import RunRecord

TAIL_LINES = 20
LARGEST_LOG_BYTES = 5_000_000
TIMEOUT_SECONDS = 60.0
PREFERRED_LOGS = (
    "logs/azureml/executionlogs.txt",
    "user_logs/std_log.txt",
    "azureml-logs/70_driver_log.txt",
    "logs/azureml/stderrlogs.txt",
    "logs/azureml/stdoutlogs.txt",
)
"""Logs that tell most, in this order; other files follow only where none of these is there."""

_logger = logging.getLogger(__name__)


class Diagnosis:
    """Finds out what went wrong with a run.

    Args:
        session: The workspace.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def failure(self, record: RunRecord, step: Any | None) -> RunFailure:
        """Return step, code, cause and the last lines of the log of a failed run.

        Args:
            record: The failed run.
            step: The run of its step, or None where it never came to one.
        """
        name = str(getattr(step, "name", None) or "pipeline")
        run_id = record.id if step is None else str(step.run_id)
        try:
            details = history.details(self._session, record.experiment, run_id)
        except BankmlError as error:
            _logger.warning("The details of the failed run %s can't be read: %s", run_id, error)
            return RunFailure(name, "Unknown", f"{record.message or 'no reason is known'}")
        code, message = error_body(_as_dict(details.error or getattr(step, "error", None)))
        return RunFailure(
            step=name,
            code=code or "Unknown",
            message=message or record.message or "The service gives no reason.",
            log_tail=tail(self._read(details.log_files or {})),
        )

    def log(self, experiment: str, run_id: str) -> str:
        """Return the log of a run; empty where there is none yet."""
        details = history.details(self._session, experiment, run_id)
        return self._read(details.log_files or {})

    def _read(self, files: Mapping[str, str]) -> str:
        names = [name for name in PREFERRED_LOGS if name in files] or sorted(files)[:1]
        texts = (download_text(files[name]) for name in names)
        return "\n".join(text.rstrip("\n") for text in texts if text.strip())


def tail(text: str, lines: int = TAIL_LINES) -> str:
    """Return the last lines of a text."""
    return "\n".join(text.rstrip().splitlines()[-lines:])


def download_text(url: str) -> str:
    """Return a log file; of a very long one, its end.

    A log is a help, not a result: one that can't be read is reported in the log of this process.

    Args:
        url: Its address, with a signature that must not be shown.
    """
    try:
        with requests.get(url, timeout=TIMEOUT_SECONDS, stream=True) as response:
            response.raise_for_status()
            return redact(_end_of(response).decode("utf-8", errors="replace"))
    except requests.RequestException as error:
        _logger.warning("A log file can't be read: %s", type(error).__name__)
        return ""


def _end_of(response: requests.Response) -> bytes:
    kept = b""
    for chunk in response.iter_content(1 << 16):
        kept = (kept + chunk)[-LARGEST_LOG_BYTES:]
    return kept


def _as_dict(error: Any) -> Any:
    if error is None:
        return {}
    return error.as_dict() if hasattr(error, "as_dict") else error
