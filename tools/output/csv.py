"""CSV: RFC 4180, UTF-8 with a byte order mark, and no cell that a spreadsheet takes for a formula.

If a document has records for programs, these records are written. Otherwise its tables are written
as people see them, and then what they are based on. A heading is one line, and names the
denominator of its percentages. If the rows of a column have different denominators, a further
column names that of each row. Charts are left out.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from hoso.projections.documents.model import (
    NO_DATA,
    Bilingual,
    Column,
    Document,
    Language,
    Percentage,
    Records,
    Rounding,
    Row,
    Table,
    Value,
    Values,
)
from hoso.tools.output import wording
from hoso.tools.output.wording import PercentMarks
from hoso.tools.runtime.printable import printable_lines

BYTE_ORDER_MARK: Final = "\ufeff"  # without it, spreadsheets take UTF-8 for something else
BLOCK_LINES: Final = 1_000  # that are written at once
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PERCENT_OF: Final = Bilingual("% của", "% of")


def printed(document: Document, language: Language) -> Iterator[bytes]:
    """The records of a document, or its tables.

    Several tables stand under their titles, with a blank line between them. Below a report's tables
    and another blank line stands its basis, a name and a text on each line.
    """
    if document.data is not None:
        return written(_records(document.data.records, language))
    return written(_tables(document, language))


def written(lines: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """Lines of fields as a CSV file. None is an empty field."""
    yield BYTE_ORDER_MARK.encode()
    remaining = iter(lines)
    while block := [*islice(remaining, BLOCK_LINES)]:
        out = io.StringIO()
        csv.writer(out).writerows(map(_field, line) for line in block)
        yield out.getvalue().encode()


def keyed(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Rows that have the same keys as a CSV file; the keys are its first line."""
    lines = list(rows)
    return written([lines[0], *(line.values() for line in lines)])


def _field(value: Any) -> Any:
    match value:
        case str():
            return harmless(value)
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case _:
            return value


def harmless(text: str) -> str:
    """A text that can be printed, and that no spreadsheet takes for a formula: what looks like one
    gets an apostrophe."""
    return printable_lines(f"'{text}" if text.startswith(FORMULAS) else text)


def _records(records: Records, language: Language) -> Iterator[list[Any]]:
    yield [wording.text(name, language) for name in records.columns]
    for row in records.rows:
        yield [field.to(language) if isinstance(field, Bilingual) else field for field in row]


def _tables(document: Document, language: Language) -> Iterator[list[str | int | Decimal]]:
    tables = [*document.tables()]
    for place, table in enumerate(tables):
        if place:
            yield []
        if len(tables) > 1:
            yield [table.title.to(language)]
        yield from _lines(table, document.rounding, language)
    if document.about:
        yield []
        yield from map(list, wording.about(document, language))


def _lines(
    table: Table, rounding: Rounding, language: Language
) -> Iterator[list[str | int | Decimal]]:
    values, shares = Values(table, rounding), wording.shares(table)
    mixed = _mixed(table, shares)
    yield [*_headings(table, shares, mixed, rounding, language)]
    for row in table.rows:
        yield [*_fields(row, table, values, mixed, language)]


def _mixed(table: Table, shares: PercentMarks) -> frozenset[str]:
    """The columns that have shares of several wholes."""
    if not shares.marks:
        return frozenset()
    return frozenset(
        column
        for row in table.rows
        for column, cell in row.cells.items()
        if isinstance(cell, Percentage) and column not in shares.of_column
    )


def _headings(
    table: Table,
    shares: PercentMarks,
    mixed: frozenset[str],
    rounding: Rounding,
    language: Language,
) -> Iterator[str]:
    for column in table.columns:
        yield _heading(column, shares, rounding, language)
        if column.key in mixed:
            yield f"{wording.heading(column, language)}: {PERCENT_OF.to(language)}"


def _heading(column: Column, shares: PercentMarks, rounding: Rounding, language: Language) -> str:
    heading = wording.heading(column, language)
    if column.kind not in ("percent", "points"):
        return heading
    how = [wording.rounded(rounding, language)]
    if (whole := shares.of_column.get(column.key)) is not None:
        how.insert(0, f"{PERCENT_OF.to(language)} {whole.to(language)}")
    return f"{heading} ({'; '.join(how)})"


def _fields(
    row: Row,
    table: Table,
    values: Values,
    mixed: frozenset[str],
    language: Language,
) -> Iterator[str | int | Decimal]:
    for column in table.columns:
        cell = row.cells.get(column.key)
        yield "" if cell is None else _plain(values.of(row.key, column.key, cell), language)
        if column.key in mixed:
            yield cell.of.to(language) if isinstance(cell, Percentage) else ""


def _plain(value: Value, language: Language) -> str | int | Decimal:
    match value:
        case None:
            return NO_DATA
        case int() | Decimal():
            return value
        case date():
            return value.isoformat()
        case text:
            return wording.text(text, language)
