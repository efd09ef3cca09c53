"""Reading training data: files, URLs, DataFrames and the generated sample.

Nothing heavy is imported here; pandas and pyarrow are loaded when something is read.
"""

from __future__ import annotations

from bankml.data.records import LoadedSource, SourceState
from bankml.data.source import describe_source, fingerprint_source, load_source, source_kind

__all__ = [
    "LoadedSource",
    "SourceState",
    "describe_source",
    "fingerprint_source",
    "load_source",
    "source_kind",
]
