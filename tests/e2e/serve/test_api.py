"""The API for programs: does it answer as the commands do, in each form?"""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pytest

from hoso.tools.serve.application import ROUTES
from hoso.tools.serve.page import Route
from tests.command import done, hoso
from tests.serving import Server, started
from tests.told import received

ARROW = "application/vnd.apache.arrow.stream"
ASKED = "window=2026-Q3&by=agency,level"
OPTIONS = ("--window", "2026-Q3", "--by", "agency,level", "--registry", "agencies.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api")
    asked = ("--dossiers", "300", "--seed", "7", "--facts", "--to", "2026-09-30")
    hoso(folder, "simulate", *asked, "--out", "events.jsonl", "--registry", "agencies.csv")
    hoso(folder, "ingest", "--recorded", "time", "events.jsonl")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with started(folder, "--registry", "agencies.csv") as server:
        yield server


@pytest.mark.parametrize("paper", ["json", "csv"])
def test_a_statement_is_that_of_the_command(folder: Path, server: Server, paper: str) -> None:
    printed = done(folder, "statement", *OPTIONS, "--format", paper)
    assert server.get(f"/api/statement.{paper}?{ASKED}").text == printed
    kind = {"json": "application/json", "csv": "text/csv"}[paper]
    answer = server.get(f"/api/statement?{ASKED}", Accept=f"{kind}, */*;q=0.1")
    assert answer.text == printed
    assert answer.headers["content-type"].startswith(kind)


@pytest.mark.parametrize("paper", ["json", "csv", "arrow"])
def test_a_register_is_that_of_the_command(folder: Path, server: Server, paper: str) -> None:
    done(folder, "register", "--as-of", "2026-09-01", "--out", f"register.{paper}")
    answer = server.get(f"/api/register.{paper}?as-of=2026-09-01")
    assert answer.content == (folder / f"register.{paper}").read_bytes()


@pytest.mark.parametrize(
    ("address", "command"),
    [
        (
            "dossiers?account=received&window=2026-Q3",
            "dossiers --account received --window 2026-Q3",
        ),
        ("due?within=3&by=agency", "due --within 3 --by agency"),
        ("law?on=2026-08-05", "law --on 2026-08-05"),
        ("windows?on=2026-11-29", "windows --on 2026-11-29"),
        (
            "report/quarterly?window=2026-Q3&as-of=2026-11-01",
            "report quarterly --window 2026-Q3 --as-of 2026-11-01 --registry agencies.csv",
        ),
        ("compare?window=2026-Q3&against-window=2026-Q2", None),
        ("integrity?window=2026-Q3", None),
        ("status", None),
    ],
)
def test_a_question_is_answered_in_each_form(
    folder: Path, server: Server, address: str, command: str | None
) -> None:
    path, mark, query = address.partition("?")
    for paper, kind in (("csv", "text/csv"), ("arrow", ARROW), ("json", "application/json")):
        answer = server.get(f"/api/{path}.{paper}{mark}{query}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith(kind)
    assert server.get(f"/api/{address}").json() == answer.json()
    if command is not None:
        printed = done(folder, *command.split(), "--format", "json")
        assert untold(answer.json()) == untold(json.loads(printed))


def untold(value: object) -> object:
    """A document without the calls behind its figures: commands name no registry of the server."""
    match value:
        case dict():
            return {name: untold(each) for name, each in value.items() if name != "behind"}
        case list():
            return [untold(each) for each in value]
    return value


def test_a_life_is_that_of_the_command_whatever_its_code(folder: Path, server: Server) -> None:
    lines = done(folder, "dossiers", "--account", "received", *OPTIONS[:2], "--format", "csv")
    code = lines.splitlines()[1].split(",")[0]
    printed = json.loads(done(folder, "explain", code, "--format", "json"))
    assert server.get(f"/api/explain/{code}").json() == printed
    odd = "H1/2026 số 7.x"
    event = received("2026-07-01", 5, code=odd)
    hoso(folder, "ingest", "-", stdin=json.dumps(event).encode())
    for path in (quote(odd), quote(odd, safe="")):
        assert odd in server.get(f"/api/explain/{path}.json").text
    assert server.get("/api/explain/none").status_code == 404


def test_arrow_has_the_rows_of_the_csv(folder: Path, server: Server) -> None:
    lines = done(folder, "statement", *OPTIONS, "--format", "csv").splitlines()
    for answer in (
        server.get(f"/api/statement.arrow?{ASKED}"),
        server.get(f"/api/statement?{ASKED}", Accept=ARROW),
    ):
        assert answer.headers["content-type"] == ARROW
        table = pa.ipc.open_stream(answer.content).read_all()
        assert len(table) == len(lines) - 1
        assert table["received"].type == pa.int64()
        assert sum(table["received"].to_pylist()) == sum(
            int(line.split(",")[lines[0].lstrip("\ufeff").split(",").index("received")])
            for line in lines[1:]
        )


def test_json_is_what_a_program_gets_that_says_nothing(server: Server) -> None:
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/*;q=0.3, text/csv;q=0.2"}):
        answer = server.get(f"/api/statement?{ASKED}", **headers)
        assert answer.headers["content-type"] == "application/json"
    assert server.get(f"/api/statement?{ASKED}", Accept="image/png").status_code == 406


def test_a_question_that_leaves_the_window_out_leads_to_one_with_it(server: Server) -> None:
    moved = server.get("/api/statement.csv")
    assert moved.status_code == 307
    assert moved.headers["location"].startswith("/api/statement.csv?window=")


@pytest.mark.parametrize(
    "path", ["/api/statement?window=2026-Q9", "/api/nothing", "/api/statement.xlsx"]
)
def test_what_means_nothing_is_told_as_json(server: Server, path: str) -> None:
    answer = server.get(path)
    assert answer.status_code in (400, 404)
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    ("path", "choices"),
    [("/api/report/nope?window=2023-Q1", "quarterly"), ("/due.arrow", "xlsx")],
)
def test_a_refused_name_of_a_report_or_paper_comes_with_those_that_there_are(
    server: Server, path: str, choices: str
) -> None:
    told = server.get(path)
    assert told.status_code == 404
    assert choices in told.text.partition("<nav")[0]


def test_every_page_that_a_command_answers_is_in_the_api_and_in_its_document(
    server: Server,
) -> None:
    paths = {route.path for route in ROUTES}
    described = set(json.loads(server.get("/openapi.json").text)["paths"])
    for page in ROUTES:
        if isinstance(page, Route) and page.command:
            path = f"/api/{'/'.join(page.command)}"
            assert path in described
            assert {path, f"{path}.{{ending:ending}}"} <= {
                path.replace(":path}", "}") for path in paths
            }
    assert {"/events", "/events/batch", "/events/reconcile", "/national"} <= described
