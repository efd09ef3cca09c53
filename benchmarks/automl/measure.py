"""What a command costs: its time, processor time, memory and disk, with all its processes."""

from __future__ import annotations

import os
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_EVERY_SECONDS = 0.05
_CLOCK_SECONDS = 1.0
_MARK = "BENCHMARK_MARK"


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Attributes:
        seconds: From its start to its end.
        cpu_seconds: Of all its processes, as last seen.
        peak_mb: Most memory of all its processes at a time, in MB; what they share counts for each.
        written_mb: What they sent to the disk, in MB.
        returncode: How it ended.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    written_mb: float
    returncode: int


@dataclass
class _Watch:
    """Processes that carry a mark in their environment, detached ones too."""

    mark: str
    began: float
    peak: int = 0
    cpu: dict[int, float] = field(default_factory=dict)
    written: dict[int, int] = field(default_factory=dict)
    _mine: dict[int, bool] = field(default_factory=dict)

    def look(self) -> None:
        resident = 0
        for process in psutil.process_iter():
            try:
                if self._is_mine(process):
                    resident += process.memory_info().rss
                    times = process.cpu_times()
                    self.cpu[process.pid] = times.user + times.system
                    self.written[process.pid] = process.io_counters().write_bytes
            except (psutil.Error, OSError):
                continue
        self.peak = max(self.peak, resident)

    def _is_mine(self, process: psutil.Process) -> bool:
        # Looking is work too, that takes time from what is measured: older ones are never asked.
        if process.create_time() < self.began - _CLOCK_SECONDS:
            return False
        if not self._mine.get(process.pid):
            # Asked again while it is not ours: a fork gets its environment only by its exec.
            self._mine[process.pid] = process.environ().get(_MARK) == self.mark
        return self._mine[process.pid]


def run(command: Sequence[str], log: Path, cwd: Path, timeout: float) -> Cost:
    """Run a command to its end and return what it took.

    Args:
        command: The command.
        log: Where its output goes.
        cwd: Its working folder.
        timeout: Seconds after which it is killed.

    Returns:
        The cost; a killed command has a negative return code.
    """
    watch = _Watch(uuid.uuid4().hex, time.time())
    environment = {**os.environ, _MARK: watch.mark}
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        killer = threading.Timer(timeout, process.kill)
        killer.start()
        while process.poll() is None:
            watch.look()
            time.sleep(_EVERY_SECONDS)
        seconds = time.perf_counter() - began
        killer.cancel()
    mb = 1e6
    return Cost(
        seconds, sum(watch.cpu.values()), watch.peak / mb, sum(watch.written.values()) / mb,
        process.returncode,
    )  # fmt: skip
