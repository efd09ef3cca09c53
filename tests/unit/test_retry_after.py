"""How long a server asks to wait."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from bankml.retry_after import seconds_asked

NOW = datetime(2024, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("12", 12.0),
        (" 7 ", 7.0),
        ("Mon, 01 Jan 2024 00:00:30 GMT", 30.0),
        ("Mon, 01 Jan 2024 00:00:30 -0000", 30.0),
        ("Mon, 01 Jan 2024 00:00:30", 30.0),
        ("Sun, 31 Dec 2023 23:00:00 GMT", 0.0),
    ],
)
def test_seconds_and_moments_are_understood(header: str, seconds: float) -> None:
    assert seconds_asked(header, NOW) == seconds


@pytest.mark.parametrize(
    "header", [None, "", "soon", "-3", "\u00b2", "Mon, 01 Jan 2024 00:00:30 +9999999999999"]
)
def test_what_is_no_time_is_no_wait(header: str | None) -> None:
    assert seconds_asked(header, NOW) is None
