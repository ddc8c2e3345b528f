"""Reports of a registry whose bodies stand thousands deep."""

from datetime import date
from time import perf_counter

from hoso.domain.agencies import Agency, AgencyRegistry
from hoso.domain.windows import Window
from hoso.projections.documents.model import Place, Rounding, Values
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.reports import ii06a
from hoso.projections.reports.bodies import bodies_by_level
from hoso.tools.inputs import profiles
from tests.cubes import cube_of

DEPTH = 4_000
QUARTER = Window(date(2025, 6, 15), date(2025, 9, 14))
CHAIN = AgencyRegistry(
    Agency(f"A{n}", f"Cơ quan {n}", "province" if n == 0 else "commune", f"A{n - 1}" if n else None)
    for n in range(DEPTH)
)
CUBE = cube_of(
    QUARTER,
    [
        {"agency": code, "field": "f", "channel": "online", "received": 1, "resolved.early": 1}
        for code in (f"A{DEPTH - 1}", "A7")
    ],
)


def test_the_form_adds_up_all_the_way() -> None:
    started = perf_counter()
    document = ii06a.report(CUBE, CHAIN, profiles.fold_by("default"))
    [table] = document.tables()
    values = Values(table, Rounding())
    assert values[Place("A0", "online")] == values[Place("whole", "received")] == 2
    assert values[Place("A8", "resolved")] == 1
    assert sum(1 for _ in values.items()) > DEPTH
    assert perf_counter() - started < 10


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
