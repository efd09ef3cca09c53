"""Parts that need no service: filters, dataflows, the URL map, the certificate, the proxy."""

from __future__ import annotations

import ssl
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import requests

from bankml.emulator.answers import ServiceProblemError
from bankml.emulator.blobs import DATASTORE_CONTAINER, BlobError, BlobStore, UrlMap
from bankml.emulator.certificate import write_certificate
from bankml.emulator.dataflow import read_dataflow, split_datastore_path
from bankml.emulator.filters import parse_filter
from bankml.emulator.training_data import web_address
from bankml.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bankml.emulator import Emulator

RUN = {
    "runId": "a",
    "status": "Running",
    "parentRunId": None,
    "tags": {"owner": "me", "note": "two words"},
    "properties": {"azureml.runsource": "automl"},
}


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        (None, True),
        ("RunId eq a", True),
        ("RunId ne a", False),
        ('(Tags/owner eq "me")', True),
        ('(Tags/note eq "two words")', True),
        ('(Tags/owner eq "you")', False),
        ("(Tags/owner ne null or Tags/owner eq null)", True),
        ("(Tags/absent ne null or Tags/absent eq null)", False),
        ("(ParentRunId eq null)", True),
        ("((Status eq Running) and (RunId eq b))", False),
        ("RunId eq b or Status eq Running and RunId eq a", True),
        ("(RunType eq automl or Properties/azureml.runsource eq automl)", True),
    ],
)
def test_a_filter_of_runs(text: str | None, passes: bool) -> None:
    assert parse_filter(text)(RUN) is passes


@pytest.mark.parametrize("text", ["RunId", "RunId like a", "(RunId eq a", "RunId eq a RunId eq b"])
def test_a_filter_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ServiceProblemError, match="not understood"):
        parse_filter(text)


def dataflow(*transformations: str) -> str:
    lines = ["paths:", "  - file: rows", "transformations:"]
    return "\n".join([*lines, *(f"  - {text}" for text in transformations)])


def test_delimiter_header_and_missing_values() -> None:
    text = dataflow("read_delimited: {delimiter: ';', header: no_header, encoding: utf8}")

    frame = read_dataflow(text, lambda _: [b"1;a\n2;\n"])

    assert list(frame.columns) == ["Column1", "Column2"]
    assert frame["Column2"].isna().tolist() == [False, True]


def test_several_files_become_one_table() -> None:
    text = dataflow("read_delimited: {header: all_files_same_headers}", "take: 3")

    frame = read_dataflow(text, lambda _: [b"x\n1\n2\n", b"x\n3\n4\n"])

    assert frame["x"].tolist() == [1, 2, 3]


def test_types_are_converted() -> None:
    text = dataflow(
        "read_delimited: {}",
        "convert_column_types: [{columns: [x], column_type: float},"
        " {columns: day, column_type: {datetime: {formats: ['%Y-%m-%d']}}}]",
    )

    frame = read_dataflow(text, lambda _: [b"x,day\n1,2026-11-23\nnone,2026-11-24\n"])

    assert frame["x"].isna().tolist() == [False, True]
    assert frame["day"].dt.day.tolist() == [23, 24]


def test_parquet_is_read(tmp_path: Path) -> None:
    rows = pd.DataFrame({"x": [1, 2]})
    rows.to_parquet(tmp_path / "rows.parquet")

    frame = read_dataflow(
        dataflow("read_parquet"), lambda _: [(tmp_path / "rows.parquet").read_bytes()]
    )

    pd.testing.assert_frame_equal(frame, rows)


def test_a_dataflow_without_rows_is_refused() -> None:
    with pytest.raises(DataError, match="reads no rows"):
        read_dataflow("paths: []", lambda _: [])


def test_addresses_of_blobs_and_datastores() -> None:
    blob = "wasbs://samples@account.blob.core.windows.net/folder/rows.csv"
    store = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a/b.csv"

    assert web_address(blob) == "https://account.blob.core.windows.net/samples/folder/rows.csv"
    assert split_datastore_path(store) == ("d", "a/b.csv")
    assert split_datastore_path("https://host/rows.csv") is None


def test_a_url_map_never_leaves_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "rows.csv").write_text("x\n1\n")
    (tmp_path / "secret.txt").write_text("secret")
    urls = UrlMap({"https://host/data": folder})

    assert urls.find_url("https://host/data/rows.csv") == folder / "rows.csv"
    assert urls.find_url("https://host/data/../secret.txt") is None
    assert urls.find_url("https://host/other/rows.csv") is None
    assert urls.find_url("https://elsewhere/data/rows.csv") is None


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "a/../../b", "", "a\0b", "x" * 300])
def test_a_blob_never_leaves_its_container(tmp_path: Path, name: str) -> None:
    with pytest.raises(BlobError, match="not a name for a blob"):
        BlobStore(tmp_path).write(DATASTORE_CONTAINER, name, b"data")


def test_there_are_no_other_containers(tmp_path: Path) -> None:
    with pytest.raises(BlobError, match=r"\.\."):
        BlobStore(tmp_path / "blobs").write("..", "blob", b"data")

    assert list(BlobStore(tmp_path / "blobs").names("..")) == []


def test_a_blob_can_not_be_a_folder_too(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    store.write(DATASTORE_CONTAINER, "a", b"data")

    with pytest.raises(BlobError, match="can't be written"):
        store.write(DATASTORE_CONTAINER, "a/b", b"data")


def test_a_block_that_was_never_added_is_named(tmp_path: Path) -> None:
    with pytest.raises(BlobError, match="'two'"):
        BlobStore(tmp_path).commit_blocks(DATASTORE_CONTAINER, "blob", ["two"])


def test_a_filter_of_many_brackets_is_refused() -> None:
    with pytest.raises(ServiceProblemError, match="too deeply"):
        parse_filter("(" * 10_000)


def test_the_key_is_private_and_the_bundle_keeps_public_authorities(tmp_path: Path) -> None:
    files = write_certificate(tmp_path, ["127.0.0.1", "account.blob.core.windows.net"])

    context = ssl.create_default_context(cafile=str(files.bundle))
    assert files.key.stat().st_mode & 0o077 == 0
    assert len(context.get_ca_certs()) > 50


@pytest.fixture
def other_server(tmp_path: Path) -> Iterator[str]:
    """A web server that has nothing to do with the emulator."""
    (tmp_path / "hello.txt").write_text("hello")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            del arguments

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_proxy_lets_other_hosts_through(emulator: Emulator, other_server: str) -> None:
    proxies = {"http": emulator.environ["HTTPS_PROXY"]}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{other_server}/hello.txt", proxies=proxies, timeout=30)

    assert answer.text == "hello"


def test_the_proxy_says_when_a_host_is_not_there(emulator: Emulator) -> None:
    proxies = {"http": emulator.environ["HTTPS_PROXY"]}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get("http://127.0.0.1:9/", proxies=proxies, timeout=30)

    assert answer.status_code == 502
