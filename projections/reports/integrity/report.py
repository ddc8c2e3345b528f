"""The report of integrity: what only looks on time, and the on-time rate without it.

It has the on-time rate beside what each check takes from it, the bodies by the same, each check at
each agency, the chains of re-entered dossiers, and what each check sees with its innocent causes.

Source: NĐ 309/2026/NĐ-CP art. 12.3, which asks systems to detect what is unusual.
"""

from collections.abc import Sequence
from typing import Final

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.model import About, Bilingual, Document, Part
from hoso.projections.integrity.findings import Integrity
from hoso.projections.reports.basis.bodies import bodies_by_level, whole_body
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.integrity import charts, tables
from hoso.projections.reports.integrity.tally import Tally

NAME: Final = "integrity"
TITLE: Final = Bilingual(
    "Dấu hiệu bất thường trong giải quyết thủ tục hành chính", "Integrity: what only looks on time"
)


def report(
    cube: Cube,
    integrity: Integrity,
    registry: AgencyRegistry,
    about: Sequence[About] = (),
    options: tuple[str, ...] = (),
) -> Document:
    """The report of what the checks saw in the window of ``cube``, of the same dossiers.

    ``about`` says what the report rests on; ``options`` are what calls of ``hoso integrity`` need
    besides, such as the catalogue.
    """
    basis = tables.Basis(cube, integrity, Tally(integrity), registry, options)
    levels = bodies_by_level(cube, registry)
    parts: list[Part] = [
        tables.checks_table(basis),
        *charts.seen(basis),
        tables.bodies_table(levels, whole_body(cube), basis),
        *charts.bodies(levels, basis),
        tables.agencies_table(basis),
    ]
    if integrity.chains.chains:
        parts.append(tables.chains_table(integrity.chains))
    parts.append(tables.causes_table(integrity))
    return Document(NAME, TITLE, cube.window, tuple(about), tuple(parts))
