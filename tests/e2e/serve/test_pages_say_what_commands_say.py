"""Each page names the command that answers the same. Does it?"""

import re
import shlex
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.command import hoso
from tests.serving import Server, started

WINDOW = "window=2026-Q3"
KNOWN = "2026-10-05T12:00:00%2B07:00"
PAGES = [
    f"/compare?{WINDOW}&against-window=2026-Q2",
    f"/compare?{WINDOW}&against-as-of=2026-08-01T12:00:00%2B07:00",
    f"/compare?{WINDOW}&by=level&against-pin=supplement_limit=0",
    f"/compare?{WINDOW}&under=H52.01&against-under=H52.12",
    f"/compare?{WINDOW}&against-window=2026-Q2&account=carried_forward",
    "/law",
    "/law?on=2025-07-01",
    "/law?on=2025-07-01&against-on=2025-06-30",
    "/law?diff=2026-08-04,2026-08-05",
    "/law?law=portal-2026&law-as-of=2025-01-01",
    "/due",
    "/due?within=2&by=agency&under=H52.01",
    f"/report/summary?{WINDOW}&as-of={KNOWN}",
    f"/report/quarterly?{WINDOW}&as-of={KNOWN}",
    f"/report/form?{WINDOW}&as-of={KNOWN}&under=H52.01",
    f"/report/reconciliation?{WINDOW}&as-of={KNOWN}",
    "/due?as-of=2026-08-01T12:00:00%2B07:00",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve")
    asked = ("--dossiers", "600", "--seed", "7", "--to", "2026-09-30")
    hoso(folder, "simulate", *asked, "--out", "events.jsonl", "--registry", "agencies.csv")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with started(folder, "--source", "events.jsonl", "--registry", "agencies.csv") as server:
        yield server


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_the_answer_of_the_command_that_it_names(
    folder: Path, server: Server, address: str
) -> None:
    page = server.get(address)
    assert page.status_code == 200
    found = re.search(r'<code id="command">(hoso [^<]*)</code>', page.text)
    assert found
    call = shlex.split(unescape(found[1]))[1:]
    path, _, asked = address.partition("?")
    for paper in ("json", "csv"):
        printed = hoso(folder, *call, "--format", paper)
        assert (printed.status, printed.err) == (0, "")
        assert server.get(f"{path}.{paper}?{asked}").text == printed.out
