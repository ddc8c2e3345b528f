"""Reads CSV files that people write or that spreadsheets save: headings, and rows with their lines.

Values are separated by commas, or by semicolons where the first line has one: a spreadsheet that is
set to Vietnamese saves those. Blank rows are left out, and values have no blanks around them.
"""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from typing import Final, NamedTuple

from hoso.domain.errors import UserError

MAX_BYTES: Final = 50_000_000
TOO_LONG: Final = (
    f"a value has over {csv.field_size_limit():,} characters; is a quotation mark missing?"
)
QUOTED: Final = re.compile(r'"[^"]*"')


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
    delimiter = delimiter_of(text)
    rows = csv_rows(name, text, delimiter)
    headings = next(rows, CsvRow(name, 1, []))
    return CsvTable(headings, (check_width(headings, row) for row in rows), delimiter)


def delimiter_of(text: str) -> str:
    """What separates the values of a text: a semicolon where the first line has one outside quotes.
    Where that line has a single value, such as a title, the first line with several decides."""
    unquoted = (QUOTED.sub("", line) for line in text.splitlines())
    first = next((line for line in unquoted if ";" in line or "," in line), "")
    return ";" if ";" in first else ","


def csv_rows(name: str, text: str, delimiter: str) -> Iterator[CsvRow]:
    """The rows of a text that are not blank. Taking one raises ``UserError`` if it is no CSV."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            values = [value.strip() for value in row]
            if any(values):
                yield CsvRow(name, reader.line_num, values)
    except csv.Error as error:
        fault = TOO_LONG if "field limit" in str(error) else error
        raise UserError(f"{name}:{reader.line_num}: {fault}") from None


def check_width(headings: CsvRow, row: CsvRow) -> CsvRow:
    """A row that has a value for each heading. Raises ``UserError`` for any other."""
    wanted, given = len(headings.values), len(row.values)
    if wanted != given:
        raise row.fault(f"the headings are {wanted}, the values {given}: write one for each")
    return row
