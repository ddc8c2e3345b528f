"""Reports of a registry whose bodies stand thousands deep."""

import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from time import perf_counter
from types import FrameType
from typing import Any

import pytest

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.windows import Window
from hoso.projections.documents.model import Document, Place, Rounding, Values
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.reports.basis.bodies import bodies_by_level
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.inputs import Inputs
from hoso.projections.reports.forms import form07, ii06a
from hoso.tools.inputs import profiles
from tests.cubes import cube_of

DEPTH = 4_000
QUARTER = Window(date(2025, 6, 15), date(2025, 9, 14))
BEFORE = Window(date(2025, 3, 15), date(2025, 6, 14))
FOLDING = profiles.fold_by("default")


def chain(depth: int) -> AgencyRegistry:
    """A province, and communes one under another."""
    levels = ("province", *["commune"] * (depth - 1))
    return AgencyRegistry(
        Agency(f"A{n}", f"Cơ quan {n}", level, f"A{n - 1}" if n else None)
        for n, level in enumerate(levels)
    )


def received_at(*places: int, window: Window = QUARTER) -> Cube:
    """A cube of some bodies of a chain, each with a dossier."""
    return cube_of(
        window,
        [
            {
                "agency": f"A{n}",
                "field": "f",
                "channel": "online",
                "received": 1,
                "resolved.early": 1,
            }
            for n in places
        ],
    )


CHAIN = chain(DEPTH)
CUBE = received_at(DEPTH - 1, 7)


def form07c(depth: int) -> Document:
    cube, before = (received_at(*range(depth), window=each) for each in (QUARTER, BEFORE))
    return form07.form07c(form07.Basis(cube, before, chain(depth), FOLDING), Inputs())


def form_ii06a(depth: int) -> Document:
    return ii06a.report(received_at(*range(depth)), chain(depth), FOLDING)


def work(do: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many functions are called to do something, and how many rows its cubes have."""
    counted, made = 0, Cube.__init__

    def called(frame: FrameType, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    def with_rows(cube: Cube, *arguments: Any, **named: Any) -> None:
        nonlocal counted
        made(cube, *arguments, **named)
        counted += len(cube.rows)

    monkeypatch.setattr(Cube, "__init__", with_rows)
    sys.setprofile(called)
    try:
        do()
    finally:
        sys.setprofile(None)
        monkeypatch.undo()
    return counted


@pytest.mark.parametrize("report", [form_ii06a, form07c])
def test_a_body_twice_as_deep_is_twice_the_work(
    report: Callable[[int], Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    once, twice = (work(partial(report, depth), monkeypatch) for depth in (200, 400))
    assert 1.5 * once < twice < 2.2 * once


def test_the_form_adds_up_all_the_way() -> None:
    document = ii06a.report(CUBE, CHAIN, FOLDING)
    [table] = document.tables()
    values = Values(table, Rounding())
    assert values[Place("A0", "online")] == values[Place("whole", "received")] == 2
    assert values[Place("A8", "resolved")] == 1
    assert sum(1 for _ in values.items()) > DEPTH


def test_a_body_has_all_under_it() -> None:
    levels = bodies_by_level(CUBE, CHAIN)
    assert [(level, len(bodies)) for level, bodies in levels] == [("province", 1), ("commune", 1)]
    assert [len(bodies[0].members or ()) for _, bodies in levels] == [DEPTH, DEPTH - 1]


def test_many_dossiers_are_filtered_by_a_body() -> None:
    under = DossierFilter({}, CHAIN, "A1")
    started = perf_counter()
    assert all(under.accepts({"agency": f"A{n}"}) for n in range(1, DEPTH))
    assert not under.accepts({"agency": "A0"})
    assert perf_counter() - started < 2
