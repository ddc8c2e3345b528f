"""Who comes in: logins, tokens, forms of other sites, names of hosts, proxies, what is logged."""

import json
import re
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest

from hoso.tools.serve.access.grants import Grant
from hoso.tools.serve.access.headers import CONTENT_POLICY
from hoso.tools.serve.access.users import User, changing, hashed
from hoso.tools.serve.access.visitor import Role
from tests.command import HOSO, environment, hoso
from tests.serving import PATIENCE_S, Server, started

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
PASSWORD = "một câu đủ dài"
OTHER_PASSWORD = "một câu khác, dài hơn"
FORM_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("access")
    asked = ("--dossiers", "60", "--seed", "7", "--to", "2026-09-30")
    hoso(folder, "simulate", *asked, "--out", "events.jsonl", "--registry", "agencies.csv")
    hoso(folder, "ingest", "--recorded", "time", "events.jsonl")
    hoso(folder, "ingest", "-", stdin=b'{"id": "no event"}\n')
    return folder


@pytest.fixture(scope="module")
def password() -> str:
    """The hash of the password of all users."""
    return hashed(PASSWORD)


@pytest.fixture(autouse=True)
def users(folder: Path, password: str) -> Path:
    """The file of users: an operator, a reader of one body, and one for logins that fail."""
    file = folder / "users.yaml"
    file.unlink(missing_ok=True)
    granted = {
        "lan": Grant(frozenset({Role.OPERATOR})),
        "nam": Grant(frozenset({Role.READER}), ("H52.05",)),
        "mai": Grant(frozenset({Role.READER}), ("H52.05",)),
    }
    with changing(str(file), new=True) as by_name:
        for name, grant in granted.items():
            by_name[name] = User(name, grant, LONG_AGO, password)
    return file


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """A server with these users; it reads their file again when it has changed."""
    with changing(str(folder / "users.yaml"), new=True):
        pass
    with started(folder, "--users", "users.yaml", "--registry", "agencies.csv") as server:
        yield server


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    with browsing(server.address) as client:
        yield client


def browsing(address: str, **settings: Any) -> httpx.Client:
    """A client with cookies, as a browser has them."""
    headers = {"Accept": "text/html"} | settings.pop("headers", {})
    return httpx.Client(base_url=address, timeout=PATIENCE_S, headers=headers, **settings)


def form_token(page: httpx.Response) -> str:
    found = FORM_TOKEN.search(page.text)
    assert found, page.text
    return found[1]


def log_in(
    browser: httpx.Client, name: str, password: str = PASSWORD, **fields: str
) -> httpx.Response:
    token = form_token(browser.get("/login"))
    given = {"form_token": token, "name": name, "password": password} | fields
    return browser.post("/login", data=given)


# --- Without users -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--host", "0.0.0.0"), "others than this computer must say who they are: give --users"),
        (("--public-url", "https://hoso.example.vn"), "must say who they are"),
        (("--host", "0.0.0.0", "--users", "users.yaml"), "needs --public-url"),
        (
            ("--host", "0.0.0.0", "--users", "users.yaml", "--public-url", "http://a.example.vn"),
            "others than this computer need HTTPS",
        ),
        (
            ("--host", "0.0.0.0", "--users", "users.yaml", "--public-url", "https://a.example.vn"),
            "others than this computer need HTTPS",
        ),
        (("--users", "missing.yaml"), "--users: missing.yaml: No such file"),
        (("--users", "users.yaml"), ": body 'H52.05': needs --registry"),
        (("--tls-key", "events.jsonl"), "give --tls-certificate and --tls-key, or neither"),
        (
            ("--tls-certificate", "events.jsonl", "--tls-key", "events.jsonl"),
            "--tls-certificate: events.jsonl, events.jsonl: ",
        ),
    ],
)
def test_what_is_not_safe_does_not_start(
    folder: Path, users: Path, options: tuple[str, ...], told: str
) -> None:
    refused = hoso(folder, "serve", "--port", "0", *options, patience_s=20)
    assert (refused.status, refused.out) == (2, "")
    assert told in refused.err
    assert refused.err.count("\n") == 1


def test_on_this_computer_everybody_may_everything_by_its_own_names_only(folder: Path) -> None:
    with started(folder) as server:
        assert server.get("/intake").status_code == 200
        port = server.address.rpartition(":")[2]
        assert server.get("/", host=f"localhost:{port}").status_code in (200, 302)
        for name in ("evil.example", f"evil.example:{port}", "127.0.0.1", "127.0.0.1:1", ""):
            assert server.get("/", host=name).status_code == 421, name


def test_another_site_changes_nothing_on_this_computer(folder: Path) -> None:
    """An open page of another site can send forms to this computer: none is taken."""
    with started(folder) as server:
        url = f"{server.address}/rejects/drop"
        token = form_token(server.get("/rejects"))
        fields = {"form_token": token, "number": "1"}
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            assert httpx.post(url, data=fields, headers=headers).status_code == 403, headers
        assert httpx.post(url, data={"number": "1"}).status_code == 403
        assert (
            httpx.post(url, content=b"x", headers={"Content-Type": "text/plain"}).status_code == 403
        )
        own = {"Origin": server.address, "Sec-Fetch-Site": "same-origin"}
        assert httpx.post(url, data=fields, headers=own).status_code != 403


def test_a_proxy_in_front_of_a_server_without_users_lets_nobody_in(folder: Path) -> None:
    """Whoever puts one there would let the world in, because it asks from this computer."""
    with started(folder) as server:
        for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Forwarded-Host"):
            assert server.get("/", **{header: "203.0.113.7"}).status_code == 403, header


# --- Logins --------------------------------------------------------------------------------------


def test_who_has_not_logged_in_gets_the_login_page_and_then_the_page_that_was_asked_for(
    browser: httpx.Client,
) -> None:
    sent = browser.get("/statement?window=2026-Q3")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/login?next=%2Fstatement%3Fwindow%3D2026-Q3"
    page = browser.get(sent.headers["location"])
    assert 'name="next" value="/statement?window=2026-Q3"' in page.text
    entered = log_in(browser, "lan", next="/statement?window=2026-Q3")
    assert (entered.status_code, entered.headers["location"]) == (303, "/statement?window=2026-Q3")
    assert browser.get("/statement?window=2026-Q3").status_code == 200
    assert browser.get("/rejects").status_code == 200


def test_a_wrong_password_forgets_not_where_the_visitor_was_going(browser: httpx.Client) -> None:
    failed = log_in(browser, "lan", "wrong", next="/due?within=5")
    assert 'name="next" value="/due?within=5"' in failed.text


def test_programs_are_told_as_json(server: Server) -> None:
    answer = server.get("/statement.json?window=2026-Q3")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == {"error": "Chưa đăng nhập"}


@pytest.mark.parametrize(
    "onward",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "\\/x",
    ],
)
def test_a_login_leads_to_no_other_site(browser: httpx.Client, onward: str) -> None:
    assert log_in(browser, "lan", next=onward).headers["location"] == "/"


def test_a_login_makes_a_new_key_and_a_logout_ends_it_on_the_server(browser: httpx.Client) -> None:
    browser.get("/login")
    before = browser.cookies["hoso"]
    entered = log_in(browser, "lan")
    key = browser.cookies["hoso"]
    assert key != before
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    page = browser.get("/statement?window=2026-Q3")
    assert browser.post("/logout").status_code == 403  # another site cannot log people out
    assert browser.post("/logout", data={"form_token": form_token(page)}).status_code == 303
    browser.cookies.set("hoso", key)
    assert browser.get("/statement?window=2026-Q3").status_code == 303


def test_a_login_with_the_form_of_another_browser_is_refused(server: Server) -> None:
    with browsing(server.address) as one, browsing(server.address) as other:
        token = form_token(one.get("/login"))
        other.get("/login")
        fields = {"form_token": token, "name": "lan", "password": PASSWORD}
        assert other.post("/login", data=fields).status_code == 403
        assert one.post("/login", data=fields).status_code == 303


def test_failures_wait_longer_and_longer_and_keep_nobody_else_out(
    server: Server, browser: httpx.Client
) -> None:
    statuses = [log_in(browser, "mai", "wrong").status_code for _ in range(7)]
    assert statuses[:5] == [401] * 5
    assert 429 in statuses
    waiting = log_in(browser, "mai")  # the right password, too
    assert waiting.status_code == 429
    assert int(waiting.headers["retry-after"]) >= 1
    with browsing(server.address) as other:
        assert log_in(other, "nam").status_code == 303


def test_to_ask_for_the_head_of_the_login_page_is_no_login(browser: httpx.Client) -> None:
    for _ in range(50):  # 40 failures would make this network wait
        assert browser.head("/login").status_code == 200


def test_an_unknown_name_is_answered_as_a_wrong_password(browser: httpx.Client) -> None:
    known, unknown = log_in(browser, "lan", "wrong"), log_in(browser, "nobody", "wrong")
    assert known.status_code == unknown.status_code == 401
    assert FORM_TOKEN.sub("", known.text) == FORM_TOKEN.sub("", unknown.text)


def test_whoever_is_taken_out_is_out_at_once(folder: Path, server: Server) -> None:
    address = "/statement?window=2026-Q3"
    with browsing(server.address) as nam, browsing(server.address) as lan:
        log_in(nam, "nam")
        log_in(lan, "lan")
        assert nam.get(address).status_code == lan.get(address).status_code == 200
        assert hoso(folder, "users", "logout", "lan").status == 0
        assert lan.get(address).status_code == 303
        assert hoso(folder, "users", "remove", "nam").status == 0
        assert nam.get(address).status_code == 303
        log_in(lan, "lan")
        assert lan.get("/rejects").status_code == 200
        assert hoso(folder, "users", "grant", "lan", "--role", "reader").status == 0
        assert lan.get("/rejects").status_code == 403
        changed = hoso(folder, "users", "password", "lan", stdin=f"{OTHER_PASSWORD}\n".encode())
        assert changed.status == 0
        assert lan.get(address).status_code == 303
        assert log_in(lan, "lan", OTHER_PASSWORD).status_code == 303


def test_while_the_file_of_users_has_a_fault_nobody_comes_in(
    users: Path, browser: httpx.Client
) -> None:
    log_in(browser, "lan")
    text = users.read_text(encoding="utf-8")
    users.write_text("users: [", encoding="utf-8")
    assert browser.get("/statement?window=2026-Q3").status_code == 503
    assert str(users) not in browser.get("/statement?window=2026-Q3").text
    users.write_text(text, encoding="utf-8")
    assert browser.get("/statement?window=2026-Q3").status_code == 200


# --- Tokens --------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_good_until_it_is_revoked(folder: Path, server: Server) -> None:
    made = hoso(folder, "users", "token", "nam", "--name", "cổng")
    token = made.out.strip()
    assert token not in (folder / "users.yaml").read_text(encoding="utf-8")
    assert token not in hoso(folder, "users", "list").out
    address = "/statement.json?window=2026-Q3"
    assert server.get(address, authorization=f"Bearer {token}").status_code == 200
    for wrong in (token[:-1], f"{token}x", "hoso_"):
        assert server.get(address, authorization=f"Bearer {wrong}").status_code == 401
    assert hoso(folder, "users", "revoke", "nam", "cổng").status == 0
    assert server.get(address, authorization=f"Bearer {token}").status_code == 401


def test_a_token_of_yesterday_is_worth_nothing(folder: Path, server: Server) -> None:
    made = hoso(folder, "users", "token", "nam", "--name", "old", "--until", "2020-01-01")
    answer = server.get("/statement.json", authorization=f"Bearer {made.out.strip()}")
    assert answer.status_code == 401


def is_told_of_a_new_dossier(folder: Path, server: Server, token: str, agency: str) -> bool:
    """Whether a visitor is told when an agency receives a dossier."""
    code = f"new-at-{agency}"
    event = {
        "specversion": "1.0",
        "id": code,
        "source": "/test",
        "type": "dossier.received.v1",
        "subject": code,
        "time": "2026-09-30T08:00:00+07:00",
        "data": {
            "agency": agency,
            "field": "F",
            "procedure": "P",
            "channel": "online",
            "due": "2026-10-30",
        },
    }
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.stream("GET", f"{server.address}/live", headers=headers, timeout=4) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry")
        recorded = hoso(folder, "ingest", "-", stdin=json.dumps(event).encode())
        assert recorded.status == 0, recorded
        try:
            return any(line == "event: grew" for line in lines)
        except httpx.ReadTimeout:
            return False


def test_a_reader_of_one_body_is_not_told_that_others_record_events(
    folder: Path, server: Server
) -> None:
    token = hoso(folder, "users", "token", "nam").out.strip()
    assert not is_told_of_a_new_dossier(folder, server, token, "H52.01")
    assert is_told_of_a_new_dossier(folder, server, token, "H52.05")


# --- The command ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "stdin", "told"),
    [
        (("add", "lan", "--role", "reader"), PASSWORD, "has a user lan already"),
        (("add", "hoa", "--role", "chief"), PASSWORD, "--role: no role 'chief': use reader"),
        (("add", "hoa", "--role", "reader"), "short", "the password: give 12 to 1000 characters"),
        (("add", " hoa", "--role", "reader"), PASSWORD, "is no name of a user"),
        (("grant", "hoa", "--role", "reader"), "", "has no user hoa"),
        (("password", "hoa"), PASSWORD, "has no user hoa"),
        (("remove", "hoa"), "", "has no user hoa"),
        (("revoke", "lan", "x"), "", "lan has no token x"),
        (("token", "lan", "--until", "soon"), "", "--until: no date 'soon'"),
        (
            ("add", "hoa", "--role", "publisher", "--body", "H52"),
            PASSWORD,
            "--body: a publisher who is limited to bodies needs --from-source",
        ),
    ],
)
def test_a_wrong_call_is_told_in_one_line_and_changes_nothing(
    folder: Path, users: Path, words: tuple[str, ...], stdin: str, told: str
) -> None:
    before = users.read_bytes()
    refused = hoso(folder, "users", *words, stdin=f"{stdin}\n".encode())
    assert (refused.status, refused.out) == (2, "")
    assert told in refused.err
    assert refused.err.count("\n") == 1
    assert users.read_bytes() == before


def test_a_user_is_added_with_a_password_of_a_line_of_input(folder: Path, server: Server) -> None:
    line = f"{OTHER_PASSWORD}\n".encode()
    added = hoso(folder, "users", "add", "hoa", "--role", "reader", stdin=line)
    assert (added.status, added.out) == (0, "users.yaml: hoa added\n")
    with browsing(server.address) as browser:
        assert log_in(browser, "hoa").status_code == 401
        assert log_in(browser, "hoa", OTHER_PASSWORD).status_code == 303


def test_users_are_listed_without_secrets(folder: Path, users: Path) -> None:
    listed = hoso(folder, "users", "list").out
    assert listed == "".join(
        f"{line}\n"
        for line in ("lan: operator", "nam: reader; bodies H52.05", "mai: reader; bodies H52.05")
    )


def test_no_option_takes_a_password(folder: Path) -> None:
    for command in ("add", "password", "token"):
        assert "--password" not in hoso(folder, "users", command, "--help").out


# --- What is logged ------------------------------------------------------------------------------


def logged(folder: Path, visit: Any, *options: str) -> str:
    """What a server writes to standard error while it is visited."""
    process = subprocess.Popen(
        [
            HOSO,
            "serve",
            "--port",
            "0",
            "--users",
            "users.yaml",
            "--registry",
            "agencies.csv",
            *options,
        ],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found
    visit(found[0])
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=PATIENCE_S)[1]


def test_the_log_has_no_secret_and_no_code_of_a_dossier(folder: Path, users: Path) -> None:
    code = json.loads((folder / "events.jsonl").read_text(encoding="utf-8").splitlines()[0])[
        "subject"
    ]
    token = hoso(folder, "users", "token", "lan").out.strip()
    keys: list[str] = []

    def visit(address: str) -> None:
        with browsing(address) as browser:
            log_in(browser, PASSWORD, "typed into the wrong field")
            log_in(browser, "lan")
            keys.append(browser.cookies["hoso"])
            browser.get(f"/dossier/{code}")
            browser.get(f"/dossier?code={code}")
            browser.get(f"/no/such/{code}")
            bearer = {"Authorization": f"Bearer {token}"}
            httpx.get(f"{address}/dossier/{code}.json", headers=bearer)
            httpx.get(f"{address}/", headers={"Authorization": f"Bearer {token[:-1]}"})

    text = logged(folder, visit)
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["visitor"] for line in lines if line.get("path") == "/dossier/{code:path}"] == [
        "lan"
    ]
    for secret in (code, token, token[:-1], PASSWORD, "wrong field", *keys):
        assert secret not in text
    assert any(line["event"] == "login failed" and line["user"] == "" for line in lines)
    assert any(line["event"] == "login" and line["user"] == "lan" for line in lines)
    assert code in logged(folder, visit, "--log-codes")


# --- Proxies and HTTPS ---------------------------------------------------------------------------


def test_a_proxy_says_who_asks_and_nobody_else_does(folder: Path) -> None:
    file = folder / "proxy.yaml"
    file.write_text(
        "name: X-Forwarded-User\ngroups: X-Forwarded-Groups\n"
        "grants:\n  chiefs: {roles: [operator]}\n  y-te: {roles: [reader], bodies: [H52.05]}\n",
        encoding="utf-8",
    )
    file.chmod(0o600)
    asked = {"X-Forwarded-User": "lan", "X-Forwarded-Groups": "others, y-te"}
    options = ("--proxy-users", file.name, "--registry", "agencies.csv")
    with started(folder, *options, "--behind-proxy", "127.0.0.1") as server:
        assert server.get("/statement?window=2026-Q3", **asked).status_code == 200
        assert server.get("/rejects", **asked).status_code == 403
        nobodys = asked | {"X-Forwarded-Groups": "others"}
        assert server.get("/statement?window=2026-Q3", **nobodys).status_code == 401
        assert server.get("/statement?window=2026-Q3").status_code == 401
    with started(folder, *options, "--behind-proxy", "10.0.0.5") as server:
        assert server.get("/statement?window=2026-Q3", **asked).status_code == 401
    refused = hoso(folder, "serve", "--port", "0", *options)
    assert "--proxy-users: needs --behind-proxy" in refused.err


def test_behind_a_proxy_cookies_are_for_https_and_the_visitors_address_counts(
    folder: Path, users: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    words = ("--port", str(port), "--public-url", "https://hoso.example.vn")
    options = ("--users", users.name, "--registry", "agencies.csv", "--behind-proxy", "127.0.0.1")
    process = subprocess.Popen(
        [HOSO, "serve", *words, *options],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "https://hoso.example.vn" in process.stdout.readline()
    address = f"http://127.0.0.1:{port}/login"
    assert httpx.get(address).status_code == 421
    asked = {"Host": "hoso.example.vn", "X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    page = httpx.get(address, headers=asked)
    process.send_signal(signal.SIGINT)
    lines = process.communicate(timeout=PATIENCE_S)[1].splitlines()
    assert json.loads(lines[-1])["address"] == "203.0.113.7"
    assert "__Host-hoso=" in page.headers["set-cookie"]
    assert "secure" in page.headers["set-cookie"].lower()
    assert page.headers["strict-transport-security"].startswith("max-age=")


def certificate(folder: Path) -> None:
    """A certificate for localhost, and its key."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


def test_https_of_its_own(folder: Path, users: Path) -> None:
    certificate(folder)
    tls = ("--tls-certificate", "cert.pem", "--tls-key", "key.pem")
    with started(folder, *tls, "--users", users.name, "--registry", "agencies.csv") as server:
        assert server.address.startswith("https://")
        context = ssl.create_default_context(cafile=str(folder / "cert.pem"))
        with browsing(server.address, verify=context) as browser:
            entered = log_in(browser, "lan")
            assert entered.status_code == 303
            assert "__Host-hoso=" in entered.headers["set-cookie"]
            assert browser.get("/statement?window=2026-Q3").status_code == 200


# --- Rates ---------------------------------------------------------------------------------------


def test_who_asks_very_often_is_told_to_wait_and_others_are_answered(
    folder: Path, server: Server
) -> None:
    token = hoso(folder, "users", "token", "nam").out.strip()
    with browsing(server.address) as crowd:
        answers = [crowd.get("/login") for _ in range(400)]
        told = [answer for answer in answers if answer.status_code == 429]
        assert told
        assert told[0].headers["retry-after"] == "1"
        known = server.get("/statement.json?window=2026-Q3", authorization=f"Bearer {token}")
        assert known.status_code == 200
    sleep(2)


# --- Every answer --------------------------------------------------------------------------------


def test_every_answer_is_protected(server: Server, browser: httpx.Client) -> None:
    log_in(browser, "lan")
    for path in ("/login", "/statement?window=2026-Q3", "/nope", "/static/style.css", "/%00"):
        headers = browser.get(path).headers
        assert headers["content-security-policy"] == CONTENT_POLICY, path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "server" not in headers
    assert browser.get("/statement?window=2026-Q3").headers["cache-control"] == "no-store"
    assert "immutable" in browser.get("/static/style.css").headers["cache-control"]
    assert httpx.get(server.address, headers={"Host": "evil.example"}).headers["referrer-policy"]


def test_no_page_has_a_script_or_a_style_of_its_own(browser: httpx.Client) -> None:
    log_in(browser, "lan")
    for path in ("/login", "/", "/statement?window=2026-Q3", "/due", "/rejects"):
        page = browser.get(path, follow_redirects=True).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)|javascript:", page), path
