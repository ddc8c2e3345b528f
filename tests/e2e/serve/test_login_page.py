"""The login page in a browser: keyboard, languages, phones, and what it may not do."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hoso.tools.serve.access.grants import Grant
from hoso.tools.serve.access.users import User, changing, hashed
from hoso.tools.serve.access.visitor import Role
from tests.browsing import WIDTHS, faults, overflow
from tests.command import hoso
from tests.serving import Server, started

PASSWORD = "một câu đủ dài"


@pytest.fixture(scope="module")
def login_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("login")
    asked = ("--dossiers", "40", "--seed", "7", "--to", "2026-09-30", "--out", "events.jsonl")
    hoso(folder, "simulate", *asked)
    with changing(str(folder / "users.yaml"), new=True) as users:
        grant, since = Grant(frozenset({Role.READER})), datetime(2026, 1, 1, tzinfo=UTC)
        users["lan"] = User("lan", grant, since, hashed(PASSWORD))
    with started(folder, "--source", "events.jsonl", "--users", "users.yaml") as server:
        yield server


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("language", "title"), [("vi", "Đăng nhập"), ("en", "Log in")])
def test_people_log_in_and_out_by_keyboard(
    login_server: Server, browser: Browser, width: int, language: str, title: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale=language)
    page = context.new_page()
    broken: list[str] = []  # what the policy for content refused
    page.on("console", lambda told: broken.append(told.text) if "Policy" in told.text else None)
    page.goto(f"{login_server.address}/due?within=5")
    assert page.locator("h1").inner_text() == title
    assert (faults(page), overflow(page)) == ([], 0)
    page.focus("#name")
    page.keyboard.type("lan")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert (faults(page), overflow(page)) == ([], 0)
    page.fill("#name", "lan")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/due?within=5")
    assert (faults(page), overflow(page)) == ([], 0)
    page.focus("form.logout button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/login")
    page.go_back()
    page.reload()
    assert "/login" in page.url
    assert broken == []
    context.close()
