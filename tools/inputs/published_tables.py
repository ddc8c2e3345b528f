"""Reads the free tables of a published report, with their numbers as they are written.

The first row has the headings. A workbook has its table on the first worksheet.

A file with semicolons comes from a spreadsheet that is set to Vietnamese: it may write 99,04.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from hoso.domain.errors import UserError
from hoso.projections.audit.published import SHOWN_CHARS, TableRow, printed_number
from hoso.projections.audit.tables import comparable_key
from hoso.tools.inputs.csv_files import CsvRow, check_width
from hoso.tools.inputs.published_sheets import read_sheets

NUMBER: Final = {  # by the decimal mark
    ".": re.compile(r"-?\d+(\.\d+)?", re.ASCII),
    ",": re.compile(r"-?\d+(,\d+)?", re.ASCII),
}
NO_DATA: Final = ("", "-", "–")  # as tables write it


def read_rows(file: Path, key: str | None, columns: Sequence[str]) -> list[TableRow]:
    """The rows of a file: the numbers in some columns, and a label that identifies the row.

    The label is the text in the column ``key``; without a key, in the first column whose texts
    differ in all rows.

    Raises ``UserError`` for the first fault, and ``OSError`` where the file cannot be read.
    """
    sheet = read_sheets(file)[0]
    if len(sheet.rows) < 2:
        raise UserError(f"{file}: has no rows; write headings, and a row for each agency")
    headings, *lines = sheet.rows
    for line in lines:
        check_width(headings, line)
    indices = {name: _index(headings, name) for name in columns}
    commas = any("," in line.values[i] for line in lines for i in indices.values())
    mark = "," if commas and sheet.delimiter == ";" else "."
    labelled_by = _label_index(lines, mark) if key is None else _index(headings, key)
    found = [
        TableRow(
            str(line.line) if labelled_by is None else line.values[labelled_by],
            {name: _number(line, name, line.values[i], mark) for name, i in indices.items()},
        )
        for line in lines
    ]
    if key is not None:
        _check_keys(lines, [row.label for row in found])
    return found


def _index(headings: CsvRow, name: str) -> int:
    """The index of a column."""
    times = headings.values.count(name)
    if times > 1:
        raise headings.fault(f"column {name[:SHOWN_CHARS]!r} stands there {times} times: leave one")
    if not times:
        known = ", ".join(headings.values)[:200]
        raise headings.fault(f"no column {name[:SHOWN_CHARS]!r}: use {known}")
    return headings.values.index(name)


def _label_index(lines: Sequence[CsvRow], mark: str) -> int | None:
    """The index of the first column whose texts are no numbers and differ in all rows."""
    for i in range(len(lines[0].values)):
        texts = {line.values[i] for line in lines}
        if len(texts) == len(lines) and not any(map(NUMBER[mark].fullmatch, texts)):
            return i
    return None


def _number(line: CsvRow, name: str, text: str, mark: str) -> Decimal | None:
    if text in NO_DATA:
        return None
    try:
        if NUMBER[mark].fullmatch(text):
            return printed_number(Decimal(text.replace(mark, ".")))
        example = f"12622 or 99{mark}04"
        raise ValueError(f"{text[:SHOWN_CHARS]!r} is no number: write digits, as in {example}")
    except ValueError as error:
        raise line.fault(f"column {name[:SHOWN_CHARS]!r}: {error}") from None


def _check_keys(lines: Sequence[CsvRow], labels: Sequence[str]) -> None:
    """Raise ``UserError`` for the first row whose label an earlier row has."""
    seen: dict[str, int] = {}
    for line, label in zip(lines, labels, strict=True):
        first = seen.setdefault(comparable_key(label), line.line)
        if first != line.line:
            text = f"{label[:SHOWN_CHARS]!r} is on line {first} already: a key must tell rows apart"
            raise line.fault(text)
