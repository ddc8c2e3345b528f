"""Tables with a row for each value of some dimensions, in nested groups that add up to a total.

A row counts the dossiers of its own value only: an agency without those of the bodies under it. So
no dossier is counted twice in a total.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Place,
    Row,
    Style,
    Sum,
    Table,
    Words,
)
from hoso.projections.reports.basis.bodies import WHOLE
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.tables.columns import (
    CountColumn,
    ShareColumn,
    document_column,
    summed,
)

Columns = Sequence[CountColumn | ShareColumn]


class GroupBy(NamedTuple):
    """A dimension by which rows are grouped; ``name`` gives the name of a value."""

    dimension: str
    name: Callable[[str | None], str | Bilingual]


def grouped_table(
    key: str,
    title: Bilingual,
    heading: Bilingual,
    cube: Cube,
    by: Sequence[GroupBy],
    columns: Columns,
    notes: tuple[Bilingual, ...] = (),
) -> Table:
    """A table of a cube, grouped by some dimensions, the outermost first.

    ``heading`` is that of the column of names. Values without any count are left out.
    """
    rows = _rows("", cube, by, columns, 0)
    outermost = [row.key for row in rows if row.depth == 0]
    sums = _sum_cells("whole", cube, outermost, columns)
    total = Row("whole", {"name": Words(WHOLE), **sums}, "total")
    name = Column("name", (heading,), "text", width=40)
    return Table(key, title, (name, *map(document_column, columns)), (*rows, total), notes)


def _rows(above: str, cube: Cube, by: Sequence[GroupBy], columns: Columns, depth: int) -> list[Row]:
    """The rows of the values of the first dimension, each followed by the rows within it."""
    (dimension, name), *inner = by
    figures = [f for each in columns if isinstance(each, CountColumn) for f in each.figures]
    rows: list[Row] = []
    for value, part in cube.each(dimension):
        if not part.sum(*figures):
            continue
        key = f"{above}/{value or ''}"
        within = _rows(key, part, inner, columns, depth + 1) if inner else []
        children = [row.key for row in within if row.depth == depth + 1]
        cells = (
            _sum_cells(key, part, children, columns) if inner else _count_cells(key, part, columns)
        )
        style: Style = "group" if inner else "line"
        rows += [Row(key, {"name": Words(name(value)), **cells}, style, depth), *within]
    return rows


def _count_cells(row: str, cube: Cube, columns: Columns) -> dict[str, Cell]:
    """The cells of a row that counts figures of the cube."""
    counts: dict[str, Cell] = {
        column.key: column.counted(cube)
        for column in columns
        if isinstance(column, CountColumn) and column.figures
    }
    return counts | _derived_cells(row, cube, columns)


def _sum_cells(row: str, cube: Cube, addends: Sequence[str], columns: Columns) -> dict[str, Cell]:
    """The cells of a row that adds up the rows ``addends``."""
    sums: dict[str, Cell] = {
        column.key: summed(column.counted(cube), column.key, addends)
        for column in columns
        if isinstance(column, CountColumn) and column.figures
    }
    return sums | _derived_cells(row, cube, columns)


def _derived_cells(row: str, cube: Cube, columns: Columns) -> dict[str, Cell]:
    """The cells of a row that follow from its other cells: shares, and sums of columns."""
    figures = {each.key: each.figures for each in columns if isinstance(each, CountColumn)}
    cells: dict[str, Cell] = {}
    for column in columns:
        if isinstance(column, ShareColumn):
            cells[column.key] = column.cell(row)
        elif column.parts:
            behind = cube.drill_down(tuple(f for part in column.parts for f in figures[part]))
            cells[column.key] = Sum(tuple(Place(row, part) for part in column.parts), behind)
    return cells
