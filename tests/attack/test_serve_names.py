"""Names, codes and parameters that are scripts, markup or marks that turn text around: pages show
them as text, and files hold them as values."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from hoso.tools.serve.application import ROUTES
from hoso.tools.serve.page import Route
from tests.attack.fuzzing import tried
from tests.serving import PATIENCE_S, Server, started

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "</title><svg onload=alert(1)>",
    "=cmd|' /C calc'!A0",
    "a&amp;lt;b",
    "..%2f..%2fetc%2fpasswd",
]
MARKUP = (
    "<script>alert",
    "<img",
    "<svg onload",
    "</title><svg",
    "49{% raw",
)
QUARTER = "window=2026-Q3"


def events() -> Iterator[dict[str, object]]:
    """A life for each evil text, which stands wherever an office writes something."""
    for i, text in enumerate(EVIL):
        code = f"{text}#{i}" if i % 2 else text
        told: list[tuple[str, str, dict[str, object]]] = [
            (
                "dossier.received.v1",
                "2026-07-01T08:00:00+07:00",
                {
                    "agency": text,
                    "field": text,
                    "procedure": text,
                    "channel": "online",
                    "due": "2026-07-10",
                },
            ),
            ("dossier.resolved.v1", "2026-08-20T09:00:00+07:00", {"outcome": "granted"}),
        ]
        for number, (kind, time, data) in enumerate(told[: 1 + i % 2]):
            yield {
                "specversion": "1.0",
                "id": f"{i}.{number}",
                "source": "/evil",
                "type": kind,
                "subject": code,
                "time": time,
                "data": data,
            }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("names")
    lines = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events())
    (folder / "events.jsonl").write_text(lines, encoding="utf-8")
    with (folder / "agencies.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "name", "level", "parent"])
        rows.writerow(["P", EVIL[0], "province", ""])
        rows.writerows([text, text, "commune", "P"] for text in EVIL)
    with started(Path(folder), "--source", "events.jsonl", "--registry", "agencies.csv") as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=PATIENCE_S) as client:
        yield client


def asked(client: httpx.Client, address: str) -> httpx.Response:
    answer = client.get(address, follow_redirects=True, headers={"Accept": "text/html"})
    tried(f"serve, evil names, status {answer.status_code}")
    assert answer.status_code < 500, (address, answer.text[:200])
    if answer.headers["content-type"].startswith("text/html"):
        for markup in MARKUP:
            assert markup not in answer.text, (address, markup)
    return answer


def pages() -> list[str]:
    """The pages, by their paths, that a browser shows."""
    return [route.path for route in ROUTES if isinstance(route, Route) and "{" not in route.path]


@pytest.mark.parametrize("path", pages())
def test_pages_show_evil_names_as_text(client: httpx.Client, path: str) -> None:
    for question in ("", QUARTER, f"{QUARTER}&by=agency,procedure", "within=250&by=field"):
        asked(client, f"{path}?{question}")


def test_the_evil_names_are_there(client: httpx.Client) -> None:
    told = asked(client, f"/statement?{QUARTER}&by=field&lang=en").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in told
    assert "{{ 7*7 }}{% raw %}" in told


@pytest.mark.parametrize("text", EVIL)
def test_evil_parameters_are_told_as_text(client: httpx.Client, text: str) -> None:
    value = quote(text, safe="")
    for address in (
        f"/statement?window={value}",
        f"/statement?{QUARTER}&{value}=1",
        f"/statement?{QUARTER}&slice=field={value}",
        f"/dossiers?{QUARTER}&account={value}",
        f"/dossiers?{QUARTER}&account=received&sort={value}",
        f"/dossier?code={value}",
        f"/dossier/{value}",
        f"/report/{value}?{QUARTER}",
        f"/login?next={value}",
        f"/{value}",
        f"/compare?{QUARTER}&against-window={value}",
        f"/law?on={value}",
    ):
        asked(client, address)


@pytest.mark.parametrize("text", EVIL)
def test_no_answer_has_a_header_that_a_parameter_wrote(client: httpx.Client, text: str) -> None:
    value = quote(f"{text}\r\nX-Evil: yes", safe="")
    for address in (f"/dossier?code={value}", f"/statement?window={value}", f"/login?next={value}"):
        answer = client.get(address)
        assert "x-evil" not in answer.headers, address
        assert answer.status_code < 500


def test_in_files_for_spreadsheets_no_name_is_a_formula(client: httpx.Client) -> None:
    answer = asked(client, f"/dossiers.csv?{QUARTER}&account=received")
    cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
    assert any("cmd|" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_a_file_is_no_page(client: httpx.Client) -> None:
    """A browser must not take a file with such names for a page of this server."""
    for ending, kind in (("json", "application/json"), ("csv", "text/csv")):
        answer = client.get(f"/dossiers.{ending}?{QUARTER}&account=received")
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["x-content-type-options"] == "nosniff"
