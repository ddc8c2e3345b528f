"""Does every program in docs/HTTP.md run as it stands, and is what the page says so?"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from hoso.consumers.http import binding, receiver
from hoso.consumers.http.reconcile import hash_of
from hoso.domain.events import json_schemas
from tests.command import done
from tests.serving import Server, started
from tests.told import Json, paused, received, resolved

PAGE: Final = (Path(__file__).parents[3] / "docs" / "HTTP.md").read_text(encoding="utf-8")
PROGRAMS: Final = re.findall(r"```(sh|python|javascript)\n(.*?)```", PAGE, re.DOTALL)
RUN: Final = {
    "sh": ["sh", "-c"],
    "python": [sys.executable, "-c"],
    "javascript": ["node", "-e"],
}
SENT: Final = [received("2026-11-02", 5, code=f"A{n}", agency=f"body {n % 2}") for n in range(700)]
CONFLICT: Final = SENT[0] | {"subject": "another"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with started(tmp_path) as server:
        yield server


def programs(language: str, part: str) -> list[str]:
    """The programs of the page in a language that have a part."""
    return [text for kind, text in PROGRAMS if kind == language and part in text]


def ran(server: Server, language: str, program: str, *arguments: str, stdin: str = "") -> str:
    """What a program of the page prints, against a server of the test's own."""
    program = program.replace("http://127.0.0.1:8400", server.address)
    command = [*RUN[language], program, *arguments]
    left = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=60, check=False
    )
    assert (left.returncode, left.stderr) == (0, "")
    return left.stdout


def test_the_calls_by_curl_record_events(server: Server, tmp_path: Path) -> None:
    [calls] = programs("sh", "curl")
    told = ran(server, "sh", calls)
    verdicts = [json.loads(each)["verdicts"] for each in re.findall(r"\{.*?\]\}", told)]
    assert verdicts == [[{"verdict": "recorded", "id": n}] for n in ("1", "2")]
    assert "granted" not in done(
        tmp_path, "dossiers", "--account", "resolved.early", "--window", "2026-Q4"
    )
    assert "H01-0001" in done(tmp_path, "explain", "H01-0001", "--format", "json")


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_a_client_of_a_few_lines_sends_a_file(server: Server, language: str) -> None:
    [client] = programs(language, "/events/batch")
    lines = "\n".join(map(json.dumps, [*SENT, CONFLICT]))
    told = ran(server, language, client, stdin=lines)
    assert told.startswith(SENT[0]["id"])
    assert "conflict" in told
    assert len(told.splitlines()) == 1
    again = ran(server, language, client, stdin=lines)
    assert again == told


def test_a_sender_finds_out_what_is_missing(server: Server) -> None:
    [client] = programs("python", "/events/batch")
    ran(server, "python", client, stdin="\n".join(map(json.dumps, SENT)))
    [program] = programs("python", "hashlib")
    ids = [event["id"] for event in SENT]
    asked = (SENT[0]["source"], "2026-11-02")
    assert ran(server, "python", program, *asked, *ids) == "complete\n"
    assert ran(server, "python", program, *asked, *ids, "x") == "missing: ['x']\n"


def test_the_clients_of_the_api_print_figures(server: Server) -> None:
    [client] = programs("python", "/events/batch")
    ran(server, "python", client, stdin="\n".join(map(json.dumps, SENT)))
    expected = "body 0 350 350\nbody 1 350 350\n"
    assert ran(server, "python", programs("python", "json.load")[-1], stdin="") == expected
    assert ran(server, "javascript", programs("javascript", "/api/")[0]) == expected
    table = ran(server, "python", programs("python", "polars")[0])
    assert "received" in table
    assert "350" in table


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    assert f'"events": 1, "hash": "sha256:{hash_of(["1"])}"' in PAGE
    for number in (binding.LONGEST_EVENT_BYTES, binding.LONGEST_BODY_BYTES, binding.MOST_EVENTS):
        assert f"{number:,}" in PAGE
    assert f"({receiver.ROOM_BYTES // 1_000_000} MB)" in PAGE


def test_a_type_of_another_version_is_unknown_and_stops_nothing(server: Server) -> None:
    assert "dossier.received.v2" not in json_schemas()
    newer: Json = SENT[0] | {"type": "dossier.received.v2"}
    [client] = programs("python", "/events/batch")
    told = ran(server, "python", client, stdin="\n".join(map(json.dumps, [newer, *SENT[1:3]])))
    assert "type: unknown event type" in told
    assert len(told.splitlines()) == 1


def test_what_nobody_lists_is_refused_with_its_path(server: Server) -> None:
    newer: Json = resolved("2026-11-03") | {"data": {"outcome": "granted", "x": 1}}
    [client] = programs("python", "/events/batch")
    told = ran(
        server, "python", client, stdin="\n".join(map(json.dumps, [newer, paused("2026-11-04")]))
    )
    assert "data.x: Extra inputs are not permitted" in told
