"""How does a report look as a spreadsheet? A sheet to each table and chart, ready for A4; a short
report has one for all of them. What it rests on has a sheet of its own, the last.

Text is only ever text. The headings stay in sight, and on paper they are on each page.
"""

import io
from collections.abc import Iterator
from datetime import datetime, time
from typing import Final

from xlsxwriter import Workbook

from hoso.projections.documents.model import Bilingual, Chart, Document, Language, Table
from hoso.tools.output import layout, wording
from hoso.tools.output.xlsx import charts as drawings
from hoso.tools.output.xlsx.cells import FONT, LINED, TABLE_TITLE, Formats, write_text
from hoso.tools.output.xlsx.grid import Grid
from hoso.tools.output.xlsx.worksheet import Worksheet

GAP: Final = 3.0  # between tables that stand side by side, in characters
BASIS: Final = Bilingual("Căn cứ", "What it rests on")
BASIS_WIDTHS: Final = (32.0, 90.0)


def printed(report: Document, language: Language) -> bytes:
    """A report as a workbook."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "default_format_properties": dict(FONT)})
    made = datetime.combine(report.window.last, time())  # no clock: equal reports, equal bytes
    book.set_properties({"title": report.title.to(language), "created": made})
    formats = Formats(book, report.rounding, language)
    if layout.on_one_page(report):
        _write_page(Worksheet(formats, report, language, report.title))
    else:
        for part in report.parts:
            sheet = Worksheet(formats, report, language, part.title)
            if isinstance(part, Chart):
                drawings.write_alone(sheet, part)
            else:
                _write_table(sheet, part)
    _write_basis(Worksheet(formats, report, language, BASIS))
    book.close()
    return file.getvalue()


def _write_table(sheet: Worksheet, table: Table) -> None:
    """A table on a sheet of its own."""
    grid = Grid(sheet, table)
    top = _write_title(grid, sheet.write_titles(grid.widths))
    body = grid.write_headings(top)
    sheet.paper.freeze_panes(body, layout.leading(table.columns))
    if body > top:
        sheet.paper.repeat_rows(top, body - 1)
    sheet.fit(grid.write_rows(body))


def _write_title(grid: Grid, top: int) -> int:
    """A table's title, unless it is that of its report; the row after it."""
    sheet, title = grid.sheet, grid.table.title
    titles = [] if title == sheet.report.title else [title.to(sheet.language)]
    return sheet.write_lines(top, grid.left, grid.widths, titles, TABLE_TITLE)


def _write_page(sheet: Worksheet) -> None:
    """All of a report: its tables side by side, and its charts under them."""
    grids = [*_side_by_side(sheet)]
    titles = sheet.write_titles([width for grid in grids for width in (*grid.widths, GAP)][:-1])
    top = max(_write_title(grid, titles) for grid in grids)
    body = max(grid.write_headings(top) for grid in grids)
    sheet.paper.freeze_panes(body, 0)
    bottom = max(grid.write_rows(body) for grid in grids) + 1
    charts = [part for part in sheet.report.parts if isinstance(part, Chart)]
    for grid, chart in zip(grids, charts, strict=False):
        drawings.write_under(grid, chart, bottom)
    last = bottom + drawings.UNDER_ROWS if charts else bottom
    sheet.paper.print_area(0, 0, last, grids[-1].left + len(grids[-1].widths) - 1)
    sheet.paper.fit_to_pages(1, 1)


def _side_by_side(sheet: Worksheet) -> Iterator[Grid]:
    left = 0
    for table in sheet.report.tables():
        if left:
            sheet.set_widths(left - 1, [GAP])
        yield Grid(sheet, table, left)
        left += len(table.columns) + 1


def _write_basis(sheet: Worksheet) -> None:
    """What a report rests on."""
    sheet.set_widths(0, BASIS_WIDTHS)
    top = sheet.write_titles(BASIS_WIDTHS)
    top = sheet.write_lines(top, 0, BASIS_WIDTHS, [BASIS.to(sheet.language)], TABLE_TITLE)
    shown = sheet.formats.of(**LINED, text_wrap=True)
    for row, texts in enumerate(wording.about(sheet.report, sheet.language), top):
        for column, (text, width) in enumerate(zip(texts, BASIS_WIDTHS, strict=True)):
            sheet.heighten(row, layout.lines(text, width))
            write_text(sheet.paper, row, column, text, shown)
