"""The pages of intake: what is in the store, and what operators do with rejects."""

import re
import shlex
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import orjson
import pytest

from tests.command import hoso
from tests.pages import VALID, WRONG_TYPE, with_rejects
from tests.serving import Server, started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with an event, a conflict, and three rejects."""
    with_rejects(tmp_path)
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with started(folder) as server:
        yield server


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    """A client that keeps its cookie, as a browser does."""
    origin = {"Origin": server.address}
    with httpx.Client(base_url=server.address, headers=origin, timeout=30) as client:
        yield client


def sent(browser: httpx.Client, address: str, **fields: object) -> httpx.Response:
    """The answer to a form of the list of rejects, with its token."""
    page = browser.get("/rejects?lang=en").text
    token = re.search(r'name="form_token" value="([^"]*)"', page)
    assert token
    return browser.post(address, data={"form_token": token[1], **fields})


def numbers(folder: Path) -> list[int]:
    listed = hoso(folder, "rejects", "list", "--format", "json").out
    return [reject["number"] for reject in orjson.loads(listed)]


def test_the_page_has_the_condition_of_the_store_and_leads_to_what_is_wrong(
    browser: httpx.Client,
) -> None:
    page = browser.get("/intake?lang=en").text
    assert re.search(r'<a href="/rejects[^"]*"><b>3</b> <span>Rejects<', page)
    assert '<a href="/dossier/D-2' in page  # the conflict, and the dossier that counts
    assert '<a href="/dossier/D-1' in page
    condition = browser.get("/intake.json").json()
    assert (condition["events"], condition["rejects"]) == (2, 3)
    assert condition["conflicts"]["events"] == 1


def test_the_list_is_that_of_the_command(folder: Path, browser: httpx.Client) -> None:
    page = browser.get("/rejects")
    found = re.search(r'<code id="command">(hoso [^<]*)</code>', page.text)
    assert found
    call = shlex.split(unescape(found[1]))[1:]
    for paper in ("json", "csv"):
        printed = hoso(folder, *call, "--format", paper).out
        assert browser.get(f"/rejects.{paper}").text == printed
    assert "kiểu sự kiện" in page.text or "loại sự kiện" in page.text  # the reason in Vietnamese
    assert "no json" in browser.get(f"/rejects/{numbers(folder)[2]}").text


def test_a_reject_is_mended_on_its_page_and_leaves_the_list(
    folder: Path, browser: httpx.Client
) -> None:
    first, *others = numbers(folder)
    mended = orjson.dumps(WRONG_TYPE | {"type": "dossier.received.v1"}).decode()
    answer = sent(browser, "/rejects/mend?lang=en", number=first, content=mended)
    assert f"Reject {first} is recorded." in answer.text
    assert numbers(folder) == others
    assert browser.get("/intake.json").json()["events"] == 3


def test_what_is_still_no_event_stays_a_reject_and_says_why(
    folder: Path, browser: httpx.Client
) -> None:
    before = numbers(folder)
    answer = sent(browser, "/rejects/mend?lang=en", number=before[1], content="{}")
    assert "Still no valid event" in answer.text
    assert numbers(folder) == before


def test_rejects_are_retried_and_dropped(folder: Path, browser: httpx.Client) -> None:
    first, second, third = numbers(folder)
    retried = sent(browser, "/rejects/retry?lang=en", number=[first, second])
    assert "0 recorded, 2 still rejected." in retried.text
    dropped = sent(browser, "/rejects/drop?lang=en", number=[first, third])
    assert "2 rejects dropped." in dropped.text
    assert numbers(folder) == [second]


@pytest.mark.parametrize("address", ["/rejects/retry", "/rejects/drop", "/rejects/mend"])
def test_a_form_without_its_token_or_without_a_choice_does_nothing(
    folder: Path, browser: httpx.Client, address: str
) -> None:
    before = numbers(folder)
    assert browser.post(address, data={"number": before[0], "content": "{}"}).status_code == 403
    assert sent(browser, address).status_code == 400
    assert sent(browser, address, number="99").status_code == 404
    assert sent(browser, address, number="x" * 50).status_code == 404
    assert numbers(folder) == before


def test_a_history_that_is_no_store_has_no_intake(folder: Path) -> None:
    (folder / "one.jsonl").write_bytes(orjson.dumps(VALID))
    with started(folder, "--source", "one.jsonl") as server:
        for path in ("/intake", "/rejects", "/rejects/1"):
            assert server.get(path).status_code == 404
