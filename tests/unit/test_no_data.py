"""Where nothing is known, a report has a dash and never 0: before the first recorded event, and of
facts that an agency never sends."""

from datetime import date, datetime
from typing import Any

import orjson
import pytest

from hoso.domain.windows import Window, named_window
from hoso.projections.documents.model import Document, Value
from hoso.tools.output import Paper, printed
from tests.cubes import cube_of
from tests.engine import LOCAL, ledger_of
from tests.filed import filed, row_of
from tests.told import received, resolved, said

MARCH = Window(date(2023, 3, 1), date(2023, 3, 31))
YEAR = named_window("2023")
# Agency a sends facts of every kind, the last of them before the window; agency b sends none.
LIVES = [
    received("2023-02-01", 60, code="A1", agency="a", on_the_spot=False),
    *(said(kind, "2023-02-02", code="A1") for kind in ("synced", "reused")),
    *(
        said("digitised", f"2023-02-0{day}", code="A1", part=part, complete=True)
        for day, part in ((2, "components"), (3, "result"))
    ),
    said("paid", "2023-02-02", code="A1", amount=30_000, channel="online"),
    said("rated", "2023-02-02", code="A1", satisfied=True, channel="online"),
    said("complained", "2023-02-02", code="A1", settled_in_time=True),
    said("contacted", "2023-02-02", code="A1", reason="missing", applicant_fault=False),
    received("2023-03-01", 60, code="A2", agency="a"),
    resolved("2023-03-02", code="A2"),
    received("2023-03-01", 60, code="B1", agency="b"),
    resolved("2023-03-02", code="B1"),
]
FACTS = {  # columns with a count or a share of facts, by their table
    "digitisation": ("components", "components_percent", "results", "results_percent"),
    "portal": ("reused", "reused_percent"),
    "satisfaction": ("satisfied", "dissatisfied", "in_time", "late"),
    "cases": ("once", "more", "disputed"),
}


def made(window: Window, events: list[Any] = LIVES) -> dict[str, Document]:
    return filed(ledger_of(events), window)


def told(reports: dict[str, Document], table: str, agency: str) -> dict[str, Value]:
    """The row of an agency in a table of the index or of the scorecard."""
    report = reports["scorecard" if table == "cases" else "index766"]
    return row_of(report, table, f"None/{agency}")


@pytest.mark.parametrize(("table", "columns"), FACTS.items())
def test_facts_that_an_agency_never_sends_are_a_dash_and_those_that_it_sent_once_are_0(
    table: str, columns: tuple[str, ...]
) -> None:
    reports = made(MARCH)
    sends, sends_none = (told(reports, table, agency) for agency in ("a", "b"))
    assert [sends[column] for column in columns] == [0] * len(columns)
    assert [sends_none[column] for column in columns] == [None] * len(columns)


def test_an_agency_that_sends_no_facts_is_not_scored_by_them() -> None:
    reports = made(MARCH)
    sends, sends_none = (told(reports, "index766", agency) for agency in ("a", "b"))
    assert sends["points.digitisation"] == 0
    assert sends_none["points.digitisation"] is None
    assert sends["out_of"] > sends_none["out_of"]  # type: ignore[operator]


def test_payments_and_what_is_dealt_with_on_the_spot_are_a_dash_where_nobody_sends_them() -> None:
    sent, not_sent = made(MARCH)["annual"], made(MARCH, LIVES[-2:])["annual"]
    assert row_of(sent, "payments", "whole")["amount"] == 0
    assert row_of(sent, "on_the_spot", "whole")["on_the_spot"] == 0
    assert row_of(not_sent, "payments", "whole")["amount"] is None
    assert row_of(not_sent, "on_the_spot", "whole")["on_the_spot"] is None


def test_the_year_before_the_first_recorded_event_is_a_dash() -> None:
    annual = made(YEAR)["annual"]
    for row in ("total", "received", "resolved", "paused", "withdrawn"):
        figures = row_of(annual, "balance", row)
        assert figures["whole.now"] is not None
        assert (figures["whole.before"], figures["whole.change"]) == (None, None)
    assert row_of(annual, "online", "whole")["received.before"] is None
    [balance] = [table for table in annual.tables() if table.key == "balance"]
    assert "01/02/2023" in balance.notes[-1].vi


def test_a_year_of_which_a_part_is_recorded_has_figures() -> None:
    older = received("2022-12-14", 60, code="C1", agency="a")
    figures = row_of(made(YEAR, [older, *LIVES])["annual"], "balance", "received")
    assert (figures["whole.before"], figures["whole.now"], figures["whole.change"]) == (1, 3, 2)


@pytest.mark.parametrize("name", ["ii06a", "quarterly", "annual", "summary"])
def test_a_window_before_the_first_recorded_event_has_no_figure(name: str) -> None:
    document = made(named_window("2021-Q1"))[name]
    for table in document.tables():
        for row in table.rows:
            assert not {*row_of(document, table.key, row.key).values()} & {0, 100}, (row, table.key)


def test_programs_get_null_and_no_call_for_what_is_not_known() -> None:
    annual = orjson.loads(printed(made(YEAR)["annual"], "vi", Paper.json))
    table = next(part for part in annual["parts"] if part.get("table") == "balance")
    cells = {row["key"]: row["cells"] for row in table["rows"]}
    assert cells["received"]["whole.before"] == {"value": None}
    assert cells["total"]["whole.before"].keys() == {"value", "sum_of"}
    assert cells["total"]["whole.before"]["value"] is None


def test_one_agency_that_sends_makes_the_whole_known() -> None:
    rows: list[dict[str, str | int | None]] = [
        {"agency": "a", "received": 4, "components.complete": 3},
        {"agency": "b", "received": 6, "sent.components": 0},
    ]
    cube = cube_of(MARCH, rows)
    assert cube.count("components.complete").number == 3
    assert cube.only(agency="b").count("components.complete").number is None
    assert cube.only(agency="b").count("received").number == 6


def test_a_window_that_has_not_begun_has_reports_without_data() -> None:
    before = datetime(2023, 3, 1, tzinfo=LOCAL)
    reports = filed(ledger_of(LIVES, as_of=before), Window(date(2023, 4, 1), date(2023, 4, 30)))
    assert row_of(reports["quarterly"], "whole", "total")["all"] in (None, 0, 1)
