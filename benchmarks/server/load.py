"""Status polls and triggers at once: 200 pollers and 20 triggers a second by default.

    python benchmarks/server/load.py [pollers] [triggers per second] [seconds]

Each trigger is sent twice with one idempotency key. The report counts lost and doubled runs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import requests

from bankml.backends.local import LocalBackend
from bankml.backends.local.endpoint import endpoint_path, running_server
from bankml.config import WorkflowConfig
from bankml.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

POLL_SECONDS = 1.0
SERVE = (
    "import sys; from bankml.config import WorkflowConfig; from bankml.server import serve;"
    "serve(WorkflowConfig(workspace={'path': sys.argv[1]}), port=0)"
)


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Serve a workspace in a process of its own; yield the URL.

    Args:
        root: The workspace's folder.
    """
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(root)],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None  # noqa: S101
        for line in process.stderr:
            if "startup complete" in line:
                break
        threading.Thread(target=process.stderr.read, daemon=True).start()
        server = running_server(LocalBackend(root).layout)
        assert server is not None  # noqa: S101
        try:
            yield server.url
        finally:
            process.terminate()


class Load:
    """Clients of one server, and what they saw."""

    def __init__(self, endpoint: str, headers: Mapping[str, str]) -> None:
        """Remember where to send.

        Args:
            endpoint: URL of a published pipeline.
            headers: With the token.
        """
        self.endpoint = endpoint
        self.headers = headers
        self.times: dict[str, list[float]] = {"poll": [], "trigger": []}
        self.answers: Counter[tuple[str, int]] = Counter()
        self.ids: dict[str, set[str]] = {}

    def send(self, session: requests.Session, what: str, method: str, url: str, **more: Any) -> Any:
        """Send a request and count its answer.

        Args:
            session: The client's connection.
            what: ``poll`` or ``trigger``.
            method: HTTP method.
            url: Where to.
            **more: What ``requests`` takes.
        """
        start = time.perf_counter()
        answer = session.request(method, url, timeout=60, **more)
        self.times[what].append(time.perf_counter() - start)
        self.answers[what, answer.status_code] += 1
        return answer.json()

    def poll(self, run_id: str, offset: float, until: float) -> None:
        """Ask for a run's status once a second, as a waiting client does."""
        url = f"{self.endpoint.rpartition('/PipelineSubmit')[0]}/{run_id}"
        time.sleep(offset)
        with requests.Session() as session:
            session.headers.update(self.headers)
            while time.perf_counter() < until:
                begun = time.perf_counter()
                self.send(session, "poll", "GET", url)
                time.sleep(max(0.0, POLL_SECONDS - (time.perf_counter() - begun)))

    def trigger(self, number: int, at: float) -> None:
        """Trigger, and trigger the same again."""
        time.sleep(max(0.0, at - time.perf_counter()))
        key = f"trigger {number}"
        with requests.Session() as session:
            session.headers.update({**self.headers, "Idempotency-Key": key})
            for _ in range(2):
                body = {"ExperimentName": "load"}
                document = self.send(session, "trigger", "POST", self.endpoint, json=body)
                self.ids.setdefault(key, set()).add(document.get("Id", "none"))


def idle_runner(*_: object) -> int:
    """Start a process that does nothing; return its number."""
    return subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, start_new_session=True).pid


def prepare(root: Path) -> tuple[LocalBackend, str, str]:
    """Return a workspace whose runs stay queued, with the id of a run and of a pipeline.

    Args:
        root: The workspace's folder.
    """
    backend = LocalBackend(root, start=idle_runner)
    config = WorkflowConfig().replace(pipeline={"allow_reuse": False})
    frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": ["a", "b", "a", "b"]})
    dataset = backend.register_dataset(config.dataset, frame)
    run = backend.submit(Plan(config), dataset)  # it takes all the cores and never ends
    return backend, run.id, backend.publish(run.id, config.publish).id


def report(load: Load, backend: LocalBackend, seconds: float) -> bool:
    """Print what was seen; return whether it agrees with the store."""
    for what, times in load.times.items():
        times.sort()
        middle, late = times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000
        print(f"{what:<8} {len(times) / seconds:6.0f}/s, median {middle:6.1f} ms, "
              f"99 % within {late:6.1f} ms")  # fmt: skip
    runs = [run.id for run in backend.list_runs("load", limit=100_000)]
    answered = [run_id for ids in load.ids.values() for run_id in ids]
    print("answers", {f"{what} {status}": n for (what, status), n in load.answers.items()})
    lost, doubled = len(set(answered) - set(runs)), len(runs) - len(load.ids)
    print(f"triggers {len(load.ids)}, runs {len(runs)}, lost {lost}, doubled {doubled}")
    return lost == doubled == 0 and all(status == 200 for _, status in load.answers)


def main() -> None:
    """Put the load on a server and print what happened."""
    given = [float(argument) for argument in sys.argv[1:]]
    pollers, rate, seconds = (*given, *(200.0, 20.0, 20.0)[len(given) :])
    with tempfile.TemporaryDirectory() as folder:
        backend, run_id, published = prepare(Path(folder) / "workspace")
        with served(backend.layout.root) as url:
            endpoint = url + endpoint_path(backend.layout, published)
            load = Load(endpoint, backend.trigger_headers())
            start = time.perf_counter()
            with ThreadPoolExecutor(int(pollers) + 60) as pool:
                work = [
                    pool.submit(load.poll, run_id, number / pollers, start + seconds)
                    for number in range(int(pollers))
                ]
                work += [
                    pool.submit(load.trigger, number, start + number / rate)
                    for number in range(int(rate * seconds))
                ]
            for item in work:
                item.result()
            right = report(load, backend, time.perf_counter() - start)
        for run in backend.list_runs(limit=100_000):  # the oldest last: none takes its place
            if not run.status.is_terminal:
                backend.cancel(run.id)
        backend.database.close()
    if not right:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
