"""Moments as the store keeps them: UTC, ISO 8601, to the microsecond."""

from __future__ import annotations

from datetime import datetime, timezone


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(timezone.utc)


def to_text(moment: datetime | None) -> str | None:
    """Return a moment as the store keeps it; texts sort like the moments."""
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")


def from_text(text: str | None) -> datetime | None:
    """Return the moment that the store keeps as this text."""
    return datetime.fromisoformat(text) if text else None


def seconds_since(text: str, now: datetime) -> float:
    """Return the seconds from a stored moment until now."""
    return (now - datetime.fromisoformat(text)).total_seconds()
