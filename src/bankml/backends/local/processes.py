"""Processes of runners: starting one, knowing it again, ending it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bankml.backends.local.files import file_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bankml.backends.local.paths import Layout

_SAME_PROCESS_SECONDS = 2.0  # the clock may be adjusted, and creation times with it
_EXIT_SECONDS = 2.0


class _Runner(subprocess.Popen[bytes]):
    """A process that is meant to outlive this one, so leaving it behind is no reason to warn."""

    def __del__(self) -> None:
        """Say nothing."""


_started: list[_Runner] = []
_lock = threading.Lock()


@dataclass(frozen=True)
class ProcessIdentity:
    """A process, told apart from a later one with the same number.

    Attributes:
        host: The machine, or the container, that the number belongs to.
        pid: Its number.
        created: When it was created, in seconds since the epoch.
    """

    host: str
    pid: int
    created: float


def own_process() -> ProcessIdentity:
    """Return the identity of this process."""
    return identity_of(os.getpid())


def identity_of(pid: int) -> ProcessIdentity:
    """Return the identity of a process of this machine."""
    try:
        created = psutil.Process(pid).create_time()
    except psutil.Error:
        created = 0.0
    return ProcessIdentity(this_host(), pid, created)


@lru_cache(maxsize=1)
def this_host() -> str:
    """Return the name of this machine, with its process namespace where there are several."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        namespace = ""
    return f"{socket.gethostname()}/{namespace}"


def is_alive(pid: int, created: float) -> bool:
    """Tell whether a process of this machine still works.

    Args:
        pid: Its number.
        created: When it was created, in seconds since the epoch.
    """
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - created) < _SAME_PROCESS_SECONDS
        return same and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def start_runner(layout: Layout, run_id: str, claim: str) -> int:
    """Start a runner.

    Args:
        layout: The workspace.
        run_id: The run to carry out.
        claim: The token that lets it.

    Returns:
        The process's number.

    Raises:
        WorkspaceError: Its log can't be written.
        OSError: The process can't be started.
    """
    module = "bankml.backends.local.runner"
    command = [sys.executable, "-m", module, str(layout.root), run_id, claim]
    return start_process(command, layout, run_id)


def start_process(command: Sequence[str], layout: Layout, run_id: str) -> int:
    """Start a process of its own session, which outlives this one and writes to a run's log.

    Args:
        command: What to start.
        layout: The workspace.
        run_id: The run it works for.

    Returns:
        The process's number.
    """
    folder = layout.run(run_id)
    with file_errors(folder, "created"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file_errors(layout.log(run_id), "written"):
        log = os.open(layout.log(run_id), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = _Runner(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
            env=_environment(), start_new_session=True,
        )  # fmt: skip
    finally:
        os.close(log)
    with _lock:
        _started.append(process)
    return process.pid


def reap() -> dict[int, int]:
    """Let go of the runners started here that have ended.

    Returns:
        Their exit codes by process number; negative ones are signals.
    """
    with _lock:
        codes = {process.pid: process.poll() for process in _started}
        _started[:] = [process for process in _started if process.returncode is None]
    return {pid: code for pid, code in codes.items() if code is not None}


def exit_code(pid: int) -> int | None:
    """Return the exit code of a runner that has been killed, if it was started here.

    One with many threads counts as dead a little before the system tells its code.
    """
    with _lock:
        found = [process for process in _started if process.pid == pid]
    for process in found:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(_EXIT_SECONDS)
    return None


def request_stop(pid: int, created: float) -> None:
    """Ask a runner of this machine to stop."""
    if pid > 1 and is_alive(pid, created):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)


def kill_session(pid: int, created: float) -> None:
    """End a runner of this machine and all its workers, whether it lives or not.

    The number of a process group stays taken while it has members. So a group with the runner's
    number is the runner's, unless a later process has the number.
    """
    if pid <= 1:  # 0 and 1 would be this process's own group, and the whole machine's
        return
    try:
        later = abs(psutil.Process(pid).create_time() - created) >= _SAME_PROCESS_SECONDS
    except psutil.Error:
        later = False
    if not later:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def signal_name(code: int | None) -> str | None:
    """Return the name of the signal that an exit code means, or None."""
    if code is None or code >= 0:
        return None
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _environment() -> dict[str, str]:
    """The environment as it is, but with search paths that hold in another folder."""
    environment = dict(os.environ)
    paths = environment.get("PYTHONPATH")
    if paths:
        absolute = (str(Path(part).absolute()) for part in paths.split(os.pathsep) if part)
        environment["PYTHONPATH"] = os.pathsep.join(absolute)
    environment["PYTHONUNBUFFERED"] = "1"
    return environment
