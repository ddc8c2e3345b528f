"""How does a report look in a terminal? Tables with their notes, and what it rests on.

Charts are left out: a terminal has no paper to draw on. A table too wide for the terminal is
printed as it is: squeezed, it would lose digits.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, zip_longest
from textwrap import wrap
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from hoso.projections.documents import model
from hoso.projections.documents.model import (
    Bilingual,
    Column,
    Document,
    Language,
    Percentage,
    Place,
    Row,
    Table,
    Value,
)
from hoso.tools.output import layout, wording
from hoso.tools.output.layout import Heading
from hoso.tools.output.wording import PercentMarks
from hoso.tools.runtime import printable

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8  # the arms of a line's joint
JOINTS: Final = " │││─┘┐┤─└┌├─┴┬┼"
HEADING_LINES: Final = 3  # about how many a heading may have


class Line(NamedTuple):
    """A line of a terminal."""

    text: str
    bold: bool = False


def printed(report: Document, language: Language) -> bytes:
    """A report as plain text, as wide as need be."""
    return "".join(f"{line.text}\n" for line in lines(report, language)).encode()


def show(report: Document, language: Language) -> None:
    """Print a report on standard output."""
    console = Console(highlight=False)
    for text, bold in lines(report, language):
        console.print(Text(text, style="bold" if bold else ""), soft_wrap=True)


def lines(report: Document, language: Language) -> Iterator[Line]:
    """A report, line by line."""
    yield Line(_safe(report.title.to(language)), bold=True)
    yield Line(wording.period(report.window, language))
    for table in report.tables():
        yield Line("")
        if table.title != report.title:
            yield Line(_safe(table.title.to(language)), bold=True)
        yield from _Grid(table, report, language).lines()
        yield from map(Line, map(_safe, wording.notes(table, report.rounding, language)))
    yield Line("")
    for name, text in wording.about(report, language):
        yield Line(f"{_safe(name)}: {_safe(text)}")


class _Grid:
    """A table in lines: a column is as wide as its numbers and the words of its heading; one of
    text no wider than the form has it."""

    def __init__(self, table: Table, report: Document, language: Language) -> None:
        self._table, self._language = table, language
        self._shares = wording.shares(table)
        known = model.values(table, report.rounding)
        self._rows = [[*_cells(row, table, known, self._shares, language)] for row in table.rows]
        self._widths = [
            self._width(column, [row[place] for row in self._rows])
            for place, column in enumerate(table.columns)
        ]
        self._edges = [0, *accumulate(width + 3 for width in self._widths)]

    def _width(self, column: Column, cells: Sequence[str]) -> int:
        heading = _safe(column.headings[-1].to(self._language))
        needed = max(wording.widest_word([heading, column.number]), len(heading) // HEADING_LINES)
        longest = max(map(cell_len, cells), default=0)
        return max(needed, min(longest, column.width) if column.kind == "text" else longest)

    def lines(self) -> Iterator[Line]:
        """All of it."""
        yield from map(Line, self._head())
        for row, cells in zip(self._table.rows, self._rows, strict=True):
            if row.style == "total":
                yield Line(self._rule("├", "┼", "┤"))
            for line in self._row(cells):
                yield Line(line, bold=row.style != "line")
        yield Line(self._rule("└", "┴", "┘"))

    def _rule(self, left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (width + 2) for width in self._widths) + right

    def _row(self, cells: Sequence[str]) -> Iterator[str]:
        columns = zip(cells, self._table.columns, self._widths, strict=True)
        broken = [_broken(cell, width) for cell, column, width in columns]
        for parts in zip_longest(*broken, fillvalue=""):
            padded = zip(parts, self._table.columns, self._widths, strict=True)
            said = (_padded(text, width, column.kind) for text, column, width in padded)
            yield f"│ {' │ '.join(said)} │"

    def _head(self) -> Iterator[str]:
        """The headings, each in a box of its own."""
        headings = [*layout.headings(self._table.columns), *self._numbering()]
        texts = [self._lines_of(heading) for heading in headings]
        tops = [0, *accumulate(lines + 1 for lines in layout.heights(headings, [*map(len, texts)]))]
        drawn = _Drawing(tops[-1] + 1, self._edges)
        for (_, level, column, levels, columns, _), said in zip(headings, texts, strict=True):
            top, bottom = tops[level], tops[level + levels]
            drawn.add(top, bottom, self._edges[column], self._edges[column + columns], said)
        return drawn.lines()

    def _numbering(self) -> Iterator[Heading]:
        columns = self._table.columns
        if layout.numbered(columns):
            for place, column in enumerate(columns):
                number = Bilingual(column.number, column.number)
                yield Heading(number, layout.levels(columns), place, 1, 1, ())

    def _lines_of(self, heading: Heading) -> list[str]:
        mark = self._shares.at_heading(heading.of)
        room = self._edges[heading.column + heading.columns] - self._edges[heading.column] - 3
        return _broken(f"{_safe(heading.text.to(self._language))} {mark}".rstrip(), room)


class _Drawing:
    """Boxes with texts; those that touch share their lines."""

    def __init__(self, height: int, edges: Sequence[int]) -> None:
        self._arms = [[0] * (edges[-1] + 1) for _ in range(height)]
        self._texts: list[list[tuple[int, str]]] = [[] for _ in range(height)]
        for edge in edges:  # what stands under it has its lines
            self._arms[-1][edge] |= DOWN

    def add(self, top: int, bottom: int, left: int, right: int, texts: Sequence[str]) -> None:
        """Draw a box, with lines of text in its middle."""
        for row in (top, bottom):
            for column in range(left, right):
                self._arms[row][column] |= RIGHT
                self._arms[row][column + 1] |= LEFT
        for column in (left, right):
            for row in range(top, bottom):
                self._arms[row][column] |= DOWN
                self._arms[row + 1][column] |= UP
        for row, text in enumerate(texts, (top + bottom + 1 - len(texts)) // 2):
            self._texts[row].append(((left + right + 1 - cell_len(text)) // 2, text))

    def lines(self) -> Iterator[str]:
        """All that was drawn."""
        for arms, texts in zip(self._arms, self._texts, strict=True):
            line = [JOINTS[arm] for arm in arms]
            for start, text in texts:
                width = cell_len(text)
                line[start : start + width] = [text, *[""] * (width - 1)]
            yield "".join(line)


def _broken(text: str, width: int) -> list[str]:
    """A text in lines of some width; what it is indented by, all of them are."""
    if cell_len(text) <= width:
        return [text]
    room = width if cell_len(text) == len(text) else width // 2  # some letters are twice as wide
    indent = text[: len(text) - len(text.lstrip())]
    return wrap(text, max(room, len(indent) + 1), subsequent_indent=indent) or [""]


def _padded(text: str, width: int, kind: str) -> str:
    space = " " * (width - cell_len(text))
    return text + space if kind == "text" else space + text


def _cells(
    row: Row, table: Table, known: Mapping[Place, Value], shares: PercentMarks, language: Language
) -> Iterator[str]:
    named = table.columns[layout.names(table.columns)].key
    for column in table.columns:
        cell = row.cells.get(column.key)
        if cell is None:
            yield ""
            continue
        said = _safe(wording.shown(known[Place(row.key, column.key)], language))
        if isinstance(cell, Percentage):
            said = f"{said} {shares.at_cell(column.key, cell)}".rstrip()
        yield "  " * row.depth + said if column.key == named else said


def _safe(text: str) -> str:
    return printable.printable(text)
