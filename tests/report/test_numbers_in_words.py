"""How numbers, moments and durations are written on pages."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from bankml.errors import MissingDependencyError
from bankml.report import page

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "—"),
        (float("nan"), "—"),
        (0, "0.0000"),
        (0.91234567, "0.9123"),
        (0.00012345, "0.000123"),
        (-999.5, "-999.5000"),
        (12345.67, "12,345.7"),
        (1234567.0, "1.23e+06"),
    ],
)
def test_numbers_have_as_many_digits_as_matter(value: float | None, written: str) -> None:
    assert page.number(value) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (None, "—"),
        (0.04, "0.0 s"),
        (59.94, "59.9 s"),
        (125.2, "2 min 05 s"),
        (3599.9, "1 h 00 min"),
        (7384.0, "2 h 03 min"),
    ],
)
def test_durations_are_written_in_words(seconds: float | None, written: str) -> None:
    assert page.duration(seconds) == written


def test_moments_are_written_in_utc() -> None:
    when = datetime(2024, 2, 29, 23, 5, 9, tzinfo=timezone.utc)

    assert page.moment(when) == "2024-02-29 23:05:09 UTC"
    assert page.moment(None) == "—"


def test_shares_are_written_as_percentages() -> None:
    assert page.percent(0.1234) == "12.3%"
    assert page.percent(0.1234, 0) == "12%"


@pytest.fixture
def no_jinja(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Jinja2 as if it were not installed."""
    page._environment.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    yield
    page._environment.cache_clear()


@pytest.mark.usefixtures("no_jinja")
def test_without_jinja_the_page_says_what_to_install() -> None:
    with pytest.raises(MissingDependencyError, match=r"pip install 'bankml\[report\]'"):
        page.render("report.html.j2")
