"""How is a cell of a spreadsheet written, and how does it look?"""

from collections.abc import Mapping
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from hoso.projections.documents.model import Language, Rounding

SIZE: Final = 11
FONT: Final = {"font_name": "Times New Roman", "font_size": SIZE}
LINED: Final = {"border": 1, "border_color": "#8A94A3", "valign": "vcenter"}
HEADING: Final[Mapping[str, Any]] = LINED | {
    "bold": True,
    "align": "center",
    "text_wrap": True,
    "bg_color": "#DDE5EF",
}
NUMBERING: Final = LINED | {"italic": True, "align": "center", "font_size": 9}
ROWS: Final[Mapping[str, dict[str, Any]]] = {
    "line": {},
    "group": {"bold": True, "bg_color": "#EEF2F7"},
    "total": {"bold": True, "bg_color": "#DDE5EF"},
}
TITLE: Final = {"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"}
PERIOD: Final = {"italic": True, "align": "center", "valign": "vcenter"}
TABLE_TITLE: Final = {"bold": True, "font_size": 12, "valign": "vcenter"}
NOTE: Final = {"italic": True, "font_size": 10, "valign": "top"}
LOCALES: Final = {"vi": "[$-42A]", "en": "[$-409]"}  # without one, separators are the reader's own
TEXT: Final = 32_767  # what a cell holds


class Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook, rounding: Rounding, language: Language) -> None:
        self.book = book
        self._rounding = rounding
        self._language = language
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def of(self, **properties: Any) -> Format:
        """The format with some properties."""
        key = tuple(properties.items())
        if key not in self._made:
            self._made[key] = self.book.add_format(properties)
        return self._made[key]

    def numbers(self, decimals: bool, mark: str = "") -> str:
        """How numbers are shown: 12.622, or 99,04 (a)."""
        places = self._rounding.places if decimals else 0
        shown = "#,##0" + (f".{'0' * places}" if places else "")
        return f"{LOCALES[self._language]}{shown}" + (f'" {mark}"' if mark else "")


def write_text(sheet: Worksheet, row: int, column: int, text: str, shown: Format) -> None:
    """Text as text, whatever it looks like, up to what a cell holds."""
    text = text if len(text) <= TEXT else f"{text[: TEXT - 1]}…"
    if text.startswith("<r>") and text.endswith("</r>"):  # XlsxWriter would take it for markup
        sheet.write_rich_string(row, column, *text[:2], text[2:], shown)
    else:
        sheet.write_string(row, column, text, shown)
