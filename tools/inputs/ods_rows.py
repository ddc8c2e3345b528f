"""Reads the rows of an OpenDocument spreadsheet (.ods), as they are taken.

Comments of cells are not read. A cell or a row that the file repeats is repeated; blank ones at the
end, of which spreadsheets have a million, are not.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError, iterparse
from zipfile import BadZipFile, ZipFile

from hoso.consumers.intake.registers.cells import UNCOMPUTED, Cell
from hoso.domain.errors import UserError
from hoso.tools.inputs.sheet_rows import MAX_COLUMNS, MAX_ROWS, SAVE_AS, SheetRow

OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
NUMBERS: Final = ("float", "percentage", "currency")
CELLS: Final = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
HIDDEN: Final = ("collapse", "filter")
PROTECTED: Final = b"encryption-data"

Span = tuple[int, int, int, Cell]  # the last row, the first and the last column, the value


def ods_rows(file: Path) -> Iterator[SheetRow]:
    """The rows of all sheets of a file. Taking one raises ``UserError`` if the file is damaged or
    protected by a password."""
    try:
        with ZipFile(file) as packed:
            if PROTECTED in packed.read("META-INF/manifest.xml"):
                raise UserError(f"{file}: is protected by a password; save it without one")
            with packed.open("content.xml") as xml:
                title, number, spans = "", 0, list[Span]()
                for what, element in iterparse(xml, ("start", "end")):
                    if what == "start" and element.tag == f"{TABLE}table":
                        title, number, spans = element.get(f"{TABLE}name", ""), 0, []
                    elif what == "end" and element.tag == f"{TABLE}table-row":
                        yield from _repeated(title, number, element, spans)
                        number += _count(element, "rows")
                        element.clear()
                    elif what == "end" and element.tag == f"{TABLE}table":
                        element.clear()
    except (BadZipFile, ParseError, KeyError, ValueError, RuntimeError, EOFError) as error:
        kind = type(error).__name__
        raise UserError(f"{file}: is a damaged spreadsheet ({kind}); {SAVE_AS}") from None


def _repeated(title: str, before: int, row: Element, spans: list[Span]) -> Iterator[SheetRow]:
    """A row as often as the file repeats it; nothing for a blank one. ``before`` is the number of
    the row before it."""
    cells = _cells(row, before + 1, spans)
    if any(cell is not None for cell in cells):
        hidden = row.get(f"{TABLE}visibility") in HIDDEN
        for number in range(before + 1, min(before + _count(row, "rows"), MAX_ROWS) + 1):
            yield SheetRow(title, number, hidden, cells)


def _cells(row: Element, number: int, spans: list[Span]) -> list[Cell]:
    cells: list[Cell] = []
    for element in row:
        if element.tag in CELLS and len(cells) < MAX_COLUMNS:
            value = _value(element)
            times = min(_count(element, "columns"), MAX_COLUMNS - len(cells))
            wide, high = (_spanned(element, each) for each in ("columns", "rows"))
            if value is not None and (wide > 1 or high > 1):
                first = len(cells)
                spans.append((number + high - 1, first, min(first + wide, MAX_COLUMNS) - 1, value))
            cells += [value] * times
    for _, first, last, value in spans:
        cells.extend([None] * (last + 1 - len(cells)))
        for column in range(first, last + 1):
            cells[column] = value if cells[column] is None else cells[column]
    spans[:] = [span for span in spans if span[0] > number]
    return cells


def _value(cell: Element) -> Cell:
    kind = cell.get(f"{OFFICE}value-type")
    if kind is None:
        return UNCOMPUTED if cell.get(f"{TABLE}formula") else None
    if kind in NUMBERS:
        return float(cell.get(f"{OFFICE}value", "nan"))
    if kind == "date":
        return datetime.fromisoformat(cell.get(f"{OFFICE}date-value", "")).replace(tzinfo=None)
    texts = ("".join(each.itertext()) for each in cell if each.tag == f"{TEXT}p")
    return "\n".join(texts) or None


def _count(element: Element, what: str) -> int:
    return max(1, int(element.get(f"{TABLE}number-{what}-repeated", "1")))


def _spanned(element: Element, what: str) -> int:
    return int(element.get(f"{TABLE}number-{what}-spanned", "1"))
