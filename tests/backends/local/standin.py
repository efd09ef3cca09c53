"""A runner whose engine is a stand-in: candidates take no time, everything around it is real.

The number of candidates is ``iterations``. With ``random_state=1`` the engine stops behind the last
one and waits to be canceled or killed; with 2 it ignores a cancel; with 3 it fails. Where the
environment has ``BANKML_RUNNER_STEPS`` it dies before that step of its own (:mod:`.steps`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bankml.backends.local.automl as automl
from bankml.backends.local import processes, runner
from bankml.backends.local.automl import (
    AutoMLResult,
    AutoMLSettings,
    ChildFinished,
    ChildResult,
    ChildStarted,
    Event,
    Progress,
)
from bankml.errors import RunCanceledError, RunFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bankml.backends.local.paths import Layout

HANGS, DEAF, FAILS = 1, 2, 3
LAST_STEP = "BANKML_RUNNER_STEPS"


def start(layout: Layout, run_id: str, claim: str) -> int:
    """Start this file as a runner."""
    return processes.start_process(
        [sys.executable, str(Path(__file__)), str(layout.root), run_id, claim], layout, run_id
    )


def train(
    _rows: Any,
    settings: AutoMLSettings,
    *,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool],
    scratch: Path,
    finished: Sequence[ChildResult] = (),
    **_options: Any,
) -> AutoMLResult:
    """Report candidates without training any."""
    on_event(Progress(f"begins with {len(finished)} finished candidates"))
    children = list(finished)
    for number in range(len(finished), settings.iterations or 2):
        if should_stop():
            raise RunCanceledError("canceled")
        children.append(_candidate(number, on_event))
    if settings.random_state in (HANGS, DEAF):
        on_event(ChildStarted(len(children), "LightGBM", {}, ""))
        _hang(settings.random_state, should_stop)
    if settings.random_state == FAILS:
        raise RunFailedError("No candidate finished.")
    best = max(children, key=lambda child: child.score or 0)
    return AutoMLResult(
        *_files(scratch), ("no", "yes"), best, tuple(children), "all were tried", ["a note"]
    )


def _files(scratch: Path) -> tuple[Path, Path]:
    """Write something in place of a model and of its predictions."""
    scratch.mkdir(parents=True, exist_ok=True)
    model, predictions = scratch / "model.skops", scratch / "validation.parquet"
    model.write_bytes(b"a model")
    predictions.write_bytes(b"predictions")
    return model, predictions


def _candidate(number: int, on_event: Callable[[Event], None]) -> ChildResult:
    on_event(ChildStarted(number, "LightGBM", {"trees": 10}, "MaxAbsScaler"))
    now = datetime.now(timezone.utc)
    metrics = {"AUC_weighted": 0.9 + number / 1000, "accuracy": 0.8}
    result = ChildResult(
        number, "LightGBM", "MaxAbsScaler", {"trees": 10}, "Finished", metrics,
        metrics["AUC_weighted"], now, now,
    )  # fmt: skip
    on_event(ChildFinished(result))
    return result


def _hang(how: int, should_stop: Callable[[], bool]) -> None:
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pause = threading.Event()
    while how == DEAF or not should_stop():
        pause.wait(0.02)
    worker.kill()
    worker.wait()
    raise RunCanceledError("canceled")


def main() -> int:
    """Be a runner with the stand-in."""
    processes.start_runner = start
    automl.train = train  # type: ignore[assignment]  # the stand-in takes fewer arguments
    if LAST_STEP in os.environ:
        from tests.backends.local.steps import Steps

        Steps(Path(sys.argv[1]), int(os.environ[LAST_STEP])).watch()
    return runner.main()


if __name__ == "__main__":
    sys.exit(main())
