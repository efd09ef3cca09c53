"""The header by which a server says how long to wait before another try."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime


def seconds_asked(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait (RFC 9110, 10.2.3).

    Args:
        header: Seconds or an HTTP date, or None.
        now: The time to count from; for tests.

    Returns:
        Seconds, not negative; None where there is no header or it says nothing.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=timezone.utc)
    return max(0.0, (then - (now or datetime.now(timezone.utc))).total_seconds())
