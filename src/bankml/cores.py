"""How many cores there are to use."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def available_cores() -> int:
    """Return the number of cores this process may use, at least one.

    A container's quota and the process's affinity count, which ``os.cpu_count`` leaves out.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):
        quota, period = _CPU_LIMIT.read_text().split()
        cores = min(cores, int(quota) // int(period))
    return max(cores, 1)
