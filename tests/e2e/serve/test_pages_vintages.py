"""The page of vintages: where do its figures lead, who sees which, and what is refused?"""

import re
from html import unescape

import orjson
import pytest

from tests.serving import Server

ASKED = "window=2026-Q3&as-of=2026-08-01&as-of=2026-09-30&as-of=2026-11-01"


def rows_at(server: Server, address: str) -> list[dict[str, object]]:
    path, _, asked = unescape(address).partition("?")
    rows: list[dict[str, object]] = orjson.loads(server.get(f"{path}.json?{asked}").text)
    return rows


def test_each_figure_leads_to_as_many_dossiers_as_were_known(server: Server) -> None:
    page = server.get(f"/vintages?{ASKED}&lang=en").text
    cells = re.findall(r'<a href="(/dossiers\?[^"]*account=[^"]*)">([\d,]+)</a>', page)
    assert {re.findall(r"as-of=([^&]*)", unescape(address))[0][:10] for address, _ in cells} == {
        "2026-08-01",
        "2026-09-30",
        "2026-11-01",
    }
    for address, number in cells[:: len(cells) // 6]:
        assert len(rows_at(server, address)) == int(number.replace(",", ""))


def test_each_revision_leads_to_the_dossiers_that_one_vintage_counts(server: Server) -> None:
    page = server.get(f"/vintages?{ASKED}&lang=en").text
    cells = re.findall(r'<a href="(/compare\?[^"]*against-as-of=[^"]*)">(-?[\d,]+)</a>', page)
    for address, number in cells[:3]:
        only = [sum(row["only"] == side for row in rows_at(server, address)) for side in ("a", "b")]
        assert only[0] - only[1] == int(number.replace(",", ""))


def test_without_a_window_it_is_the_current_quarter(server: Server) -> None:
    moved = server.get("/vintages")
    assert moved.status_code == 302
    assert moved.headers["location"].startswith("/vintages?window=")


def test_without_instants_it_has_every_month_end(server: Server) -> None:
    found = orjson.loads(server.get("/vintages.json?window=2026-Q2").text)["vintages"]
    assert [each["as_of"][:10] for each in found[:3]] == ["2026-03-31", "2026-04-30", "2026-05-31"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("as-of=x", "no instant 'x'"),
        ("as-of=2026-08-01&as-of=x", "no instant 'x'"),
        ("window=2026-Q3", "given twice"),
        ("under=X", "has no body 'X'"),
        ("by=x", "no dimension 'x'"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(server: Server, asked: str, told: str) -> None:
    answer = server.get(f"/vintages.json?window=2026-Q3&{asked}&lang=en")
    assert answer.status_code == 400
    assert told in answer.json()["error"]


def test_elsewhere_one_instant_is_asked_for(server: Server) -> None:
    answer = server.get("/statement.json?window=2026-Q3&as-of=2026-08-01&as-of=2026-09-30&lang=en")
    assert answer.status_code == 400
    assert "as-of: is given twice" in answer.json()["error"]
