"""The writers' queue: first come, first served, and nobody holds it up for ever."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bankml.backends.local.store.turns import turn

from .conftest import wait_until

HOLD = (
    "import sys, time; from pathlib import Path;"
    "from bankml.backends.local.store.turns import turn\n"
    "with turn(Path(sys.argv[1]), 5):\n"
    "    print('mine', flush=True)\n"
    "    time.sleep(600)"
)


def test_who_waits_gets_the_turn_as_soon_as_it_is_free(tmp_path: Path) -> None:
    order: list[str] = []

    def wait_for_it() -> None:
        with turn(tmp_path / "lock", 30):
            order.append("second")

    waiting = threading.Thread(target=wait_for_it)
    with turn(tmp_path / "lock", 30):
        waiting.start()
        wait_until(lambda: any(t.name == "bankml-turn" for t in threading.enumerate()))
        order.append("first")
    waiting.join(30)

    assert order == ["first", "second"]


def test_waiting_has_an_end_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    before = open_files()

    began = time.monotonic()
    with turn(path, 1), pytest.raises(sqlite3.OperationalError, match="locked"), turn(path, 0.05):
        pytest.fail("two had the turn at once")

    assert time.monotonic() - began < 5
    wait_until(lambda: open_files() == before)
    with turn(path, 0):
        pass


def test_a_killed_holder_gives_its_turn_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mine\n"
        holder.kill()

        with turn(path, 30):
            pass


def test_without_a_place_for_the_lock_there_is_no_queue(tmp_path: Path) -> None:
    with turn(tmp_path / "nowhere" / "lock", 0):
        pass


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))
