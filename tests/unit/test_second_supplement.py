"""The second supplement request counts as overdue: one history, traced through all reports.

Decision 766/QĐ-TTg of 2022. Three dossiers come in on one day and are answered before they are due:
one straight, one after a supplement, one after two; a fourth awaits its second supplement.
"""

from datetime import date
from decimal import Decimal

import pytest

from hoso.domain.windows import Window
from hoso.projections.ledger.ledger import Ledger
from tests.engine import Json, ledger_of
from tests.filed import filed, row_of
from tests.model import Rules

MARCH = Window(date(2023, 3, 1), date(2023, 3, 31))
LENIENT = Rules(2, "restart", "keep_original")


def _life(code: str, *happened: tuple[str, int, Json]) -> list[Json]:
    received = {
        "agency": "H52.01",
        "field": "Hộ tịch",
        "procedure": "1.001",
        "channel": "online",
        "level": "province",
        "allowance": {"value": 20, "unit": "working_days"},
    }
    steps = [("received", 1, received), *happened]
    return [
        {
            "specversion": "1.0",
            "id": f"{code}.{number}",
            "source": "/office",
            "type": f"dossier.{kind}.v1",
            "subject": code,
            "time": f"2023-03-{day:02}T09:00:00+07:00",
            "data": data,
        }
        for number, (kind, day, data) in enumerate(steps)
    ]


GRANTED = ("resolved", 20, {"outcome": "granted"})
ONCE: list[tuple[str, int, Json]] = [("supplement_requested", 2, {}), ("supplemented", 3, {})]
TWICE = [*ONCE, ("supplement_requested", 6, {}), ("supplemented", 7, {})]
HISTORY = [
    *_life("straight", GRANTED),
    *_life("once", *ONCE, GRANTED),
    *_life("twice", *TWICE, GRANTED),
    *_life("awaiting", *TWICE[:3]),
]


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return ledger_of(HISTORY)


def test_in_form_ii06a(ledger: Ledger) -> None:
    form = row_of(filed(ledger, MARCH)["ii06a"], "ii06a", "H52.01/Hộ tịch")
    assert (form["early"], form["overdue"]) == (2, 1)
    assert (form["in_time"], form["in_process_overdue"]) == (0, 1)


def test_in_the_quarterly_report(ledger: Ledger) -> None:
    report = filed(ledger, MARCH)["quarterly"]
    assert row_of(report, "whole", "early")["all"] == 2
    assert row_of(report, "whole", "overdue")["all"] == 1
    assert row_of(report, "whole", "standing")["all"] == 1


def test_in_the_annual_report(ledger: Ledger) -> None:
    report = filed(ledger, MARCH)["annual"]
    assert row_of(report, "balance", "overdue")["whole.now"] == 1
    assert row_of(report, "lists", "/province/H52.01")["resolved"] == 1


def test_in_the_index(ledger: Ledger) -> None:
    report = filed(ledger, MARCH)["index766"]
    whole = row_of(report, "on_time", "whole")
    assert (whole["judged"], whole["in_time"], whole["overdue"]) == (4, 2, 2)
    assert whole["percent"] == Decimal("50.00")
    assert row_of(report, "index766", "whole")["points.progress"] == Decimal("10.00")


def test_in_the_scorecard(ledger: Ledger) -> None:
    """Two dossiers of 2 points and one of none: 4/3, which the circular rounds to 1.3."""
    report = filed(ledger, MARCH)["scorecard"]
    assert row_of(report, "scorecard", "province/H52.01")["criterion.1"] == Decimal("1.30")


def test_in_the_summary(ledger: Ledger) -> None:
    whole = row_of(filed(ledger, MARCH)["summary"], "summary", "whole")
    assert (whole["resolved"], whole["in_time"], whole["overdue"]) == (3, 2, 1)


def test_where_two_requests_are_allowed_all_are_in_time() -> None:
    reports = filed(ledger_of(HISTORY, LENIENT), MARCH)
    assert row_of(reports["ii06a"], "ii06a", "whole")["overdue"] == 0
    assert row_of(reports["index766"], "on_time", "whole")["percent"] == Decimal("100.00")
    card = row_of(reports["scorecard"], "scorecard", "province/H52.01")
    assert card["criterion.1"] == Decimal("2.00")
    assert row_of(reports["summary"], "summary", "whole")["overdue"] == 0
