"""Worker processes of this machine, which carry out calls for this one.

The standard library's and joblib's pools were weighed: they start a second process that keeps
track of resources (13 MB, and 41 MB with joblib's, as it loads numpy), and the former imports the
caller's main script again. A process here is a plain subprocess with a connection.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import Pipe
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Result = TypeVar("Result")

# Modules are looked for where this process looks for them.
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[2:];"
    "from bankml.backends.local.automl.carrying.serving import serve; serve(int(sys.argv[1]))"
)


class WorkerDiedError(Exception):
    """A worker process ended before its call was done.

    Attributes:
        code: Its exit code; the negative number of the signal that ended it.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    @property
    def killed(self) -> bool:
        """Whether something killed it, as a system does whose memory is short."""
        return self.code == -signal.SIGKILL

    def __str__(self) -> str:
        """Return the signal's name, or the exit code."""
        with suppress(ValueError):
            return signal.Signals(-self.code).name
        return f"exit code {self.code}"


class WorkerTracebackError(Exception):
    """The cause of an error that came up in a worker process: its traceback there."""

    def __str__(self) -> str:
        """Return the traceback on lines of its own."""
        return f"\n{self.args[0]}"


class WorkerProcess:
    """A process that carries out calls, one after the other.

    Args:
        environment: Variables that it gets beside those of this process.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._connection, theirs = Pipe()
        with theirs:
            descriptor = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603  # this Python, a fixed program
                [sys.executable, "-c", _PROGRAM, str(descriptor), *sys.path],
                env={**os.environ, **environment}, pass_fds=[descriptor],
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self._lock = threading.Lock()
        self._waiting: deque[Future[Any]] = deque()
        self._death: WorkerDiedError | None = None
        self._receiver = threading.Thread(target=self._receive, daemon=True)
        self._receiver.start()

    @property
    def is_alive(self) -> bool:
        """Whether it can take another call."""
        return self._death is None and self._process.poll() is None

    def call(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Carry out a call behind those that are under way.

        Args:
            function: A function of a module; it may be pickled, as its arguments and result.
            arguments: What it is called with.

        Returns:
            Its result. The future has a `WorkerDiedError` if the process ends before.
        """
        request = pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL)
        future: Future[Result] = Future()
        with self._lock:
            if self._death is not None:
                future.set_exception(self._death)
                return future
            self._waiting.append(future)
            # Where the process has just died, the receiver tells all that are waiting.
            with suppress(OSError):
                self._connection.send_bytes(request)
        return future

    def kill(self) -> None:
        """End it with whatever it is doing."""
        self._process.kill()
        self._receiver.join()

    def _receive(self) -> None:
        with self._connection, suppress(EOFError, OSError):
            while True:
                self._settle(self._connection.recv_bytes())
        death = WorkerDiedError(self._process.wait())
        with self._lock:
            self._death = death
            waiting = list(self._waiting)
        for future in waiting:
            future.set_exception(death)

    def _settle(self, answer: bytes) -> None:
        future = self._waiting.popleft()
        try:
            result, error, trace = pickle.loads(answer)  # noqa: S301  # of the process started here
        except Exception as unreadable:  # noqa: BLE001  # a result's own code may raise anything
            result, error, trace = None, unreadable, ""
        if error is None:
            future.set_result(result)
        else:
            error.__cause__ = WorkerTracebackError(trace)
            future.set_exception(error)
