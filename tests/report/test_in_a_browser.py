"""The report in a real browser: a desktop and a phone, light and dark, and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(
    scope="module",
    params=[(size, scheme) for size in SCREENS for scheme in ("light", "dark")],
    ids=lambda screen: "-".join(screen),
)
def page(request: pytest.FixtureRequest, browser: Any, report: Path) -> Iterator[Any]:
    """The report, opened from disk; it fails on any error in the console and on any request."""
    size, scheme = request.param
    width, height = SCREENS[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda asked: wrong.append(asked.url))
    page.on("request", lambda asked: wrong.extend(_from_elsewhere(asked.url)))
    page.goto(report.as_uri())
    yield page
    context.close()
    assert wrong == []


def _from_elsewhere(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:")) else [url]


def test_the_page_is_no_wider_than_the_screen(page: Any) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")

    assert width <= page.viewport_size["width"]


def test_every_section_is_reached_from_the_navigation(page: Any) -> None:
    links = page.get_by_role("navigation").get_by_role("link").all()

    assert len(links) == 7
    for link in links:
        link.click()
        assert page.locator(link.get_attribute("href")).is_visible()


def test_every_plot_is_drawn_and_has_words(page: Any) -> None:
    figures = page.locator("figure").all()

    assert len(figures) == 8
    for figure in figures:
        image = figure.get_by_role("img").first
        assert len(image.get_attribute("aria-label")) > 40
        box = image.locator("svg").bounding_box()
        assert box["width"] > 250
        assert box["height"] > 180
        drawn = image.locator("svg").text_content()
        assert any(character.isdigit() for character in drawn), "the plot has numbers"


def test_text_and_plots_stand_out_from_the_page(page: Any) -> None:
    for selector in ("p", "td", "figcaption", "figure svg text", "nav a"):
        ratio = page.evaluate(CONTRAST, selector)

        assert ratio >= 4.5, selector


def test_tables_have_captions_and_headings(page: Any) -> None:
    for table in page.locator("table").all():
        assert table.locator("caption").text_content()
        assert table.locator("th[scope]").count() > 0


def test_a_screenshot_shows_more_than_one_colour(page: Any) -> None:
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))

    assert picture.width == page.viewport_size["width"]
    assert len(picture.convert("RGB").getcolors(maxcolors=2**24) or []) > 50


def test_on_paper_the_page_is_dark_on_white(browser: Any, report: Path) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(report.as_uri())

    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    saved = page.pdf()
    context.close()

    assert colour == "rgb(255, 255, 255)"
    assert saved.startswith(b"%PDF")


CONTRAST = """
selector => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(value => value / 255)
    .map(value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length && colour[3] !== 0) return colour;
    }
  };
  const element = document.querySelector(selector);
  const style = getComputedStyle(element);
  const ink = element.closest("svg") ? parse(style.fill) : parse(style.color);
  const [high, low] = [light(ink), light(behind(element))].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}
"""
