"""How long reading takes: CSV to Parquet, beside pandas doing the same without any check.

Run: ``python benchmarks/data/reading.py ../shared/data/bankmarketing_train.csv``
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from bankml.config import DatasetConfig
from bankml.data import fingerprint_source, load_source
from bankml.data.sample import sample_frame

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS = 9


def median_ms(work: Callable[[], object]) -> str:
    """Return the median of some runs after one that warms up, and their range."""
    work()
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begin))
    return f"{statistics.median(times):8.1f} ms  ({min(times):.1f} to {max(times):.1f})"


def with_bankml(csv: Path, parquet: Path) -> None:
    """Read, check, fingerprint and write."""
    loaded = load_source(DatasetConfig(source=str(csv)))
    if loaded is not None:
        pq.write_table(loaded.table, parquet)


def enlarged(csv: Path, folder: Path, times: int) -> Path:
    """Write a file with the same rows many times."""
    header, _, rows = csv.read_bytes().partition(b"\n")
    large = folder / "large.csv"
    large.write_bytes(header + b"\n" + rows * times)
    return large


def main(csv: Path) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parquet = folder / "rows.parquet"
        for file in (csv, enlarged(csv, folder, 25)):
            print(f"{file.name}, {file.stat().st_size / 1e6:.1f} MB")
            config = DatasetConfig(source=str(file))
            print("  bankml, CSV to Parquet   ", median_ms(lambda f=file: with_bankml(f, parquet)))
            print(
                "  pandas, CSV to Parquet   ",
                median_ms(lambda f=file: pd.read_csv(f).to_parquet(parquet)),
            )
            print("  fingerprint only         ", median_ms(lambda c=config: fingerprint_source(c)))
    print("sample")
    print("  32,950 rows              ", median_ms(sample_frame))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
