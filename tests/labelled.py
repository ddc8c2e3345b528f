"""Reads documents as people do: each number under its words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from hoso.domain.windows import Window
from hoso.projections.documents.model import (
    Cell,
    Count,
    Document,
    DrillDown,
    Language,
    Percentage,
    Place,
    Row,
    Sum,
    Table,
    Value,
    Values,
    Words,
)
from hoso.projections.documents.vocabulary import SHARES, TERMS, label, path
from hoso.projections.reports.annual import BEFORE, NOW

TOP = [key for key, term in TERMS.items() if term.under is None]
Slice = tuple[frozenset[tuple[str, str | None]], str | None]


class Labelled(NamedTuple):
    """A number of a document: where it stands, its words, whose it is, and what it counts."""

    document: str
    place: Place
    label: str
    slice: Slice
    window: Window
    value: Value
    cell: Cell


def labels(language: Language) -> set[str]:
    """The words of all terms and shares, in small letters."""
    names = [*map(label, TERMS), *(share.name for share in SHARES.values())]
    return {name.to(language).casefold() for name in names}


def labelled(document: Document, language: Language) -> Iterator[Labelled]:
    """The counts and shares of a document, and the words under which people find them."""
    for table in document.tables():
        rows = {row.key: row.cells for row in table.rows}
        values = Values(table, document.rounding)
        for row, words in _words_of_rows(table, language):
            told = {key: cell for key, cell in row.cells.items() if _behind(cell)}
            for column in table.columns:
                cell = row.cells.get(column.key)
                if not isinstance(cell, Count | Sum | Percentage):
                    continue
                whole = cell.whole[0] if isinstance(cell, Percentage) else None
                base = cell if whole is None else rows[whole.row][whole.column]
                if not _behind(base) and (not told or values[Place(row.key, column.key)] is None):
                    continue  # a dash: nothing is known
                own = _behind(base) or _widest(told, column.key)
                place = Place(row.key, column.key)
                where = frozenset(own.where), own.under
                text = words or _words_of_column(column.headings, language)
                if words and isinstance(cell, Percentage):
                    text = f"{words} ÷ {cell.of.to(language)}".casefold()
                yield Labelled(document.name, place, text, where, own.window, values[place], cell)


def _behind(cell: Cell | None) -> DrillDown | None:
    behind = cell.behind if isinstance(cell, Count | Sum) else None
    return behind if isinstance(behind, DrillDown) else None


def _widest(told: Mapping[str, Cell], column: str) -> DrillDown:
    """The widest slice among the cells of a row, of a column's own year where it has one."""
    suffix = column.rpartition(".")[2]
    same_year = [key for key in told if key.endswith(f".{suffix}")] or [*told]
    found = [behind for key in same_year if (behind := _behind(told[key]))]
    return min(found, key=lambda behind: len(behind.where))


def _words_of_rows(table: Table, language: Language) -> Iterator[tuple[Row, str]]:
    """The rows; of a table whose rows are figures, each with its words and those above it."""
    above: list[str] = []
    tops = {path(key)[0].to(language).casefold() for key in TOP}
    for row in table.rows:
        named = row.cells.get("figure")
        if not isinstance(named, Words):
            yield row, ""
            continue
        text = named.text if isinstance(named.text, str) else named.text.to(language)
        above = [*above[: row.depth], text.casefold()]
        first = max((n for n, name in enumerate(above) if name in tops), default=0)
        yield row, ": ".join(above[first:])


def _words_of_column(headings: Sequence[object], language: Language) -> str:
    names = [each for each in headings if each not in (NOW, BEFORE)]
    return ": ".join(each.to(language) for each in names).casefold()  # type: ignore[attr-defined]
