"""Logins at a provider of identities on loopback: it is good, or does one thing wrong."""

from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

import httpx
import pytest

from hoso.domain.errors import UserError
from hoso.tools.serve.access.openid import read_openid
from tests.command import hoso
from tests.provider import CLIENT, SECRET, Provider, providing
from tests.serving import PATIENCE_S, Server, started

PAGE = "/statement?window=2026-Q3"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as provider:
        yield provider


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("openid")
    asked = ("--dossiers", "60", "--seed", "7", "--to", "2026-09-30")
    hoso(folder, "simulate", *asked, "--out", "events.jsonl", "--registry", "agencies.csv")
    hoso(folder, "ingest", "--recorded", "time", "events.jsonl")
    settings(folder / "openid.yaml", provider.issuer)
    options = ("--openid", "openid.yaml", "--registry", "agencies.csv")
    with started(folder, *options) as server:
        yield server


def settings(file: Path, issuer: str, more: str = "") -> str:
    file.write_text(
        f"issuer: {issuer}\nclient_id: {CLIENT}\nclient_secret: {SECRET}\n{more}"
        "grants:\n  chiefs: {roles: [operator]}\n  y-te: {roles: [reader], bodies: [H52.05]}\n",
        encoding="utf-8",
    )
    file.chmod(0o600)
    return str(file)


@pytest.fixture(autouse=True)
def faultless(provider: Provider) -> None:
    provider.faults, provider.signs_with_another_key = {}, False
    provider.person = {"preferred_username": "lan", "groups": ["others", "y-te"]}


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    headers = {"Accept": "text/html"}
    with httpx.Client(base_url=server.address, timeout=PATIENCE_S, headers=headers) as client:
        yield client


def sent_to_provider(browser: httpx.Client) -> str:
    """The address at the provider to which the server sends a browser."""
    asked = browser.get(PAGE)
    assert asked.status_code == 303
    page = browser.get(asked.headers["location"])
    assert "/login/openid?next=" in page.text
    sent = browser.get("/login/openid", params={"next": PAGE})
    assert sent.status_code == 302, sent.text
    return sent.headers["location"]


def sent_back(address: str) -> str:
    """The address to which the provider sends the browser back."""
    return str(httpx.get(address).headers["location"])


def logged_in(browser: httpx.Client) -> httpx.Response:
    return browser.get(sent_back(sent_to_provider(browser)))


def test_a_login_leads_to_the_page_that_was_asked_for(browser: httpx.Client) -> None:
    browser.get("/login")
    before = browser.cookies["hoso"]
    entered = logged_in(browser)
    assert (entered.status_code, entered.headers["location"]) == (303, PAGE)
    assert browser.cookies["hoso"] != before
    assert browser.get(PAGE).status_code == 200
    assert browser.get("/rejects").status_code == 403


def test_groups_say_what_a_person_may_and_the_first_of_the_file_counts(
    browser: httpx.Client, provider: Provider
) -> None:
    provider.person = {"preferred_username": "lan", "groups": ["y-te", "chiefs"]}
    assert logged_in(browser).status_code == 303
    assert browser.get("/rejects").status_code == 200


@pytest.mark.parametrize("groups", [[], ["others"], None, "others", {"y-te": 1}, [["y-te"]]])
def test_a_person_of_no_group_of_the_file_has_no_rights(
    browser: httpx.Client, provider: Provider, groups: Any
) -> None:
    provider.person = {"preferred_username": "lan", "groups": groups}
    assert logged_in(browser).status_code == 403
    assert browser.get(PAGE).status_code == 303


def test_a_fault_of_the_token_lets_nobody_in(browser: httpx.Client, provider: Provider) -> None:
    for fault in (
        {"iss": "http://evil.example"},
        {"aud": "another client"},
        {"aud": ["another", "and another"]},
        {"exp": int(time()) - 3_600},
        {"nonce": "another"},
        {"nonce": None},
        {"aud": None},
        {"exp": None},
        {"preferred_username": None},
        {"preferred_username": ""},
    ):
        provider.faults = fault
        assert logged_in(browser).status_code == 403, fault
        assert browser.get(PAGE).status_code == 303, fault
    provider.faults, provider.signs_with_another_key = {}, True
    assert logged_in(browser).status_code == 403
    assert browser.get(PAGE).status_code == 303


def test_what_began_in_one_browser_ends_in_no_other(server: Server, browser: httpx.Client) -> None:
    back = sent_back(sent_to_provider(browser))
    with httpx.Client(base_url=server.address, timeout=PATIENCE_S) as other:
        other.get("/login")
        assert other.get(back).status_code == 403
        assert other.get(PAGE).status_code in (303, 401)
    assert browser.get(back).status_code == 303


def test_a_code_and_a_state_are_good_once(browser: httpx.Client) -> None:
    back = sent_back(sent_to_provider(browser))
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 403


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x", "?code=x&state=y", "?error=access_denied&state=x"]
)
def test_who_comes_back_without_having_been_sent_is_not_let_in(
    browser: httpx.Client, query: str
) -> None:
    assert browser.get(f"/login/openid/back{query}").status_code == 403


def test_the_verifier_stays_on_the_server(browser: httpx.Client) -> None:
    address = sent_to_provider(browser)
    assert "code_verifier" not in address
    assert SECRET not in address
    assert "code_challenge=" in address


def test_a_provider_of_another_name_is_not_believed(tmp_path: Path, provider: Provider) -> None:
    """The file names localhost, and the provider calls itself 127.0.0.1."""
    settings(tmp_path / "openid.yaml", provider.issuer.replace("127.0.0.1", "localhost"))
    hoso(tmp_path, "simulate", "--dossiers", "20", "--out", "e.jsonl", "--registry", "agencies.csv")
    options = ("--source", "e.jsonl", "--openid", "openid.yaml", "--registry", "agencies.csv")
    with started(tmp_path, *options) as server:
        assert server.get("/login/openid").status_code == 503


FAULTS = {
    "issuer: http://id.example.vn": "issuer: is no address with https://",
    "issuer: https://id.example.vn\nscope: profile": "scope: has no openid",
    "issuer: https://id.example.vn\nfoo: 1": "foo: is no key of it",
}


@pytest.mark.parametrize(("text", "told"), FAULTS.items())
def test_a_fault_of_the_file_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "openid.yaml"
    file.write_text(
        f"client_id: hoso\ngrants: {{a: {{roles: [reader]}}}}\n{text}\n", encoding="utf-8"
    )
    file.chmod(0o600)
    with pytest.raises(UserError, match=told) as fault:
        read_openid(str(file))
    assert str(fault.value).startswith(str(file))


def test_a_file_with_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = settings(tmp_path / "openid.yaml", "https://id.example.vn")
    Path(file).chmod(0o644)
    with pytest.raises(UserError, match="others may open it"):
        read_openid(file)
