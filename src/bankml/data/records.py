"""What reading a source gives: the rows, and what proves later that they are still the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class SourceState:
    """What to keep beside a dataset version, so that unchanged data is not read again.

    Holds texts and numbers only, and no secret: ``dataclasses.asdict`` of it may be stored.

    Attributes:
        fingerprint: SHA-256 of the content and the reading options, in hex.
        location: SHA-256 of the URL and the reading options; empty for other sources.
        etag: The server's ``ETag``, or None.
        last_modified: The server's ``Last-Modified``, or None where it can't prove anything.
        length: Size in bytes as it was read, or None for rows that were never a file.
    """

    fingerprint: str
    location: str = ""
    etag: str | None = None
    last_modified: str | None = None
    length: int | None = None


@dataclass(frozen=True)
class LoadedSource:
    """A source that has been read.

    Attributes:
        table: The rows, with types that Parquet keeps.
        fingerprint: SHA-256 of the content and the reading options, in hex.
        source: Where the rows came from, for people: a path, a URL without its query,
            ``sample`` or ``DataFrame``.
        synthetic: Whether the rows are generated rather than observed.
        state: What to pass as ``previous`` the next time.
    """

    table: pa.Table
    fingerprint: str
    source: str
    synthetic: bool
    state: SourceState
