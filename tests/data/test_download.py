"""Downloads arrive whole or not at all, and never come from where they must not."""

from __future__ import annotations

import socket

import pytest

from bankml.config import DatasetConfig
from bankml.data import load_source
from bankml.data.download import Validators, download
from bankml.data.retry import ATTEMPTS, LONGEST_WAIT
from bankml.data.urls import networks_of, shown_url
from bankml.errors import DownloadError
from tests.data.scripted_server import Answer, scripted_server

CSV = b"age,y\n30,no\n40,yes\n"
LARGE = 1_000_000


class Naps:
    """Stands in for sleeping, and remembers for how long."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


def test_a_url_is_read_to_its_end(naps: Naps) -> None:
    with scripted_server(Answer(body=CSV)) as server:
        answer = download(f"{server.url}/bank.csv", LARGE, sleep=naps)

    assert answer is not None
    assert answer.content == CSV
    assert naps.taken == []


def test_a_body_without_a_length_is_read_too() -> None:
    with scripted_server(Answer(body=CSV, length=-1)) as server:
        answer = download(server.url, LARGE)

    assert answer is not None
    assert answer.content == CSV


def test_not_found_is_final_and_hides_the_signature(naps: Naps) -> None:
    with (
        scripted_server(Answer(404)) as server,
        pytest.raises(DownloadError, match=r"404.*Check dataset\.source") as caught,
    ):
        download(f"{server.url}/gone.csv?sig=SECRET", LARGE, sleep=naps)

    assert len(server.requests) == 1
    assert "SECRET" not in str(caught.value)
    assert "/gone.csv" in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 410, 206, 304])
def test_no_other_answer_than_200_counts(status: int, naps: Naps) -> None:
    with (
        scripted_server(Answer(status)) as server,
        pytest.raises(DownloadError, match=str(status)),
    ):
        download(server.url, LARGE, sleep=naps)

    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int, naps: Naps) -> None:
    with scripted_server(Answer(status), Answer(status), Answer(body=CSV)) as server:
        answer = download(server.url, LARGE, sleep=naps)

    assert answer is not None
    assert answer.content == CSV
    assert len(naps.taken) == 2


def test_it_waits_as_long_as_the_server_asks(naps: Naps) -> None:
    busy = Answer(503, headers={"Retry-After": "7"})
    with scripted_server(busy, Answer(body=CSV)) as server:
        download(server.url, LARGE, sleep=naps)

    assert naps.taken == [7.0]


def test_a_server_that_asks_for_an_hour_is_not_waited_for(naps: Naps) -> None:
    busy = Answer(503, headers={"Retry-After": "3600"})
    with scripted_server(busy) as server, pytest.raises(DownloadError, match="tried 1 times"):
        download(server.url, LARGE, sleep=naps)

    assert naps.taken == []


def test_it_gives_up_in_the_end(naps: Naps) -> None:
    with scripted_server(Answer(500)) as server, pytest.raises(DownloadError, match="answered 500"):
        download(server.url, LARGE, sleep=naps)

    assert len(server.requests) == ATTEMPTS
    assert sum(naps.taken) < LONGEST_WAIT


def test_a_body_that_stops_half_way_is_an_error(naps: Naps) -> None:
    cut = Answer(body=CSV, length=len(CSV) + 100)
    with scripted_server(cut) as server, pytest.raises(DownloadError, match="broke off"):
        download(server.url, LARGE, sleep=naps)

    assert len(server.requests) == ATTEMPTS


def test_a_chunked_body_that_stops_half_way_is_an_error(naps: Naps) -> None:
    chunked = {"Transfer-Encoding": "chunked"}
    cut = Answer(body=b"ff\r\nage,y\r\n30", headers=chunked, length=-1)
    with scripted_server(cut) as server, pytest.raises(DownloadError, match="broke off"):
        download(server.url, LARGE, sleep=naps)


def test_after_a_broken_body_the_next_try_starts_anew(naps: Naps) -> None:
    cut = Answer(body=CSV[:5], length=len(CSV))
    with scripted_server(cut, Answer(body=CSV)) as server:
        answer = download(server.url, LARGE, sleep=naps)

    assert answer is not None
    assert answer.content == CSV


@pytest.mark.parametrize("length", [None, -1])
def test_the_size_limit_holds_announced_or_not(length: int | None, naps: Naps) -> None:
    with (
        scripted_server(Answer(body=b"x" * 2000, length=length)) as server,
        pytest.raises(DownloadError, match=r"larger than 0\.001 MB.*max_megabytes"),
    ):
        download(server.url, 1000, sleep=naps)

    assert len(server.requests) == 1


def test_a_body_that_never_ends_is_left_in_time() -> None:
    with (
        scripted_server(Answer(body=CSV)) as server,
        pytest.raises(DownloadError, match="was not read after"),
    ):
        download(server.url, LARGE, max_seconds=-1)


def test_redirects_are_followed() -> None:
    there = Answer(302, headers={"Location": "/moved.csv"})
    with scripted_server(there, Answer(body=CSV)) as server:
        answer = download(server.url, LARGE)

    assert answer is not None
    assert [request["path"] for request in server.requests] == ["/", "/moved.csv"]


def test_a_redirect_loop_ends() -> None:
    loop = Answer(302, headers={"Location": "/again"})
    with scripted_server(loop) as server, pytest.raises(DownloadError, match="redirects more than"):
        download(server.url, LARGE)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/x", "http://:80/"])
def test_a_redirect_to_anything_but_http_is_refused(target: str) -> None:
    with (
        scripted_server(Answer(302, headers={"Location": target})) as server,
        pytest.raises(DownloadError, match=r"not an http\(s\) address"),
    ):
        download(server.url, LARGE)


@pytest.mark.parametrize(
    ("target", "network"),
    [
        ("http://169.254.169.254/metadata", "link-local"),
        ("http://[fe80::1]/", "link-local"),
        ("http://10.0.0.1/", "private"),
    ],
)
def test_a_redirect_into_another_network_is_refused(target: str, network: str) -> None:
    with (
        scripted_server(Answer(302, headers={"Location": target})) as server,
        pytest.raises(DownloadError, match=f"in a {network} network"),
    ):
        download(server.url, LARGE)


def test_a_public_host_may_not_redirect_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo
    with scripted_server(Answer(302, headers={"Location": "http://127.0.0.1/"})) as server:
        port = int(server.url.rpartition(":")[2])

        def pretend(host: str | None, *rest: object, **named: object) -> object:
            if host == "public.test" and rest[0] is None:
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 0))]
            return resolve("127.0.0.1" if host == "public.test" else host, *rest, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(socket, "getaddrinfo", pretend)
        with pytest.raises(DownloadError, match="in a loopback network"):
            download(f"http://public.test:{port}/", LARGE)


def test_nobody_listening_is_a_clear_error(naps: Naps) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(DownloadError, match="Connection refused"):
            download(f"http://127.0.0.1:{port}/x.csv?sig=SECRET", LARGE, sleep=naps)


@pytest.mark.parametrize("url", ["http://", "http://[", "http://.example.org", "https://a b/"])
def test_an_impossible_address_is_a_clear_error(url: str, naps: Naps) -> None:
    with pytest.raises(DownloadError):
        download(url, LARGE, sleep=naps)


def test_unchanged_content_is_not_sent_again() -> None:
    with scripted_server(Answer(304)) as server:
        answer = download(server.url, LARGE, validators=Validators(etag='"v1"'))

    assert answer is None
    assert server.requests[0]["if-none-match"] == '"v1"'


def test_a_loaded_url_is_asked_for_changes_only() -> None:
    first, unchanged = Answer(body=CSV, headers={"ETag": '"v1"'}), Answer(304)
    with scripted_server(first, unchanged) as server:
        config = DatasetConfig(source=f"{server.url}/bank.csv?sig=SECRET")
        loaded = load_source(config)
        assert loaded is not None
        again = load_source(config, previous=loaded.state)

    assert again is None
    assert loaded.source == f"{server.url}/bank.csv"
    assert "SECRET" not in repr(loaded.state)


def test_other_reading_options_read_the_url_anew() -> None:
    body = b"age;y\n30;no\n"
    with scripted_server(Answer(body=body, headers={"ETag": '"v1"'})) as server:
        loaded = load_source(DatasetConfig(source=server.url, separator=";"))
        assert loaded is not None
        changed = DatasetConfig(source=server.url, separator=";", encoding="latin-1")
        again = load_source(changed, previous=loaded.state)

    assert again is not None
    assert "if-none-match" not in server.requests[1]
    assert again.fingerprint != loaded.fingerprint


def test_the_same_bytes_without_a_validator_are_not_parsed_again() -> None:
    with scripted_server(Answer(body=CSV)) as server:
        loaded = load_source(DatasetConfig(source=server.url))
        assert loaded is not None
        again = load_source(DatasetConfig(source=server.url), previous=loaded.state)

    assert again is None
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("changed", "kept"),
    [("Mon, 01 Jan 2024 00:00:00 GMT", True), (None, False), ("yesterday", False)],
)
def test_a_date_proves_something_only_long_after_it(changed: str | None, kept: bool) -> None:
    headers = {"Last-Modified": changed} if changed else {}
    with scripted_server(Answer(body=CSV, headers=headers)) as server:
        answer = download(server.url, LARGE)

    assert answer is not None
    assert answer.validators.last_modified == (changed if kept else None)
    assert bool(answer.validators.headers()) is kept


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pass@host:8443/a/b.csv?sig=x#y", "https://host:8443/a/b.csv"),
        ("http://[::1/x?sig=SECRET", "http://…"),
    ],
)
def test_a_url_is_shown_without_secrets(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("127.0.0.1", "loopback"),
        ("0.0.0.0", "loopback"),  # noqa: S104 - only told apart, nothing is bound to it
        ("[::ffff:127.0.0.1]", "loopback"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("[fd00::1]", "private"),
        ("169.254.169.254", "link-local"),
        ("8.8.8.8", "public"),
    ],
)
def test_networks_are_told_apart(host: str, network: str) -> None:
    assert networks_of(f"http://{host}/") == {network}
