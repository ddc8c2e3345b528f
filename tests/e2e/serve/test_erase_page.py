"""The form by which operators erase the code of a dossier: who finds it, and is the code gone?"""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
from playwright.sync_api import Browser, expect

from hoso.tools.serve.access import users
from hoso.tools.serve.access.grants import Grant
from hoso.tools.serve.access.visitor import Role
from tests.browsing import WIDTHS, faults, overflow
from tests.command import done, hoso
from tests.e2e.serve.test_access import logged
from tests.e2e.test_erase import traces
from tests.pages import VALID
from tests.serving import EVENTS, PATIENCE_S, REGISTRY, started

PSEUDONYM = re.compile(r"erased-\w+")
TOKEN = re.compile(r'name="form_token" value="([^"]*)"')
FORM = 'action="/erase'
WAYS = ("/dossier/{}", "/dossier/{}.json", "/dossier?code={}", "/api/explain/{}")
LISTS = (
    "/dossiers?account=received&window=2026-01",
    "/dossiers.json?account=received&window=2026-01",
    "/dossiers.csv?account=received&window=2026-01",
    "/api/dossiers?account=received&window=2026-01",
    "/due?within=20",
    "/intake",
    "/rejects/1",
    "/",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with events of a small province, and its agencies."""
    folder = tmp_path_factory.mktemp("erased")
    asked = ("--dossiers", "60", "--seed", "7", "--from", "2026-01-01", "--to", "2026-03-31")
    hoso(folder, "simulate", *asked, "--out", EVENTS, "--registry", REGISTRY)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """The same, with a store of its own, and a reject that names the dossier."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    done(tmp_path, "ingest", "--recorded", "time", EVENTS)
    (tmp_path / "bad.jsonl").write_bytes(orjson.dumps(VALID | {"subject": first(made), "time": 1}))
    hoso(tmp_path, "ingest", "bad.jsonl")
    return tmp_path


@pytest.fixture
def code(folder: Path) -> str:
    return first(folder)


def first(folder: Path) -> str:
    """The code of the dossier that came first."""
    with (folder / EVENTS).open("rb") as lines:
        return str(orjson.loads(next(lines))["subject"])


def client(address: str) -> httpx.Client:
    """A client that keeps its cookie, as a browser does."""
    headers = {"Origin": address, "Accept": "text/html, */*"}
    return httpx.Client(base_url=address, headers=headers, timeout=PATIENCE_S)


def sent(browser: httpx.Client, page: str, **fields: str) -> httpx.Response:
    """The answer to the form, with the token of the page of a dossier."""
    found = TOKEN.search(browser.get(f"/dossier/{page}").text)
    assert found
    return browser.post("/erase?lang=en", data={"form_token": found[1], **fields})


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_code_is_gone_from_every_answer_and_the_figures_stay(
    kind: str, request: pytest.FixtureRequest, folder: Path, code: str
) -> None:
    url = f"sqlite:///{folder}/hoso.db"
    if kind == "postgres":
        url = str(request.getfixturevalue("database"))
        done(folder, "ingest", "--recorded", "time", EVENTS, "--store", url)
        hoso(folder, "ingest", "bad.jsonl", "--store", url)
    with (
        started(folder, "--source", url, "--registry", REGISTRY) as server,
        client(server.address) as browser,
    ):
        statement = browser.get("/statement.json?window=2026-Q1").text
        before = [browser.get(path) for path in LISTS]
        assert {answer.status_code for answer in before} == {200}
        assert sum(code in answer.text for answer in before) >= 5
        assert traces(folder, url, code)
        with client(server.address).stream("GET", "/live") as live:
            lines = live.iter_lines()
            assert next(lines) == "retry: 2000"
            answer = sent(browser, code, code=code, confirm=code, because="request")
            told = [next(lines)]
            while told[-1] != "event: grew":
                told.append(next(lines))
        assert answer.status_code == 200, answer.text
        [name] = {*PSEUDONYM.findall(answer.text)}
        assert f'<span class="code">{name}</span>' in answer.text
        assert "erased, now" in answer.text
        assert "not overwritten" not in answer.text
        assert "archives that were not named" in answer.text
        assert ("VACUUM FULL stored_events" in answer.text) == (kind == "postgres")
        assert FORM not in answer.text  # nothing is left to erase
        every = [answer.text, *told, *(browser.get(path).text for path in LISTS)]
        for way in WAYS:
            gone = browser.get(way.format(quote(code)), follow_redirects=True)
            assert gone.status_code == 404
            assert browser.get(way.format(name), follow_redirects=True).status_code == 200
        again = browser.post("/events/batch", **batch(folder, code))
        assert {verdict["verdict"] for verdict in again.json()["verdicts"]} == {"repeat"}
        every += [browser.get(path).text for path in LISTS]
        assert not [text for text in every if code in text]
        assert browser.get("/statement.json?window=2026-Q1").text == statement
        assert traces(folder, url, code) == []
    listed = done(folder, "erase", "--list", "--store", url).split()
    assert listed[-3:] == ["dossier", name, "request"]


def batch(folder: Path, code: str) -> dict[str, Any]:
    """The events of a dossier, to be sent once more."""
    lines = (folder / EVENTS).read_bytes().splitlines()
    events = [event for line in lines if (event := orjson.loads(line))["subject"] == code]
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    return {"content": orjson.dumps(events), "headers": headers}


def test_what_is_not_meant_is_told_in_one_line_and_changes_nothing(folder: Path, code: str) -> None:
    right = {"code": code, "confirm": code, "because": "request"}
    with started(folder) as server, client(server.address) as browser:
        for wrong, status, why in (
            ({"confirm": f"{code}0"}, 400, "not that of the dossier"),
            ({"confirm": ""}, 400, "not that of the dossier"),
            ({"because": ""}, 400, "give the reason as one word"),
            ({"because": "Nguyễn Văn A"}, 400, "give the reason as one word"),
            ({"code": ""}, 400, "the code is empty"),
            ({"code": "\u200b", "confirm": "\u200b"}, 400, "the code is empty"),
            ({"code": "D\x00", "confirm": "D\x00"}, 400, "not that of the dossier"),
            ({"code": "D-0", "confirm": "D-0"}, 404, "D-0"),
            ({"form_token": "0" * 64}, 403, "out of date"),
        ):
            answer = sent(browser, code, **{**right, **wrong})
            assert answer.status_code == status, (wrong, answer.text)
            assert why in answer.text, wrong
        stray = browser.post(
            "/erase?window=2026-Q1", data=right, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert stray.status_code == 403
        assert browser.get("/erase").status_code == 405
        assert browser.get(f"/dossier/{code}").status_code == 200
    assert done(folder, "erase", "--list") == ""


def test_a_form_that_is_sent_twice_says_what_was_erased_before(folder: Path, code: str) -> None:
    with started(folder) as server, client(server.address) as browser:
        found = TOKEN.search(browser.get(f"/dossier/{code}").text)
        assert found
        form = {"form_token": found[1], "code": code, "confirm": f" {code} ", "because": "request"}
        [name] = {*PSEUDONYM.findall(browser.post("/erase", data=form).text)}
        answer = browser.post("/erase?lang=en", data=form)
        assert answer.status_code == 200
        assert f"was erased before, as {name}" in answer.text


@pytest.mark.parametrize("source", [EVENTS, "archive"])
def test_what_is_no_store_has_no_form(folder: Path, code: str, source: str) -> None:
    done(folder, "archive", "--out", "archive")
    with started(folder, "--source", source) as server, client(server.address) as browser:
        assert FORM not in browser.get(f"/dossier/{code}").text
        answer = browser.post("/erase?lang=en", json={})  # no page has a token for a form
        assert answer.status_code == 404
        assert "serves no store" in answer.text
        assert browser.get(f"/dossier/{code}").status_code == 200


def test_only_operators_of_all_bodies_find_the_form_and_the_log_has_no_code(
    folder: Path, code: str
) -> None:
    agency = orjson.loads((folder / EVENTS).read_bytes().splitlines()[0])["data"]["agency"]
    allowed = {role: Grant(frozenset({role})) for role in (Role.READER, Role.ANALYST)}
    grants = {
        **{str(role): grant for role, grant in allowed.items()},
        "operator of one": Grant(frozenset({Role.OPERATOR}), (agency,)),
        "operator": Grant(frozenset({Role.OPERATOR})),
    }
    tokens = {}
    with users.changing(str(folder / "users.yaml"), new=True) as by_name:
        for name, grant in grants.items():
            tokens[name], token = users.new_token("test")
            since = datetime(2026, 1, 1, tzinfo=UTC)
            by_name[name] = users.User(name, grant, since, None, (token,))
    form = {"code": code, "confirm": code, "because": "request"}

    def visit(address: str) -> None:
        for name, secret in tokens.items():
            with client(address) as browser:
                browser.headers["Authorization"] = f"Bearer {secret}"
                page = browser.get(f"/dossier/{code}")
                assert page.status_code == 200, name
                assert (FORM in page.text) == (name == "operator"), name
                answer = browser.post("/erase", data=form)
                assert answer.status_code == (200 if name == "operator" else 403), name

    log = logged(folder, visit, "--log-codes")
    posts = [line for line in log.splitlines() if '"POST"' in line]
    assert len(posts) == len(tokens)
    assert not [line for line in posts if code in line]


@pytest.mark.parametrize("width", WIDTHS)
def test_an_operator_erases_a_code_in_a_browser(
    browser: Browser, folder: Path, code: str, width: int
) -> None:
    with started(folder, "--registry", REGISTRY) as server:
        page = browser.new_page(viewport={"width": width, "height": 900}, locale="vi-VN")
        page.goto(f"{server.address}/dossier/{code}")
        expect(page.locator("#confirm")).to_be_hidden()
        page.locator("#erase summary").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#confirm")).to_be_visible()
        assert faults(page) == []
        assert overflow(page) <= 0
        page.locator("#because").fill("request")
        page.locator("#confirm").fill(code)
        page.keyboard.press("Enter")
        expect(page.locator("#erased")).to_contain_text("Mã cũ có thể vẫn còn ở:")
        expect(page.locator("h1 .code")).to_contain_text("erased-")
        assert code not in page.content()
        assert faults(page) == []
        assert overflow(page) <= 0
        assert not page.page_errors()
        page.close()
