"""Worker processes by themselves: what they carry out, and what becomes known when they die."""

from __future__ import annotations

import gc
import operator
import os
import signal
import subprocess
import sys
import time
import weakref
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from bankml.backends.local.automl.carrying.process_slot import ProcessSlot
from bankml.backends.local.automl.carrying.processes import WorkerDiedError, WorkerProcess
from bankml.backends.local.automl.carrying.serving import answer_to
from bankml.backends.local.automl.carrying.steps import carry_out
from bankml.backends.local.automl.training.libraries import load_for_the_end
from bankml.errors import RunCanceledError, RunFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 60.0


@pytest.fixture
def process() -> Iterator[WorkerProcess]:
    process = WorkerProcess({"OMP_NUM_THREADS": "1"})
    yield process
    process.kill()


@pytest.fixture
def slot() -> Iterator[ProcessSlot]:
    slot = ProcessSlot(libraries=gc.enable)  # it loads nothing
    yield slot
    slot.kill()


def test_calls_are_carried_out_one_after_the_other(process: WorkerProcess) -> None:
    first, second = process.call(time.time), process.call(time.time)

    assert first.result(SECONDS) < second.result(SECONDS)


def test_the_environment_is_there_before_anything_is_loaded(process: WorkerProcess) -> None:
    assert process.call(os.getenv, "OMP_NUM_THREADS").result(SECONDS) == "1"


def test_an_error_keeps_its_type_its_words_and_where_it_came_up(process: WorkerProcess) -> None:
    future = process.call(operator.truediv, 1, 0)

    with pytest.raises(ZeroDivisionError, match="division by zero") as raised:
        future.result(SECONDS)
    assert "serving.py" in str(raised.value.__cause__)
    assert process.call(operator.add, 1, 2).result(SECONDS) == 3


def test_an_error_that_cannot_be_pickled_keeps_its_words(process: WorkerProcess) -> None:
    code = "class Local(Exception): pass\nraise Local('what went wrong')"

    with pytest.raises(RuntimeError, match="Local: what went wrong"):
        process.call(exec, code).result(SECONDS)


def test_a_result_that_cannot_be_read_is_an_error(process: WorkerProcess) -> None:
    # Its pickle says int("no number"), which is only called where it is read.
    future = process.call(
        eval, "type('R', (), {'__reduce__': lambda self: (int, ('no number',))})()"
    )

    with pytest.raises(ValueError, match="no number"):
        future.result(SECONDS)


def test_a_request_that_cannot_be_read_is_answered_too() -> None:
    assert b"UnpicklingError" in answer_to(b"no pickle")


@pytest.mark.parametrize(
    ("end", "killed", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", True, "SIGKILL"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", False, "SIGSEGV"),
        ("os._exit(3)", False, "exit code 3"),
    ],
)
def test_how_a_process_died_is_told_to_all_that_wait(
    process: WorkerProcess, end: str, killed: bool, words: str
) -> None:
    dying, behind = process.call(exec, f"import os, signal; {end}"), process.call(os.getpid)

    for future in (dying, behind, process.call(os.getpid)):
        death = future.exception(SECONDS)
        assert isinstance(death, WorkerDiedError)
        assert (death.killed, str(death)) == (killed, words)
    assert not process.is_alive


def test_a_killed_process_is_gone_at_once(process: WorkerProcess) -> None:
    pid = process.call(os.getpid).result(SECONDS)
    endless = process.call(time.sleep, 3600)

    process.kill()

    assert isinstance(endless.exception(SECONDS), WorkerDiedError)
    assert not psutil.pid_exists(pid)


def test_a_process_ends_with_its_caller() -> None:
    program = (
        "import os, time\n"
        "from bankml.backends.local.automl.carrying.processes import WorkerProcess\n"
        "process = WorkerProcess({})\n"
        "print(process.call(os.getpid).result(), flush=True)\n"
        "process.call(time.sleep, 3600)\n"
        "os._exit(0)\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=SECONDS, check=True
    )

    # The output is the worker's too: had it not ended, this would have waited for an hour.
    assert said.stdout.strip().isdigit()


def test_the_callers_script_is_not_run_again(tmp_path: Path) -> None:
    script = tmp_path / "without_a_guard.py"
    script.write_text(
        "import os\n"
        "from bankml.backends.local.automl.carrying.processes import WorkerProcess\n"
        "print('once')\n"
        "process = WorkerProcess({})\n"
        "process.call(os.getpid).result()\n"
        "process.kill()\n"
    )

    said = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=SECONDS, check=True
    )

    assert (said.stdout, said.stderr) == ("once\n", "")


def test_what_a_call_leaves_in_a_circle_is_gone_before_the_next(process: WorkerProcess) -> None:
    assert process.call(_leave_a_circle).result(SECONDS) is True

    assert process.call(_is_circle_there).result(SECONDS) is False


def test_a_slot_starts_a_new_process_where_the_old_one_died(slot: ProcessSlot) -> None:
    first = slot.call(os.getpid).result(SECONDS)
    with pytest.raises(WorkerDiedError):
        slot.call(os.kill, first, signal.SIGKILL).result(SECONDS)

    assert slot.call(os.getpid).result(SECONDS) != first


def test_a_step_whose_process_was_killed_is_tried_again(slot: ProcessSlot, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = (
        f"import os, pathlib; mark = pathlib.Path({str(mark)!r})\n"
        "if not mark.exists():\n"
        "    mark.touch()\n"
        "    os.kill(os.getpid(), 9)\n"
        "mark.write_text('done')"
    )

    carry_out("a step", slot, lambda: None, exec, code)

    assert mark.read_text() == "done"


@pytest.mark.parametrize(
    ("end", "words"), [("os.kill(os.getpid(), 9)", "SIGKILL"), ("os._exit(3)", "exit code 3")]
)
def test_a_step_whose_process_dies_fails_with_its_name_and_the_cause(
    slot: ProcessSlot, end: str, words: str
) -> None:
    with pytest.raises(RunFailedError, match=rf"The process for a step died \({words}\)"):
        carry_out("a step", slot, lambda: None, exec, f"import os; {end}")


def test_a_step_can_be_given_up(slot: ProcessSlot) -> None:
    def give_up() -> None:
        raise RunCanceledError("The run was cancelled.")

    with pytest.raises(RunCanceledError):
        carry_out("a step", slot, give_up, time.sleep, 3600)


def test_the_process_for_the_end_writes_tables_without_pandas() -> None:
    slot = ProcessSlot(load_for_the_end)
    try:
        assert slot.call(_loaded_after_a_table).result(SECONDS) == {"pyarrow", "skops"}
    finally:
        slot.kill()


class _Circle:
    """Something that only the search for garbage finds."""

    left: weakref.ref[_Circle] | None = None

    def __init__(self) -> None:
        self.itself = self


def _leave_a_circle() -> bool:
    _Circle.left = weakref.ref(_Circle())
    return _is_circle_there()


def _is_circle_there() -> bool:
    return _Circle.left is not None and _Circle.left() is not None


def _loaded_after_a_table() -> set[str]:
    import pyarrow as pa

    pa.table({"row": np.arange(3), "probability": np.ones(3)})
    return {"pandas", "pyarrow", "skops"} & set(sys.modules)
