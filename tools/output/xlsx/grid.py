"""How does a table stand on a sheet? Its headings, its rows, and its notes under them.

Numbers are numbers, and what follows from other cells is a formula.
"""

from decimal import Decimal
from typing import Final

from xlsxwriter.format import Format

from hoso.projections.documents import model
from hoso.projections.documents.model import NO_DATA, Cell, Column, Percentage, Place, Row, Table
from hoso.tools.output import layout, wording
from hoso.tools.output.xlsx.cells import HEADING, LINED, NOTE, NUMBERING, ROWS, write_text
from hoso.tools.output.xlsx.formulas import Formulas
from hoso.tools.output.xlsx.worksheet import Worksheet

INDENT: Final = 1.5  # what a step of indentation takes, in characters
SHORT: Final = 20  # a column of text that is no wider has it in the middle


class Grid:
    """A table on a sheet, from a column on."""

    def __init__(self, sheet: Worksheet, table: Table, left: int = 0) -> None:
        self.table = table
        self.known = model.values(table, sheet.report.rounding)
        self.widths = layout.widths(table, self.known, sheet.language)
        self.sheet = sheet
        self.left = left
        self._shares = wording.shares(table)
        self._names = layout.names(table.columns)
        self._looks: dict[tuple[str, str, bool, bool, str, int], Format] = {}
        sheet.set_widths(left, self.widths)

    def write_headings(self, top: int) -> int:
        """Write the headings; the row after them."""
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
        return f"{text} {self._shares.at_heading(heading.of)}".rstrip()

    def _lines_of_heading(self, heading: layout.Heading) -> int:
        widths = self.widths[heading.column : heading.column + heading.columns]
        return layout.lines(self._said(heading), sum(widths))

    def write_rows(self, top: int) -> int:
        """Write the rows, and the notes after a blank one; the row after them."""
        report, language = self.sheet.report, self.sheet.language
        formulas = Formulas(self.table, self.known, report.rounding, top, self.left)
        for row in self.table.rows:
            for place, column in enumerate(self.table.columns):
                cell = row.cells.get(column.key)
                if cell is None:
                    blank = self._look(row, column)
                    self.sheet.paper.write_blank(top, self.left + place, None, blank)
                else:
                    self._write(top, place, row, cell, formulas.of(cell))
            top += 1
        notes = wording.notes(self.table, report.rounding, language)
        return self.sheet.write_lines(top + 1, self.left, self.widths, notes, NOTE)

    def _write(self, top: int, place: int, row: Row, cell: Cell, formula: str | None) -> None:
        paper, left, column = self.sheet.paper, self.left + place, self.table.columns[place]
        value = self.known[Place(row.key, column.key)]
        if not isinstance(value, int | Decimal | None):
            text = wording.text(value, self.sheet.language)
            indent = row.depth if place == self._names else 0
            look = self._look(row, column, text=True, indent=indent)
            write_text(paper, top, left, text, look)
            self.sheet.heighten(top, layout.lines(text, self.widths[place] - INDENT * indent))
            return
        mark = self._shares.at_cell(column.key, cell) if isinstance(cell, Percentage) else ""
        no_count = value is None and (column.kind != "count" or isinstance(cell, Percentage))
        decimals = no_count or isinstance(value, Decimal)
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
            formats = self.sheet.formats
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
