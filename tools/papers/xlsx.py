"""How does a report look as a spreadsheet? A sheet to each table and chart, ready for A4.

Numbers are numbers, and what follows from other cells is a formula. Text is only ever text. The
headings stay in sight, so what a report rests on stands below: above, it would stay as well.
"""

import io
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from decimal import Decimal
from textwrap import wrap
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from projections.reports import document
from projections.reports.document import (
    NO_DATA,
    Cell,
    Chart,
    Column,
    Language,
    Place,
    Report,
    Row,
    Said,
    Share,
    Table,
    Words,
)
from tools.papers import layout, native_charts, wording
from tools.papers.cells import FONT, HEADING, LINED, Formats, write_text
from tools.papers.formulas import Formulas

SHEET_NAME: Final = 31  # its longest
FORBIDDEN: Final = str.maketrans("[]:*?/\\", " " * 7)
LINE: Final = 15.0  # a line's height in points, at the size of FONT
SIZE: Final = 11
INDENT: Final = 1.5  # what a step of indentation takes, in characters
A4: Final = 9
MARGINS: Final = {"left": 0.4, "right": 0.4, "top": 0.5, "bottom": 0.6}
PAGE: Final = Said("Trang", "Page")
ROWS: Final[Mapping[str, dict[str, Any]]] = {
    "line": {},
    "group": {"bold": True, "bg_color": "#EEF2F7"},
    "total": {"bold": True, "bg_color": "#DDE5EF"},
}
NUMBERING: Final = LINED | {"italic": True, "align": "center", "font_size": 9}
TITLE: Final = {"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"}
PERIOD: Final = {"italic": True, "align": "center", "valign": "vcenter"}
TABLE_TITLE: Final = {"bold": True, "font_size": 12, "valign": "vcenter"}
NOTE: Final = {"italic": True, "font_size": 10, "valign": "top"}
ABOUT: Final = {"font_size": 9, "font_color": "#55606E", "valign": "top"}


def printed(report: Report, language: Language) -> bytes:
    """A report as a workbook."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "default_format_properties": dict(FONT)})
    made = datetime.combine(report.window.last, time())  # no clock: equal reports, equal bytes
    book.set_properties({"title": report.title.to(language), "created": made})
    formats = Formats(book, report.rounding, language)
    for part in report.parts:
        sheet = _sheet(book, report, part.title.to(language), language)
        if isinstance(part, Chart):
            native_charts.add(sheet, part, language, formats)
        else:
            _Page(sheet, part, report, language, formats).write()
    book.close()
    return file.getvalue()


def _sheet(book: Workbook, report: Report, title: str, language: Language) -> Worksheet:
    """A new sheet, as it is to be printed."""
    name = f"{len(book.worksheets()) + 1}. {title}".translate(FORBIDDEN)
    sheet = book.add_worksheet(name[:SHEET_NAME].rstrip("' "))
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(**MARGINS)
    sheet.center_horizontally()
    sheet.hide_gridlines(2)
    period = wording.period(report.window, language)
    sheet.set_footer(f"&L&8{period}&R&8{PAGE.to(language)} &P/&N")
    return sheet


class _Page:
    """A table on its sheet, written from the top down: ``top`` is the next row that is free."""

    def __init__(
        self, sheet: Worksheet, table: Table, report: Report, language: Language, formats: Formats
    ) -> None:
        self.sheet, self.table, self.report = sheet, table, report
        self.language: Language = language
        self.formats = formats
        self.known = document.values(table, report.rounding)
        self.shares = wording.shares(table)
        self.widths = layout.widths(table, self.known, language)
        self.looks: dict[tuple[str, bool, bool, bool, str, int], Format] = {}
        self.top = 0

    def write(self) -> None:
        """All of it."""
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, width)
        self._titles()
        self._headings()
        self._rows()
        self.top += 1
        self._across(wording.notes(self.table, self.report.rounding, self.language), NOTE)
        about = wording.about(self.report, self.language)
        self._across([f"{name}: {text}" for name, text in about], ABOUT)

    def _titles(self) -> None:
        self._across([self.report.title.to(self.language)], TITLE)
        self._across([wording.period(self.report.window, self.language)], PERIOD)
        if self.table.title != self.report.title:
            self._across([self.table.title.to(self.language)], TABLE_TITLE)
        self.top += 1

    def _across(self, texts: Iterable[str], look: Mapping[str, Any]) -> None:
        """Lines over the whole width, each as high as its text needs."""
        shown = self.formats.of(**look, text_wrap=True)
        scale = look.get("font_size", SIZE) / SIZE
        for text in texts:
            lines = _lines(text, sum(self.widths) / scale)
            self.sheet.set_row(self.top, lines * LINE * scale + 2)
            self._span(self.top, 0, 1, len(self.widths), text, shown)
            self.top += 1

    def _span(
        self, row: int, column: int, rows: int, columns: int, text: str, shown: Format
    ) -> None:
        if rows > 1 or columns > 1:
            last = row + rows - 1, column + columns - 1
            self.sheet.merge_range(row, column, *last, "", shown)
        write_text(self.sheet, row, column, text, shown)

    def _headings(self) -> None:
        first, columns = self.top, self.table.columns
        shown = self.formats.of(**HEADING)
        for heading in layout.headings(columns):
            row, text = first + heading.level, self._said(heading)
            self._span(row, heading.column, heading.levels, heading.columns, text, shown)
        for level, lines in enumerate(self._lines_of_levels()):
            self.sheet.set_row(first + level, lines * LINE + 3)
        self.top += layout.levels(columns)
        if layout.numbered(columns):
            shown = self.formats.of(**NUMBERING)
            for place, column in enumerate(columns):
                write_text(self.sheet, self.top, place, column.number, shown)
            self.top += 1
        if self.top > first:
            self.sheet.repeat_rows(first, self.top - 1)
        self.sheet.freeze_panes(self.top, layout.leading(columns))

    def _said(self, heading: layout.Heading) -> str:
        return f"{heading.text.to(self.language)} {self.shares.at_heading(heading.of)}".rstrip()

    def _lines_of_levels(self) -> list[int]:
        """How many lines each level of headings has: one that goes over several adds what it lacks
        to the last of them."""
        found = [1] * layout.levels(self.table.columns)
        for heading in sorted(layout.headings(self.table.columns), key=lambda each: each.levels):
            width = sum(self.widths[heading.column : heading.column + heading.columns])
            last = heading.level + heading.levels
            lacking = _lines(self._said(heading), width) - sum(found[heading.level : last])
            found[last - 1] += max(lacking, 0)
        return found

    def _rows(self) -> None:
        formulas = Formulas(self.table, self.known, self.report.rounding, self.top)
        names = layout.names(self.table.columns)
        for row in self.table.rows:
            if (lines := self._lines_of(row, names)) > 1:
                self.sheet.set_row(self.top, lines * LINE)
            for place, column in enumerate(self.table.columns):
                indent = row.depth if place == names else 0
                cell = row.cells.get(column.key)
                if cell is None:
                    look = self._look(row, column, indent=indent)
                    self.sheet.write_blank(self.top, place, None, look)
                else:
                    self._cell(place, column, row, cell, indent, formulas.of(cell))
            self.top += 1

    def _lines_of(self, row: Row, names: int) -> int:
        """How many lines a row's longest text takes."""
        found = 1
        for place, (column, width) in enumerate(zip(self.table.columns, self.widths, strict=True)):
            cell = row.cells.get(column.key)
            if isinstance(cell, Words):
                indent = INDENT * row.depth if place == names else 0
                text = wording.text(cell.text, self.language)
                found = max(found, _lines(text, width - indent))
        return found

    def _cell(
        self, place: int, column: Column, row: Row, cell: Cell, indent: int, formula: str | None
    ) -> None:
        value = self.known[Place(row.key, column.key)]
        if not isinstance(value, int | Decimal | None):
            text = wording.text(value, self.language)
            look = self._look(row, column, text=True, indent=indent)
            write_text(self.sheet, self.top, place, text, look)
            return
        mark = self.shares.at_cell(column.key, cell) if isinstance(cell, Share) else ""
        decimals = isinstance(value, Decimal) or (value is None and column.kind != "count")
        look = self._look(row, column, decimals=decimals, mark=mark, indent=indent)
        number = NO_DATA if value is None else float(value)
        if formula is not None:
            self.sheet.write_formula(self.top, place, formula, look, number)
        elif value is None:
            self.sheet.write_string(self.top, place, NO_DATA, look)
        else:
            self.sheet.write_number(self.top, place, number, look)

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
        of_text = column.kind == "text"
        key = (row.style, of_text, text, decimals, mark, indent)
        if key not in self.looks:
            aligned = "left" if of_text else "center" if text else "right"
            self.looks[key] = self.formats.of(
                **LINED,
                **ROWS[row.style],
                align=aligned,
                num_format=self.formats.numbers(decimals, mark),
                text_wrap=text,
                indent=indent if text else 1,
            )
        return self.looks[key]


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in so many characters' width. Characters are those of digits,
    wider than most letters: rather one line too many."""
    room = max(int(width), 1)
    return 1 if len(text) <= room else max(len(wrap(text, room)), 1)
