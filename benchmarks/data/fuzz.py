"""Coverage-guided fuzzing of what reads foreign bytes: configuration, CSV, metrics outputs.

Not part of the test suite. Run: ``pip install atheris`` and then
``python benchmarks/data/fuzz.py csv -max_total_time=60`` (or ``config``, ``metrics``, ``gzip``).
It stops at the first exception that is not one of ours.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

with atheris.instrument_imports(include=["bankml", "json", "csv", "gzip"]):
    from bankml.config import DatasetConfig, load_config
    from bankml.data.content import parse_content
    from bankml.errors import BankmlError
    from bankml.outputs import read_metrics

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(tempfile.mkdtemp())
OPTIONS = [
    DatasetConfig(),
    DatasetConfig(separator=";", encoding="latin-1"),
    DatasetConfig(encoding="utf-16"),
]


def csv(data: bytes) -> None:
    """Read as a table; the first byte chooses the reading options."""
    parse_content(data[1:], OPTIONS[data[0] % len(OPTIONS) if data else 0], "fuzz")


def gzip(data: bytes) -> None:
    """Read as a compressed table."""
    parse_content(b"\x1f\x8b\x08" + data, OPTIONS[0], "fuzz")


def config(data: bytes) -> None:
    """Read as a configuration file."""
    path = FOLDER / "config.json"
    path.write_bytes(data)
    load_config(path)


def metrics(data: bytes) -> None:
    """Read as a metrics output."""
    path = FOLDER / "metrics.json"
    path.write_bytes(data)
    read_metrics(path)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (csv, gzip, config, metrics)
}


def main() -> None:
    """Fuzz the target named by the first argument."""
    target = TARGETS[sys.argv.pop(1)]

    def one(data: bytes) -> None:
        with suppress(BankmlError):
            target(data)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
