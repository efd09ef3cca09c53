"""Forty clients poll, and twenty triggers are sent twice: a small ``benchmarks/server/load.py``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOAD = Path(__file__).parents[2] / "benchmarks" / "server" / "load.py"


def test_triggers_among_many_polls_are_answered_and_start_one_run_each() -> None:
    ended = subprocess.run(
        [sys.executable, str(LOAD), "40", "10", "2"], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "triggers 20, runs 20, lost 0, doubled 0" in ended.stdout
    assert "'trigger 200': 40" in ended.stdout
