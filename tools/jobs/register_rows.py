"""Reads a register from a spreadsheet: the facts of each dossier, and what is wrong, row by row."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Final, NamedTuple

from hoso.consumers.intake.registers.columns import (
    HEADING_ROWS,
    ColumnMap,
    check_headings,
    find_headings,
)
from hoso.consumers.intake.registers.rows import Facts, Fault, Reading, WrongRow, read_row
from hoso.domain.errors import UserError
from hoso.tools.inputs.sheet_rows import SheetRow
from hoso.tools.inputs.spreadsheets import open_spreadsheet
from hoso.tools.runtime.printable import printable
from hoso.tools.runtime.progress import with_progress

KEPT_WRONG: Final = 10_000  # wrong rows that are listed; all are counted


class WrongCells(NamedTuple):
    """A fault, and where it is: the sheet, the row, the column (A, B …; empty if there is none)."""

    sheet: str
    row: int
    column: str
    fault: Fault


class Place(NamedTuple):
    """Where a dossier stands in a register."""

    sheet: str
    row: int


class RegisterRows(NamedTuple):
    """What a spreadsheet has.

    ``facts`` are those of the rows that are right, with their places, ``wrong_codes`` the codes of
    those that are not. ``counted`` has the numbers of rows: ``read`` (of dossiers), ``wrong``,
    ``left_out``, ``hidden`` and ``repeated``. ``sheets`` are the sheets that were read, with the
    row of their headings, and ``skipped`` those without headings.
    """

    facts: list[tuple[Place, Facts]]
    wrong: list[WrongCells]
    wrong_codes: set[str]
    counted: Counter[str]
    sheets: list[Place]
    skipped: list[str]


def read_register(file: Path, wanted: ColumnMap, zone: tzinfo, seen: date) -> RegisterRows:
    """The register in a spreadsheet, as of the day ``seen``.

    Raises ``UserError`` for a file that is no spreadsheet, and if no sheet has the headings of
    ``wanted``; ``OSError`` if the file cannot be read.
    """
    found = RegisterRows([], [], set(), Counter(), [], [])
    book = open_spreadsheet(file)
    rows = with_progress(book.rows, None, "Reading")
    places: dict[str, tuple[Place, Facts]] = {}
    for sheet, of_sheet in groupby(rows, lambda row: row.sheet):
        remaining = iter(of_sheet)
        first = [*islice(remaining, HEADING_ROWS)]
        headings = find_headings([(row.number, row.cells) for row in first], wanted)
        if headings is None:
            found.skipped.append(printable(sheet))
            continue
        head = [r.cells for r in first if headings.first_row <= r.number <= headings.last_row]
        check_headings(f"{file}: {printable(sheet)}", head, wanted)
        found.sheets.append(Place(printable(sheet), headings.last_row))
        below = (r for r in chain(first, remaining) if r.number > headings.last_row)
        how = Reading(wanted, headings.columns, zone, book.epoch, seen)
        _read_sheet(found, places, below, how)
    if not found.sheets:
        code, received = (wanted.headings[field][0] for field in ("code", "received"))
        raise UserError(
            f"{file}: no row has the headings {code!r} and {received!r}: `hoso import FILE "
            "--suggest` writes a map of the columns that it has"
        )
    return found


def column_name(index: int) -> str:
    """The name of a column that is counted from 0: A, B, … Z, AA."""
    from openpyxl.utils.cell import get_column_letter  # here, as a CSV file needs no openpyxl

    return get_column_letter(index + 1)


def _read_sheet(
    found: RegisterRows,
    places: dict[str, tuple[Place, Facts]],
    rows: Iterable[SheetRow],
    how: Reading,
) -> None:
    """Add the rows of a sheet to what was found; ``places`` has the dossiers of all sheets."""
    for row in rows:
        place = Place(printable(row.sheet), row.number)
        try:
            facts = read_row(row.cells, how)
            if facts is None:
                found.counted["left_out"] += 1
                continue
            found.counted.update(read=1, hidden=row.hidden)
            before = places.setdefault(facts.code, (place, facts))
            if before[0] is place:
                found.facts.append(before)
            elif before[1] == facts:
                found.counted["repeated"] += 1
            else:
                where = f"{before[0].sheet} {before[0].row}".strip()
                raise WrongRow([Fault("code", "twice", where)])
        except WrongRow as wrong:
            found.counted["read"] += wrong.faults[0].fault != "twice"
            add_wrong(found, place, wrong, how.columns)


def add_wrong(
    found: RegisterRows, place: Place, wrong: WrongRow, columns: Mapping[str, int] | None = None
) -> None:
    """Add a wrong row to what was found."""
    found.counted["wrong"] += 1
    if wrong.code:
        found.wrong_codes.add(wrong.code)
    if len(found.wrong) < KEPT_WRONG:
        for fault in wrong.faults:
            index = (columns or {}).get(fault.field)
            name = "" if index is None else column_name(index)
            found.wrong.append(WrongCells(place.sheet, place.row, name, fault))
