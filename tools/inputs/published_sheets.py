"""Reads the sheets of a published report: a CSV file, or the worksheets of a workbook.

Every table of a report is read from rows of texts, whichever kind of file it is in. A number in a
workbook becomes the text that CSV has for it: 1234, 15.98.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from zipfile import BadZipFile, ZipFile

from hoso.domain.errors import UserError
from hoso.tools.inputs.csv_files import CsvRow, csv_rows, delimiter_of
from hoso.tools.inputs.text_files import read_text
from hoso.tools.runtime.printable import printable

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

MAX_BYTES: Final = 10_000_000
MAX_UNPACKED_BYTES: Final = 200_000_000
MAX_CELLS: Final = 2_000_000  # of one worksheet
WORKBOOK: Final = ".xlsx"


class Sheet(NamedTuple):
    """A table as rows of texts, without blank rows.

    ``title`` is the name of a worksheet, empty for CSV. ``delimiter`` is what separates the values
    of CSV, empty for a worksheet.
    """

    title: str
    delimiter: str
    rows: list[CsvRow]


def read_sheets(file: Path) -> list[Sheet]:
    """The sheets of a file: one of a CSV file, all worksheets of a workbook.

    Raises ``UserError`` for a file that is neither, and ``OSError`` where it cannot be read.
    """
    if file.suffix.lower() == WORKBOOK:
        return list(_worksheets(file))
    text = read_text(file, MAX_BYTES)
    delimiter = delimiter_of(text)
    rows = [_printable(row) for row in csv_rows(str(file), text, delimiter)]
    return [Sheet("", delimiter, rows)]


def _worksheets(file: Path) -> Iterator[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook

    _check_size(file)
    try:
        book = CalamineWorkbook.from_path(file)
        for name in book.sheet_names:
            yield Sheet(printable(name), "", _rows(f"{file}: {name}", book.get_sheet_by_name(name)))
    except CalamineError as error:
        raise UserError(f"{file}: is no workbook that can be read: {error}") from None


def _check_size(file: Path) -> None:
    """Raise ``UserError`` for a file that is no workbook, or too large a one."""
    try:
        with ZipFile(file) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
    except BadZipFile:
        raise UserError(f"{file}: is no workbook; save it as .xlsx, or as .csv") from None
    if file.stat().st_size > MAX_BYTES or unpacked > MAX_UNPACKED_BYTES:
        raise UserError(f"{file}: is larger than {MAX_BYTES:,} bytes; give a smaller file")


def _rows(name: str, sheet: "CalamineSheet") -> list[CsvRow]:
    if sheet.total_height * sheet.total_width > MAX_CELLS:
        raise UserError(f"{name}: has more than {MAX_CELLS:,} cells; give a smaller sheet")
    rows = (
        CsvRow(name, line, [_text(value) for value in values])
        for line, values in enumerate(sheet.to_python(skip_empty_area=False), 1)
    )
    return [_printable(row) for row in rows if any(row.values)]


def _text(value: object) -> str:
    """The text of a cell. Numbers have no decimals that they do not need."""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(value).strip()


def _printable(row: CsvRow) -> CsvRow:
    return row._replace(values=[*map(printable, row.values)])
