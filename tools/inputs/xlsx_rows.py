"""Reads the rows of a workbook (.xlsx, .xlsm) with openpyxl, as they are taken.

openpyxl reads row by row, but tells neither which cells are merged, which rows are hidden, nor
which formulas have no value. So each worksheet is looked through for these first.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from warnings import catch_warnings, simplefilter
from zipfile import ZipFile

from hoso.consumers.intake.registers.cells import EPOCH_1900, EPOCH_1904, UNCOMPUTED, Cell
from hoso.domain.errors import UserError
from hoso.tools.inputs.sheet_rows import MAX_COLUMNS, MAX_ROWS, SAVE_AS, SheetRow

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

PIECE_BYTES: Final = 4_000_000
MAX_MERGED: Final = 200_000
# Each part is bounded: no text makes the search take long.
MARKS: Final = re.compile(
    rb'<(?:\w{1,9}:)?row\b[^>]{0,200}?\br="(?P<row>\d{1,7})"[^>]{0,400}?\bhidden="(?:1|true)"'
    rb'|<(?:\w{1,9}:)?mergeCell\b[^>]{0,99}?\bref="(?P<from>[A-Z]{1,3}\d{1,7}):'
    rb'(?P<to>[A-Z]{1,3}\d{1,7})"'
    rb'|<(?:\w{1,9}:)?c\b[^>]{0,99}?\br="(?P<cell>[A-Z]{1,3}\d{1,7})"[^>]{0,99}>'
    rb"<(?:\w{1,9}:)?f\b(?:[^>]{0,400}/>|[^>]{0,400}>[^<]{0,9000}</(?:\w{1,9}:)?f>)\s{0,9}"
    rb"(?:<(?:\w{1,9}:)?v\s{0,9}/>|<(?:\w{1,9}:)?v></(?:\w{1,9}:)?v>)?\s{0,9}</(?:\w{1,9}:)?c>"
)


class Merged(NamedTuple):
    """A merged cell: the last row, the first and the last column that it has, counted from 1."""

    last_row: int
    first_column: int
    last_column: int


class Marks(NamedTuple):
    """What openpyxl does not tell of a worksheet: its hidden rows, the merged cells by their first
    row, and by row the columns of formulas that have no value."""

    hidden: set[int]
    merged: dict[int, list[Merged]]
    uncomputed: dict[int, list[int]]


def open_xlsx(file: Path) -> tuple[date, Iterator[SheetRow]]:
    """Day 0 of a workbook's numbers, and the rows of its worksheets. Raises ``UserError``."""
    from openpyxl import load_workbook

    with catch_warnings():  # about styles, which nobody reads here
        simplefilter("ignore")
        try:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # openpyxl raises anything where a workbook is damaged
            raise _damaged(file, error) from None
    is_1904 = book.epoch.year == EPOCH_1904.year
    return EPOCH_1904 if is_1904 else EPOCH_1900, _rows(file, book)


def _rows(file: Path, book: "Workbook") -> Iterator[SheetRow]:
    with ZipFile(file) as packed, catch_warnings():
        simplefilter("ignore")
        try:
            for sheet in book.worksheets:
                path: str = sheet._worksheet_path  # type: ignore
                yield from _filled(sheet, _marks(packed, path))
        except (UserError, GeneratorExit):
            raise
        except Exception as error:  # as above
            raise _damaged(file, error) from None
        finally:
            book.close()


def _damaged(file: Path, error: Exception) -> UserError:
    return UserError(f"{file}: is a damaged workbook ({type(error).__name__}); {SAVE_AS}")


def _filled(sheet: "ReadOnlyWorksheet", marks: Marks) -> Iterator[SheetRow]:
    """The rows of a worksheet that are not blank, as they are meant. Its own word on its size is
    not trusted."""
    sheet.reset_dimensions()
    rows: Iterator[tuple[Cell, ...]] = sheet.iter_rows(max_row=MAX_ROWS, values_only=True)  # type: ignore
    reaching: list[tuple[Merged, Cell]] = []  # merged cells that reach down into later rows
    for number, values in enumerate(rows, 1):
        has_marks = number in marks.merged or number in marks.uncomputed
        if not has_marks and not reaching:
            if any(value is not None for value in values):
                yield SheetRow(sheet.title, number, number in marks.hidden, [*values[:MAX_COLUMNS]])
            continue
        cells = [*values[:MAX_COLUMNS]]
        for column in marks.uncomputed.get(number, ()):
            _put(cells, column, UNCOMPUTED)
        new = (
            (each, cells[each.first_column - 1 : each.first_column])
            for each in marks.merged.get(number, ())
        )
        reaching += [(each, first[0]) for each, first in new if first and first[0] is not None]
        del reaching[MAX_COLUMNS:]  # true ones do not overlap
        for each, value in reaching:
            for column in range(each.first_column, each.last_column + 1):
                _put(cells, column, value)
        reaching = [(each, value) for each, value in reaching if each.last_row > number]
        if any(value is not None for value in cells):
            yield SheetRow(sheet.title, number, number in marks.hidden, cells)


def _put(cells: list[Cell], column: int, value: Cell) -> None:
    """Put a value into a cell that has none."""
    if column <= MAX_COLUMNS:
        cells.extend([None] * (column - len(cells)))
        if cells[column - 1] is None:
            cells[column - 1] = value


def _marks(packed: ZipFile, path: str) -> Marks:
    """What a worksheet has of hidden rows, merged cells and formulas without a value."""
    marks = Marks(set(), {}, {})
    number = 0
    with packed.open(path) as xml:
        rest = b""
        while piece := xml.read(PIECE_BYTES):
            text = rest + piece
            end = max(text.rfind(b"<row"), text.rfind(b":row "), 0)
            end = end if end > len(text) - PIECE_BYTES else len(text)
            number += _add_marks(marks, text[:end])
            rest = text[end:]
        number += _add_marks(marks, rest)
    if number > MAX_MERGED:
        marks.merged.clear()
    return marks


def _add_marks(marks: Marks, text: bytes) -> int:
    """Add the marks in a piece of a worksheet; returns how many merged cells it has."""
    from openpyxl.utils.cell import coordinate_to_tuple

    number = 0
    for match in MARKS.finditer(text):
        if match["row"]:
            marks.hidden.add(int(match["row"]))
        elif match["cell"]:
            row, column = coordinate_to_tuple(match["cell"].decode())
            marks.uncomputed.setdefault(row, []).append(column)
        else:
            number += 1
            first_row, first_column = coordinate_to_tuple(match["from"].decode())
            last_row, last_column = coordinate_to_tuple(match["to"].decode())
            merged = Merged(last_row, first_column, min(last_column, MAX_COLUMNS))
            marks.merged.setdefault(first_row, []).append(merged)
    return number
