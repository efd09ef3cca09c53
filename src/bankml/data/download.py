"""Downloading over http(s): bounded, checked to the last byte, repeated where it may help."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin

from bankml.data.retry import MayPassError, with_retries
from bankml.data.urls import networks_of, shown_url
from bankml.errors import DownloadError

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
MAX_REDIRECTS = 10
_CHUNK = 1 << 18
_MEMORY_BYTES = 32_000_000
_MAY_PASS = frozenset({408, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


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
    max_bytes: int,
    *,
    validators: Validators | None = None,
    progress: Callable[[int, int | None], None] | None = None,
    sleep: Callable[[float], None] | None = None,
) -> Download | None:
    """Read a URL to its end.

    Connection failures, bodies that stop too early, 408, 429 and 5xx are tried again, as long as
    the server asked to wait if it did. Other answers are not. Redirects are followed to http(s)
    only, never from https to http, and never from a public host into a private network.

    Args:
        url: An http(s) URL.
        max_bytes: Largest body accepted; enforced while it arrives.
        validators: What was seen last, to be told when nothing has changed.
        progress: Called with the bytes so far and the total, or None where that is unknown.
        sleep: Waits that many seconds between two tries; for tests.

    Returns:
        The content, or None where the server says that it has not changed.

    Raises:
        DownloadError: It could not be read, is too large, or redirects where it must not.
    """
    import requests

    known = validators or Validators()
    report = progress or _no_progress

    def attempt() -> Download | None:
        with requests.Session() as session:
            return _attempt(session, url, max_bytes, known, report)

    return with_retries(attempt, shown_url(url), sleep)


def _attempt(
    session: requests.Session,
    url: str,
    max_bytes: int,
    known: Validators,
    report: Callable[[int, int | None], None],
) -> Download | None:
    import requests

    try:
        with _answer(session, url, known) as response:
            if response.status_code == 304 and known.headers():
                return None
            _check_status(response, shown_url(url))
            content = _body(response, max_bytes, report, shown_url(url))
            return Download(content, _validators(response))
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
        raise MayPassError(f"the connection failed or broke off ({_reason(error)})") from error
    except (requests.RequestException, UnicodeError) as error:
        raise DownloadError(
            f"{shown_url(url)} can't be requested ({_reason(error)}). Check dataset.source."
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


def _body(
    response: requests.Response,
    max_bytes: int,
    report: Callable[[int, int | None], None],
    shown: str,
) -> bytes:
    plain = response.headers.get("Content-Encoding", "identity") == "identity"
    length = response.headers.get("Content-Length", "")
    total = int(length) if plain and length.isascii() and length.isdigit() else None
    if total is not None and total > max_bytes:
        raise _too_large(shown, max_bytes)
    with tempfile.SpooledTemporaryFile(_MEMORY_BYTES) as file:
        done = _receive(response, file, max_bytes, lambda so_far: report(so_far, total), shown)
        if total is not None and done != total:
            raise MayPassError(f"{done:,} of {total:,} bytes arrived")
        file.seek(0)
        return file.read()


def _receive(
    response: requests.Response,
    file: IO[bytes],
    max_bytes: int,
    report: Callable[[int], None],
    shown: str,
) -> int:
    done = 0
    for chunk in response.iter_content(_CHUNK):
        done += len(chunk)
        if done > max_bytes:
            raise _too_large(shown, max_bytes)
        _write(file, chunk)
        report(done)
    return done


def _write(file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise DownloadError(
            f"The download can't be kept in {tempfile.gettempdir()}: {error.strerror}. Free some "
            "space there, or set TMPDIR to another folder."
        ) from error


def _validators(response: requests.Response) -> Validators:
    return Validators(response.headers.get("ETag"), response.headers.get("Last-Modified"))


def _too_large(shown: str, max_bytes: int) -> DownloadError:
    return DownloadError(
        f"{shown} is larger than {max_bytes / 1e6:g} MB; raise dataset.max_megabytes if that is "
        "meant to be."
    )


def _reason(error: BaseException) -> str:
    """Return why a request failed, without the URL that requests puts into its messages."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return str(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def _no_progress(_done: int, _total: int | None) -> None:
    return
