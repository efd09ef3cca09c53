"""Ask the endpoint and the emulator all that their OpenAPI documents describe, many times.

Prints every answer by 500 and every one that the document does not have. The suite does the same
with few examples (``tests/server/test_openapi.py``, ``tests/emulator/test_openapi.py``). ::

    python -m benchmarks.rest.described --examples 200
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from unittest import mock

import pandas as pd
import requests
from tests.hostile.described import broken_promises, offered

from bankml.backends.local import LocalBackend
from bankml.config import WorkflowConfig
from bankml.emulator import Emulator
from bankml.plan import Plan
from bankml.server import serve_in_thread


def ask_the_endpoint(examples: int) -> tuple[list[str], int]:
    """Ask the server of a workspace; what it queues is not carried out."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("bankml.backends.local.dispatch.Dispatcher.dispatch"),
    ):
        backend = LocalBackend(Path(folder, "workspace"))
        config = WorkflowConfig()
        frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": ["yes", "no", "yes", "no"]})
        run = backend.submit(Plan(config), backend.register_dataset(config.dataset, frame))
        published = backend.publish(run.id, config.publish)
        values = {"published_id": [published.id, "nothing"], "run_id": [run.id, "nothing"]}
        headers = backend.trigger_headers()
        with serve_in_thread(backend.layout.root) as url:
            document = requests.get(f"{url}/openapi.json", headers=headers, timeout=30).json()
            return broken_promises(offered(document, values), url, headers, examples)


def ask_the_emulator(examples: int) -> tuple[list[str], int]:
    """Ask an emulator with a published pipeline that has no steps."""
    with Emulator() as emulator:
        headers = {"Authorization": f"Bearer {emulator.token()}"}
        body = {"Name": "empty", "Graph": {}}
        created = requests.post(
            f"{emulator.url}/pipelines/v1.0/Pipelines/Create",
            json=body,
            headers=headers,
            timeout=30,
        ).json()
        values = {"pipeline_id": [created["Id"], "nothing"]}
        document = requests.get(f"{emulator.url}/openapi.json", timeout=30).json()
        return broken_promises(offered(document, values), emulator.url, headers, examples)


def main() -> int:
    """Ask both and print what was not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=200)
    examples = parser.parse_args().examples
    failed = False
    for name, ask in (("endpoint", ask_the_endpoint), ("emulator", ask_the_emulator)):
        began = time.perf_counter()
        problems, count = ask(examples)
        print(
            f"{name}: {count} requests, {len(problems)} problems,"
            f" {time.perf_counter() - began:.0f} s",
            *problems,
            sep="\n",
            flush=True,
        )
        failed |= bool(problems)
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
