"""Which agencies, or fields, stand behind a figure? Lists whose rows add up to their totals.

A row is what is an agency's own: nobody is counted twice, as where a body is shown with all that is
under it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Percentage,
    Place,
    Row,
    Style,
    Sum,
    Table,
    Words,
)
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.sections import WHOLE


class Measured(NamedTuple):
    """A column: the figures that it counts, or the columns that it adds up (``parts``)."""

    key: str
    headings: tuple[Bilingual, ...]
    figures: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    width: int = 11


class Shared(NamedTuple):
    """A column: one column as a share of another, which has a name."""

    key: str
    headings: tuple[Bilingual, ...]
    part: str
    whole: str
    of: Bilingual


Told = Sequence[Measured | Shared]
Naming = Callable[[str | None], str | Bilingual]


class Grouping(NamedTuple):
    """A dimension by which rows are grouped, and what its values are called."""

    dimension: str
    name: Naming


def table(
    key: str,
    title: Bilingual,
    head: Bilingual,
    cube: Cube,
    by: Sequence[Grouping],
    told: Told,
    notes: tuple[Bilingual, ...] = (),
) -> Table:
    """The rows that have any of what is told, in groups of groups, and their totals."""
    rows = _rows("", cube, by, told, 0)
    tops = [row.key for row in rows if row.depth == 0]
    total = Row("whole", {"name": Words(WHOLE), **_added("whole", cube, tops, told)}, "total")
    columns = (Column("name", (head,), "text", width=40), *map(_column, told))
    return Table(key, title, columns, (*rows, total), notes)


def _column(each: Measured | Shared) -> Column:
    if isinstance(each, Shared):
        return Column(each.key, each.headings, "percent")
    return Column(each.key, each.headings, width=each.width)


def _rows(above: str, cube: Cube, by: Sequence[Grouping], told: Told, depth: int) -> list[Row]:
    (dimension, name), *further = by
    rows: list[Row] = []
    for value, part in cube.each(dimension):
        if not part.sum(*_figures(told)):
            continue
        key = f"{above}/{value or ''}"
        below = _rows(key, part, further, told, depth + 1) if further else []
        cells: Mapping[str, Cell] = (
            _added(key, part, [row.key for row in below if row.depth == depth + 1], told)
            if further
            else _counted(key, part, told)
        )
        style: Style = "group" if further else "line"
        rows += [Row(key, {"name": Words(name(value)), **cells}, style, depth), *below]
    return rows


def _figures(told: Told) -> tuple[str, ...]:
    return tuple(f for each in told if isinstance(each, Measured) for f in each.figures)


def _counted(row: str, cube: Cube, told: Told) -> dict[str, Cell]:
    """The cells of a row of its own."""
    counts: dict[str, Cell] = {
        each.key: cube.counted(*each.figures)
        for each in told
        if isinstance(each, Measured) and each.figures
    }
    return counts | _derived(row, cube, told)


def _added(row: str, cube: Cube, parts: Sequence[str], told: Told) -> dict[str, Cell]:
    """The cells of a row that adds up others."""
    sums: dict[str, Cell] = {
        each.key: Sum(
            tuple(Place(part, each.key) for part in parts), cube.counted(*each.figures).behind
        )
        for each in told
        if isinstance(each, Measured) and each.figures
    }
    return sums | _derived(row, cube, told)


def _derived(row: str, cube: Cube, told: Told) -> dict[str, Cell]:
    """The cells of a row that follow from its others."""
    figures = {each.key: each.figures for each in told if isinstance(each, Measured)}
    cells: dict[str, Cell] = {}
    for each in told:
        if isinstance(each, Shared):
            part, whole = Place(row, each.part), Place(row, each.whole)
            cells[each.key] = Percentage((part,), (whole,), each.of)
        elif each.parts:
            behind = cube.counted(*(f for part in each.parts for f in figures[part])).behind
            cells[each.key] = Sum(tuple(Place(row, part) for part in each.parts), behind)
    return cells
