"""Does a page that is given away hold the dossiers behind its figures, and say its limit?"""

import json
import re
from typing import Any, Final

import pytest

from hoso.domain.windows import named_window
from hoso.projections.documents.model import Document
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.reports.behind import MOST_DOSSIERS, Lists
from hoso.tools.output import Paper, printed
from tests.engine import ledger_of
from tests.filed import LEAST, checked_lives, filed
from tests.told import paused, received, resolved

YEAR: Final = named_window("2023")
HARMFUL: Final = "</script><script>alert(1)</script>"
EVENTS: Final = [
    *(received("2023-03-01", 20, code=f"A{i}", agency="a") for i in range(1, 6)),
    resolved("2023-03-10", code="A1"),
    received("2023-03-02", 5, code="B1", agency="b"),
    resolved("2023-05-04", code="B1"),
]


def held(most: int, name: str = "quarterly", events: list[Any] = EVENTS) -> Document:
    ledger: Ledger = ledger_of(events)
    return Lists(ledger, lambda _: LEAST.registry).hold(filed(ledger, YEAR)[name], most)


def page(report: Document, language: Any = "vi") -> str:
    return printed(report, language, Paper.html).decode()


def lists_of(page: str) -> Any:
    [data] = re.findall(r'<script type="application/json" id="held">(.*?)</script>', page, re.S)
    return json.loads(data)


def test_each_figure_has_as_many_dossiers_as_it_says() -> None:
    text = page(held(10))
    known = lists_of(text)
    cells = re.findall(r'data-held="(\d+)">([\d.]+)<', text)
    assert len(cells) > 20
    for number, figure in cells:
        assert len(known["lists"][int(number)]) == int(figure)


def test_a_dossier_has_its_days_its_account_and_the_rule() -> None:
    rows = {row[0]: row[1:] for row in lists_of(page(held(10)))["dossiers"]}
    assert rows["A1"][:4] == ["01/03/2023", "29/03/2023", "10/03/2023", "Đã giải quyết: trước hạn"]
    assert rows["A2"][2:] == ["–", "Đang giải quyết: quá hạn", "hết thời hạn giải quyết"]
    assert rows["B1"][:4] == ["02/03/2023", "09/03/2023", "04/05/2023", "Đã giải quyết: quá hạn"]
    assert all(rule for *_, rule in rows.values())


def test_a_figure_of_more_dossiers_has_the_call_and_the_page_says_the_limit() -> None:
    text = page(held(4))
    assert "không quá 4 hồ sơ" in text
    assert "at most 4 (" in page(held(4), "en")
    known = lists_of(text)
    assert max(map(len, known["lists"])) <= 4
    [total] = re.findall(r'<td title="(hoso dossiers [^"]*)">6</td>', text)[:1]
    assert "--account" in total


def test_a_page_of_integrity_holds_the_dossiers_that_each_check_saw() -> None:
    events = [*EVENTS, paused("2023-03-29", code="A2"), paused("2023-03-28", code="A3")]
    ledger = ledger_of(events)
    integrity = checked_lives(ledger, YEAR, LEAST.registry).within(LEAST.scope, LEAST.registry)
    lists = Lists(ledger, lambda _: LEAST.registry, integrity)
    text = page(lists.hold(filed(ledger, YEAR)["integrity"], 10))
    known = lists_of(text)
    calls = re.findall(r'title="hoso integrity [^"]*--check (\w+)([^"]*)" data-held="(\d+)"', text)
    found = {
        (check, rest): [known["dossiers"][place][0] for place in known["lists"][int(number)]]
        for check, rest, number in calls
    }
    assert found["paused_on_due_day", ""] == ["A2", "A3"]
    assert found["paused_on_due_day", " --slice agency=a"] == ["A2", "A3"]
    assert found["no_notice", " --slice agency=b"] == ["B1"]


def test_a_page_holds_no_more_dossiers_than_the_limit_of_all() -> None:
    events = [
        received("2023-03-01", 20, code=f"X{i:05}", agency=f"a{i % 40}")
        for i in range(MOST_DOSSIERS + 100)
    ]
    found = held(200, "index766", events).held
    assert found is not None
    assert 0 < len(found.dossiers) <= MOST_DOSSIERS


@pytest.mark.parametrize("name", ["quarterly", "annual", "index766"])
def test_without_dossiers_a_page_has_calls_only(name: str) -> None:
    text = page(filed(ledger_of(EVENTS), YEAR)[name])
    assert " data-held=" not in text
    assert "<dialog" not in text
    assert "hoso dossiers" in text


def test_a_harmful_code_does_no_harm() -> None:
    text = page(held(10, events=[received("2023-03-01", 20, code=HARMFUL, agency="a")]))
    assert HARMFUL not in text
    assert lists_of(text)["dossiers"][0][0] == HARMFUL
