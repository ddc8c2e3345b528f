"""Each page names the command that answers the same. Does it?"""

import re
import shlex
from html import unescape
from pathlib import Path

import pytest

from tests.command import hoso
from tests.serving import Server

WINDOW = "window=2026-Q3"
KNOWN = "2026-10-05T12:00:00%2B07:00"
PAGES = [
    f"/compare?{WINDOW}&against-window=2026-Q2",
    f"/compare?{WINDOW}&against-as-of=2026-08-01T12:00:00%2B07:00",
    f"/compare?{WINDOW}&by=level&against-pin=supplement_limit=0",
    f"/compare?{WINDOW}&under=H52.01&against-under=H52.12",
    f"/compare?{WINDOW}&against-window=2026-Q2&account=carried_forward",
    f"/vintages?{WINDOW}&as-of=2026-08-01&as-of=2026-09-30",
    f"/vintages?{WINDOW}&as-of={KNOWN}&as-of=2026-08-01&by=level&under=H52.01",
    "/law",
    "/law?on=2025-07-01",
    "/law?on=2025-07-01&against-on=2025-06-30",
    "/law?diff=2026-08-04,2026-08-05",
    "/law?law=portal-2026&law-as-of=2025-01-01",
    "/due",
    "/due?backtest=2026-Q3",
    "/due?within=2&by=agency&under=H52.01",
    f"/report/summary?{WINDOW}&as-of={KNOWN}",
    f"/report/quarterly?{WINDOW}&as-of={KNOWN}",
    f"/report/form?{WINDOW}&as-of={KNOWN}&under=H52.01",
    f"/report/reconciliation?{WINDOW}&as-of={KNOWN}",
    f"/integrity?{WINDOW}",
    f"/integrity?{WINDOW}&under=H52.12&as-of={KNOWN}",
    f"/integrity?{WINDOW}&check=paused_on_due_day&check=burst",
    "/due?as-of=2026-08-01T12:00:00%2B07:00",
]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_the_answer_of_the_command_that_it_names(
    province: Path, server: Server, address: str
) -> None:
    page = server.get(address)
    assert page.status_code == 200
    found = re.search(r'<code id="command">(hoso [^<]*)</code>', page.text)
    assert found
    call = shlex.split(unescape(found[1]))[1:]
    path, _, asked = address.partition("?")
    for paper in ("json", "csv"):
        printed = hoso(province, *call, "--format", paper)
        assert (printed.status, printed.err) == (0, "")
        assert server.get(f"{path}.{paper}?{asked}").text == printed.out
