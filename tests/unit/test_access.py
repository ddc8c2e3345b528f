"""Who may: roles and limits, the file of users, sessions, waits, forgery, addresses."""

import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoso.domain.errors import UserError
from hoso.tools.serve.access import addresses, forgery, headers, sessions, users
from hoso.tools.serve.access.grants import Grant, granted
from hoso.tools.serve.access.limits import FORGET_S, OF_NAME, Failures, Rates, network
from hoso.tools.serve.access.sessions import Person
from hoso.tools.serve.access.visitor import LOCAL, NOBODY, Role, Visitor

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
PASSWORD = "một câu đủ dài"
READER = Grant(frozenset({Role.READER}), ("H14.05",))


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


# --- Roles ---------------------------------------------------------------------------------------


def test_a_reader_reads_and_does_nothing_else() -> None:
    reader = Visitor("a", frozenset({Role.READER}))
    assert [role for role in Role if reader.may(role)] == [Role.READER]


def test_analysts_and_operators_read_and_publishers_do_not() -> None:
    may = {role: [one for one in Role if Visitor("a", frozenset({role})).may(one)] for role in Role}
    assert may[Role.ANALYST] == [Role.READER, Role.ANALYST]
    assert may[Role.OPERATOR] == [Role.READER, Role.OPERATOR]
    assert may[Role.PUBLISHER] == [Role.PUBLISHER]


def test_local_may_all_and_nobody_may_nothing() -> None:
    assert all(LOCAL.may(role) for role in Role)
    assert LOCAL.sees_all()
    assert not any(NOBODY.may(role) for role in Role)
    assert not NOBODY.sees_all()
    assert NOBODY.bodies == NOBODY.sources == ()


def test_no_bodies_is_not_all_bodies() -> None:
    assert not Visitor("a", frozenset({Role.READER}), ()).sees_all()


def test_the_first_group_of_the_file_decides_and_grants_are_not_added_up() -> None:
    one, other = READER, Grant(frozenset({Role.OPERATOR}), ("H14.06",))
    groups = {"a": one, "b": other}
    assert granted(groups, ["b", "a"]) is one
    assert granted(groups, ["b"]) is other
    assert granted(groups, ["c"]) is None
    assert granted(groups, []) is None


# --- The file of users ---------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "users.yaml")


def written(file: str, text: str, mode: int = 0o600) -> str:
    Path(file).write_text(text, encoding="utf-8")
    Path(file).chmod(mode)
    return file


def test_what_is_written_is_read_again(file: str) -> None:
    secret, token = users.new_token("cổng", date(2027, 11, 29))
    lan = users.User("lan.nguyễn", READER, LONG_AGO, users.hashed(PASSWORD), (token,))
    gate = users.User("gate", Grant(frozenset({Role.PUBLISHER}), None, ("/one-stop/05",)), LONG_AGO)
    with users.changing(file, new=True) as by_name:
        by_name |= {lan.name: lan, gate.name: gate}
    found = users.read_users(file)
    assert found.by_name == {lan.name: lan, gate.name: gate}
    assert found.of_token(secret, date(2027, 11, 29)) == lan


@given(
    st.text(min_size=1, max_size=30).filter(lambda t: t.isprintable() and t == t.strip() and t),
    st.lists(st.text("0123456789.H_- ăễyesno~", min_size=1, max_size=8), max_size=3),
)
def test_any_name_and_body_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, name: str, bodies: list[str]
) -> None:
    file = str(tmp_path_factory.mktemp("users") / "users.yaml")
    user = users.User(name, Grant(frozenset({Role.READER}), tuple(bodies)), LONG_AGO)
    with users.changing(file, new=True) as by_name:
        by_name[name] = user
    assert users.read_users(file).by_name == {name: user}


def test_the_file_is_its_owners_only_and_has_no_secret(file: str) -> None:
    secret, token = users.new_token("cổng")
    with users.changing(file, new=True) as by_name:
        by_name["lan"] = users.User("lan", READER, LONG_AGO, users.hashed(PASSWORD), (token,))
    assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
    text = Path(file).read_text(encoding="utf-8")
    assert PASSWORD not in text
    assert secret not in text
    assert "$argon2id$" in text


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_a_file_that_others_may_open_is_refused(file: str, mode: int) -> None:
    written(file, "users:\n", mode)
    with pytest.raises(UserError, match=r"^--users: .*users\.yaml: others may open it; run chmod"):
        users.read_users(file)


def test_a_file_that_is_missing_is_refused_where_it_must_be_there(file: str) -> None:
    with pytest.raises(UserError, match="No such file"):
        users.read_users(file)
    assert users.read_users(file, required=False).by_name == {}


def test_a_change_that_fails_leaves_the_file_as_it_was(file: str) -> None:
    written(file, "users:\n")

    def add_and_fail() -> None:
        with users.changing(file) as by_name:
            by_name["lan"] = users.User("lan", READER, LONG_AGO)
            raise UserError("no")

    with pytest.raises(UserError, match="no"):
        add_and_fail()
    assert Path(file).read_text(encoding="utf-8") == "users:\n"
    assert [each.name for each in Path(file).parent.iterdir()] == ["users.yaml"]


SINCE = "since: 2026-01-01T00:00:00Z"
FAULTS = {
    f"users:\n  lan: {{roles: [chief], {SINCE}}}": r":2: users\.lan\.roles\[1\]: is no role: use",
    f"users:\n  lan: {{{SINCE}}}": r":2: users\.lan: has no roles",
    f"users:\n  lan: {{roles: reader, {SINCE}}}": r":2: users\.lan\.roles: is no list",
    f"users:\n  lan: {{roles: [reader], bodies: [05], {SINCE}}}": r"bodies\[1\]: is no text",
    f"users:\n  lan: {{roles: [reader], body: [x], {SINCE}}}": r"lan\.body: is no key of it",
    f"users:\n  lan: {{roles: [publisher], bodies: [x], {SINCE}}}": r"needs sources",
    f"users:\n  lan: {{roles: [reader], password: 'secret', {SINCE}}}": r"password: is no hash",
    f"users:\n  lan: {{roles: [reader], tokens: [{{name: a}}], {SINCE}}}": r"hash: is no text",
    f"users:\n  ' lan': {{roles: [reader], {SINCE}}}": r"is no name of a user",
    "users:\n  lan: {roles: [reader]}": r"lan\.since: is no instant with a zone",
    "users:\n  lan: {roles: [reader], since: 2026-01-01}": r"since: is no instant with a zone",
    "users:\n  lan: [reader]": r":2: users\.lan: is no table of keys",
    "people: {}": r":1: people: is no key of it: use users",
}


@pytest.mark.parametrize(("text", "fault"), FAULTS.items())
def test_a_fault_in_the_file_is_told_with_its_line_and_no_secret(
    file: str, text: str, fault: str
) -> None:
    written(file, text)
    with pytest.raises(UserError, match=fault) as told:
        users.read_users(file)
    assert str(told.value).startswith(file)
    assert "secret" not in str(told.value)


def test_a_token_is_valid_up_to_its_last_day_and_for_its_user_only(file: str) -> None:
    secret, token = users.new_token("cổng", date(2026, 11, 29))
    endless, other = users.new_token("cổng")
    lan = users.User("lan", READER, LONG_AGO, None, (token,))
    nam = users.User("nam", READER, LONG_AGO, None, (other,))
    with users.changing(file, new=True) as by_name:
        by_name |= {"lan": lan, "nam": nam}
    found = users.read_users(file)
    assert found.of_token(secret, date(2026, 11, 29)) == lan
    assert found.of_token(secret, date(2026, 11, 30)) is None
    assert found.of_token(endless, date(9999, 1, 1)) == nam
    for wrong in ("", secret[:-1], f"{secret} ", token.hash, "\ud800"):
        assert found.of_token(wrong, date(2026, 11, 29)) is None


def test_a_password_is_checked_and_nobodys_takes_as_long() -> None:
    lan = users.User("lan", READER, LONG_AGO, users.hashed(PASSWORD))
    tokens_only = users.User("gate", READER, LONG_AGO)
    assert users.is_password(lan, PASSWORD)
    assert not users.is_password(lan, PASSWORD + "x")
    assert not users.is_password(lan, "x" * 1_000_000)
    assert not users.is_password(tokens_only, "")
    assert not users.is_password(None, PASSWORD)
    assert lan.password is not None
    assert not users.is_password(lan, lan.password)


@pytest.mark.parametrize("password", ["", "short", "x" * 1_001])
def test_a_password_is_long_and_is_not_repeated_in_the_fault(password: str) -> None:
    with pytest.raises(UserError) as told:
        users.check_password(password)
    assert not password or password not in str(told.value)


# --- Sessions ------------------------------------------------------------------------------------


def test_a_session_ends_when_it_is_idle_and_however_busy_at_the_end_of_its_time() -> None:
    clock = Clock()
    kept = sessions.Sessions(clock)
    idle, busy = kept.begin("password", Person("lan")), kept.begin("password", Person("nam"))
    for _ in range(int(sessions.ABSOLUTE_S / sessions.IDLE_S)):
        clock.now += sessions.IDLE_S
        assert kept.find(busy) is not None
    assert kept.find(idle) is None
    clock.now += 1
    assert kept.find(busy) is None
    assert len(kept) == 0


def test_each_login_has_a_key_of_its_own_and_a_logout_ends_one() -> None:
    kept = sessions.Sessions()
    one, other = kept.begin("password", Person("lan")), kept.begin("password", Person("lan"))
    assert one != other
    kept.end(one)
    assert kept.find(one) is None
    assert kept.find(other) is not None
    for wrong in ("", one, other[:-1], "\ud800"):
        assert kept.find(wrong) is None


def test_the_server_keeps_no_key_of_a_session() -> None:
    kept = sessions.Sessions()
    key = kept.begin("password", Person("lan"))
    assert key not in repr(vars(kept))


def test_sessions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST", 3)
    kept = sessions.Sessions()
    keys = [kept.begin("password", Person(str(i))) for i in range(5)]
    assert [kept.find(key) is not None for key in keys] == [False, False, True, True, True]


# --- Waits ---------------------------------------------------------------------------------------


def test_waits_grow_with_failures_and_end_by_themselves() -> None:
    clock = Clock()
    failures = Failures(clock)
    waits = []
    for _ in range(20):
        waits.append(failures.wait_s("lan", "10.0.0.1"))
        clock.now += waits[-1]
        failures.add("lan", "10.0.0.1")
    assert waits[: OF_NAME.free + 1] == [0.0] * (OF_NAME.free + 1)
    assert waits[OF_NAME.free + 1 : OF_NAME.free + 4] == [1.0, 2.0, 4.0]
    assert max(waits) == OF_NAME.longest_s
    assert waits == sorted(waits)
    clock.now += FORGET_S
    assert failures.wait_s("lan", "10.0.0.1") == 0.0


def test_nobody_is_kept_out_by_failures_elsewhere() -> None:
    failures = Failures(Clock())
    for _ in range(39):
        failures.add("lan", "10.0.0.1")
    assert failures.wait_s("lan", "10.0.0.1") > 0
    assert failures.wait_s("lan", "10.0.0.2") == 0.0
    assert failures.wait_s("nam", "10.0.0.1") == 0.0


def test_a_network_that_tries_many_names_waits_but_never_long() -> None:
    clock = Clock()
    failures = Failures(clock)
    for i in range(1_000):
        failures.add(f"user{i}", "10.0.0.1")
    assert 0 < failures.wait_s("lan", "10.0.0.1") <= 30
    assert failures.wait_s("lan", "10.0.0.2") == 0.0


def test_a_success_forgets_failures_of_the_name_and_not_those_of_the_network() -> None:
    failures = Failures(Clock())
    for _ in range(45):
        failures.add("lan", "10.0.0.1")
    failures.forget("lan", "10.0.0.1")
    assert 0 < failures.wait_s("lan", "10.0.0.1") <= 30


def test_logins_that_succeed_make_no_office_wait() -> None:
    failures = Failures(Clock())
    for i in range(500):
        assert failures.wait_s(f"user{i}", "10.0.0.1") == 0.0
        failures.add(f"user{i}", "10.0.0.1")
        failures.forget(f"user{i}", "10.0.0.1")


def test_what_is_remembered_of_failures_and_rates_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hoso.tools.serve.access.limits.MOST", 50)
    failures, rates = Failures(), Rates(1, 1)
    for i in range(500):
        failures.add(str(i), f"10.0.{i % 256}.{i // 256}")
        rates.wait_s(str(i))
    assert len(failures._failed) <= 50
    assert len(rates._left) <= 50


def test_a_visitor_may_send_a_burst_and_then_so_many_a_second() -> None:
    clock = Clock()
    rates = Rates(10, 20, clock)
    assert [rates.wait_s("a") for _ in range(20)] == [0.0] * 20
    assert 0 < rates.wait_s("a") <= 0.1
    assert rates.wait_s("b") == 0.0
    clock.now += 0.1
    assert rates.wait_s("a") == 0.0
    assert rates.wait_s("a") > 0


def test_an_ipv6_network_is_one_party_and_a_mapped_address_is_ipv4() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:0:1::1")
    assert network("::ffff:10.0.0.1") == network("10.0.0.1") != network("10.0.0.2")
    assert network("unix") == "unix"


# --- Forgery -------------------------------------------------------------------------------------

OWN = "https://hoso.example.vn"


@pytest.mark.parametrize(
    ("told", "elsewhere"),
    [
        ({}, False),
        ({"origin": OWN}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://hoso.example.vn"}, True),
        ({"origin": OWN + ".evil.example"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"origin": OWN, "sec-fetch-site": "cross-site"}, True),
    ],
)
def test_a_request_of_another_site_is_known(told: dict[str, str], elsewhere: bool) -> None:
    assert forgery.comes_from_elsewhere(told, OWN) is elsewhere


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "application/x-www-form-urlencoded; charset=utf-8",
        "Multipart/Form-Data",
        "TEXT/plain",
    ],
)
def test_what_any_site_can_send_needs_a_token(kind: str | None) -> None:
    assert forgery.is_form({} if kind is None else {"content-type": kind})


def test_json_needs_none() -> None:
    assert not forgery.is_form({"content-type": "application/cloudevents+json"})


def test_a_token_fits_the_browser_it_was_made_for_and_no_other_server() -> None:
    tokens = forgery.FormTokens()
    token = tokens.of("cookie")
    assert tokens.fits(token, "cookie")
    for wrong in ("", token[:-1], "\ud800", "é"):
        assert not tokens.fits(wrong, "cookie")
    assert not tokens.fits(token, "another")
    assert not forgery.FormTokens().fits(token, "cookie")


@pytest.mark.parametrize(
    ("body", "token"),
    [
        (b"a=1&form_token=xyz&b=2", "xyz"),
        (b"form_token=x&form_token=y", ""),
        (b"form_token=", ""),
        (b"", ""),
        (b"\xff\xfe", ""),
        (b"&".join(b"a=1" for _ in range(1_000)) + b"&form_token=x", ""),
    ],
)
def test_the_token_of_a_form_is_found(body: bytes, token: str) -> None:
    assert forgery.token_in(body) == token


# --- Headers -------------------------------------------------------------------------------------


def test_every_answer_is_protected_and_pages_cannot_weaken_it() -> None:
    weak = [(b"Content-Security-Policy", b"default-src *"), (b"content-type", b"text/html")]
    found = headers.protected(weak, encrypted=False)
    names = [name for name, _ in found]
    assert names.count(b"content-security-policy") == 1
    assert b"Content-Security-Policy" not in names
    policy = dict(found)[b"content-security-policy"]
    assert b"unsafe" not in policy
    assert b"default-src 'none'" in policy
    assert b"frame-ancestors 'none'" in policy
    assert dict(found)[b"cache-control"] == b"no-store"
    assert b"strict-transport-security" not in names
    assert b"strict-transport-security" in dict(headers.protected([], encrypted=True))


def test_a_file_may_be_kept_by_browsers_where_it_says_so() -> None:
    kept = [(b"Cache-Control", b"public, max-age=600")]
    found = headers.protected(kept, encrypted=False)
    assert [value for name, value in found if name.lower() == b"cache-control"] == [kept[0][1]]


# --- Addresses -----------------------------------------------------------------------------------


def test_a_server_on_loopback_answers_to_its_own_names_and_port_only() -> None:
    local = addresses.public_address(None, "127.0.0.1", 8400, encrypted=False)
    for host in ("localhost:8400", "127.0.0.1:8400", "[::1]:8400", "LOCALHOST:8400"):
        assert local.fits(host), host
    for host in (
        "evil.example:8400",
        "localhost",
        "localhost:80",
        "127.0.0.1.evil.example:8400",
        "",
    ):
        assert not local.fits(host), host
    assert local.is_local
    assert local.origin("LocalHost:8400") == "http://localhost:8400"


def test_a_public_address_answers_to_its_name_with_or_without_its_usual_port() -> None:
    public = addresses.public_address("https://Hoso.Example.vn", "0.0.0.0", 8400, encrypted=False)
    assert public.fits("hoso.example.vn")
    assert public.fits("hoso.example.vn:443")
    assert not public.fits("hoso.example.vn:8400")
    assert not public.is_local
    assert public.is_encrypted
    assert public.origin() == "https://hoso.example.vn"


def test_a_server_for_others_must_know_its_name() -> None:
    with pytest.raises(UserError, match=r"--host 0\.0\.0\.0: needs --public-url"):
        addresses.public_address(None, "0.0.0.0", 8400, encrypted=False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hoso.example.vn",
        "ftp://hoso.example.vn",
        "https://",
        "https://a/b",
        "https://a:x",
        "https://a:99999",
        "https://u:p@a",
        "https://[::1",
        "https://a?b",
    ],
)
def test_a_public_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UserError, match="--public-url"):
        addresses.public_address(url, "0.0.0.0", 8400, encrypted=False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "::1", "[::1]"])
def test_loopback_is_known(host: str) -> None:
    assert addresses.is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "hoso", "localhost.example", ""])
def test_all_else_is_not_loopback(host: str) -> None:
    assert not addresses.is_loopback(host)


def test_only_a_proxy_says_for_whom_it_asks() -> None:
    proxies = addresses.networks("--behind-proxy", ["10.0.0.5", "10.1.0.0/16"])

    def asks(address: str, forwarded: str) -> str:
        return addresses.visitors_address(address, {"x-forwarded-for": forwarded}, proxies)

    assert asks("10.0.0.5", "203.0.113.7") == "203.0.113.7"
    assert asks("10.0.0.5", "1.1.1.1, 203.0.113.7, 10.1.2.3") == "203.0.113.7"
    assert asks("::ffff:10.0.0.5", "203.0.113.7") == "203.0.113.7"
    assert asks("10.0.0.6", "203.0.113.7") == "10.0.0.6"
    assert asks("10.0.0.5", "") == "10.0.0.5"


@pytest.mark.parametrize("text", ["proxy", "10.0.0.5/8", ""])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"^--behind-proxy: "):
        addresses.networks("--behind-proxy", [text])
