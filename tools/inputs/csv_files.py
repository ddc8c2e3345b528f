"""Reads CSV files that people write or that spreadsheets save: headings, and rows with their lines.

Values are separated by commas, or by semicolons where the first line has one: a spreadsheet that is
set to Vietnamese saves those. Blank rows are left out, and values have no blanks around them.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final, NamedTuple

from hoso.domain.errors import UserError

MAX_BYTES: Final = 50_000_000


class CsvRow(NamedTuple):
    """The values of a row; the name of its file, and the line on which it ends."""

    name: str
    line: int
    values: list[str]

    def fault(self, text: str) -> UserError:
        """An error that says where the row is, and what is wrong with it."""
        return UserError(f"{self.name}:{self.line}: {text}")


class CsvTable(NamedTuple):
    """The headings of a file (none, where it is blank), the rows below them, and what separates
    values."""

    headings: CsvRow
    rows: Iterator[CsvRow]
    delimiter: str


def csv_table(name: str, text: str) -> CsvTable:
    """The table in the text of a file. The rows are read as they are taken.

    Taking a row raises ``UserError`` if it has more or fewer values than there are headings, or if
    it is no CSV.
    """
    first = next(filter(str.strip, text.splitlines()), "")
    delimiter = ";" if ";" in first else ","
    rows = _rows(name, text, delimiter)
    headings = next(rows, CsvRow(name, 1, []))
    return CsvTable(headings, (_checked(headings, row) for row in rows), delimiter)


def _rows(name: str, text: str, delimiter: str) -> Iterator[CsvRow]:
    """The rows of a text that are not blank."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            values = [value.strip() for value in row]
            if any(values):
                yield CsvRow(name, reader.line_num, values)
    except csv.Error as error:
        raise UserError(f"{name}:{reader.line_num}: {error}") from None


def _checked(headings: CsvRow, row: CsvRow) -> CsvRow:
    wanted, given = len(headings.values), len(row.values)
    if wanted != given:
        raise row.fault(f"the headings are {wanted}, the values {given}: write one for each")
    return row
