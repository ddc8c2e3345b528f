"""The bodies (cơ quan) that a report compares: level by level, the best first.

The figures of a body are its own and those of all bodies under it in the registry.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from hoso.domain.agencies import LEVELS, Agency, AgencyRegistry
from hoso.projections.documents.model import Bilingual, Cell, Column, Row, Words
from hoso.projections.reports.basis.cube import Cube, Dimension

WHOLE: Final = Bilingual("Toàn bộ", "Whole")
LEVEL_NAMES: Final[Mapping[str | None, Bilingual]] = {
    "province": Bilingual("Cấp tỉnh", "Province"),
    "district": Bilingual("Cấp huyện", "District"),
    "commune": Bilingual("Cấp xã", "Commune"),
    None: Bilingual("Không rõ cấp", "Level unknown"),
}
BODY_COLUMNS: Final = (  # the columns that ``ranked_rows`` fills in
    Column("number", (Bilingual("TT", "No."),), "text", width=5),
    Column("body", (Bilingual("Cơ quan, đơn vị", "Body"),), "text", width=36),
)


class Body(NamedTuple):
    """A body with all bodies under it, or the whole (``code`` None).

    ``cube`` has their figures; ``members`` are the codes of their agencies, None for all agencies.
    """

    code: str | None
    name: str
    cube: Cube
    members: Collection[str] | None


class LevelBodies(NamedTuple):
    """The bodies of one level (cấp); None where the level is unknown."""

    level: str | None
    bodies: Sequence[Body]


class RankedCells(NamedTuple):
    """The cells of a body's row, and the number by which the rows of a level are ranked, the
    greatest first. Rows without such a number come last."""

    cells: Mapping[str, Cell]
    rank_by: Fraction | None


CellsOf = Callable[[Body, str], RankedCells]  # the cells of a body, given the key of its row


def whole_body(cube: Cube) -> Body:
    """All bodies of a cube, as one."""
    return Body(None, "", cube, None)


def bodies_by_level(cube: Cube, registry: AgencyRegistry) -> list[LevelBodies]:
    """The levels that have bodies, from the province down, with their bodies in registry order.

    A body counts all bodies under it; one that is under another body of its level has no row of its
    own. The exception is a body at the top with bodies of its own level under it, such as UBND tỉnh
    above its departments: it counts its own dossiers only. Agencies that the registry does not have
    come last, at the level that their dossiers name.
    """
    by_agency = {code: part for code, part in cube.each("agency") if code is not None}
    filled = [code for code, part in by_agency.items() if part.counts_any()]
    unknown = {code: list(by_agency[code].each("level")) for code in registry.unknown(filled)}
    levels = []
    for level in (*LEVELS, None):
        bodies = [*_registered(cube, registry, by_agency, level)]
        for code, parts in unknown.items():
            bodies += [Body(code, code, part, {code}) for own, part in parts if own == level]
        if bodies:
            levels.append(LevelBodies(level, bodies))
    return levels


def _registered(
    cube: Cube,
    registry: AgencyRegistry,
    by_agency: Mapping[str, Cube],
    level: str | None,
) -> Iterator[Body]:
    """The bodies of a level that the registry has. One that does not exist on the registry's day
    has a row only where it has dossiers."""
    for agency, is_top in _compared(registry, level):
        if not is_top:
            part = with_subordinates(cube, by_agency, registry, agency.code)
            if part.counts_any() or registry.is_in_force(agency.code):
                yield Body(agency.code, agency.name, part, list(registry.under(agency.code)))
        elif agency.code in by_agency:
            yield Body(agency.code, agency.name, by_agency[agency.code], {agency.code})


def bodies_in_force(registry: AgencyRegistry) -> int:
    """How many bodies have a row in tables by level, whether they have dossiers or not."""
    compared = (each for level in LEVELS for each in _compared(registry, level))
    return sum(not is_top and registry.is_in_force(agency.code) for agency, is_top in compared)


def _compared(registry: AgencyRegistry, level: str | None) -> Iterator[tuple[Agency, bool]]:
    """The bodies that are compared with others of their level, and whether each stands at the top
    with bodies of its own level under it, and so counts its own dossiers only."""
    pending = registry.children()[::-1]
    while pending:
        agency = pending.pop()
        children = registry.children(agency.code)
        is_top = agency.parent is None and any(child.level == agency.level for child in children)
        if agency.level == level:
            yield agency, is_top
        if agency.level != level or is_top:
            pending += children[::-1]


def with_subordinates(
    cube: Cube, by_agency: Mapping[str, Cube], registry: AgencyRegistry, code: str
) -> Cube:
    """The part of a cube that is a body's and of all bodies under it.

    ``by_agency`` has the part of each agency alone.
    """
    if code not in registry.agencies:
        return by_agency[code]
    parts = [by_agency[each] for each in registry.under(code) if each in by_agency]
    rows = np.concatenate([cube.rows[:0], *(part.rows for part in parts)])
    return replace(cube, rows=rows, under=code)


def rolled_up(cube: Cube, registry: AgencyRegistry, dimension: str) -> dict[str, Cube]:
    """For each body of the registry, the figures of it and of all bodies under it by one dimension,
    which is the only one of these cubes.

    Each body is added to the one above it. So the work grows with the number of bodies, however
    deep they stand.
    """
    agencies = list(registry.downwards())
    place = {agency.code: number for number, agency in enumerate(agencies)}
    values, value_of_row = cube.dimensions[dimension]
    sums = np.zeros((len(agencies), len(values), len(cube.figures)), np.int64)
    for code, part in cube.each("agency"):
        if code in place:
            rows = part.rows
            np.add.at(sums[place[code]], value_of_row[rows], cube.numbers[rows])
    for agency in reversed(agencies):
        if agency.parent is not None:
            sums[place[agency.parent]] += sums[place[agency.code]]
    own = {dimension: Dimension(values, np.arange(len(values)))}
    rows = np.arange(len(values))
    return {
        code: replace(cube, dimensions=own, numbers=sums[number], rows=rows, under=code)
        for code, number in place.items()
    }


def ranked_rows(levels: Sequence[LevelBodies], cells_of: CellsOf) -> Iterator[Row]:
    """A heading for each level, then a numbered row for each of its bodies, the best first."""
    for level, bodies in levels:
        yield Row(str(level), {"body": Words(LEVEL_NAMES[level])}, "group")
        keys = [f"{level}/{body.code}" for body in bodies]
        rows = [(key, body, cells_of(body, key)) for key, body in zip(keys, bodies, strict=True)]
        rows.sort(key=lambda row: (row[2].rank_by is None, -(row[2].rank_by or 0)))
        for number, (key, body, (cells, _)) in enumerate(rows, 1):
            named = {"number": Words(str(number)), "body": Words(body.name)}
            yield Row(key, {**named, **cells}, depth=1)


def total_row(whole: Body, cells_of: CellsOf) -> Row:
    """The row of the whole."""
    return Row("whole", {"body": Words(WHOLE), **cells_of(whole, "whole").cells}, "total")
