"""The columns that offices add to a form (--folding extended), by a history counted by hand.

The window is October 2026: 15/09 to 14/10. H52.01 is a department, H52.21 a commune.
"""

from typing import Any

import pytest

from hoso.projections.documents.model import Document, Value
from hoso.projections.reports.forms.folding import parse_folding
from hoso.projections.reports.forms.form07 import COLUMNS
from hoso.tools.inputs import profiles
from tests.engine import Json
from tests.filed import LEAST, counted, filed, row_of, table_of
from tests.told import resolved, said
from tests.unit.test_form07 import CIVIL, LAND, LATER, OCTOBER, commune, department, ledger_of

EXTENDED = LEAST._replace(folding=profiles.fold_by("extended"))
DUE = "2026-09-24"


def apology(when: str, *, code: str, said_so: bool = True) -> Json:
    return said("rescheduled", when, code=code, due="2026-10-05", apology=said_so)


HISTORY = [
    department("handed", "2026-09-20", "in_person", LATER, received_at="H52.21"),
    department("land", "2026-09-20", "in_person", LATER, field=LAND, received_at="H52.21"),
    commune("own", "2026-09-20", "in_person", LATER, received_at="H52.21"),
    department("before", "2026-09-01", "in_person", LATER, field=LAND, received_at="H52.21"),
    department("sorry", "2026-09-20", "post", DUE),
    apology("2026-09-25", code="sorry"),
    resolved("2026-10-02", code="sorry"),
    department("silent", "2026-09-20", "post", DUE),
    resolved("2026-09-30", code="silent"),
    department("sorry too late", "2026-09-20", "post", DUE),
    resolved("2026-09-30", code="sorry too late"),
    apology("2026-10-01", code="sorry too late"),
    commune("waits", "2026-09-20", "post", DUE),
    apology("2026-09-25", code="waits"),
    commune("waits in silence", "2026-09-20", "post", DUE),
    apology("2026-09-25", code="waits in silence", said_so=False),
    commune("duplicate", "2026-09-20", "post", LATER),
    said("cancelled", "2026-09-21", code="duplicate", reason="duplicate"),
    commune("withdrawn", "2026-09-20", "post", LATER),
    said("cancelled", "2026-09-21", code="withdrawn", reason="withdrawn"),
]
# (16) taken in for others; (17) (18) resolved overdue, with and without an apology; (19) (20) in
# process and overdue, with and without one; (21) stopped; (22) withdrawn
DEPARTMENT_CIVIL = [0, 1, 2, 0, 0, 0, 0]
DEPARTMENT_LAND = [0, 0, 0, 0, 0, 0, 0]
COMMUNE_CIVIL = [1, 0, 0, 1, 1, 1, 1]
COMMUNE_LAND = [1, 0, 0, 0, 0, 0, 0]
WHOLE = [2, 1, 2, 1, 1, 1, 1]


def form(name: str, **data: Any) -> Document:
    return filed(ledger_of(HISTORY), OCTOBER, EXTENDED._replace(**data), [name])[name]


def added(document: Document, key: str, row: str) -> list[Value]:
    numbered = [column for column in table_of(document, key).columns if column.number]
    values = row_of(document, key, row)
    return [
        values[column.key] for column in numbered if column.headings[0].en.startswith("Columns")
    ]


def test_the_columns_stand_behind_those_of_the_form_and_go_on_with_their_numbers() -> None:
    table = table_of(form("form07b"), "form07b")
    assert table.columns[: len(COLUMNS)] == COLUMNS
    numbers = [column.number for column in table.columns[len(COLUMNS) :]]
    assert numbers == ["(16)", "(17)", "(18)", "(19)", "(20)", "(21)", "(22)"]
    assert "Cột (12) = (17) + (18); cột (15) = (19) + (20)" in table.notes[-3].vi
    of_before = table_of(form("ii06a"), "ii06a").columns[-7:]
    assert [column.number for column in of_before][::6] == ["(14)", "(20)"]


def test_each_counts_what_its_heading_says() -> None:
    told = form("form07b")
    assert added(told, "form07b", f"I/{CIVIL}") == DEPARTMENT_CIVIL
    assert added(told, "form07b", f"I/{LAND}") == DEPARTMENT_LAND
    assert added(told, "form07b", f"II/{CIVIL}") == COMMUNE_CIVIL
    assert added(told, "form07b", f"II/{LAND}") == COMMUNE_LAND
    assert added(told, "form07b", "whole") == WHOLE
    assert row_of(told, "form07b", f"II/{LAND}")["received"] == 0  # they are the department's
    assert added(form("ii06a"), "ii06a", "whole") == WHOLE
    assert added(form("form07c"), "form07c", "whole") == WHOLE
    assert added(form("form07a"), "form07a.H52.21", "whole") == [2, 0, 0, 1, 1, 1, 1]


def test_the_columns_of_the_form_are_those_of_the_default() -> None:
    default = filed(ledger_of(HISTORY), OCTOBER, names=["form07b"])["form07b"]
    for row in (f"I/{CIVIL}", f"II/{CIVIL}", "whole"):
        own, extended = (row_of(each, "form07b", row) for each in (default, form("form07b")))
        own.pop("number", None)  # the default has no row of LAND
        assert extended.items() >= own.items()


def test_behind_each_added_figure_stands_a_measure_or_an_account() -> None:
    behind = {place.column: drill.figures for place, _, drill in counted(form("form07b"))}
    assert behind["taken_in"] == ("taken_in",)
    assert behind["overdue_unapologised"] == ("unapologised.resolved", "unapologised.returned")
    assert behind["stopped"] == ("cancelled.voided",)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"added": ["taken_in", "taken_in"]}, "a column is given twice"),
        ({"added": ["sorry"]}, "added"),
        (
            {
                "added": ["apology"],
                "early": ["resolved.early"],
                "overdue": ["resolved.overdue", "returned.overdue", "returned.early"],
            },
            "apology is only of overdue accounts: take returned.early out",
        ),
    ],
)
def test_a_folding_that_adds_columns_wrongly_is_refused(changed: Json, fault: str) -> None:
    own = profiles.fold_by("extended").model_dump() | changed
    with pytest.raises(ValueError, match=fault):
        parse_folding("own.yaml", own)
