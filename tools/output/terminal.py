"""The terminal paper: tables that rich prints, their notes, and what the document rests on.

On a terminal nothing is wider than the terminal. Texts are folded; a table that is still too wide
is printed in blocks of columns, each with the names of the rows. Digits are never lost. Of a table
with very many rows the total comes first, and a line says how many rows are left out. In a file or
a pipe a table is complete, and as wide as it needs to be. Charts are left out.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, islice, zip_longest
from textwrap import wrap
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table as RichTable
from rich.text import Text

from hoso.projections.documents.model import (
    MAX_INDENT,
    Bilingual,
    Column,
    Document,
    Language,
    Percentage,
    Row,
    Table,
    Values,
    same,
)
from hoso.tools.output import layout, wording
from hoso.tools.output.files import STANDARD_OUTPUT, write
from hoso.tools.output.layout import Heading
from hoso.tools.output.wording import PercentMarks
from hoso.tools.runtime.printable import printable

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8  # the arms of a line's joint
JOINTS: Final = " │││─┘┐┤─└┌├─┴┬┼"
HEADING_LINES: Final = 3  # about how many a heading may have
INDENT: Final = 2  # the characters of a step of indentation
BORDER: Final = 3  # the characters between the texts of two columns
EASY: Final = 16  # a column of text this wide is easy to read
NARROW: Final = 6  # the least width of a column of text whose words are broken
LONGEST_WORD: Final = 100  # a longer one is broken even where there is no terminal
ENDLESS: Final = 1_000_000  # the width where there is no terminal
MOST_ROWS: Final = 1_000  # of a table on a terminal
STYLES: Final = {"line": "", "group": "bold", "total": "bold", "notice": "yellow"}
NO_ROWS: Final = Bilingual("Không có dòng nào.", "No rows.")
ROWS: Final = Bilingual("Tổng số: {rows} dòng.", "{rows} rows in all.")
LEFT_OUT: Final = Bilingual(
    "Còn {rows} dòng không hiển thị; để lấy tất cả: --format csv, hoặc --out FILE.xlsx.",
    "{rows} more rows are not shown; to get all: --format csv, or --out FILE.xlsx.",
)


def printed(document: Document, language: Language) -> Iterator[bytes]:
    """A document as plain text, complete and as wide as it needs to be."""
    console = Console(width=ENDLESS)
    for part in _parts(document, language, None):
        lines = part.plain_lines(console) if isinstance(part, _Block) else [str(part)]
        yield from (f"{line}\n".encode() for line in lines)


def show(document: Document, language: Language) -> None:
    """Print a document on standard output; only on a terminal in colours, and cut to fit."""
    console = Console()
    if not console.is_terminal:
        write(STANDARD_OUTPUT, printed(document, language))
        return
    for part in _parts(document, language, console.width):
        console.print(part, highlight=False)


def _parts(
    document: Document, language: Language, width: int | None
) -> "Iterator[Text | str | _Block]":
    """A document from its title on, on a terminal of some width, or where there is none."""
    yield _line(document.title.to(language), bold=True)
    if document.window is not None:
        yield _line(wording.period(document.window, language, document.until))
    if document.lead is not None:
        yield _line(document.lead.to(language))
    for table in document.tables():
        yield ""
        if table.title != document.title:
            yield _line(table.title.to(language), bold=True)
        marks = wording.shares(table)
        yield from _table(table, marks, document, language, width)
        yield from map(_line, wording.notes(table, marks, document.rounding, language))
    if document.about:
        yield ""
    for name, text in wording.about(document, language):
        yield _line(f"{name}: {text}")


def _line(text: str, *, bold: bool = False) -> Text:
    return Text(printable(text), "bold" if bold else "")


def _table(
    table: Table, marks: PercentMarks, document: Document, language: Language, width: int | None
) -> "Iterator[Text | _Block]":
    rows = table.rows if width is None else _first_rows(table)
    left_out = len(table.rows) - len(rows)
    if left_out:
        yield _line(ROWS.to(language).format(rows=wording.numeral(len(table.rows), language)))
    if not rows:
        yield _line(NO_ROWS.to(language))
    else:
        yield from _Grid(table, rows, marks, document, language).blocks(width)
    if left_out:
        yield _line(LEFT_OUT.to(language).format(rows=wording.numeral(left_out, language)))


def _first_rows(table: Table) -> Collection[Row]:
    """The rows that a terminal shows: of very many, the totals and then the first ones."""
    if len(table.rows) <= MOST_ROWS:
        return table.rows
    totals = [row for row in table.rows if row.style == "total"]
    others = (row for row in table.rows if row.style != "total")
    return (*totals, *islice(others, MOST_ROWS))


class _Grid:
    """A table in text, with the widths of its columns at best and at least."""

    def __init__(
        self,
        table: Table,
        rows: Collection[Row],
        marks: PercentMarks,
        document: Document,
        language: Language,
    ) -> None:
        self.columns, self.rows, self.language = table.columns, rows, language
        self.marks = marks
        self.names = layout.names(table.columns)
        self._values = Values(table, document.rounding)
        longest, words = self._longest()
        widths = [*map(self._widths, self.columns, longest, words)]
        self._best = [best for best, _ in widths]
        self._least = [least for _, least in widths]

    def lines(self) -> Iterator[tuple[Row, list[str]]]:
        """Each row, and the texts of its cells."""
        for row in self.rows:
            yield row, [*self._texts(row)]

    def _texts(self, row: Row) -> Iterator[str]:
        for column in self.columns:
            cell = row.cells.get(column.key)
            if cell is None:
                yield ""
                continue
            value = self._values.of(row.key, column.key, cell)
            text = wording.cell(cell, value, self.language)
            mark = self.marks.at_cell(column.key, cell) if isinstance(cell, Percentage) else ""
            yield printable(f"{text} {mark}" if mark else text)

    def indent(self, row: Row, place: int) -> int:
        """By how many characters a cell is indented: the depth of a row shows at its name."""
        return INDENT * min(row.depth, MAX_INDENT) if place == self.names else 0

    def _longest(self) -> tuple[list[int], list[int]]:
        """For each column, the widths of its longest text and of its longest word."""
        longest, words = [0] * len(self.columns), [0] * len(self.columns)
        for row, texts in self.lines():
            for place, text in enumerate(texts):
                indent, width = self.indent(row, place), _width(text)
                longest[place] = max(longest[place], indent + width)
                if width + indent > words[place]:  # else no word of it is longer
                    widths = (indent + _width(word) for word in text.split())
                    words[place] = max(words[place], *widths, 0)
        return longest, words

    def _widths(self, column: Column, longest: int, word: int) -> tuple[int, int]:
        """The width of a column at best, and the least that is easy to read and breaks nothing."""
        heading = printable(column.headings[-1].to(self.language))
        least = wording.widest_word([heading, column.number])
        best = max(least, len(heading) // HEADING_LINES)
        if column.kind != "text":
            return max(best, longest), max(least, longest)
        wanted, word = min(longest, column.width), min(word, LONGEST_WORD)
        return max(best, word, wanted), max(least, min(word, column.width), min(wanted, EASY))

    def blocks(self, width: int | None) -> Iterator["_Block"]:
        """The table in as many blocks of columns as it takes to fit a width; None: in one."""
        every = [*range(len(self.columns))]
        if width is None or _across(self._least) <= width:
            yield _Block(self, every, self._fitted(every, width))
            return
        names = self._repeated(width)
        block = [*names]
        for place in every[len(names) :]:
            if len(block) > len(names) and _across(self._least[p] for p in (*block, place)) > width:
                yield _Block(self, block, self._fitted(block, width))
                block = [*names]
            block.append(place)
        yield _Block(self, block, self._fitted(block, width))

    def _repeated(self, width: int) -> list[int]:
        """The columns that every block begins with: the leading names, in two thirds of the width.

        Where all columns are of text, it is the first.
        """
        leading = layout.leading(self.columns)
        names = [0]
        for place in range(1, leading if leading < len(self.columns) else 1):
            if _across(self._least[p] for p in (*names, place)) > width * 2 // 3:
                break
            names.append(place)
        return names

    def _fitted(self, places: Sequence[int], width: int | None) -> list[int]:
        """The widths of some columns that together fit a width, if that is possible.

        The widest columns give way first: all of them up to their least width, and then those of
        text, whose words are broken.
        """
        widths = [self._best[place] for place in places]
        if width is None:
            return widths
        least = [self._least[place] for place in places]
        narrow = [
            min(NARROW, one) if self.columns[place].kind == "text" else one
            for place, one in zip(places, least, strict=True)
        ]
        for bounds in (least, narrow):
            while _across(widths) > width:
                wide = [i for i, bound in enumerate(bounds) if widths[i] > bound]
                if not wide:
                    break
                widths[max(wide, key=lambda i: widths[i])] -= 1
        return widths


def _begins_section(before: Row | None, row: Row) -> bool:
    """Whether there is a line between two rows: it sets totals apart."""
    return before is not None and "total" in (before.style, row.style)


def _width(text: str) -> int:
    """How many characters of a terminal a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def _padded(text: str, column: Column, width: int) -> str:
    space = " " * (width - _width(text))
    return text + space if column.kind == "text" else space + text


def _across(widths: Iterable[int]) -> int:
    """The width of a table whose columns have some widths."""
    return sum(width + BORDER for width in widths) + 1


class _Block:
    """Some columns of a table as rich prints them, under headings that rich does not have."""

    def __init__(self, grid: _Grid, places: Sequence[int], widths: Sequence[int]) -> None:
        self._grid, self._places, self._widths = grid, places, widths
        self._columns = [grid.columns[place] for place in places]
        self._edges = [0, *accumulate(width + BORDER for width in widths)]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The headings, and the rows under them."""
        for line in self._head():
            yield Segment(f"{line}\n")
        room = options.update_width(max(options.max_width, _across(self._widths)))
        _top, *lines = console.render_lines(self._body(), room, pad=False)
        for segments in lines:
            yield from segments
            yield Segment.line()

    def plain_lines(self, console: Console) -> Iterator[str]:
        """The block line by line, without colours.

        Rows are put together here: rich takes a millisecond for each, and a file may have very
        many.
        """
        yield from self._head()
        rule = "─┼─".join("─" * width for width in self._widths)
        before: Row | None = None
        for row, texts in self._grid.lines():
            if _begins_section(before, row):
                yield f"├─{rule}─┤"
            cells = (
                self._folded(texts[place], width, self._grid.indent(row, place), console)
                for place, width in zip(self._places, self._widths, strict=True)
            )
            for line in zip_longest(*cells, fillvalue=""):
                yield f"│ {' │ '.join(map(_padded, line, self._columns, self._widths))} │"
            before = row
        yield f"└─{rule.replace('┼', '┴')}─┘"

    def _folded(self, text: str, width: int, indent: int, console: Console) -> list[str]:
        room, space = width - indent, " " * indent
        if _width(text) <= room:
            return [space + text]
        lines = Text(text).wrap(console, room, overflow="fold")
        return [space + line.plain.rstrip() for line in lines]

    def _body(self) -> RichTable:
        body = RichTable(box=box.SQUARE, show_header=False)
        for column, width in zip(self._columns, self._widths, strict=True):
            is_text = column.kind == "text"
            body.add_column(
                width=width,
                justify="left" if is_text else "right",
                overflow="fold",
                no_wrap=not is_text,
            )
        before: Row | None = None
        for row, texts in self._grid.lines():
            if _begins_section(before, row):
                body.add_section()
            cells = (self._cell(row, place, texts[place]) for place in self._places)
            body.add_row(*cells, style=STYLES[row.style])
            before = row
        return body

    def _cell(self, row: Row, place: int, text: str) -> RenderableType:
        indent = self._grid.indent(row, place)
        return Padding(Text(text), (0, 0, 0, indent)) if indent else Text(text)

    def _head(self) -> Iterator[str]:
        """The headings, each in a box of its own."""
        headings = [*layout.headings(self._columns), *self._numbering()]
        texts = [self._lines_of(heading) for heading in headings]
        tops = [0, *accumulate(lines + 1 for lines in layout.heights(headings, [*map(len, texts)]))]
        drawing = _Drawing(tops[-1] + 1, self._edges)
        for (_, level, column, levels, columns, _), lines in zip(headings, texts, strict=True):
            top, bottom = tops[level], tops[level + levels]
            drawing.add(top, bottom, self._edges[column], self._edges[column + columns], lines)
        return drawing.lines()

    def _numbering(self) -> Iterator[Heading]:
        if layout.numbered(self._columns):
            for place, column in enumerate(self._columns):
                yield Heading(same(column.number), layout.levels(self._columns), place, 1, 1, ())

    def _lines_of(self, heading: Heading) -> list[str]:
        mark = self._grid.marks.at_heading(heading.of)
        text = f"{printable(heading.text.to(self._grid.language))} {mark}".rstrip()
        room = self._edges[heading.column + heading.columns] - self._edges[heading.column] - BORDER
        if _width(text) <= room:
            return [text]
        letters = room if _width(text) == len(text) else room // 2  # some are twice as wide
        return wrap(text, max(letters, 1)) or [""]


class _Drawing:
    """Boxes with texts in them; boxes that touch share their lines."""

    def __init__(self, height: int, edges: Sequence[int]) -> None:
        self._arms = [[0] * (edges[-1] + 1) for _ in range(height)]
        self._texts: list[list[tuple[int, str]]] = [[] for _ in range(height)]
        for edge in edges:  # the lines between the columns go on below
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
            self._texts[row].append(((left + right + 1 - _width(text)) // 2, text))

    def lines(self) -> Iterator[str]:
        """The drawing, line by line."""
        for arms, texts in zip(self._arms, self._texts, strict=True):
            line = [JOINTS[arm] for arm in arms]
            for start, text in texts:
                width = _width(text)
                line[start : start + width] = [text, *[""] * (width - 1)]
            yield "".join(line)
