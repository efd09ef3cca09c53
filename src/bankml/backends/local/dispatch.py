"""The queue: which run may begin, and what became of those that did.

There is no service that watches the runs. Whoever submits, polls or ends a run looks after all of
them: finds runners that died, and starts the next run where there is room.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bankml.backends.base import RunFailure
from bankml.backends.local import processes
from bankml.backends.local.files import tail
from bankml.backends.local.moments import seconds_since, utc_now
from bankml.backends.local.store import states
from bankml.cores import available_cores
from bankml.errors import WorkspaceError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bankml.backends.local.paths import Layout
    from bankml.backends.local.store.database import Database

StartRunner = Callable[["Layout", str, str], int]
"""Starts a runner for a run with a claim, and returns its process number."""
START_SECONDS = 30.0
"""Seconds after which a runner that never wrote down its process is given up."""
SILENCE_SECONDS = 90.0
"""Seconds without a sign of life after which a runner on another machine counts as dead."""
CANCEL_SECONDS = 5.0
"""Seconds that a runner has to react to a cancel before it is killed."""


LOOK_SECONDS = 0.1
"""Seconds within which further pollers of this process rely on the last look."""


@dataclass(frozen=True)
class Job:
    """A run that has been claimed for a runner."""

    run_id: str
    claim: str
    step: str


class Dispatcher:
    """Looks after the runs of one workspace."""

    def __init__(
        self,
        database: Database,
        layout: Layout,
        *,
        cores: int | None = None,
        start: StartRunner | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Remember where the runs are.

        Args:
            database: The workspace's database.
            layout: The workspace's files.
            cores: Cores that all runs share, or None for those of this machine.
            start: Starts a runner, or None for the usual way.
            now: The time.
        """
        self._database = database
        self._layout = layout
        self._cores = cores or available_cores()
        self._start = start or processes.start_runner
        self._now = now
        self._looked = float("-inf")

    def dispatch_if_due(self) -> None:
        """Do as :meth:`dispatch` does, unless it was done a moment ago: many may poll at once.

        Who can only read looks after nothing.
        """
        due = time.monotonic() - self._looked >= LOOK_SECONDS
        if due and self._database.is_writable():
            self.dispatch()

    def dispatch(self) -> None:
        """Bury dead runners, then start the runs that there is room for.

        Raises:
            WorkspaceError: The workspace can't be written.
        """
        self._looked = time.monotonic()
        codes = processes.reap()
        for row in self._active():
            if row["status"] != "Queued":
                self._look_at(row, codes.get(row["pid"]))
        for job in self._claim():
            self._launch(job)

    def cancel(self, row: sqlite3.Row) -> None:
        """Tell the runner of a run, whose cancel was written down, to stop."""
        if row["pid"] is not None and row["host"] == processes.this_host():
            processes.request_stop(row["pid"], row["process_created"])

    def _active(self) -> list[sqlite3.Row]:
        with self._database.read() as connection:
            return states.list_active(connection)

    def _look_at(self, row: sqlite3.Row, code: int | None) -> None:
        now = self._now()
        if row["pid"] is None:
            if seconds_since(row["claimed"], now) > START_SECONDS:
                with self._database.write() as connection:
                    states.give_back(connection, row["id"], row["claim"])
            return
        cancel = row["cancel_requested"]
        overdue = cancel is not None and seconds_since(cancel, now) > CANCEL_SECONDS
        here = row["host"] == processes.this_host()
        if here and (overdue or not processes.is_alive(row["pid"], row["process_created"])):
            processes.kill_session(row["pid"], row["process_created"])
            self._bury(row, processes.exit_code(row["pid"]) if code is None else code)
        elif not here and seconds_since(row["heartbeat"], now) > SILENCE_SECONDS:
            self._bury(row, None)

    def _bury(self, row: sqlite3.Row, code: int | None) -> None:
        with self._database.write() as connection:
            if row["cancel_requested"] is not None:
                states.set_canceled(connection, row["id"], row["claim"], self._now())
            else:
                failure = self._death(row, code)
                states.fail(connection, row["id"], row["claim"], failure, self._now())

    def _death(self, row: sqlite3.Row, code: int | None) -> RunFailure:
        name = processes.signal_name(code)
        how = f"was ended by {name}" if name else "ended"
        return RunFailure(
            step=row["step"],
            code="RunnerDied",
            message=(
                f"The runner (process {row['pid']}) {how} before the run was done: it was killed, "
                "or the machine ran out of memory or was restarted. Go on from the finished "
                f"candidates with: bankml run --resume {row['id']}"
            ),
            log_tail=tail(self._layout.log(row["id"])),
        )

    def _claim(self) -> list[Job]:
        if not self._startable(self._active()):
            return []
        jobs = []
        with self._database.write() as connection:
            for row, slots in self._startable(states.list_active(connection)):
                job = Job(row["id"], uuid.uuid4().hex, row["step"])
                if states.claim(connection, job.run_id, job.claim, slots, self._now()):
                    jobs.append(job)
        return jobs

    def _startable(self, active: Sequence[sqlite3.Row]) -> list[tuple[sqlite3.Row, int]]:
        """The queued runs that fit, first come first served on each compute."""
        free = self._cores - sum(row["slots"] for row in active)
        used: dict[str, int] = {}
        for row in active:
            used[row["compute"]] = used.get(row["compute"], 0) + row["slots"]
        startable, blocked = [], set()
        for row in active:
            if row["status"] != "Queued" or row["compute"] in blocked:
                continue
            capacity = min(row["max_nodes"] * row["concurrency"], self._cores)
            slots = min(row["concurrency"], capacity)
            if slots > free:
                break
            if used[row["compute"]] + slots > capacity:
                blocked.add(row["compute"])
                continue
            free -= slots
            used[row["compute"]] += slots
            startable.append((row, slots))
        return startable

    def _launch(self, job: Job) -> None:
        try:
            pid = self._start(self._layout, job.run_id, job.claim)
        except (OSError, WorkspaceError) as error:
            failure = RunFailure(job.step, "RunnerNotStarted", f"No runner could start: {error}")
            with self._database.write() as connection:
                states.fail(connection, job.run_id, job.claim, failure, self._now())
            return
        process = processes.identity_of(pid)
        with self._database.write() as connection:
            states.set_process(
                connection, job.run_id, job.claim, process.host, process.pid, process.created
            )
