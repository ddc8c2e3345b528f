"""How do a report's tables look as CSV? RFC 4180, with the mark that tells spreadsheets of UTF-8.

Each heading is on one line, and names the whole of its percentages; where a column has shares of
several, the column after it does, row by row. Charts are left out: they show what tables tell.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from hoso.projections.documents import model
from hoso.projections.documents.model import (
    NO_DATA,
    Bilingual,
    Column,
    Document,
    Language,
    Percentage,
    Place,
    Rounding,
    Row,
    Table,
    Value,
)
from hoso.tools.output import wording
from hoso.tools.output.wording import PercentMarks

FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PERCENT_OF: Final = Bilingual("% của", "% of")


def printed(report: Document, language: Language) -> bytes:
    """A report's tables; where there are several, each under its title and after a blank line."""
    out = io.StringIO()
    writer = csv.writer(out)
    tables = [*report.tables()]
    for place, table in enumerate(tables):
        if place:
            writer.writerow([])
        if len(tables) > 1:
            writer.writerow([harmless(table.title.to(language))])
        writer.writerows(_lines(table, report.rounding, language))
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def _lines(table: Table, rounding: Rounding, language: Language) -> Iterator[list[str]]:
    known, shares = model.values(table, rounding), wording.shares(table)
    mixed = _mixed(table, shares)
    yield [*_headings(table, shares, mixed, rounding, language)]
    for row in table.rows:
        yield [*_fields(row, table, known, mixed, language)]


def _mixed(table: Table, shares: PercentMarks) -> frozenset[str]:
    found = {
        column
        for row in table.rows
        for column, cell in row.cells.items()
        if isinstance(cell, Percentage) and column not in shares.of_column
    }
    return frozenset(found)


def _headings(
    table: Table,
    shares: PercentMarks,
    mixed: frozenset[str],
    rounding: Rounding,
    language: Language,
) -> Iterator[str]:
    for column in table.columns:
        yield harmless(_heading(column, shares, rounding, language))
        if column.key in mixed:
            yield harmless(f"{wording.heading(column, language)}: {PERCENT_OF.to(language)}")


def _heading(column: Column, shares: PercentMarks, rounding: Rounding, language: Language) -> str:
    said = wording.heading(column, language)
    if column.kind not in ("percent", "points"):
        return said
    how = [wording.rounded(rounding, language)]
    if (whole := shares.of_column.get(column.key)) is not None:
        how.insert(0, f"{PERCENT_OF.to(language)} {whole.to(language)}")
    return f"{said} ({'; '.join(how)})"


def _fields(
    row: Row,
    table: Table,
    known: Mapping[Place, Value],
    mixed: frozenset[str],
    language: Language,
) -> Iterator[str]:
    for column in table.columns:
        cell = row.cells.get(column.key)
        yield "" if cell is None else _plain(known[Place(row.key, column.key)], language)
        if column.key in mixed:
            yield harmless(cell.of.to(language)) if isinstance(cell, Percentage) else ""


def _plain(value: Value, language: Language) -> str:
    match value:
        case None:
            return NO_DATA
        case int() | Decimal():
            return str(value)
        case text:
            return harmless(wording.text(text, language))
