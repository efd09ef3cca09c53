"""The process that carries out one run: ``python -m bankml.backends.local.runner``."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bankml.backends.base import RunFailure
from bankml.backends.local.dispatch import CANCEL_SECONDS, Dispatcher
from bankml.backends.local.files import discard, full_disk_errors, tail
from bankml.backends.local.moments import utc_now
from bankml.backends.local.paths import Layout
from bankml.backends.local.processes import own_process
from bankml.backends.local.store import runs, states
from bankml.backends.local.store.database import Database
from bankml.errors import BankmlError, RunCanceledError, WorkspaceError

if TYPE_CHECKING:
    from types import FrameType

_logger = logging.getLogger(__name__)
_HEARTBEAT_SECONDS = 15.0
_CANCEL_LOOK_SECONDS = 1.0


class Runner:
    """Carries out one run from its claim to its end."""

    def __init__(self, root: Path, run_id: str, claim: str) -> None:
        """Remember what to do.

        Args:
            root: The workspace's folder, absolute.
            run_id: The run.
            claim: The token that makes this process its runner.
        """
        self._layout = Layout(root)
        self._database = Database(self._layout.database)
        self._run_id = run_id
        self._claim = claim
        self._step = "AutoML"
        self._stop = threading.Event()
        self._done = threading.Event()

    def run(self) -> int:
        """Carry out the run; return the process's exit code."""
        signal.signal(signal.SIGTERM, self._on_signal)
        if not self._take():
            return 0  # the run is somebody else's, or was canceled
        watcher = threading.Thread(target=self._watch, daemon=True)
        watcher.start()
        try:
            code = self._carry_out()
        finally:
            self._done.set()
            watcher.join()
        Dispatcher(self._database, self._layout).dispatch()
        return code

    def _take(self) -> bool:
        process = own_process()
        with self._database.write() as connection:
            return states.set_process(
                connection, self._run_id, self._claim, process.host, process.pid, process.created
            )

    def _carry_out(self) -> int:
        try:
            self._train()
        except RunCanceledError:
            _logger.info("canceled")
            with self._database.write() as connection:
                states.set_canceled(connection, self._run_id, self._claim, utc_now())
        except BankmlError as error:
            before = self._log_tail()  # what the error says need not be shown twice
            _logger.error("%s", error)  # noqa: TRY400 - our errors say all without a traceback
            self._fail(type(error).__name__, str(error), before)
            return 1
        except Exception as error:
            _logger.exception("the run failed")
            self._fail(type(error).__name__, f"{type(error).__name__}: {error}", self._log_tail())
            return 1
        return 0

    def _train(self) -> None:
        from bankml.backends.local.training import Training

        with self._database.read() as connection:
            row = runs.select_run(connection, self._run_id)
        assert row is not None  # noqa: S101 - it has just been taken
        self._step = row["step"]
        training = Training(self._database, self._layout, row, self._claim)
        discard(self._layout.stop_file(self._run_id))
        with full_disk_errors(self._layout.scratch(self._run_id)):
            message, warnings = training.train(self._stop.is_set)
        with self._database.write() as connection:
            states.finish(connection, self._run_id, self._claim, message, warnings, utc_now())
        discard(self._layout.scratch(self._run_id))
        _logger.info("finished: %s", message)

    def _log_tail(self) -> str:
        return tail(self._layout.log(self._run_id))

    def _fail(self, code: str, message: str, log_tail: str) -> None:
        failure = RunFailure(self._step, code, message, log_tail)
        try:
            self._write_down(failure)
        except WorkspaceError:
            # It may be this run's own files that leave no room for it.
            discard(self._layout.scratch(self._run_id))
            self._write_down(failure)

    def _write_down(self, failure: RunFailure) -> None:
        with self._database.write() as connection:
            states.fail(connection, self._run_id, self._claim, failure, utc_now())

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if not self._stop.is_set():
            self._stop.set()
            watchdog = threading.Timer(CANCEL_SECONDS, _end_session)
            watchdog.daemon = True
            watchdog.start()

    def _watch(self) -> None:
        """Show that the runner lives, and see a cancel that was asked for on another machine.

        A database that can't be used now is asked again: a runner that is silent for good would be
        taken for dead.
        """
        last, said = time.monotonic(), ""
        while not self._done.wait(_CANCEL_LOOK_SECONDS):
            try:
                self._look_for_cancel()
                if time.monotonic() - last > _HEARTBEAT_SECONDS:
                    self._beat()
                    last = time.monotonic()
            except BankmlError as error:
                if str(error) != said:
                    said = str(error)
                    _logger.warning("the run can't be looked at now, trying again: %s", said)

    def _look_for_cancel(self) -> None:
        with self._database.read() as connection:
            row = runs.select_run(connection, self._run_id)
            lost = not states.holds(connection, self._run_id, self._claim)
        if row is None or lost or row["cancel_requested"] is not None:
            self._stop.set()

    def _beat(self) -> None:
        with self._database.write() as connection:
            states.beat(connection, self._run_id, self._claim, utc_now())


def _end_session() -> None:
    """End this process and its workers; whoever polls finds the run canceled."""
    os.killpg(os.getpgid(0), signal.SIGKILL)


def main() -> int:
    """Carry out the run that the command line names."""
    root, run_id, claim = sys.argv[1:]
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout
    )
    logging.Formatter.converter = time.gmtime
    return Runner(Path(root), run_id, claim).run()


if __name__ == "__main__":
    sys.exit(main())
