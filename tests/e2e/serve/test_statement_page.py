"""The page of a statement: does it say what the command says, in every form?"""

import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.command import hoso
from tests.serving import Server, started

QUARTER = ("--window", "2026-Q3")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve")
    asked = ("--dossiers", "300", "--seed", "7", "--facts", "--to", "2026-09-30")
    hoso(folder, "simulate", *asked, "--out", "events.jsonl", "--registry", "agencies.csv")
    hoso(folder, "ingest", "--recorded", "time", "events.jsonl")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with started(folder) as server:
        yield server


def test_json_and_csv_are_those_of_the_command(folder: Path, server: Server) -> None:
    for paper in ("json", "csv"):
        printed = hoso(folder, "statement", *QUARTER, "--by", "level", "--format", paper)
        served = server.get(f"/statement.{paper}?window=2026-Q3&by=level")
        assert served.status_code == 200
        assert served.text == printed.out


def test_the_page_has_the_figures_of_the_command(folder: Path, server: Server) -> None:
    total = orjson.loads(hoso(folder, "statement", *QUARTER, "--format", "json").out)["total"]
    page = server.get("/statement?window=2026-Q3&lang=en").text
    for figure in ("carried_over", "received", "carried_forward"):
        assert re.search(rf'account={figure}[^"]*">{total[figure]:,}</a>', page), figure


def test_without_a_window_the_address_leads_to_the_current_quarter(server: Server) -> None:
    moved = server.get("/statement")
    assert moved.status_code == 302
    assert re.fullmatch(r"/statement\?window=\d{4}-Q[1-4]", moved.headers["location"])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("window=2026-Q9", "window: no window '2026-Q9'"),
        ("window=2026-Q3&foo=1", "no parameter 'foo': this page takes window"),
        ("window=2026-Q3&window=2026-Q2", "window: is given twice"),
        ("window=2026-Q3&law=/etc/passwd", "law: no regime"),
        ("window=2026-Q3&as-of=yesterday", "as-of: no instant 'yesterday'"),
    ],
)
def test_a_wrong_question_is_told_in_one_line(server: Server, asked: str, told: str) -> None:
    refused = server.get(f"/statement.json?{asked}&lang=en")
    assert refused.status_code == 400
    assert orjson.loads(refused.content)["error"].startswith(told)
    page = server.get(f"/statement?{asked}&lang=en")
    assert page.status_code == 400
    assert told.split("'", maxsplit=1)[0] in page.text


def test_what_of_a_file_does_not_count_is_told(folder: Path, tmp_path: Path) -> None:
    lines = (folder / "events.jsonl").read_bytes().splitlines()
    first = orjson.loads(lines[0])
    twin = orjson.dumps(first | {"data": first["data"] | {"field": "another"}})
    (tmp_path / "events.jsonl").write_bytes(b"\n".join([*lines[:50], b"no event", twin]))
    with started(tmp_path, "--source", "events.jsonl", "--skip-rejects") as server:
        page = server.get("/statement?window=2026-Q3&lang=en").text
    assert "1 lines left out, which are no events" in page
    assert "1 events with the identity of another and other content" in page
