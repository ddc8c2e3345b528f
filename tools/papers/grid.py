"""How does a table stand on a sheet? Its headings, its rows, and its notes under them.

Numbers are numbers, and what follows from other cells is a formula.
"""

from decimal import Decimal
from typing import Final

from xlsxwriter.format import Format

from projections.reports import document
from projections.reports.document import (
    NO_DATA,
    Cell,
    Column,
    Place,
    Row,
    Share,
    Table,
    Words,
)
from tools.papers import layout, wording
from tools.papers.cells import HEADING, LINED, NOTE, NUMBERING, ROWS, write_text
from tools.papers.formulas import Formulas
from tools.papers.sheet import Sheet

INDENT: Final = 1.5  # what a step of indentation takes, in characters
SHORT: Final = 20  # a column of text that is no wider has it in the middle


class Grid:
    """A table on a sheet, from a column on."""

    def __init__(self, sheet: Sheet, table: Table, left: int = 0) -> None:
        self.table = table
        self.known = document.values(table, sheet.report.rounding)
        self.widths = layout.widths(table, self.known, sheet.language)
        self._sheet = sheet
        self._left = left
        self._shares = wording.shares(table)
        self._names = layout.names(table.columns)
        self._looks: dict[tuple[str, str, bool, bool, str, int], Format] = {}
        sheet.set_widths(left, self.widths)

    def write_headings(self, top: int) -> int:
        """Write the headings; the row after them."""
        columns, shown = self.table.columns, self._sheet.formats.of(**HEADING)
        for heading in layout.headings(columns):
            row, column = top + heading.level, self._left + heading.column
            self._sheet.span(
                row, column, heading.levels, heading.columns, self._said(heading), shown
            )
        for row, lines in enumerate(self._lines_of_levels(), top):
            self._sheet.heighten(row, lines + 0.3)
        top += layout.levels(columns)
        if not layout.numbered(columns):
            return top
        shown = self._sheet.formats.of(**NUMBERING)
        for place, column in enumerate(columns, self._left):
            write_text(self._sheet.paper, top, place, column.number, shown)
        return top + 1

    def _said(self, heading: layout.Heading) -> str:
        text = heading.text.to(self._sheet.language)
        return f"{text} {self._shares.at_heading(heading.of)}".rstrip()

    def _lines_of_levels(self) -> list[int]:
        """How many lines each level of headings has: one that goes over several adds what it lacks
        to the last of them."""
        found = [1] * layout.levels(self.table.columns)
        for heading in sorted(layout.headings(self.table.columns), key=lambda each: each.levels):
            width = sum(self.widths[heading.column : heading.column + heading.columns])
            last = heading.level + heading.levels
            lacking = layout.lines(self._said(heading), width) - sum(found[heading.level : last])
            found[last - 1] += max(lacking, 0)
        return found

    def write_rows(self, top: int) -> int:
        """Write the rows, and the notes after a blank one; the row after them."""
        report, language = self._sheet.report, self._sheet.language
        formulas = Formulas(self.table, self.known, report.rounding, top, self._left)
        for row in self.table.rows:
            self._sheet.heighten(top, self._lines_of(row))
            for place, column in enumerate(self.table.columns):
                cell = row.cells.get(column.key)
                if cell is None:
                    blank = self._look(row, column)
                    self._sheet.paper.write_blank(top, self._left + place, None, blank)
                else:
                    self._write(top, place, row, cell, formulas.of(cell))
            top += 1
        notes = wording.notes(self.table, report.rounding, language)
        return self._sheet.write_lines(top + 1, self._left, self.widths, notes, NOTE)

    def _lines_of(self, row: Row) -> int:
        """How many lines a row's longest text takes."""
        found = 1
        for place, (column, width) in enumerate(zip(self.table.columns, self.widths, strict=True)):
            cell = row.cells.get(column.key)
            if isinstance(cell, Words):
                text = wording.text(cell.text, self._sheet.language)
                indent = INDENT * row.depth if place == self._names else 0
                found = max(found, layout.lines(text, width - indent))
        return found

    def _write(self, top: int, place: int, row: Row, cell: Cell, formula: str | None) -> None:
        paper, left, column = self._sheet.paper, self._left + place, self.table.columns[place]
        value = self.known[Place(row.key, column.key)]
        if not isinstance(value, int | Decimal | None):
            indent = row.depth if place == self._names else 0
            look = self._look(row, column, text=True, indent=indent)
            write_text(paper, top, left, wording.text(value, self._sheet.language), look)
            return
        mark = self._shares.at_cell(column.key, cell) if isinstance(cell, Share) else ""
        decimals = isinstance(value, Decimal) or (value is None and column.kind != "count")
        look = self._look(row, column, decimals=decimals, mark=mark)
        number = NO_DATA if value is None else float(value)
        if formula is not None:
            paper.write_formula(top, left, formula, look, number)
        elif value is None:
            paper.write_string(top, left, NO_DATA, look)
        else:
            paper.write_number(top, left, number, look)

    def _look(
        self,
        row: Row,
        column: Column,
        *,
        text: bool = False,
        decimals: bool = False,
        mark: str = "",
        indent: int = 0,
    ) -> Format:
        aligned = self._aligned(column) if text or column.kind == "text" else "right"
        key = (row.style, aligned, text, decimals, mark, indent)
        if key not in self._looks:
            formats = self._sheet.formats
            self._looks[key] = formats.of(
                **LINED,
                **ROWS[row.style],
                align=aligned,
                num_format=formats.numbers(decimals, mark),
                text_wrap=text,
                indent=indent,
            )
        return self._looks[key]

    def _aligned(self, column: Column) -> str:
        named = column is self.table.columns[self._names] and column.kind == "text"
        return "left" if named or column.width > SHORT else "center"
