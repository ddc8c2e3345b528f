"""Whom does a report compare? Bodies, level by level, a row to each, the best first.

Figures of a body are its own and those of all that are under it in the registry.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from hoso.domain.agencies import LEVELS, AgencyRegistry
from hoso.projections.documents.model import Bilingual, Cell, Column, Points, Row, Words
from hoso.projections.reports.cube import Cube

WHOLE: Final = Bilingual("Toàn bộ", "Whole")
LEVEL_NAMES: Final[Mapping[str | None, Bilingual]] = {
    "province": Bilingual("Cấp tỉnh", "Province"),
    "district": Bilingual("Cấp huyện", "District"),
    "commune": Bilingual("Cấp xã", "Commune"),
    None: Bilingual("Không rõ cấp", "Level unknown"),
}
HEAD: Final = (  # the columns that ``rows`` fills in itself
    Column("number", (Bilingual("TT", "No."),), "text", width=5),
    Column("body", (Bilingual("Cơ quan, đơn vị", "Body"),), "text", width=36),
)


class Assessed(NamedTuple):
    """Whom an assessment is of: a body with all that is under it, or the whole (``code`` None).
    ``members`` are the codes of its agencies, None for all."""

    code: str | None
    name: str
    cube: Cube
    members: Collection[str] | None


class Section(NamedTuple):
    """A level (cấp), and its bodies."""

    level: str | None
    bodies: Sequence[Assessed]


def whole(cube: Cube) -> Assessed:
    """All that a cube has."""
    return Assessed(None, "", cube, None)


def sections(cube: Cube, registry: AgencyRegistry) -> list[Section]:
    """The levels that have bodies, and these in the registry's order, each with all that is under
    it: a body under another of its level is no row of its own. Only what stands at the top with
    bodies of its level under it (UBND tỉnh above its departments) has just its own dossiers.
    Agencies that the registry does not have come last, at the level that was said of them.
    """
    own = {code: part for code, part in cube.each("agency") if code is not None}
    unknown = {code: list(own[code].each("level")) for code in registry.unknown(own)}
    found = []
    for level in (*LEVELS, None):
        bodies = [*_known(cube, registry, own, level, None)]
        for code, parts in unknown.items():
            bodies += [Assessed(code, code, part, {code}) for said, part in parts if said == level]
        if bodies:
            found.append(Section(level, bodies))
    return found


def _known(
    cube: Cube,
    registry: AgencyRegistry,
    own: Mapping[str, Cube],
    level: str | None,
    parent: str | None,
) -> Iterator[Assessed]:
    for body in registry.children(parent):
        below = registry.children(body.code)
        gathers = parent is None and any(child.level == body.level for child in below)
        if body.level == level and not gathers:
            part, members = gathered(cube, own, registry, body.code), registry.under(body.code)
            yield Assessed(body.code, body.name, part, list(members))
            continue
        if body.level == level and body.code in own:
            yield Assessed(body.code, body.name, own[body.code], {body.code})
        yield from _known(cube, registry, own, level, body.code)


def gathered(cube: Cube, own: Mapping[str, Cube], registry: AgencyRegistry, code: str) -> Cube:
    """What of a cube is a body's and of all that are under it, from what is each agency's own."""
    if code not in registry.agencies:
        return own[code]
    rows = [own[each].rows for each in registry.under(code) if each in own]
    return replace(cube, rows=np.concatenate([cube.rows[:0], *rows]), under=code)


class Line(NamedTuple):
    """What a row says of a body, and what the rows of a level are sorted by, the greatest first;
    without it (None) a row comes last."""

    cells: Mapping[str, Cell]
    by: Fraction | None


Telling = Callable[[Assessed, str], Line]  # of a body, in the row of a key


def rows(compared: Sequence[Section], tell: Telling) -> Iterator[Row]:
    """A heading for each level, and a row for each of its bodies, numbered, the best first."""
    for level, bodies in compared:
        yield Row(str(level), {"body": Words(LEVEL_NAMES[level])}, "group")
        keys = [f"{level}/{body.code}" for body in bodies]
        told = [(key, body, tell(body, key)) for key, body in zip(keys, bodies, strict=True)]
        told.sort(key=lambda row: (row[2].by is None, -(row[2].by or 0)))
        for number, (key, body, (cells, _)) in enumerate(told, 1):
            named = {"number": Words(str(number)), "body": Words(body.name)}
            yield Row(key, {**named, **cells}, depth=1)


def points_cell(number: Fraction | None, how: Bilingual | None = None) -> Points:
    """A score, which is rounded where it is printed; None: there is no data."""
    return Points(None if number is None else decimal(number), how)


def decimal(number: Fraction) -> Decimal:
    """A fraction to 28 figures: whoever rounds it gets what the fraction rounds to."""
    return Decimal(number.numerator) / number.denominator


def total_row(body: Assessed, tell: Telling) -> Row:
    """The row of the whole."""
    return Row("whole", {"body": Words(WHOLE), **tell(body, "whole").cells}, "total")
