"""Which rows has a table in a CSV file? Its numbers as they are written.

A file of semicolons is one of a spreadsheet that is set to Vietnamese: it may write 99,04.
"""

import csv
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from hoso.domain.errors import UserError
from hoso.projections.audit.published import SHOWN_CHARS, TableRow, printed_number
from hoso.projections.audit.tables import comparable_key
from hoso.tools.runtime.printable import printable as readable

MOST_BYTES: Final = 10_000_000
NUMBER: Final = {
    ".": re.compile(r"-?\d+(\.\d+)?", re.ASCII),
    ",": re.compile(r"-?\d+(,\d+)?", re.ASCII),
}
NOTHING: Final = ("", "-", "–")  # how tables say that there is no data


class CsvRow(NamedTuple):
    """The cells of a row, and where it stands."""

    file: Path
    number: int
    values: list[str]

    def wrong(self, fault: str) -> UserError:
        """What is wrong with it."""
        return UserError(f"{self.file}:{self.number}: {fault}")


def rows(file: Path, key: str | None, columns: Sequence[str]) -> list[TableRow]:
    """The rows of a file: their numbers in some columns, and the text that tells them apart, in the
    column ``key`` or else in the first that does. Raises ``UserError`` for the first that is none."""
    text = text_of(file, MOST_BYTES)
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    heading, *lines = _lines(file, text, delimiter)
    places = {name: _place(heading, name) for name in columns}
    commas = any("," in line.values[i] for line in lines for i in places.values())
    mark = "," if commas and delimiter == ";" else "."
    told_by = _telling(lines, mark) if key is None else _place(heading, key)
    found = [
        TableRow(
            str(line.number) if told_by is None else line.values[told_by],
            {name: _number(line, name, line.values[i], mark) for name, i in places.items()},
        )
        for line in lines
    ]
    if key is not None:
        _check_keys(lines, [row.label for row in found])
    return found


def text_of(file: Path, most: int) -> str:
    """The text of a file. Raises ``UserError`` where it is none, or larger than ``most`` bytes."""
    with file.open("rb") as opened:
        raw = opened.read(most + 1)
    if len(raw) > most:
        raise UserError(f"{file}: is larger than {most:,} bytes, which no published report is")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{file}: is no text in UTF-8; save it as such") from None


def _lines(file: Path, text: str, delimiter: str) -> list[CsvRow]:
    """The rows that are not blank, the heading first."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    found: list[CsvRow] = []
    try:
        for row in reader:
            line = CsvRow(file, reader.line_num, [readable(value.strip()) for value in row])
            if any(line.values):
                _check_width(found[0] if found else line, line)
                found.append(line)
    except csv.Error as error:
        raise UserError(f"{file}:{reader.line_num}: {error}") from None
    if len(found) < 2:
        raise UserError(f"{file}: has no rows; write headings, and a row for each agency")
    return found


def _check_width(heading: CsvRow, line: CsvRow) -> None:
    names, values = len(heading.values), len(line.values)
    if names != values:
        raise line.wrong(f"the headings are {names}, the values {values}: write one for each")


def _place(heading: CsvRow, name: str) -> int:
    there = heading.values.count(name)
    if there > 1:
        raise heading.wrong(f"column {name[:SHOWN_CHARS]!r} stands there {there} times: leave one")
    if not there:
        known = ", ".join(heading.values)[:200]
        raise heading.wrong(f"no column {name[:SHOWN_CHARS]!r}: use {known}")
    return heading.values.index(name)


def _telling(lines: Sequence[CsvRow], mark: str) -> int | None:
    """The first column whose texts tell all rows apart."""
    for i in range(len(lines[0].values)):
        texts = {line.values[i] for line in lines}
        if len(texts) == len(lines) and not any(map(NUMBER[mark].fullmatch, texts)):
            return i
    return None


def _number(line: CsvRow, name: str, said: str, mark: str) -> Decimal | None:
    if said in NOTHING:
        return None
    try:
        if NUMBER[mark].fullmatch(said):
            return printed_number(Decimal(said.replace(mark, ".")))
        example = f"12622 or 99{mark}04"
        raise ValueError(f"{said[:SHOWN_CHARS]!r} is no number: write digits, as in {example}")
    except ValueError as error:
        raise line.wrong(f"column {name[:SHOWN_CHARS]!r}: {error}") from None


def _check_keys(lines: Sequence[CsvRow], labels: Sequence[str]) -> None:
    seen: dict[str, int] = {}
    for line, label in zip(lines, labels, strict=True):
        first = seen.setdefault(comparable_key(label), line.number)
        if first != line.number:
            fault = (
                f"{label[:SHOWN_CHARS]!r} is on line {first} already: a key must tell rows apart"
            )
            raise line.wrong(fault)
