"""Downloading over http(s): bounded, checked to the last byte, repeated where it may help."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin

from bankml.data.retry import MayPassError, with_retries
from bankml.data.urls import networks_of, reason_of, shown_url
from bankml.errors import DownloadError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
TOTAL_SECONDS = 3600.0
MAX_REDIRECTS = 10
_STRONG_AFTER = 60.0
_CHUNK = 1 << 18
_MEMORY_BYTES = 32_000_000
_MAY_PASS = frozenset({408, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class _Limits:
    shown: str
    max_bytes: float
    max_seconds: float
    began: float

    def check(self, received: int) -> None:
        """Raise DownloadError where there are too many bytes, or it has taken too long."""
        if received > self.max_bytes:
            raise DownloadError(
                f"{self.shown} is larger than {self.max_bytes / 1e6:g} MB; raise "
                "dataset.max_megabytes if that is meant to be."
            )
        if time.monotonic() - self.began > self.max_seconds:
            raise DownloadError(
                f"{self.shown} was not read after {self.max_seconds:g} seconds. Download the file "
                "by other means and set dataset.source to its path."
            )


@dataclass(frozen=True)
class Validators:
    """What a conditional request is made of (RFC 9110, section 13).

    Attributes:
        etag: The ``ETag`` seen last, or None.
        last_modified: The ``Last-Modified`` seen last, or None.
    """

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the request headers that ask for changed content only."""
        if self.etag is not None:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.last_modified} if self.last_modified else {}


@dataclass(frozen=True)
class Download:
    """A finished download.

    Attributes:
        content: The whole body.
        validators: What to send the next time.
    """

    content: bytes
    validators: Validators


def download(
    url: str,
    max_bytes: float,
    *,
    max_seconds: float = TOTAL_SECONDS,
    validators: Validators | None = None,
    sleep: Callable[[float], None] | None = None,
) -> Download | None:
    """Read a URL to its end.

    Connection failures, bodies that stop too early, 408, 429 and 5xx are tried again, as long as
    the server asked to wait if it did. Other answers are not. Redirects are followed to http(s)
    only, never from https to http, and never from a public host into a private network.

    Args:
        url: An http(s) URL.
        max_bytes: Largest body accepted; enforced while it arrives.
        max_seconds: Longest that one try may take, however steadily bytes trickle in.
        validators: What was seen last, to be told when nothing has changed.
        sleep: Waits that many seconds between two tries; for tests.

    Returns:
        The content, or None where the server says that it has not changed.

    Raises:
        DownloadError: It could not be read, is too large, or redirects where it must not.
    """
    import requests

    known = validators or Validators()

    def attempt() -> Download | None:
        limits = _Limits(shown_url(url), max_bytes, max_seconds, time.monotonic())
        with requests.Session() as session:
            return _attempt(session, url, known, limits)

    return with_retries(attempt, shown_url(url), sleep)


def _attempt(
    session: requests.Session,
    url: str,
    known: Validators,
    limits: _Limits,
) -> Download | None:
    import requests

    try:
        with _answer(session, url, known) as response:
            if response.status_code == 304 and known.headers():
                return None
            _check_status(response, shown_url(url))
            return Download(_body(response, limits), _validators(response))
    except requests.exceptions.SSLError as error:
        raise DownloadError(
            f"{shown_url(url)}: the server's certificate can't be verified. Check the address, or "
            "set REQUESTS_CA_BUNDLE to your organisation's certificates."
        ) from error
    except (
        requests.ConnectionError,
        requests.Timeout,
        requests.exceptions.ChunkedEncodingError,
    ) as error:
        raise MayPassError(f"the connection failed or broke off ({reason_of(error)})") from error
    except (requests.RequestException, UnicodeError) as error:
        raise DownloadError(
            f"{shown_url(url)} can't be requested ({reason_of(error)}). Check dataset.source."
        ) from error


def _answer(session: requests.Session, url: str, known: Validators) -> requests.Response:
    """Return the first answer that is not a redirect."""
    allowed = networks_of(url) | {"public"}
    current = url
    for _ in range(MAX_REDIRECTS + 1):
        response = session.get(
            current,
            headers={"Accept-Encoding": "identity", **known.headers()},
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
        )
        if response.status_code not in _REDIRECTS:
            return response
        target = urljoin(current, response.headers.get("Location", ""))
        response.close()
        _check_redirect(current, target, allowed)
        current = target
    raise DownloadError(
        f"{shown_url(url)} redirects more than {MAX_REDIRECTS} times. Use the final address."
    )


def _check_redirect(current: str, target: str, allowed: frozenset[str]) -> None:
    shown = f"{shown_url(current)} redirects to {shown_url(target)}"
    networks = networks_of(target)
    if not networks <= allowed:
        raise DownloadError(
            f"{shown}, which is in a {', '.join(sorted(networks - allowed))} network. That is "
            "refused; set dataset.source to that address if it is meant."
        )
    if current.startswith("https:") and not target.startswith("https:"):
        raise DownloadError(f"{shown}, which is not encrypted. Use an https address.")


def _check_status(response: requests.Response, shown: str) -> None:
    status = response.status_code
    if status == 200:
        return
    said = f"{status} {response.reason or ''}".strip()
    if status in _MAY_PASS:
        raise MayPassError(f"the server answered {said}", response.headers.get("Retry-After"))
    hint = {
        401: " It needs a sign-in or a signed address (SAS).",
        403: " The address may need a signature (SAS), or the signature has expired.",
        404: " Check dataset.source for a typing error.",
        410: " It is gone; look for its new address.",
    }.get(status, " Check dataset.source.")
    raise DownloadError(f"{shown}: the server answered {said}.{hint}")


def _body(response: requests.Response, limits: _Limits) -> bytes:
    plain = response.headers.get("Content-Encoding", "identity") == "identity"
    length = response.headers.get("Content-Length", "")
    total = int(length) if plain and length.isascii() and length.isdigit() else None
    limits.check(total or 0)
    with tempfile.SpooledTemporaryFile(_MEMORY_BYTES) as file:
        done = 0
        for chunk in response.iter_content(_CHUNK):
            done += len(chunk)
            limits.check(done)
            _write(file, chunk)
        if total is not None and done != total:
            raise MayPassError(f"{done:,} of {total:,} bytes arrived")
        file.seek(0)
        return file.read()


def _write(file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise DownloadError(
            f"The download can't be kept in {tempfile.gettempdir()}: {error.strerror}. Free some "
            "space there, or set TMPDIR to another folder."
        ) from error


def _validators(response: requests.Response) -> Validators:
    headers = response.headers
    changed = headers.get("Last-Modified")
    return Validators(headers.get("ETag"), changed if _is_strong(changed, headers) else None)


def _is_strong(changed: str | None, headers: Mapping[str, str]) -> bool:
    """Tell whether a date proves the content: it could not have changed twice within its second.

    RFC 9110, section 8.8.2.2: it must lie a while (here a minute) before the answer's own date.
    """
    try:
        answered = parsedate_to_datetime(headers.get("Date", ""))
        return (answered - parsedate_to_datetime(changed or "")).total_seconds() >= _STRONG_AFTER
    except (ValueError, TypeError):
        return False
