"""URLs and their errors as they may be shown, and the networks that their hosts are in."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from bankml.errors import DownloadError


def shown_url(url: str) -> str:
    """Return a URL without what may be secret: user, password, query and fragment.

    Args:
        url: Any URL; a shared access signature of Azure Storage is in its query.

    Returns:
        ``scheme://host[:port]/path``, or ``scheme://…`` where it can't be taken apart.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{url.partition(':')[0]}://…"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def reason_of(error: BaseException) -> str:
    """Return why a request failed, without the URL that requests puts into its messages.

    Args:
        error: What a request raised.

    Returns:
        The operating system's words where there are any, else the name of the error's class.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return str(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def networks_of(url: str) -> frozenset[str]:
    """Return which networks a URL's host is in.

    Args:
        url: An http(s) URL.

    Returns:
        A set of ``public``, ``private``, ``loopback`` and ``link-local``. A name that can't be
        resolved counts as public: only a proxy can reach it then, and it decides.

    Raises:
        DownloadError: The URL has no host, or is not http(s).
    """
    host = _host(url)
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return frozenset({"public"})
    return frozenset(_network(str(answer[4][0])) for answer in answers)


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, scheme = parts.hostname, parts.scheme
    except ValueError:
        host, scheme = None, ""
    if not host or scheme not in ("http", "https"):
        raise DownloadError(
            f"{shown_url(url)} is not an http(s) address with a host. Check dataset.source."
        )
    return host


def _network(address: str) -> str:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    if ip.is_link_local:
        return "link-local"
    if ip.is_loopback or ip.is_unspecified:
        return "loopback"
    return "public" if ip.is_global else "private"
