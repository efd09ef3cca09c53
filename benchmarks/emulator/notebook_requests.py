"""How many requests a v1 script makes of the service, by route, and how long the whole takes.

Run it with the data that stands for the script's URL::

    python benchmarks/emulator/notebook_requests.py ../shared/data/bankmarketing_train.csv

The number of polls depends on how long training takes, so they are counted apart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bankml.emulator import Emulator

SCRIPT = Path(__file__).parents[2] / "examples" / "notebook_v1.py"
DATA_URL = (
    "https://automlsamplenotebookdata.blob.core.windows.net/"
    "automl-sample-notebook-data/bankmarketing_train.csv"
)
POLLS = ("pipelines.get_run", "identity.token")


def measure(data: Path) -> tuple[float, Counter[str], list[str]]:
    """Return seconds, requests by route, and unknown routes of one run of the script."""
    with Emulator(maps={DATA_URL: data}) as emulator, tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(emulator.config_dict))
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, str(SCRIPT)],
            cwd=folder,
            env={**os.environ, **emulator.environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        seconds = time.perf_counter() - started
        routes = Counter(request.route for request in emulator.requests)
        unknown = [f"{r.method} {r.path}" for r in emulator.requests if not r.route]
        return seconds, routes, unknown


def main() -> None:
    """Print what one run of the script asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    seconds, routes, unknown = measure(parser.parse_args().data)
    for route, count in routes.most_common():
        print(f"{count:5d}  {route or 'unknown'}")
    polls = sum(routes[route] for route in POLLS)
    print(f"{sum(routes.values()) - polls} requests and {polls} polls in {seconds:.1f} s")
    print("unknown routes:", unknown or "none")


if __name__ == "__main__":
    main()
