"""kill -9 of the server while it handles triggers: a client that repeats itself has one run.

``BANKML_SERVER_KILLS`` sets how often it is killed; the suite does it twice.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import requests

from bankml.backends.local import LocalBackend
from bankml.backends.local.endpoint import RunningServer, endpoint_path, running_server
from bankml.config import WorkflowConfig
from bankml.plan import Plan
from tests.backends.local.conftest import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bankml.backends.local.paths import Layout

KILLS = int(os.environ.get("BANKML_SERVER_KILLS", "2"))
CLIENTS = 6
LOST = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
"""What a client sees whose server was killed: before an answer, or in the midst of one."""
SERVE = "import sys; from bankml.cli import main; sys.argv[0] = 'bankml'; main()"


class Killable:
    """``bankml serve`` in a process of its own, to be killed and started again."""

    def __init__(self, layout: Layout) -> None:
        self.up = threading.Event()
        self._layout = layout
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", "--workspace", str(self._layout.root),
             "--port", "0"],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self._process = process
        wait_until(lambda: (found := self.found()) is not None and found.pid == process.pid)
        self.up.set()

    def found(self) -> RunningServer | None:
        """What a client finds of it."""
        return running_server(self._layout)

    def kill(self) -> None:
        """End it, if it runs."""
        self.up.clear()
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Clients:
    """Clients that trigger one thing after the other, each until it is answered."""

    def __init__(self, backend: LocalBackend, published_id: str, server: Killable) -> None:
        self.answers: dict[str, str] = {}
        self.repeated = 0
        self.enough = threading.Condition()
        self._path = endpoint_path(backend.layout, published_id)
        self._headers = dict(backend.trigger_headers())
        self._server = server

    def work(self, client: int, triggers: int) -> None:
        for number in range(triggers):
            key = f"client {client}, trigger {number}"
            answer = self._trigger(key)
            with self.enough:
                self.answers[key] = answer
                self.enough.notify_all()

    def _trigger(self, key: str) -> str:
        while True:
            assert self._server.up.wait(60)
            server = self._server.found()
            try:
                answer = requests.post(
                    f"{server.url if server else 'http://127.0.0.1:9'}{self._path}",
                    json={"ExperimentName": "nightly"},
                    headers={**self._headers, "Idempotency-Key": key},
                    timeout=60,
                )
            except LOST:
                self.repeated += 1
                continue
            assert answer.status_code == 200, answer.text
            return str(answer.json()["Id"])


@pytest.fixture
def busy_backend(tmp_path: Path) -> Iterator[LocalBackend]:
    """A workspace whose cores are all taken by a run that does nothing, so that others wait."""
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    ) as sleeper:
        backend = LocalBackend(tmp_path / "workspace", start=lambda *_: sleeper.pid)
        config = WorkflowConfig().replace(pipeline={"allow_reuse": False})
        frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": ["yes", "no", "yes", "no"]})
        run = backend.submit(Plan(config), backend.register_dataset(config.dataset, frame))
        backend.publish(run.id, config.publish)
        yield backend
        sleeper.kill()


@pytest.fixture
def server(busy_backend: LocalBackend) -> Iterator[Killable]:
    """Its server, which also ends where a test fails."""
    server = Killable(busy_backend.layout)
    server.start()
    yield server
    server.kill()


def test_a_trigger_repeated_after_a_crash_is_one_run(
    busy_backend: LocalBackend, server: Killable
) -> None:
    chance = random.Random(5)
    clients = Clients(busy_backend, busy_backend.list_published()[0].id, server)
    triggers = 5 * (KILLS + 1)

    with ThreadPoolExecutor(CLIENTS) as pool:
        work = [pool.submit(clients.work, number, triggers) for number in range(CLIENTS)]
        for _ in range(KILLS):
            wanted = len(clients.answers) + chance.randrange(1, 4 * CLIENTS)
            with clients.enough:
                assert clients.enough.wait_for(lambda: len(clients.answers) >= wanted, 60)  # noqa: B023
            server.kill()
            server.start()
        for one in work:
            one.result(120)
    server.kill()

    runs = busy_backend.list_runs("nightly", limit=100_000)
    assert clients.repeated >= 1
    assert len(clients.answers) == CLIENTS * triggers
    assert {run.id for run in runs} == set(clients.answers.values())
    assert len(runs) == len(clients.answers)
    assert busy_backend.integrity_check() == []
