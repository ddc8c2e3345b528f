"""A worksheet, ready for A4: one page wide, its rows as high as their texts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet as Paper

from hoso.projections.documents.model import Bilingual, Document, Language
from hoso.tools.output import layout, wording
from hoso.tools.output.wording import RECIPIENTS
from hoso.tools.output.xlsx.cells import (
    ISSUER,
    LEAD,
    NOTE,
    PERIOD,
    SIGNATURE,
    SIZE,
    TITLE,
    Formats,
    write_text,
)

NAME: Final = 31  # the longest, in characters
FORBIDDEN: Final = str.maketrans("[]:*?/\\", "()-----")
LINE: Final = 15.0  # a line's height in points, at SIZE
HIGHEST: Final = 409.0  # the greatest height of a row, in points
A4: Final = 9
MARGINS: Final = {"left": 0.4, "right": 0.4, "top": 0.5, "bottom": 0.6}
PAGE_WIDTH: Final = 784.0  # in points, within the margins, landscape
PAGE_HEIGHT: Final = 516.0
CHARACTER: Final = 5.25  # in points
PADDING: Final = 3.75  # of a column
SQUEEZED: Final = 1.25  # so many pages are made one
SPACE_TO_SIGN: Final = 3  # in rows
PAGE: Final = Bilingual("Trang", "Page")


class Worksheet:
    """A worksheet; ``paper`` is XlsxWriter's."""

    def __init__(
        self, formats: Formats, document: Document, language: Language, title: Bilingual
    ) -> None:
        number = f"{len(formats.book.worksheets()) + 1}. "
        self.paper: Paper = formats.book.add_worksheet(_name(number, title.to(language)))
        self.formats = formats
        self.document = document
        self.language: Language = language
        self._heights: dict[int, float] = {}
        self._width = 0.0
        self._page()

    def _page(self) -> None:
        self.paper.set_paper(A4)
        self.paper.set_landscape()
        self.paper.fit_to_pages(1, 0)
        self.paper.set_margins(**MARGINS)
        self.paper.center_horizontally()
        self.paper.hide_gridlines(2)
        period = self._period()
        self.paper.set_footer(f"&L&8{period}&R&8{PAGE.to(self.language)} &P/&N")

    def _period(self) -> str:
        return wording.period(self.document.window, self.language, self.document.until)

    def set_widths(self, left: int, widths: Sequence[float]) -> None:
        """Give columns their widths, in characters."""
        for column, width in enumerate(widths, left):
            self.paper.set_column(column, column, width)
        self._width += sum(PADDING + CHARACTER * width for width in widths)

    def heighten(self, row: int, lines: float, size: float = SIZE) -> None:
        """Make a row at least as high as some lines of text."""
        needed = min(lines * LINE * size / SIZE, HIGHEST)
        if needed > self._heights.get(row, LINE):
            self._heights[row] = needed
            self.paper.set_row(row, needed)

    def span(
        self, row: int, column: int, rows: int, columns: int, text: str, shown: Format
    ) -> None:
        """Write a text into one cell, or over several that become one."""
        if rows > 1 or columns > 1:
            last = row + rows - 1, column + columns - 1
            self.paper.merge_range(row, column, *last, "", shown)
        write_text(self.paper, row, column, text, shown)

    def write_lines(
        self,
        top: int,
        left: int,
        widths: Sequence[float],
        texts: Iterable[str],
        look: Mapping[str, Any],
    ) -> int:
        """Write texts one under another over some columns. Returns the row after them."""
        shown, size = self.formats.of(**look, text_wrap=True), look.get("font_size", SIZE)
        for row, text in enumerate(texts, top):
            lines = layout.lines(text, sum(widths) * SIZE / size)
            self.heighten(row, lines + 0.15, size)
            self.span(row, left, 1, len(widths), text, shown)
            top = row + 1
        return top

    def write_titles(self, widths: Sequence[float]) -> int:
        """Write who issues the document, the title, the period and the lead. Returns the row after
        them and a blank one."""
        period, lead = self._period(), self.document.lead
        head = self.document.letterhead
        top = self.write_lines(0, 0, widths, head.issuer() if head else [], ISSUER)
        top = self.write_lines(top, 0, widths, [self.document.title.to(self.language)], TITLE)
        top = self.write_lines(top, 0, widths, [period] if period else [], PERIOD)
        return self.write_lines(top, 0, widths, [lead.to(self.language)] if lead else [], LEAD) + 1

    def write_signature(self, top: int, widths: Sequence[float]) -> int:
        """Write who signs and who gets the document, if an office is named, under a blank row.
        Returns the row after them."""
        head = self.document.letterhead
        if head is None:
            return top
        top = self.write_lines(top + 1, 0, widths, head.signature(), SIGNATURE)
        name = [head.signatory] if head.signatory else []
        top = self.write_lines(top + SPACE_TO_SIGN, 0, widths, name, SIGNATURE)
        titles = [RECIPIENTS.to(self.language)] if head.recipients else []
        recipients = [*titles, *(f"- {each}" for each in head.recipients)]
        return self.write_lines(top, 0, widths, recipients, NOTE)

    def fit(self, bottom: int) -> None:
        """Print the rows above ``bottom`` on one page where they need little more."""
        pages = self._height(bottom) * min(1, PAGE_WIDTH / self._width) / PAGE_HEIGHT
        if 1 < pages <= SQUEEZED:
            self.paper.fit_to_pages(1, 1)

    def _height(self, bottom: int) -> float:
        return sum(self._heights.get(row, LINE) for row in range(bottom))


def _name(number: str, title: str) -> str:
    """A worksheet's name: its title, or the part before a colon, or the first words."""
    room = NAME - len(number)
    if len(title) > room:
        title = title.partition(":")[0]
    if len(title) > room:
        title = title[: room - 1].rpartition(" ")[0] + "…"
    return number + title.translate(FORBIDDEN).strip("' ")
