"""A hostile metrics output is read in bounded time, or ends in our error."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankml import RunError
from bankml.outputs import MAX_METRICS_BYTES, read_metrics

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, content: bytes) -> Path:
    path = folder / "metrics.json"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        b'{"r_0":{"accuracy":[0.9]},"r_0":{"accuracy":[0.1]}}',
        b'{"r_0":{"accuracy":[0.9],"accuracy":[0.1]}}',
        b'{"r_0":{"accuracy":[' + b"9" * 5000 + b"]}}",
        b"[" * 100_000,
        b"\xff\xfe",
        b"null",
        b'{"r_0":null}',
    ],
)
def test_what_cannot_be_told_apart_or_read_is_our_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RunError):
        read_metrics(written(tmp_path, content), "r")


def test_lists_of_unequal_length_are_kept_as_they_are(tmp_path: Path) -> None:
    document = {"r_0": {"log_loss": [3.0, 2.0, 1.0], "accuracy": [0.9]}, "r_1": {"accuracy": []}}

    found = read_metrics(written(tmp_path, json.dumps(document).encode()))

    assert found == {"r_0": document["r_0"], "r_1": {}}


def test_a_file_beyond_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = written(tmp_path, b"{}")
    with path.open("r+b") as file:
        file.truncate(MAX_METRICS_BYTES + 1)

    with pytest.raises(RunError, match="larger than 150 MB"):
        read_metrics(path)


@pytest.mark.parametrize("piece", ['"{}":{{"a":1}}', '"{}":{{"a":[[],[],[],[],[],[],[],[]]}}'])
def test_a_file_that_would_fill_the_memory_is_refused_at_once(tmp_path: Path, piece: str) -> None:
    content = ",".join(piece.format(number) for number in range(800_000))

    with pytest.raises(RunError, match="more than 500 MB of memory"):
        read_metrics(written(tmp_path, f"{{{content}}}".encode()))


def test_ten_megabytes_are_read(tmp_path: Path) -> None:
    rows = ",".join(["0.123456789"] * 1000)
    children = ",".join(f'"r_{number}":{{"AUC_weighted":[{rows}]}}' for number in range(850))

    found = read_metrics(written(tmp_path, f"{{{children}}}".encode()))

    assert len(found) == 850
    assert len(found["r_849"]["AUC_weighted"]) == 1000


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=st.binary(max_size=100)
    | st.text('{}[]":,0123456789eE.-+ NaInfity', max_size=60).map(str.encode)
)
def test_any_bytes_are_metrics_or_our_error(tmp_path: Path, content: bytes) -> None:
    with suppress(RunError):
        found = read_metrics(written(tmp_path, content))
        assert all(isinstance(metrics, dict) for metrics in found.values())
