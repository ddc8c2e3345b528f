"""Every address as every role of every body: nobody sees, or learns of, what is another body's.

The addresses come from the table of routes, so a new page is attacked as soon as it is there.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from time import sleep

import httpx
import pytest

from hoso.tools.serve.access.visitor import INCLUDED, Role
from hoso.tools.serve.application import ROUTES
from hoso.tools.serve.page import Plain, Route
from hoso.tools.serve.question import AGAINST_RULES, PARAMETERS, RULES
from tests.attack.fuzzing import AT_LENGTH, tried
from tests.visitors import OTHER, OWN, UNKNOWN_CODE, World, worlds

QUARTER = "window=2026-Q3"
# What each parameter is tried with; {other} is a body that the visitor does not see.
TRIED = {
    "account": ["received", "carried_forward", "suspense", "in_progress.overdue"],
    "window": ["2026-08", "2025"],
    "from": ["2026-01-01&to=2026-09-30"],
    "to": ["2026-09-30&from=2026-01-01"],
    "by": ["agency", "procedure,field", "level,channel,official"],
    "slice": ["agency={other}", "agency={own}", "channel=online"],
    "under": ["{other}", "{own}", "H52", "H52.99"],
    "roll-up": ["now"],
    "attribution": ["final"],
    "as-of": ["2026-08-01T00:00:00+07:00"],
    "law": ["portal-2026"],
    "law-as-of": ["2026-01-01"],
    "after-supplement": ["extend"],
    "supplement-limit": ["2"],
    "reschedule": ["accept_once"],
    "pin": ["supplement_limit=2"],
    "against-window": ["2025-Q3"],
    "against-from": ["2025-01-01&against-to=2025-06-30"],
    "against-to": ["2025-06-30&against-from=2025-01-01"],
    "against-as-of": ["2026-08-01T00:00:00+07:00"],
    "against-law": ["portal-2026"],
    "against-law-as-of": ["2026-01-01"],
    "against-pin": ["supplement_limit=2"],
    "against-slice": ["agency={other}"],
    "against-under": ["{other}", "{own}"],
    "on": ["2026-08-01"],
    "against-on": ["2025-08-01"],
    "diff": ["2025-01-01,2026-08-01"],
    "within": ["20"],
    "body": ["commune"],
    "backtest": ["2026-08"],
    "code": [UNKNOWN_CODE],
    "check": ["re_entered", "x"],
    "sort": ["dossier"],
    "page": ["2"],
    "lang": ["en"],
}
REFUSED = {400, 401, 403, 404, 405, 411, 413, 415, 421, 422, 429}
DIFFERS = re.compile(  # what differs between two servers, and says nothing about dossiers
    rb'name="form_token" value="[0-9a-f]{64}"|DTSTAMP:\w+|http://127\.0\.0\.1:\d+'
)
REPORTS = ("quarterly", "x", "summary", "annual", "index766", "scorecard", "integrity", "form")
OF_HISTORY = [route for route in ROUTES if isinstance(route, Route) and route.of_history]
GUARDED = [route for route in ROUTES if route.role is not None]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with worlds(tmp_path_factory.mktemp("worlds")) as made:
        yield made


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60, limits=httpx.Limits(max_keepalive_connections=4)) as made:
        yield made


def paths(route: Route | Plain, codes: list[str]) -> list[str]:
    """The paths of a route, with each of its papers, for some values of what varies in it."""
    values = {
        "code": codes,
        "name": REPORTS if AT_LENGTH else REPORTS[:2],
        "number": ["1"],
        "ending": ["json", "csv", "arrow"],
    }
    found = [route.path]
    for whole, part in re.findall(r"(\{(\w+)(?::\w+)?\})", route.path):
        assert part in values, f"{route.path}: say in this test with what {part} is tried"
        found = [path.replace(whole, value) for path in found for value in values[part]]
    endings = [f".{ending}" for ending in route.endings] if isinstance(route, Route) else []
    return [f"{path}{ending}" for path in found for ending in ("", *endings)]


def questions(route: Route | Plain) -> list[str]:
    """The parameters with which a route is tried: a plain question, and each parameter in turn."""
    if isinstance(route, Plain):
        return ["", QUARTER, f"{QUARTER}&under={OTHER}", "source=/nowhere&day=2026-08-01"]
    base = QUARTER if "window" in route.parameters else ""
    found = ["", base]
    for name in (*route.parameters, "lang"):
        for value in TRIED[name] if AT_LENGTH else TRIED[name][:1]:
            given = value.format(own=OWN, other=OTHER)
            replaced = name in ("window", "from", "to") or not base
            found.append(f"{name}={given}" if replaced else f"{base}&{name}={given}")
    return list(dict.fromkeys(found))


def asked(
    client: httpx.Client, address: str, path: str, question: str, token: str | None, method: str
) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    url = f"{address}{path}" + (f"?{question}" if question else "")
    answer = answered(client, method, url, headers)
    while answer.status_code == 429 and path != "/login":  # as fast as a visitor may ask
        sleep(float(answer.headers["retry-after"]))
        answer = answered(client, method, url, headers)
    tried(f"serve, {method}, status {answer.status_code}")
    assert answer.status_code < 500, (method, url, answer.text[:300])
    assert answer.status_code in REFUSED | {200, 202, 204, 302, 303, 304, 307}, (
        url,
        answer.status_code,
    )
    return answer


def answered(
    client: httpx.Client, method: str, url: str, headers: dict[str, str]
) -> httpx.Response:
    """The answer; of a stream of events, which has no end, its head."""
    with client.stream(method, url, headers=headers, follow_redirects=False) as answer:
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return httpx.Response(answer.status_code)
        answer.read()
        return answer


def content(answer: httpx.Response) -> bytes:
    """What an answer says: of packed papers, what is in them."""
    if answer.content[:2] != b"PK":
        return DIFFERS.sub(b"", answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        names = sorted(name for name in packed.namelist() if "docProps" not in name)
        return b"".join(name.encode() + packed.read(name) for name in names)


def methods(route: Route | Plain) -> tuple[str, ...]:
    return route.methods if isinstance(route, Plain) else ("GET",)


def test_every_parameter_is_tried() -> None:
    assert set(TRIED) == set(PARAMETERS)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_each_role_gets_its_own_pages_only(
    world: World, client: httpx.Client, route: Route | Plain
) -> None:
    [path, *_] = paths(route, world.own_codes[:1])
    question = QUARTER if isinstance(route, Route) and "window" in route.parameters else ""
    for method in methods(route):
        for role in Role:
            own, every = (
                asked(client, world.whole.address, path, question, token, method).status_code
                for token in (world.tokens[f"{role} of own"], world.tokens[f"{role} of all"])
            )
            if route.role is not None and route.role not in INCLUDED[role]:
                assert own == every == 403, (role, method, path)
            elif route.role is not None:
                assert own != 401, (role, method, path)  # 403: what belongs to no body
                assert every not in (401, 403), (role, method, path)
        nobody = asked(client, world.whole.address, path, question, None, method)
        if route.role is not None:
            assert nobody.status_code in (401, 303), (method, path)
            assert nobody.headers.get("location", "/login").startswith("/login")
            assert not any(code in nobody.text for code in (*world.own_codes, *world.other_codes))


OWN_RULES = [*RULES, *AGAINST_RULES]


@pytest.mark.parametrize("route", OF_HISTORY, ids=lambda route: route.path)
def test_other_rules_are_for_analysts(world: World, client: httpx.Client, route: Route) -> None:
    [path, *_] = paths(route, world.own_codes[:1])
    for name in set(OWN_RULES) & set(route.parameters):
        for value in TRIED[name]:
            base = f"{QUARTER}&" if "window" in route.parameters else ""
            question = f"{base}{name}={value}"
            token = world.tokens["reader of own"]
            refused = asked(client, world.whole.address, path, question, token, "GET")
            assert refused.status_code == 403, (path, question)
            token = world.tokens["analyst of own"]
            allowed = asked(client, world.whole.address, path, question, token, "GET")
            assert allowed.status_code != 403, (path, question)


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.path)
def test_no_answer_tells_a_reader_of_one_body_that_others_have_dossiers(
    world: World, client: httpx.Client, route: Route | Plain
) -> None:
    """Both servers answer the same, in every form, though the one has the dossiers of all."""
    role = Role.ANALYST if route.role is Role.READER else route.role
    token = world.tokens[f"{role} of own"]
    others = [code.encode() for code in world.other_codes]
    codes = [world.own_codes[0], world.other_codes[0], UNKNOWN_CODE]
    plain, *others_of_route = paths(route, codes)
    every_question = [(plain, question) for question in questions(route)]
    every_path = [(path, QUARTER) for path in others_of_route]
    for path, question in dict.fromkeys((*every_question, *every_path)):
        for method in methods(route):
            whole = asked(client, world.whole.address, path, question, token, method)
            part = asked(client, world.part.address, path, question, token, method)
            assert whole.status_code == part.status_code, (path, question)
            told = content(whole)
            assert told == content(part), (path, question)
            asked_for = f"{path}?{question}".encode()
            assert not [code for code in others if code in told and code not in asked_for]
