"""A table on a worksheet: its headings, its rows, and its notes under them.

Numbers are numbers, days are days, and what follows from other cells is a formula.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from xlsxwriter.format import Format

from hoso.projections.documents.model import (
    MAX_INDENT,
    NO_DATA,
    Cell,
    Column,
    Exact,
    Percentage,
    Row,
    Table,
    Value,
    Values,
)
from hoso.tools.output import layout, wording
from hoso.tools.output.xlsx.cells import DAYS, HEADING, LINED, NOTE, NUMBERING, ROWS, write_text
from hoso.tools.output.xlsx.formulas import Formulas
from hoso.tools.output.xlsx.worksheet import Worksheet

INDENT: Final = 1.5  # the characters of a step of indentation
SHORT: Final = 20  # a column of text that is no wider has its texts in the middle


class Grid:
    """A table on a worksheet, from the column ``left`` on."""

    def __init__(self, sheet: Worksheet, table: Table, left: int = 0) -> None:
        self.table = table
        self.values = Values(table, sheet.document.rounding)
        self.widths = layout.widths(table, self.values, sheet.language)
        self.sheet = sheet
        self.left = left
        self._marks = wording.shares(table)
        self._names = layout.names(table.columns)
        self._looks: dict[tuple[str, str, str, bool, int], Format] = {}
        sheet.set_widths(left, self.widths)

    def write_headings(self, top: int) -> int:
        """Write the headings from a row on. Returns the row after them."""
        columns, shown = self.table.columns, self.sheet.formats.of(**HEADING)
        headings = layout.headings(columns)
        for heading in headings:
            first = top + heading.level, self.left + heading.column
            over = heading.levels, heading.columns
            self.sheet.span(*first, *over, self._said(heading), shown)
        lines = [self._lines_of_heading(heading) for heading in headings]
        for row, height in enumerate(layout.heights(headings, lines), top):
            self.sheet.heighten(row, height + 0.3)
        top += layout.levels(columns)
        if not layout.numbered(columns):
            return top
        shown = self.sheet.formats.of(**NUMBERING)
        for place, column in enumerate(columns, self.left):
            write_text(self.sheet.paper, top, place, column.number, shown)
        return top + 1

    def _said(self, heading: layout.Heading) -> str:
        text = heading.text.to(self.sheet.language)
        return f"{text} {self._marks.at_heading(heading.of)}".rstrip()

    def _lines_of_heading(self, heading: layout.Heading) -> int:
        widths = self.widths[heading.column : heading.column + heading.columns]
        return layout.lines(self._said(heading), sum(widths))

    def write_rows(self, top: int) -> int:
        """Write the rows and, after a blank one, the notes. Returns the row after them."""
        rounding = self.sheet.document.rounding
        formulas = Formulas(self.table, self.values, rounding, top, self.left)
        for row in self.table.rows:
            columns = self.table.columns[: self._names + 1 if self._is_heading(row) else None]
            for place, column in enumerate(columns):
                cell = row.cells.get(column.key)
                if cell is None:
                    blank = self._look(row, column)
                    self.sheet.paper.write_blank(top, self.left + place, None, blank)
                else:
                    self._write(top, place, row, cell, formulas.of(cell))
            top += 1
        notes = wording.notes(self.table, self._marks, rounding, self.sheet.language)
        return self.sheet.write_lines(top + 1, self.left, self.widths, notes, NOTE)

    def _is_heading(self, row: Row) -> bool:
        """Whether a row has a name for the rows under it, and no figures."""
        named, *others = (column.key for column in self.table.columns[self._names :])
        return row.style == "group" and named in row.cells and row.cells.keys().isdisjoint(others)

    def _write(self, top: int, place: int, row: Row, cell: Cell, formula: str | None) -> None:
        paper, left, column = self.sheet.paper, self.left + place, self.table.columns[place]
        value = self.values.of(row.key, column.key, cell)
        if isinstance(value, date):
            paper.write_datetime(
                top, left, value, self._look(row, column, DAYS[self.sheet.language])
            )
        elif isinstance(value, int | Decimal | None):
            look = self._look(row, column, self._pattern(column, cell, value))
            if formula is not None:
                number = NO_DATA if value is None else float(value)
                paper.write_formula(top, left, formula, look, number)
            elif value is None:
                paper.write_string(top, left, NO_DATA, look)
            else:
                paper.write_number(top, left, float(value), look)
        else:
            text = wording.text(value, self.sheet.language)
            indent = min(row.depth, MAX_INDENT) if place == self._names else 0
            look = self._look(row, column, text=True, indent=indent)
            is_wide = place == self._names and self._is_heading(row)
            widths = self.widths[place : None if is_wide else place + 1]
            self.sheet.span(top, left, 1, len(widths), text, look)
            self.sheet.heighten(top, layout.lines(text, sum(widths) - INDENT * indent))

    def _pattern(self, column: Column, cell: Cell, value: Value) -> str:
        """How the number in a cell is shown: its decimals, and what stands after it."""
        numbers = self.sheet.formats.numbers
        if isinstance(cell, Exact):
            unit = wording.text(cell.unit, self.sheet.language)
            return numbers(_places(value), unit, signed=cell.signed)
        is_share = isinstance(cell, Percentage)
        mark = self._marks.at_cell(column.key, cell) if isinstance(cell, Percentage) else ""
        has_decimals = isinstance(value, Decimal) or (
            value is None and (is_share or column.kind != "count")
        )
        return numbers(self.sheet.document.rounding.places if has_decimals else 0, mark)

    def _look(
        self, row: Row, column: Column, pattern: str = "", *, text: bool = False, indent: int = 0
    ) -> Format:
        aligned = self._aligned(column) if text or column.kind == "text" else "right"
        key = (row.style, aligned, pattern, text, indent)
        if key not in self._looks:
            self._looks[key] = self.sheet.formats.of(
                **LINED,
                **ROWS[row.style],
                align=aligned,
                num_format=pattern,
                text_wrap=text,
                indent=indent,
            )
        return self._looks[key]

    def _aligned(self, column: Column) -> str:
        named = column is self.table.columns[self._names] and column.kind == "text"
        return "left" if named or column.width > SHORT else "center"


def _places(number: Value) -> int:
    """The decimals that a number was given with."""
    exponent = number.as_tuple().exponent if isinstance(number, Decimal) else 0
    return max(-exponent, 0) if isinstance(exponent, int) else 0
