"""Formats and texts of spreadsheet cells."""

from collections.abc import Mapping
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from hoso.projections.documents.model import Language
from hoso.tools.runtime.printable import printable_lines

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
    "notice": {"bg_color": "#FFF3D1"},
}
TITLE: Final = {"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"}
PERIOD: Final = {"italic": True, "align": "center", "valign": "vcenter"}
LEAD: Final = {"align": "center", "valign": "vcenter"}
ISSUER: Final = {"bold": True, "valign": "vcenter"}
SIGNATURE: Final = {"bold": True, "align": "right", "valign": "vcenter"}
TABLE_TITLE: Final = {"bold": True, "font_size": 12, "valign": "vcenter"}
NOTE: Final = {"italic": True, "font_size": 10, "valign": "top"}
LOCALES: Final = {"vi": "[$-42A]", "en": "[$-409]"}  # without one, separators are the reader's own
DAYS: Final = {"vi": "dd/mm/yyyy", "en": "yyyy-mm-dd"}
TEXT_CHARACTERS: Final = 32_767  # the most that a cell holds


class Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook, language: Language) -> None:
        self.book = book
        self._language = language
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def of(self, **properties: Any) -> Format:
        """The format with some properties."""
        key = tuple(properties.items())
        if key not in self._made:
            self._made[key] = self.book.add_format(properties)
        return self._made[key]

    def numbers(self, places: int, after: str = "", *, signed: bool = False) -> str:
        """The pattern of numbers with so many decimals: 12.622, 99,04 (a) or +3 %."""
        locale = LOCALES[self._language]
        digits = f"#,##0{'.' if places else ''}{'0' * places}"
        digits += f'" {after}"'.replace('""', "'") if after else ""
        if not signed:
            return f"{locale}{digits}"
        return f"{locale}+{digits};{locale}-{digits};{locale}{digits}"


def write_text(sheet: Worksheet, row: int, column: int, text: str, shown: Format) -> None:
    """Write a text as text, whatever it looks like, up to what a cell holds."""
    text = printable_lines(text)
    text = text if len(text) <= TEXT_CHARACTERS else f"{text[: TEXT_CHARACTERS - 1]}…"
    if text.startswith("<r>") and text.endswith("</r>"):  # XlsxWriter would take it for markup
        sheet.write_rich_string(row, column, *text[:2], text[2:], shown)
    else:
        sheet.write_string(row, column, text, shown)
