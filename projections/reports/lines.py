"""How does a report tell of a balance line by line? Figures down, and their shares beside them.

A line is a figure of a cube, or the sum of other lines; its share is of another line, which has a
name.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    DrillDown,
    Percentage,
    Place,
    Row,
    Sum,
    Words,
)
from hoso.projections.reports.cube import Cube


class Line(NamedTuple):
    """A line: its figures, or the lines that it adds up (``parts``), where figures may still say
    what is behind it; the line that its share is of, if any; how far it is indented."""

    key: str
    name: Bilingual
    figures: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    share_of: str | None = None
    depth: int = 1


class Block(NamedTuple):
    """Columns of a table: that of the figures, that of their shares, if any, and of which cube."""

    cube: Cube
    number: str
    share: str | None = None


def rows(lines: Sequence[Line], blocks: Sequence[Block]) -> Iterator[Row]:
    """A row for each line, with the cells of each block."""
    known = {line.key: line for line in lines}
    for line in lines:
        cells: dict[str, Cell] = {"figure": Words(line.name)}
        for block in blocks:
            cells |= _cells(line, known, block)
        yield Row(line.key, cells, "line" if line.depth else "group", line.depth)


def _cells(line: Line, known: Mapping[str, Line], block: Block) -> dict[str, Cell]:
    cells: dict[str, Cell] = {block.number: _figure(line, known, block)}
    if block.share and line.share_of:
        part, whole = (Place(key, block.number) for key in (line.key, line.share_of))
        cells[block.share] = Percentage((part,), (whole,), known[line.share_of].name)
    return cells


def _figure(line: Line, known: Mapping[str, Line], block: Block) -> Cell:
    if not line.parts:
        return block.cube.counted(*line.figures)
    of = tuple(Place(part, block.number) for part in line.parts)
    window, where, under = block.cube.window, block.cube.where, block.cube.under
    return Sum(of, DrillDown(window, _all_of(line, known), where, under))


def _all_of(line: Line, known: Mapping[str, Line]) -> tuple[str, ...]:
    """The figures that a line adds up, in the end."""
    if line.figures:
        return line.figures
    return tuple(figure for part in line.parts for figure in _all_of(known[part], known))
