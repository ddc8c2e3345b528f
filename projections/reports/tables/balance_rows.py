"""Rows of a balance, one figure below the other, each with its share of another figure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from hoso.projections.documents.model import Bilingual, Cell, Percentage, Place, Row, Sum, Words
from hoso.projections.documents.vocabulary import TERMS, headings
from hoso.projections.reports.basis.cube import Cube


class LineItem(NamedTuple):
    """A figure of a balance.

    It counts ``figures`` of a cube, or is the sum of the items ``parts``; with both, it is the sum,
    and ``figures`` are its drill-down. ``share_of`` is the item of which it is printed as a
    percentage. ``depth`` is how far it is indented.
    """

    key: str
    name: Bilingual
    figures: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    share_of: str | None = None
    depth: int = 1


def term_item(
    key: str,
    term: str,
    *,
    parts: tuple[str, ...] = (),
    share_of: str | None = None,
    depth: int | None = None,
) -> LineItem:
    """The item of a term of the vocabulary. It adds up the items ``parts`` if they are given, or
    else counts what the term counts; it is indented under the term above it."""
    names = headings(term)
    indent = len(names) - 1 if depth is None else depth
    return LineItem(key, names[-1], TERMS[term].counts, parts, share_of, indent)


class BalanceColumns(NamedTuple):
    """The columns of one cube: the keys of the column of its numbers and, if any, of its shares."""

    cube: Cube
    number: str
    share: str | None = None


def balance_rows(items: Sequence[LineItem], columns: Sequence[BalanceColumns]) -> Iterator[Row]:
    """A row for each item, with cells in the columns of each cube, and its name in ``figure``."""
    by_key = {item.key: item for item in items}
    for item in items:
        cells: dict[str, Cell] = {"figure": Words(item.name)}
        for each in columns:
            cells |= _cells(item, by_key, each)
        yield Row(item.key, cells, "line" if item.depth else "group", item.depth)


def _cells(
    item: LineItem, by_key: Mapping[str, LineItem], columns: BalanceColumns
) -> dict[str, Cell]:
    cells: dict[str, Cell] = {columns.number: _count(item, by_key, columns)}
    if columns.share and item.share_of:
        part, whole = (Place(key, columns.number) for key in (item.key, item.share_of))
        cells[columns.share] = Percentage((part,), (whole,), by_key[item.share_of].name)
    return cells


def _count(item: LineItem, by_key: Mapping[str, LineItem], columns: BalanceColumns) -> Cell:
    if not item.parts:
        return columns.cube.count(*item.figures)
    addends = tuple(Place(part, columns.number) for part in item.parts)
    return Sum(addends, columns.cube.drill_down(_all_figures(item, by_key)))


def _all_figures(item: LineItem, by_key: Mapping[str, LineItem]) -> tuple[str, ...]:
    """The figures that an item counts, itself or through its parts."""
    if item.figures:
        return item.figures
    return tuple(figure for part in item.parts for figure in _all_figures(by_key[part], by_key))
