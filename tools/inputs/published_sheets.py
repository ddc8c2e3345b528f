"""Reads the sheets of a published report: a CSV file, or the worksheets of a workbook.

Every table of a report is read from rows of texts, whichever kind of file it is in. A number in a
workbook becomes the text that CSV has for it: 1234, 15.98.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from warnings import catch_warnings, simplefilter
from zipfile import BadZipFile, ZipFile

from hoso.domain.errors import UserError
from hoso.tools.inputs.csv_files import CsvRow, csv_rows, delimiter_of
from hoso.tools.inputs.text_files import read_text
from hoso.tools.runtime.printable import printable

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MAX_BYTES: Final = 10_000_000
MAX_UNPACKED_BYTES: Final = 200_000_000
MAX_ROWS: Final = 50_000  # of one worksheet
MAX_COLUMNS: Final = 500
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
    from openpyxl import load_workbook

    _check_size(file)
    with catch_warnings():  # about styles, which nobody reads here
        simplefilter("ignore")
        try:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            for sheet in book.worksheets:
                rows = list(_rows(f"{file}: {sheet.title}", sheet))
                yield Sheet(printable(sheet.title), "", rows)
        except UserError:
            raise
        except Exception as error:  # openpyxl raises anything where a workbook is damaged
            kind = type(error).__name__
            raise UserError(f"{file}: is a damaged workbook ({kind}); save it again") from None


def _check_size(file: Path) -> None:
    """Raise ``UserError`` for a file that is no workbook, or too large a one."""
    try:
        with ZipFile(file) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
    except BadZipFile:
        raise UserError(f"{file}: is no workbook; save it as .xlsx, or as .csv") from None
    if file.stat().st_size > MAX_BYTES or unpacked > MAX_UNPACKED_BYTES:
        raise UserError(f"{file}: is larger than {MAX_BYTES:,} bytes; give a smaller file")


def _rows(name: str, sheet: "ReadOnlyWorksheet") -> Iterator[CsvRow]:
    """The rows of a worksheet that are not blank. Its own word on its size is not trusted."""
    sheet.reset_dimensions()
    last = {"max_row": MAX_ROWS + 1, "max_col": MAX_COLUMNS + 1}
    cells: Iterator[tuple[object, ...]] = sheet.iter_rows(**last, values_only=True)  # type: ignore
    for line, values in enumerate(cells, 1):
        texts = [_text(value) for value in values]
        if line > MAX_ROWS or any(texts[MAX_COLUMNS:]):
            raise UserError(
                f"{name}: has cells beyond {MAX_ROWS:,} rows and {MAX_COLUMNS} columns; delete them"
            )
        if any(texts):
            yield CsvRow(name, line, [*map(printable, texts)])


def _text(value: object) -> str:
    """The text of a cell. Numbers have no decimals that they do not need."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(value).strip()


def _printable(row: CsvRow) -> CsvRow:
    return row._replace(values=[*map(printable, row.values)])
