"""Rows of reports and forms stand in the order of the Vietnamese alphabet; statements as in the
contract, by their values."""

from typing import Any

import pytest

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.windows import named_window
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.statement import statement
from tests.engine import ledger_of
from tests.filed import LEAST, filed, table_of
from tests.told import received, resolved

OCTOBER = named_window("2026-M10")
FIELDS = ["Dược", "Đất đai", "Đường bộ", "Hộ tịch", "Xây dựng"]
BODIES = ["Sở Dân tộc", "Sở Đất đai", "Sở Xây dựng"]


def ledger(values: list[dict[str, Any]]) -> Ledger:
    """One overdue dossier for each of some values, the last first."""
    told = [
        received("2026-09-16", 5, code=f"A{n}", **{"agency": "a", "level": "province", **data})
        for n, data in enumerate(reversed(values))
    ]
    return ledger_of(told)


def keys(history: Ledger, report: str, table: str, registry: AgencyRegistry) -> list[str]:
    document = filed(history, OCTOBER, LEAST._replace(registry=registry), [report])[report]
    return [row.key for row in table_of(document, table).rows]


@pytest.mark.parametrize(
    ("report", "table", "key"),
    [
        ("form07a", "form07a.a", "/{}"),
        ("form07b", "form07b", "I/{}"),
        ("form07c", "form07c", "III/{}"),
        ("ii06a", "ii06a", "a/{}"),
        ("annual", "overdue_by_field", "/{}"),
    ],
)
def test_fields_stand_by_the_alphabet(report: str, table: str, key: str) -> None:
    found = keys(ledger([{"field": each} for each in FIELDS]), report, table, AgencyRegistry())
    expected = [key.format(field) for field in FIELDS]
    assert [each for each in found if each in expected] == expected


@pytest.mark.parametrize(
    ("report", "table", "key"),
    [
        ("ii06a", "ii06a", "{}"),
        ("annual", "lists", "/province/{}"),
        ("index766", "index766", "province/{}"),
    ],
)
def test_bodies_that_no_registry_names_stand_by_the_alphabet(
    report: str, table: str, key: str
) -> None:
    found = keys(ledger([{"agency": each} for each in BODIES]), report, table, AgencyRegistry())
    expected = [key.format(body) for body in BODIES]
    assert [each for each in found if each in expected] == expected


def test_bodies_of_lists_by_level_stand_by_their_names_then_by_their_codes() -> None:
    codes = ["H9", "H5", "H1", "H2"]
    names = dict(zip(codes, [*BODIES[:2], BODIES[2], BODIES[2]], strict=True))
    registry = AgencyRegistry(
        [Agency(code, names[code], "province", None) for code in ("H2", "H1", "H5", "H9")]
    )
    found = keys(ledger([{"agency": code} for code in codes]), "annual", "lists", registry)
    assert found == ["/province", *(f"/province/{code}" for code in codes), "whole"]


def test_officials_stand_by_the_names_of_their_agencies() -> None:
    registry = AgencyRegistry(
        [
            Agency("H1", "Sở Xây dựng", "province", None),
            Agency("H2", "Sở Đất đai", "province", None),
        ]
    )
    told = []
    for code in ("H1", "H2"):
        done = resolved("2026-09-18", code=code)
        done["data"]["official"] = f"cc-{code}"
        told += [received("2026-09-16", 5, code=code, agency=code), done]
    given = LEAST._replace(registry=registry, list_officials=True)
    document = filed(ledger_of(told), OCTOBER, given, ["scorecard"])["scorecard"]
    found = [row.key for row in table_of(document, "official_scores").rows]
    assert found == ["province/H2/cc-H2", "province/H1/cc-H1"]


def test_lines_of_a_statement_stand_by_their_values() -> None:
    told = statement(ledger([{"field": each} for each in FIELDS]), OCTOBER, ["field"])
    assert [line["slice"]["field"] for line in told["lines"]] == sorted(FIELDS) != FIELDS
