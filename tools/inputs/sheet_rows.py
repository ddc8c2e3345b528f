"""What a row of a spreadsheet is, of whichever kind, and how many columns are read."""

from typing import Final, NamedTuple

from hoso.consumers.intake.registers.cells import Cell

MAX_COLUMNS: Final = 500
MAX_ROWS: Final = 1_048_576  # of one sheet
SAVE_AS: Final = "open it in Excel or LibreOffice and save it as .xlsx"


class SheetRow(NamedTuple):
    """A row: the name of its sheet (empty for CSV), its number there, whether it is hidden, and its
    cells from the first column on."""

    sheet: str
    number: int
    hidden: bool
    cells: list[Cell]
