"""Many processes submit, publish, trigger, poll and cancel on one workspace at once.

python benchmarks/store/many_processes.py [processes] [rounds]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from client import idle_runner

from bankml.backends.local import LocalBackend
from bankml.config import WorkflowConfig
from bankml.plan import Plan

CLIENT = Path(__file__).with_name("client.py")


def run_clients(
    root: Path, processes: int, rounds: int
) -> tuple[list[dict[str, list[str]]], float]:
    """Let the clients work at once; return what each was told, and the seconds it took.

    Args:
        root: The workspace's folder.
        processes: How many clients.
        rounds: How often each does everything.
    """
    backend = LocalBackend(root, cores=1, start=idle_runner)
    config = WorkflowConfig()
    frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": ["a", "b", "a", "b"]})
    run = backend.submit(Plan(config), backend.register_dataset(config.dataset, frame))
    backend.publish(run.id, config.publish)
    clients = [
        subprocess.Popen(
            [sys.executable, str(CLIENT), str(root), str(number), str(rounds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(processes)
    ]  # fmt: skip
    backend.cancel(run.id)
    for client in clients:
        assert client.stdout is not None  # noqa: S101
        client.stdout.readline()
    start = time.perf_counter()
    for client in clients:
        assert client.stdin is not None  # noqa: S101
        client.stdin.write("go\n")
        client.stdin.flush()
    outputs = [client.communicate()[0] for client in clients]
    seconds = time.perf_counter() - start
    failed = sum(client.returncode != 0 for client in clients)
    if failed:
        raise SystemExit(f"{failed} of {processes} processes failed")
    return [json.loads(output) for output in outputs], seconds


def check(root: Path, told: list[dict[str, list[str]]], rounds: int) -> dict[str, int]:
    """Return how much of what the clients were told is lost or doubled.

    Args:
        root: The workspace's folder.
        told: What they were told.
        rounds: How often each did everything.
    """
    backend = LocalBackend(root, cores=1, start=idle_runner)
    runs = {run.id: run for run in backend.list_runs(limit=1_000_000)}
    while active := [run.id for run in backend.list_runs() if not run.status.is_terminal]:
        backend.cancel(active[0])  # its idle process ends with it
    published = {one.id for one in backend.list_published()}
    shared = {run_id for client in told for run_id in client["triggered"]}
    wanted = shared | {run_id for client in told for run_id in client["runs"]}
    pipelines = {one for client in told for one in client["published"]}
    return {
        "lost": len(wanted - runs.keys()) + len(pipelines - published),
        "doubled": len(shared) - rounds + len(runs) - len(wanted) - 1,
        "damaged": len(backend.integrity_check()),
    }


def main() -> None:
    """Run and print."""
    processes, rounds = (int(argument) for argument in (*sys.argv[1:], "32", "10")[:2])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        told, seconds = run_clients(root, processes, rounds)
        times = sorted(float(time) for client in told for time in client["times"])
        middle, late = times[len(times) // 2], times[len(times) * 99 // 100]
        print(
            f"{processes} processes, {len(times)} calls in {seconds:.1f} s; median {middle:.3f} s,"
            f" 99 % within {late:.2f} s, slowest {times[-1]:.2f} s"
        )
        wrong = check(root, told, rounds)
        print(wrong)
        if any(wrong.values()):
            raise SystemExit(1)


if __name__ == "__main__":
    main()
