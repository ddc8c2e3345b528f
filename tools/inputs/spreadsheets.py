"""Reads spreadsheets row by row: workbooks (.xlsx, .xlsm), OpenDocument (.ods) and CSV.

Rows are read as they are taken, so memory stays the same however long a sheet is. A merged cell has
its value in all of its cells. A formula has the value that was saved with it; one without a value
is ``UNCOMPUTED``. Hidden rows are read, and say so.

What kind of file it is, its bytes say, not its name. Macros never run, because nothing runs.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import BadZipFile, ZipFile

from hoso.consumers.intake.foreign import what_it_seems
from hoso.consumers.intake.registers.cells import EPOCH_1900, Cell
from hoso.domain.errors import UserError
from hoso.tools.inputs.csv_files import csv_rows
from hoso.tools.inputs.sheet_rows import MAX_COLUMNS, SAVE_AS, SheetRow
from hoso.tools.inputs.text_files import read_text

MAX_BYTES: Final = 300_000_000
MAX_UNPACKED_BYTES: Final = 1_500_000_000
MAX_TEXTS_BYTES: Final = 300_000_000  # of the table of texts that the cells of a workbook share
LOOKED_AT_BYTES: Final = 65_536
SEPARATORS: Final = (";", "\t", ",")
HEADING_LINES: Final = 20
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
ZIP: Final = b"PK\x03\x04"
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


class Spreadsheet(NamedTuple):
    """The rows of all sheets of a file, one sheet after another, and day 0 of its numbers."""

    epoch: date
    rows: Iterator[SheetRow]


def open_spreadsheet(file: Path) -> Spreadsheet:
    """The rows of a spreadsheet. They can be taken once.

    Raises ``UserError`` for a file that is none, that is damaged, protected by a password or too
    large; so does taking a row. Raises ``OSError`` if the file cannot be read.
    """
    with file.open("rb") as opened:
        start = opened.read(LOOKED_AT_BYTES)
        size_bytes = opened.seek(0, 2)
    if size_bytes > MAX_BYTES:
        raise UserError(f"{file}: is larger than {MAX_BYTES:,} bytes; give a smaller file")
    if not start.strip():
        raise UserError(f"{file}: is empty")
    if start.startswith(OLD_EXCEL):
        _refuse_old(file)
    if start.startswith(ZIP):
        return _packed(file)
    seems = what_it_seems(start)
    if seems is not None and "CSV" not in seems and not seems.endswith("a text"):
        raise UserError(f"{file}: is no spreadsheet, but seems to be {seems}; {SAVE_AS}")
    return Spreadsheet(EPOCH_1900, _of_csv(file))


def _refuse_old(file: Path) -> None:
    if ENCRYPTED in file.read_bytes():
        raise UserError(f"{file}: is protected by a password; save it without one")
    raise UserError(f"{file}: is in the old format of Excel (.xls); {SAVE_AS}")


def _packed(file: Path) -> Spreadsheet:
    """The rows of a workbook, or of an OpenDocument spreadsheet."""
    try:
        with ZipFile(file) as packed:
            sizes = {each.filename: each.file_size for each in packed.infolist()}
            kind = packed.read("mimetype")[:100] if "mimetype" in sizes else b""
    except (BadZipFile, OSError, RuntimeError, NotImplementedError):
        raise UserError(f"{file}: is damaged; save it again") from None
    texts = sizes.get("xl/sharedStrings.xml", 0)
    if sum(sizes.values()) > MAX_UNPACKED_BYTES or texts > MAX_TEXTS_BYTES:
        raise UserError(f"{file}: is too large when unpacked; give a smaller file")
    if b"opendocument.spreadsheet" in kind:
        from hoso.tools.inputs.ods_rows import ods_rows

        return Spreadsheet(EPOCH_1900, ods_rows(file))
    if "xl/workbook.xml" in sizes:
        from hoso.tools.inputs.xlsx_rows import open_xlsx

        return Spreadsheet(*open_xlsx(file))
    raise UserError(f"{file}: is no spreadsheet that can be read; {SAVE_AS}")


def _of_csv(file: Path) -> Iterator[SheetRow]:
    text = read_text(file, MAX_BYTES)
    for row in csv_rows(str(file), text, _separator(text.splitlines()[:HEADING_LINES])):
        cells: list[Cell] = [*row.values[:MAX_COLUMNS]]
        yield SheetRow("", row.line, False, cells)


def _separator(lines: Sequence[str]) -> str:
    """What separates the values of some lines: what is in them most often."""
    return max(SEPARATORS, key=lambda separator: sum(line.count(separator) for line in lines))
