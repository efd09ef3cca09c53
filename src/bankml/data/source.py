"""One way in for all sources: what kind a source is, its fingerprint, its rows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

from bankml.data.records import LoadedSource, SourceState
from bankml.errors import ConfigError, DataError

if TYPE_CHECKING:
    import pandas as pd

    from bankml.config import DatasetConfig

SourceKind = Literal["sample", "url", "path", "frame", "registered"]

SAMPLE = "sample"
SAMPLE_DESCRIPTION = "32,950 synthetic rows (generated, not observed)"
_READER = b"bankml reader 1\n"
"""Part of every fingerprint of bytes: another reader may make other columns of the same bytes."""
_BYTES_PER_MEGABYTE = 1_000_000


def source_kind(config: DatasetConfig, frame: pd.DataFrame | None = None) -> SourceKind:
    """Tell what kind of source is configured.

    Args:
        config: The dataset's section of the configuration.
        frame: Rows given in place of the configured source.

    Returns:
        ``frame`` where one is given, else ``sample``, ``url``, ``path``, or ``registered`` for a
        dataset that is taken as it was registered.

    Raises:
        ConfigError: Rows are given although a registered version is configured.
        DataError: What is given is not a DataFrame.
    """
    if frame is not None:
        _check_given(frame, config)
        return "frame"
    if config.version is not None or config.source is None:
        return "registered"
    if config.source == SAMPLE:
        return "sample"
    is_url = config.source.casefold().startswith(("http://", "https://"))
    return "url" if is_url else "path"


def _check_given(frame: pd.DataFrame, config: DatasetConfig) -> None:
    from bankml.data.frames import check_frame

    check_frame(frame)
    if config.version is not None:
        raise ConfigError(
            f"dataset.version is {config.version}, so no other rows can be used. Leave out the "
            "frame, or set dataset.version to None to register it as a version of its own."
        )


def describe_source(config: DatasetConfig, frame: pd.DataFrame | None = None) -> str:
    """Say in words where the rows will come from; looks at nothing.

    Args:
        config: The dataset's section of the configuration.
        frame: Rows given in place of the configured source.

    Returns:
        A few words for the plan. A URL is shown without its query, which may hold a key.

    Raises:
        ConfigError: Rows are given although a registered version is configured.
        DataError: What is given is not a DataFrame.
    """
    kind = source_kind(config, frame)
    if frame is not None:
        rows, columns = frame.shape
        return f"a DataFrame of {rows:,} rows and {columns:,} columns"
    if kind == "registered":
        version = f"version {config.version}" if config.version else "the latest version"
        return f"{version} that is registered"
    if kind == "sample":
        return f"the sample: {SAMPLE_DESCRIPTION}"
    return f"{'URL' if kind == 'url' else 'file'} {_shown(config, kind)}"


def fingerprint_source(config: DatasetConfig) -> str | None:
    """Return the fingerprint of a source that can be had without parsing it.

    Args:
        config: The dataset's section of the configuration.

    Returns:
        SHA-256 in hex for a path or the sample; None for a URL and for registered data.

    Raises:
        DataError: The file can't be read.
    """
    kind = source_kind(config)
    if kind == "sample":
        from bankml.data.sample import FINGERPRINT

        return FINGERPRINT
    if kind == "path":
        from bankml.data.files import read_file

        return _digest(read_file(str(config.source)), config)
    return None


def load_source(
    config: DatasetConfig,
    frame: pd.DataFrame | None = None,
    *,
    previous: SourceState | None = None,
) -> LoadedSource | None:
    """Read what is to be trained on; arguments and result are those of :func:`read_source`.

    Raises:
        DataError: As there, or there is one column only: no label and feature.
    """
    from bankml.data.columns import check_label_and_feature

    loaded = read_source(config, frame, previous=previous)
    if loaded is not None:
        check_label_and_feature(loaded.table, loaded.source)
    return loaded


def read_source(
    config: DatasetConfig,
    frame: pd.DataFrame | None = None,
    *,
    previous: SourceState | None = None,
) -> LoadedSource | None:
    """Read the configured source, or the frame in its place.

    Args:
        config: The dataset's section of the configuration.
        frame: Rows to use in place of the configured source.
        previous: State of the version read last. The same content is then not parsed again, and
            a URL is asked for what has changed since only.

    Returns:
        The rows and their fingerprint, or None where `previous` has the same content.

    Raises:
        DataError: The source can't be read, or does not hold a table.
        DownloadError: A URL could not be read to its end.
    """
    kind = source_kind(config, frame)
    if frame is not None:
        return _load_frame(frame, previous)
    if kind == "sample":
        return _load_sample(previous)
    if kind == "path":
        return _load_path(config, previous)
    if kind == "url":
        return _load_url(config, previous)
    raise DataError(
        f"Dataset {config.name!r} has no source to read: set dataset.source to a path, a URL or "
        "'sample', or register it first."
    )


def _load_frame(frame: pd.DataFrame, previous: SourceState | None) -> LoadedSource | None:
    from bankml.data.frames import fingerprint_table, table_from_frame

    table = table_from_frame(frame)
    state = SourceState(fingerprint_table(table))
    if _same(previous, state.fingerprint):
        return None
    return LoadedSource(table, state.fingerprint, "DataFrame", synthetic=False, state=state)


def _load_sample(previous: SourceState | None) -> LoadedSource | None:
    from bankml.data.frames import table_from_frame
    from bankml.data.sample import FINGERPRINT, sample_frame

    if _same(previous, FINGERPRINT):
        return None
    table = table_from_frame(sample_frame())
    return LoadedSource(table, FINGERPRINT, SAMPLE, synthetic=True, state=SourceState(FINGERPRINT))


def _load_path(config: DatasetConfig, previous: SourceState | None) -> LoadedSource | None:
    from bankml.data.files import read_file

    content = read_file(str(config.source))
    state = SourceState(_digest(content, config), length=len(content))
    return _parsed(content, config, state, previous)


def _load_url(config: DatasetConfig, previous: SourceState | None) -> LoadedSource | None:
    from bankml.data.download import Validators, download

    location = _digest(str(config.source).encode(), config)
    known = previous if previous is not None and previous.location == location else None
    validators = Validators(known.etag, known.last_modified) if known else Validators()
    limit = config.max_megabytes * _BYTES_PER_MEGABYTE
    answer = download(str(config.source), limit, validators=validators)
    if answer is None:
        return None
    state = SourceState(
        fingerprint=_digest(answer.content, config),
        location=location,
        etag=answer.validators.etag,
        last_modified=answer.validators.last_modified,
        length=len(answer.content),
    )
    return _parsed(answer.content, config, state, previous)


def _parsed(
    content: bytes, config: DatasetConfig, state: SourceState, previous: SourceState | None
) -> LoadedSource | None:
    from bankml.data.content import parse_content

    if _same(previous, state.fingerprint):
        return None
    shown = _shown(config, source_kind(config))
    table = parse_content(content, config, shown)
    return LoadedSource(table, state.fingerprint, shown, synthetic=False, state=state)


def _same(previous: SourceState | None, fingerprint: str) -> bool:
    return previous is not None and previous.fingerprint == fingerprint


def _digest(content: bytes, config: DatasetConfig) -> str:
    options = repr((config.separator, config.encoding.casefold())).encode()
    digest = hashlib.sha256(_READER + options + b"\n")
    digest.update(content)
    return digest.hexdigest()


def _shown(config: DatasetConfig, kind: SourceKind) -> str:
    if kind != "url":
        return str(config.source)
    from bankml.data.urls import shown_url

    return shown_url(str(config.source))
