"""A document as a workbook: a worksheet for each table and chart, or one for a short document.

What the document rests on is on the last worksheet. Text is always text, never a formula. The
headings stay in sight, and on paper they are on each page.

A very long table is written to disk row by row, so that memory does not grow with it. It has its
headings in one row, because merged rows cannot be written one by one.
"""

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from tempfile import TemporaryDirectory
from typing import Final

from xlsxwriter import Workbook

from hoso.projections.documents.model import Bilingual, Chart, Document, Language, Table, same
from hoso.tools.output import Paper, check_rows, layout, wording
from hoso.tools.output.xlsx import charts as drawings
from hoso.tools.output.xlsx.cells import FONT, LINED, TABLE_TITLE, Formats, write_text
from hoso.tools.output.xlsx.grid import Grid
from hoso.tools.output.xlsx.worksheet import Worksheet

GAP: Final = 3.0  # between tables that stand side by side, in characters
NO_DAY: Final = date(2000, 1, 1)  # when a workbook without a period says it was made
BASIS: Final = Bilingual("Căn cứ", "What it rests on")
BASIS_WIDTHS: Final = (32.0, 90.0)
LONG: Final = 20_000  # the most rows of a table that is not written row by row


def printed(document: Document, language: Language) -> Iterator[bytes]:
    """A document as a workbook. Raises ``UserError`` for a table that no worksheet holds."""
    for table in document.tables():
        check_rows(table, Paper.xlsx)
    if _is_long(document):
        with TemporaryDirectory(prefix="hoso-") as folder:
            yield _workbook(document, language, {"constant_memory": True, "tmpdir": folder})
    else:
        yield _workbook(document, language, {"in_memory": True})


def _workbook(document: Document, language: Language, where: dict[str, bool | str]) -> bytes:
    """A document as a workbook; ``where`` says to XlsxWriter where its rows are meanwhile."""
    by_rows = _is_long(document)
    file = io.BytesIO()
    book = Workbook(file, {**where, "default_format_properties": dict(FONT)})
    # Not the clock: equal documents give equal bytes.
    made = NO_DAY if document.window is None else document.window.last
    created = datetime.combine(made, time())
    book.set_properties({"title": document.title.to(language), "created": created})
    formats = Formats(book, language)
    if layout.on_one_page(document):
        _write_page(Worksheet(formats, document, language, document.title))
    else:
        for part in document.parts:
            sheet = Worksheet(formats, document, language, part.title)
            if isinstance(part, Chart):
                drawings.write_alone(sheet, part)
            else:
                _write_table(sheet, _with_short_headings(part, language) if by_rows else part)
    if document.about or not document.parts:
        _write_basis(Worksheet(formats, document, language, BASIS))
    book.close()
    return file.getvalue()


def _is_long(document: Document) -> bool:
    """Whether a document is one table that is written row by row."""
    match document.parts:
        case [Table(rows=rows)]:
            return len(rows) > LONG
    return False


def _with_short_headings(table: Table, language: Language) -> Table:
    """A table whose columns have one heading each."""
    headings = (same(wording.heading(column, language)) for column in table.columns)
    columns = (
        column._replace(headings=(heading,))
        for column, heading in zip(table.columns, headings, strict=True)
    )
    return table._replace(columns=tuple(columns))


def _write_table(sheet: Worksheet, table: Table) -> None:
    """Write a table on a worksheet of its own."""
    grid = Grid(sheet, table)
    top = _write_title(grid, sheet.write_titles(grid.widths))
    body = grid.write_headings(top)
    sheet.paper.freeze_panes(body, layout.leading(table.columns))
    if body > top:
        sheet.paper.repeat_rows(top, body - 1)
    sheet.fit(sheet.write_signature(grid.write_rows(body), grid.widths))


def _write_title(grid: Grid, top: int) -> int:
    """Write a table's title, unless it is the document's. Returns the row after it."""
    sheet, title = grid.sheet, grid.table.title
    titles = [] if title == sheet.document.title else [title.to(sheet.language)]
    return sheet.write_lines(top, grid.left, grid.widths, titles, TABLE_TITLE)


def _write_page(sheet: Worksheet) -> None:
    """Write a document on one page: its tables side by side, and its charts under them."""
    grids = [*_side_by_side(sheet)]
    titles = sheet.write_titles([width for grid in grids for width in (*grid.widths, GAP)][:-1])
    top = max(_write_title(grid, titles) for grid in grids)
    body = max(grid.write_headings(top) for grid in grids)
    sheet.paper.freeze_panes(body, 0)
    bottom = max(grid.write_rows(body) for grid in grids) + 1
    charts = [part for part in sheet.document.parts if isinstance(part, Chart)]
    for grid, chart in zip(grids, charts, strict=False):
        drawings.write_under(grid, chart, bottom)
    last = bottom + drawings.UNDER_ROWS if charts else bottom
    sheet.paper.print_area(0, 0, last, grids[-1].left + len(grids[-1].widths) - 1)
    sheet.paper.fit_to_pages(1, 1)


def _side_by_side(sheet: Worksheet) -> Iterator[Grid]:
    left = 0
    for table in sheet.document.tables():
        if left:
            sheet.set_widths(left - 1, [GAP])
        yield Grid(sheet, table, left)
        left += len(table.columns) + 1


def _write_basis(sheet: Worksheet) -> None:
    """Write what a document rests on."""
    sheet.set_widths(0, BASIS_WIDTHS)
    top = sheet.write_titles(BASIS_WIDTHS)
    top = sheet.write_lines(top, 0, BASIS_WIDTHS, [BASIS.to(sheet.language)], TABLE_TITLE)
    shown = sheet.formats.of(**LINED, text_wrap=True)
    for row, texts in enumerate(wording.about(sheet.document, sheet.language), top):
        for column, (text, width) in enumerate(zip(texts, BASIS_WIDTHS, strict=True)):
            sheet.heighten(row, layout.lines(text, width))
            write_text(sheet.paper, row, column, text, shown)
