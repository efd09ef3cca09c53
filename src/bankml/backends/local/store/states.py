"""A run's way through its states; every step is guarded, so that a late writer changes nothing.

Queued → Preparing → Running → Finished, Failed or Canceled. A *claim* is the token of the one
runner that may carry a run out.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from bankml.backends.local.moments import to_text
from bankml.backends.local.store.children import cancel_unfinished, forget_unfinished
from bankml.status import RunStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bankml.backends.base import RunFailure

WAITS = "waits for free workers"
"""What a run in the queue says."""


def list_active(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the rows of runs that have not ended, in the order they were submitted."""
    return connection.execute(
        "SELECT number, id, status, step, compute, concurrency, max_nodes, slots, claim, claimed,"
        " host, pid, process_created, heartbeat, cancel_requested FROM runs"
        " WHERE status IN ('Queued', 'Preparing', 'Running') ORDER BY number"
    ).fetchall()


def claim(
    connection: sqlite3.Connection, run_id: str, token: str, slots: int, now: datetime
) -> bool:
    """Take a run from the queue; False if somebody else was faster.

    Args:
        connection: A connection in a write transaction.
        run_id: The run.
        token: Token of the runner to be started.
        slots: Worker processes it may use.
        now: The present moment.
    """
    return _changed(
        connection,
        "UPDATE runs SET status = 'Preparing', claim = :claim, claimed = :now, slots = :slots,"
        " host = NULL, pid = NULL, process_created = NULL, heartbeat = :now,"
        " started = COALESCE(started, :now), message = 'prepares'"
        " WHERE id = :id AND status = 'Queued'",
        {"id": run_id, "claim": token, "slots": slots, "now": to_text(now)},
    )


def give_back(connection: sqlite3.Connection, run_id: str, token: str) -> bool:
    """Put a claimed run back into the queue, because its runner never came up."""
    return _update_claimed(
        connection,
        "status = 'Queued', claim = NULL, slots = 0, started = NULL, message = :message",
        {"id": run_id, "claim": token, "message": WAITS},
        only="pid IS NULL",
    )


def set_process(
    connection: sqlite3.Connection,
    run_id: str,
    token: str,
    host: str,
    pid: int,
    created: float,
) -> bool:
    """Write down which process carries out a run; False if another one does.

    Args:
        connection: A connection in a write transaction.
        run_id: The run.
        token: The claim.
        host: Where the process is.
        pid: Its process id.
        created: When it was created, in seconds since the epoch.
    """
    return _update_claimed(
        connection,
        "host = :host, pid = :pid, process_created = :created",
        {"id": run_id, "claim": token, "host": host, "pid": pid, "created": created},
        only="(pid IS NULL OR (pid = :pid AND host = :host))",
    )


def holds(connection: sqlite3.Connection, run_id: str, token: str) -> bool:
    """Tell whether a claim is still good: nobody has ended the run, or begun it again."""
    found = connection.execute(
        "SELECT 1 FROM runs WHERE id = ? AND claim = ? AND status IN ('Preparing', 'Running')",
        (run_id, token),
    )
    return found.fetchone() is not None


def set_running(connection: sqlite3.Connection, run_id: str, token: str) -> bool:
    """Set a run to Running; False if the claim is no longer good."""
    return _update_claimed(
        connection,
        "status = 'Running', message = 'trains'",
        {"id": run_id, "claim": token},
    )


def set_message(connection: sqlite3.Connection, run_id: str, token: str, message: str) -> bool:
    """Say what a run is doing; False if the claim is no longer good."""
    return _update_claimed(
        connection,
        "message = :message",
        {"id": run_id, "claim": token, "message": message},
    )


def beat(connection: sqlite3.Connection, run_id: str, token: str, now: datetime) -> bool:
    """Write down that the runner is alive; False if the claim is no longer good."""
    return _update_claimed(
        connection,
        "heartbeat = :now",
        {"id": run_id, "claim": token, "now": to_text(now)},
    )


def finish(
    connection: sqlite3.Connection,
    run_id: str,
    token: str,
    message: str,
    warnings: Sequence[str],
    now: datetime,
) -> bool:
    """Set a run to Finished, its outputs being there; False if the claim is no longer good.

    Args:
        connection: A connection in a write transaction.
        run_id: The run.
        token: The claim.
        message: How it ended.
        warnings: All that its user should know.
        now: The present moment.
    """
    changed = _update_claimed(
        connection,
        "status = 'Finished', ended = :now, message = :message, warnings = :warnings",
        {
            "id": run_id, "claim": token, "message": message, "now": to_text(now),
            "warnings": json.dumps(list(warnings)),
        },
    )  # fmt: skip
    if changed:
        cancel_unfinished(connection, run_id, now)
    return changed


def fail(
    connection: sqlite3.Connection, run_id: str, token: str, failure: RunFailure, now: datetime
) -> bool:
    """Set a run to Failed; False if the claim is no longer good."""
    changed = _update_claimed(
        connection,
        "status = 'Failed', ended = :now, message = :message, failure = :failure",
        {
            "id": run_id, "claim": token, "message": f"failed: {failure.message}",
            "failure": json.dumps(asdict(failure)), "now": to_text(now),
        },
    )  # fmt: skip
    if changed:
        cancel_unfinished(connection, run_id, now)
    return changed


def set_canceled(connection: sqlite3.Connection, run_id: str, token: str, now: datetime) -> bool:
    """Set a run to Canceled, its runner being gone; False if the claim is no longer good."""
    changed = _update_claimed(
        connection,
        "status = 'Canceled', ended = :now, message = 'canceled'",
        {"id": run_id, "claim": token, "now": to_text(now)},
    )
    if changed:
        cancel_unfinished(connection, run_id, now)
    return changed


def request_cancel(connection: sqlite3.Connection, run_id: str, now: datetime) -> RunStatus | None:
    """Ask a run to stop: a queued one is canceled at once.

    Args:
        connection: A connection in a write transaction.
        run_id: The run.
        now: The present moment.

    Returns:
        The state it is in then, or None if there is no such run.
    """
    values = {"id": run_id, "now": to_text(now)}
    connection.execute(
        "UPDATE runs SET status = 'Canceled', ended = :now, message = 'canceled'"
        " WHERE id = :id AND status = 'Queued'",
        values,
    )
    connection.execute(
        "UPDATE runs SET cancel_requested = COALESCE(cancel_requested, :now), message = 'stops'"
        " WHERE id = :id AND status IN ('Preparing', 'Running')",
        values,
    )
    row = connection.execute("SELECT status FROM runs WHERE id = ?", (run_id,)).fetchone()
    return None if row is None else RunStatus(row["status"])


def queue_again(connection: sqlite3.Connection, run_id: str) -> bool:
    """Put a failed or canceled run back into the queue, with its finished candidates.

    Args:
        connection: A connection in a write transaction.
        run_id: The run.

    Returns:
        Whether the run was in a state to be resumed.
    """
    changed = _changed(
        connection,
        "UPDATE runs SET status = 'Queued', started = NULL, ended = NULL, failure = NULL,"
        " claim = NULL, slots = 0, host = NULL, pid = NULL, cancel_requested = NULL,"
        " message = :message WHERE id = :id AND status IN ('Failed', 'Canceled')",
        {"id": run_id, "message": WAITS},
    )
    if changed:
        forget_unfinished(connection, run_id)
    return changed


def _changed(
    connection: sqlite3.Connection, statement: str, values: dict[str, str | int | float | None]
) -> bool:
    return connection.execute(statement, values).rowcount == 1


def _update_claimed(
    connection: sqlite3.Connection,
    assignments: str,
    values: dict[str, str | int | float | None],
    only: str = "TRUE",
) -> bool:
    statement = (
        f"UPDATE runs SET {assignments}"  # noqa: S608 - made of this module's own words
        f" WHERE id = :id AND claim = :claim AND status IN ('Preparing', 'Running') AND {only}"
    )
    return _changed(connection, statement, values)
