"""The pages in a real browser: can everybody use them, by keyboard, on a phone, in the dark?"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import orjson
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browsing import faults, overflow
from tests.command import hoso
from tests.serving import EVENTS, REGISTRY, Server, started

LOOKS: Final[tuple[tuple[int, Literal["light", "dark"]], ...]] = (
    *((1280, "light"), (1280, "dark"), (390, "light")),
)
PAGES = (
    "/",
    "/statement?window=2026-Q3",
    "/statement?window=2026-Q3&by=agency",
    "/statement?window=2026-Q3&slice=channel%3Donline&as-of=2026-08-01",
    "/dossiers?account=resolved&window=2026-Q3&by=agency,channel",
    "/dossiers?account=suspense&window=2026-Q3",
    "/dossier/CODE",
    "/statement?window=2026-Q9",
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="vi-VN")
    page.set_default_timeout(10_000)
    yield page
    page.close()


def some_code(server: Server) -> str:
    listed = server.get("/dossiers.json?account=resolved&window=2026-Q3").content
    code: str = orjson.loads(listed)[0]["dossier"]
    return code


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_nobody_is_kept_out_and_nothing_is_wider_than_the_window(
    browser: Browser, server: Server, path: str, language: str
) -> None:
    address = server.address + path.replace("CODE", some_code(server))
    address += ("&" if "?" in address else "?") + f"lang={language}"
    looks = LOOKS if language == "vi" else LOOKS[-1:]
    for width, scheme in looks:
        size = ViewportSize(width=width, height=900)
        page = browser.new_page(viewport=size, color_scheme=scheme)
        page.goto(address)
        assert faults(page) == [], (width, scheme)
        assert overflow(page) <= 0, width
        assert not page.page_errors()
        page.close()


def test_from_a_figure_to_the_rule_by_keyboard_only(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/statement?window=2026-Q3")
    press_until(page, "a[href*='account=resolved.overdue']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/dossiers\?account=resolved.overdue"))
    press_until(page, "tbody a[href^='/dossier/']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/dossier/"))
    press_until(page, ".cited")
    rule = page.evaluate("document.activeElement.textContent")
    assert "Điều" in rule


def press_until(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus; it must be seen then."""
    for _ in range(200):
        page.keyboard.press("Tab")
        found = "(css) => document.activeElement.matches(css)"
        if page.evaluate(found, selector):
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"no way by Tab to {selector}")


def test_the_keys_that_are_shown_work(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/statement?window=2026-Q3")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("[")
    page.wait_for_url(re.compile("window=2026-Q2"))
    page.keyboard.press("]")
    page.wait_for_url(re.compile("window=2026-Q3"))
    page.locator("tbody a").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 2
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type(some_code(server))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/dossier/"))
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url(f"{server.address}/")


def test_the_two_slides_ask_what_the_address_says(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/statement?window=2026-Q3")
    page.locator("#time-as-of").focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile("as-of="))
    page.locator("#time-to").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile("from=2026-06-15&to=2026-09-13"))
    assert "as-of=" in page.url
    address = page.url.replace("/statement?", "/statement.json?")
    said = orjson.loads(server.get(address.removeprefix(server.address)).content)["total"]
    shown = page.locator("#statement tr:has(a[href*='account=received&']) td").last.inner_text()
    assert shown.replace(".", "") == str(said["received"])


def test_pages_work_without_a_script(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.address}/statement?window=2026-Q3")
    page.click("summary")
    page.select_option("[name=by]", "channel")
    page.click("#question button")
    assert page.url.endswith("?from=2026-06-15&to=2026-09-14&by=channel")
    page.fill("#find", some_code(server))
    page.click(".find button")
    assert "/dossier/" in page.url
    context.close()


def test_new_events_appear_within_two_seconds_of_another_process(
    browser: Browser, province: Path, tmp_path: Path
) -> None:
    lines = (province / EVENTS).read_bytes().splitlines(keepends=True)
    half = len(lines) // 2
    (tmp_path / "first.jsonl").write_bytes(b"".join(lines[:half]))
    (tmp_path / "rest.jsonl").write_bytes(b"".join(lines[half:-20]))
    (tmp_path / "last.jsonl").write_bytes(b"".join(lines[-20:]))
    (tmp_path / REGISTRY).write_bytes((province / REGISTRY).read_bytes())
    hoso(tmp_path, "ingest", "--recorded", "time", "first.jsonl")
    with started(tmp_path) as server:
        page = browser.new_page()
        page.goto(f"{server.address}/statement?window=2026-Q2")
        before = page.locator("tbody").first.inner_text()
        page.wait_for_timeout(700)  # the server has begun to look
        hoso(tmp_path, "ingest", "--recorded", "time", "rest.jsonl")
        page.wait_for_function(
            "(before) => document.querySelector('tbody').innerText !== before",
            arg=before,
            timeout=2_000,
        )
        # What somebody is filling in is not taken away.
        page.goto(f"{server.address}/compare?window=2026-Q3&against-window=2026-Q2")
        page.locator("#question summary").click()
        page.locator("[name='against-window']").fill("2025-Q3")
        page.wait_for_timeout(700)
        hoso(tmp_path, "ingest", "--recorded", "time", "last.jsonl")
        page.wait_for_timeout(1_500)
        assert page.locator("[name='against-window']").input_value() == "2025-Q3"
        page.locator("#question button").click()
        page.wait_for_url(re.compile("against-window=2025-Q3"))
        page.close()
