"""Can everybody use the pages: wide or narrow, in both languages, in the dark, by keyboard?

And does every link lead somewhere?
"""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browsing import faults, overflow
from tests.pages import OF_INTAKE, PAGES
from tests.serving import Server

LOOKS = [("vi", 1280, "light"), ("en", 390, "dark")]
LINK = re.compile(r'href="(/[^"]*)"')
DOSSIER = re.compile(r"^/dossier/[^/.]+")


def look(browser: Browser, address: str) -> None:
    """Look at a page in every way."""
    for language, width, scheme in LOOKS:
        page = browser.new_page(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        assert faults(page) == [], (language, width, scheme)
        assert overflow(page) <= 0, (language, width)
        assert page.evaluate("document.documentElement.lang") == language
        assert not page.page_errors()
        page.close()


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_kept_out(browser: Browser, server: Server, name: str) -> None:
    look(browser, server.address + PAGES[name])


@pytest.mark.parametrize("name", OF_INTAKE)
def test_nobody_is_kept_out_of_intake(browser: Browser, intake: Server, name: str) -> None:
    look(browser, intake.address + OF_INTAKE[name])


def links(server: Server, path: str) -> Iterator[str]:
    """The addresses on this server to which a page leads."""
    return (unescape(each) for each in LINK.findall(server.get(path).text))


def shape(address: str) -> tuple[object, ...]:
    """What kind of address it is: those of one kind differ in values only."""
    parts = urlsplit(address)
    asked = parse_qsl(parts.query)
    telling = {(name, text) for name, text in asked if name in ("account", "check", "window")}
    return DOSSIER.sub("/dossier", parts.path), frozenset(name for name, _ in asked), *telling


def test_every_link_of_every_page_leads_somewhere(server: Server, intake: Server) -> None:
    """One link of each kind."""
    for at, pages in ((server, ["/", *PAGES.values()]), (intake, [*OF_INTAKE.values()])):
        found: dict[tuple[object, ...], tuple[str, str]] = {}
        for path in pages:
            for link in links(at, path):
                found.setdefault(shape(link), (link, path))
        assert len(found) > 3 * len(pages)
        for link, path in found.values():
            assert at.get(link).status_code in (200, 302), (link, "on", path)


def test_from_a_difference_to_the_rule_by_keyboard_only(browser: Browser, server: Server) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(server.address + PAGES["compare"])
    for selector, there in (
        ("td a[href*='account=resolved.overdue'][href*='/compare']", "account=resolved.overdue"),
        ("tbody a[href^='/dossier/']", "/dossier/"),
    ):
        page.wait_for_selector(selector)
        for _ in range(400):
            page.keyboard.press("Tab")
            if page.evaluate("(css) => document.activeElement.matches(css)", selector):
                break
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(re.escape(there)))
    assert "Điều" in page.content() or "art." in page.content()
    page.close()
