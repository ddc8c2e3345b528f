"""How does a report look as a spreadsheet? A sheet to each table and chart, ready for A4; a short
report has one for all of them. What it rests on has a sheet of its own, the last.

Text is only ever text. The headings stay in sight, and on paper they are on each page.
"""

import io
from collections.abc import Sequence
from datetime import datetime, time
from typing import Final

from xlsxwriter import Workbook

from projections.reports.document import Chart, Language, Report, Said, Table
from tools.papers import layout, native_charts, wording
from tools.papers.cells import FONT, LINED, TABLE_TITLE, Formats, write_text
from tools.papers.grid import Grid
from tools.papers.sheet import Sheet

GAP: Final = 3.0  # between tables that stand side by side, in characters
BASIS: Final = Said("Căn cứ", "What it rests on")
BASIS_WIDTHS: Final = (32.0, 90.0)


def printed(report: Report, language: Language) -> bytes:
    """A report as a workbook."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "default_format_properties": dict(FONT)})
    made = datetime.combine(report.window.last, time())  # no clock: equal reports, equal bytes
    book.set_properties({"title": report.title.to(language), "created": made})
    formats = Formats(book, report.rounding, language)
    if layout.on_one_page(report):
        _page(Sheet(formats, report, language, report.title.to(language)))
    else:
        for part in report.parts:
            sheet = Sheet(formats, report, language, part.title.to(language))
            if isinstance(part, Chart):
                native_charts.add_alone(sheet, part)
            else:
                _table(sheet, part)
    _basis(Sheet(formats, report, language, BASIS.to(language)))
    book.close()
    return file.getvalue()


def _table(sheet: Sheet, table: Table) -> None:
    """A table on its own sheet."""
    grid = Grid(sheet, table)
    top = sheet.write_titles(grid.widths)
    if table.title != sheet.report.title:
        top = _write_title(sheet, top, grid)
    body = grid.write_headings(top)
    sheet.paper.freeze_panes(body, layout.leading(table.columns))
    if body > top:
        sheet.paper.repeat_rows(top, body - 1)
    sheet.fit(grid.write_rows(body))


def _write_title(sheet: Sheet, top: int, grid: Grid) -> int:
    title = grid.table.title.to(sheet.language)
    return sheet.write_lines(top, grid.left, grid.widths, [title], TABLE_TITLE)


def _page(sheet: Sheet) -> None:
    """All of a report on one sheet: tables side by side, charts under them."""
    grids = _side_by_side(sheet, [*sheet.report.tables()])
    ...


def _basis(sheet: Sheet) -> None:
    """What the report rests on."""
    ...
