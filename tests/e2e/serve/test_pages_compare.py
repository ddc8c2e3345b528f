"""The page that compares two sides: where do its figures lead, and what is refused?"""

import re
from html import unescape

import orjson
import pytest

from tests.serving import Server

SIDES = {
    "window": "window=2026-Q3&against-window=2026-Q2",
    "moment": "window=2026-Q3&against-as-of=2026-08-01T12:00:00%2B07:00",
    "law": "window=2026-Q3&by=level&against-pin=supplement_limit=0",
    "bodies": "window=2026-Q3&under=H52.01&against-under=H52.12",
}


@pytest.mark.parametrize("side", SIDES)
def test_each_figure_leads_to_as_many_dossiers(server: Server, side: str) -> None:
    page = server.get(f"/compare?{SIDES[side]}&lang=en").text
    cells = re.findall(r'<a href="(/compare\?[^"]*account=[^"]*)">([\d,]+)</a>', page)
    assert cells
    for address, number in cells[:: max(len(cells) // 6, 1)]:
        path, _, asked = unescape(address).partition("?")
        rows = orjson.loads(server.get(f"{path}.json?{asked}").text)
        only = [sum(row["only"] == side for row in rows) for side in ("a", "b")]
        assert int(number.replace(",", "")) in only


def test_without_another_side_it_is_the_same_period_of_the_year_before(server: Server) -> None:
    moved = server.get("/compare?window=2026-Q3")
    assert moved.status_code == 302
    assert moved.headers["location"] == "/compare?window=2026-Q3&against-window=2025-Q3"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("against-window=2026-Q9", "no window '2026-Q9'"),
        ("against-law=/etc/passwd", "against-law: no regime '/etc/passwd'"),
        ("against-window=2026-Q3", "both sides are the same"),
        ("against-under=X", "has no body 'X'"),
        ("against-law=portal-2026&account=x", "no account 'x'"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(server: Server, asked: str, told: str) -> None:
    answer = server.get(f"/compare.json?window=2026-Q3&{asked}&lang=en")
    assert answer.status_code == 400
    assert told in answer.json()["error"]
