"""A document as a letter (văn bản) to be signed and sent, in the form of NĐ 30/2020/NĐ-CP.

It has the letterhead, the sentences, the signature and the recipients, and then the tables as
annexes. What hoso cannot know is a marked blank: the number, the date, and what people judge.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document as File
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell as Side
from docx.text.paragraph import Paragraph

from hoso.projections.documents.model import (
    Bilingual,
    Document,
    Language,
    Letter,
    Table,
    Values,
    same,
)
from hoso.tools.output import wording
from hoso.tools.output.docx import annex, styles
from hoso.tools.output.docx.prose import Prose, Run
from hoso.tools.runtime.printable import printable, printable_lines

MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 (when a letter without a period says it was made)
ZIPPED: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP file can say
COLUMNS: Final = (Mm(68), Mm(92))  # of the letterhead
HALVES: Final = (Mm(80), Mm(80))  # of the signature
MOST_ROWS: Final = 5_000  # a longer table is no annex: the letter says that it is attached
FIRST_LINE: Final = Mm(10)
ITEM: Final = Mm(5)
SPACE_TO_SIGN: Final = Pt(60)
ROMAN: Final = (("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1))

NATION: Final = Bilingual("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM")
MOTTO: Final = Bilingual("Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness")
PARENT: Final = Bilingual("tên cơ quan chủ quản", "the body above")
BODY: Final = Bilingual("tên cơ quan ban hành", "the issuing body")
NUMBER: Final = Bilingual("Số: ", "No: ")
SYMBOL: Final = Bilingual("ký hiệu", "symbol")
PLACE: Final = Bilingual("địa danh", "place")
DAY: Final = (Bilingual(", ngày ", ", "), Bilingual(" tháng ", " "), Bilingual(" năm ", " "))
DOTS: Final = "……"
TO: Final = Bilingual("Kính gửi: ", "To: ")
ADDRESSEE: Final = Bilingual("nơi nhận báo cáo", "addressee")
CLOSING: Final = Bilingual(
    "Trên đây là số liệu {period}; tỷ lệ {rounding}.", "These are the figures {period}; {rounding}."
)
WITH_ANNEXES: Final = Bilingual("Kèm theo: {} phụ lục./.", "Annexes: {}.")
ARCHIVE: Final = Bilingual("- Lưu: VT.", "- Archive.")
TITLE: Final = Bilingual("chức vụ người ký", "title of who signs")
SIGNATORY: Final = Bilingual("chữ ký, dấu, họ và tên", "signature, seal, name")
ANNEX: Final = Bilingual("Phụ lục", "Annex")
WITH: Final = Bilingual("(Kèm theo Báo cáo số ", "(With report no. ")
BASIS: Final = Bilingual("Căn cứ của số liệu", "What the figures rest on")
ATTACHED: Final = Bilingual(
    "Bảng có {} dòng, gửi kèm dưới dạng tệp bảng tính (.xlsx).",
    "The table has {} rows and is attached as a spreadsheet (.xlsx).",
)
PLAIN: Final = Letter(Bilingual("BÁO CÁO", "REPORT"), same(""), ())


def printed(document: Document, language: Language) -> Iterator[bytes]:
    """A document as a letter. A table of more rows than MOST_ROWS is said to be attached as a
    spreadsheet. Raises ``UserError`` for a sentence with a figure that the document does not have.
    """
    yield _repeatable(_Writer(document, language).written())


class _Writer:
    """Writes one document into a file of python-docx."""

    def __init__(self, document: Document, language: Language) -> None:
        self.document = document
        self.language: Language = language
        self.letter = document.letter or PLAIN
        self.head = document.letterhead
        self.prose = Prose(document, language)
        self.file: File = docx.Document()
        styles.set_up(self.file, language)

    def written(self) -> bytes:
        """The whole file."""
        self._properties()
        self._page_numbers()
        self._letterhead()
        self._subject()
        self._sections()
        self._signature()
        self._annexes()
        file = io.BytesIO()
        self.file.save(file)
        return file.getvalue()

    def _in(self, text: Bilingual) -> str:
        return text.to(self.language)

    def _properties(self) -> None:
        window, told = self.document.window, self.file.core_properties
        told.title = printable(self._in(self.document.title))
        told.author, told.comments = printable(self.head.body if self.head else ""), ""
        told.language = styles.LANGUAGES[self.language]
        # Not the clock: equal documents give equal bytes.
        told.created = told.modified = datetime.combine(window.last, time()) if window else MADE

    def _page_numbers(self) -> None:
        """Number the pages at the top, but for the first one."""
        section = self.file.sections[0]
        section.different_first_page_header_footer = True
        paragraph = section.header.paragraphs[0]
        paragraph.alignment = styles.CENTRE
        run = paragraph.add_run()
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            element = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                element.set(qn("w:fldCharType"), kind)
            element.text = text or None
            run._r.append(element)

    def _letterhead(self) -> None:
        left, right = self._side_by_side(COLUMNS)
        head = self.head
        if head is None or head.parent:
            parent = [Run(head.parent.upper())] if head and head.parent else [self._blank(PARENT)]
            self._line(left, parent, styles.HEAD - 1)
        body = [Run(head.body.upper())] if head else [self._blank(BODY)]
        self._line(left, body, styles.HEAD - 1, bold=True)
        styles.draw_line(left.add_paragraph(), 62)
        symbol = head and head.symbol
        number = [Run(self._in(NUMBER)), Run(DOTS, blank=True), Run("/")]
        number.append(Run(symbol) if symbol else self._blank(SYMBOL))
        self._line(left, number, styles.HEAD)
        self._line(right, [Run(self._in(NATION))], styles.HEAD - 1, bold=True)
        self._line(right, [Run(self._in(MOTTO))], styles.HEAD, bold=True)
        styles.draw_line(right.add_paragraph(), 40)
        self._line(right, self._place_and_date(), styles.HEAD, italic=True)

    def _place_and_date(self) -> list[Run]:
        place = self.head and self.head.place
        runs = [Run(place) if place else self._blank(PLACE)]
        for before in DAY:
            runs += [Run(self._in(before)), Run("…", blank=True)]
        return runs

    def _subject(self) -> None:
        self._runs(self.file.add_paragraph(style="Title"), [Run(self._in(self.letter.kind))])
        title = f"{self._in(self.document.title)} "
        summary = self.prose.in_text(self.letter.summary) or [
            Run(title),
            *self.prose.in_text(same("{period}")),
        ]
        self._runs(self.file.add_paragraph(style="Subtitle"), summary)
        styles.draw_line(self.file.add_paragraph(), 170)
        given = self.head and self.head.addressee
        to = self.file.add_paragraph()
        to.alignment = styles.CENTRE
        to.paragraph_format.space_before = to.paragraph_format.space_after = Pt(12)
        self._runs(to, [Run(self._in(TO)), Run(given) if given else self._blank(ADDRESSEE)])

    def _sections(self) -> None:
        for number, section in enumerate(self.letter.sections, 1):
            heading = f"{roman(number)}. {self._in(section.heading)}"
            self._runs(self.file.add_paragraph(style="Heading 1"), [Run(heading)])
            for sentence in section.sentences:
                for told in self.prose.told(sentence):
                    self._paragraph(told, item=bool(sentence.each))
        if self.document.lead:
            self._paragraph([Run(self._in(self.document.lead))])
        if self.document.window:
            self._paragraph(self.prose.in_text(CLOSING))
        annexes = len([*self.document.tables()]) + bool(self.document.about)
        last = self._paragraph([Run(self._in(WITH_ANNEXES).format(annexes))])
        last.paragraph_format.keep_with_next = True

    def _paragraph(self, runs: Sequence[Run], *, item: bool = False) -> Paragraph:
        paragraph = self.file.add_paragraph()
        paragraph.paragraph_format.first_line_indent = FIRST_LINE
        return self._runs(paragraph, [*([Run("- ")] if item else []), *runs])

    def _signature(self) -> None:
        left, right = self._side_by_side(HALVES)
        head = self.head
        recipients = [f"- {each}" for each in head.recipients] if head else []
        self._line(
            left, [Run(self._in(wording.RECIPIENTS))], 12, bold=True, italic=True, side=styles.LEFT
        )
        for each in recipients or [self._in(ARCHIVE)]:
            self._runs(left.add_paragraph(style=styles.RECIPIENTS), [Run(each)])
        for authority in head.authority if head else ():
            self._line(right, [Run(authority.upper())], styles.BODY, bold=True)
        title = head and head.title
        shown = [Run(title.upper())] if title else [self._blank(TITLE)]
        self._line(right, shown, styles.BODY, bold=True)
        name = head and head.signatory
        signatory = self._line(
            right, [Run(name) if name else self._blank(SIGNATORY)], styles.BODY, bold=True
        )
        signatory.paragraph_format.space_before = SPACE_TO_SIGN

    def _annexes(self) -> None:
        number = 0
        for number, table in enumerate(self.document.tables(), 1):
            self._annex(number, table)
        if self.document.about:
            self._begin_annex(number + 1, self._in(BASIS), lying=False, page=number == 0)
            self._basis()

    def _annex(self, number: int, table: Table) -> None:
        values, title = Values(table, self.document.rounding), self._in(table.title)
        if len(table.rows) > MOST_ROWS:
            self._begin_annex(number, title, lying=False, page=True)
            rows = wording.numeral(len(table.rows), self.language)
            self._runs(self.file.add_paragraph(), [Run(self._in(ATTACHED).format(rows))])
            return
        plan = annex.planned(table, values, self.language)
        page = number == 1 or len(table.rows) > annex.SHORT
        self._begin_annex(number, title, lying=plan.lying, page=page)
        xml = annex.table_xml(table, values, plan, self.document, self.language)
        self.file.element.body.insert_element_before(parse_xml(xml), "w:sectPr")
        self._notes(table)

    def _begin_annex(self, number: int, title: str, *, lying: bool, page: bool) -> None:
        """Begin an annex, on a page of its own if it is long or the page has another direction."""
        turned = (self.file.sections[-1].orientation == 1) != lying
        if turned or number == 1:
            section = self.file.add_section(WD_SECTION.NEW_PAGE)
            styles.shrink(self.file.paragraphs[-1])  # it ends the section before, and has no text
            section.different_first_page_header_footer = False
            styles.set_page(section, lying=lying)
        heading = self.file.add_paragraph(style="Heading 2")
        heading.paragraph_format.page_break_before = page and not turned and number > 1
        heading.paragraph_format.space_before = Pt(14)
        self._runs(heading, [Run(f"{self._in(ANNEX)} {roman(number)}. {title}")])
        with_letter = self.file.add_paragraph()
        with_letter.alignment = styles.CENTRE
        with_letter.paragraph_format.keep_with_next = True
        symbol = self.head and self.head.symbol
        runs = [Run(self._in(WITH)), Run(DOTS, blank=True), Run(f"/{symbol}" if symbol else "")]
        day = [run for before in DAY for run in (Run(self._in(before)), Run("…", blank=True))]
        day[0] = Run(self._in(DAY[0]).replace(",", ""))
        self._runs(with_letter, [*runs, *day, Run(")")], size=12, italic=True)

    def _notes(self, table: Table) -> None:
        shares = wording.shares(table)
        notes = wording.notes(table, shares, self.document.rounding, self.language)
        for place, note in enumerate(notes or [""], 1):
            paragraph = self._runs(self.file.add_paragraph(style=styles.NOTE), [Run(note)])
            paragraph.paragraph_format.keep_with_next = place < len(notes)

    def _basis(self) -> None:
        lines = wording.about(self.document, self.language)
        for place, (name, text) in enumerate(lines, 1):
            paragraph = self.file.add_paragraph(style=styles.NOTE)
            paragraph.paragraph_format.keep_with_next = place < len(lines)
            self._runs(paragraph, [Run(f"{name}: ")], bold=True)
            self._runs(paragraph, [Run(text)])

    def _side_by_side(self, widths: Sequence[Any]) -> tuple[Side, Side]:
        """Two cells side by side, without lines, which stay on one page."""
        table = self.file.add_table(rows=1, cols=2)
        table.autofit = False
        styles.take_margins(table)
        row: Any = table.rows[0]
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        return row.cells[0], row.cells[1]

    def _line(
        self,
        cell: Side,
        runs: Sequence[Run],
        size: float,
        *,
        bold: bool = False,
        italic: bool = False,
        side: Any = styles.CENTRE,
    ) -> Paragraph:
        """A line in a cell; the first one takes the paragraph that each cell has."""
        empty = len(cell.paragraphs) == 1 and not cell.paragraphs[0].runs
        paragraph = cell.paragraphs[0] if empty else cell.add_paragraph()
        paragraph.alignment = side
        paragraph.paragraph_format.space_after = Pt(0)
        return self._runs(paragraph, runs, size=size, bold=bold, italic=italic)

    def _blank(self, text: Bilingual) -> Run:
        return Run(self._in(text), blank=True)

    def _runs(
        self,
        paragraph: Paragraph,
        runs: Sequence[Run],
        *,
        size: float | None = None,
        bold: bool | None = None,
        italic: bool | None = None,
    ) -> Paragraph:
        """Write texts into a paragraph; a blank stands in brackets on yellow."""
        for text, blank in runs:
            run = paragraph.add_run(printable_lines(f"[{text}]" if blank else text))
            run.bold, run.italic = bold, italic
            if size is not None:
                run.font.size = Pt(size)
            if blank:
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW
        return paragraph


def roman(number: int) -> str:
    """A number from 1 in Roman numerals."""
    text = ""
    for letters, worth in ROMAN:
        times, number = divmod(number, worth)
        text += letters * times
    return text


def _repeatable(file: bytes) -> bytes:
    """A file of python-docx without the time at which it was written."""
    made = io.BytesIO()
    with ZipFile(io.BytesIO(file)) as parts, ZipFile(made, "w", ZIP_DEFLATED) as written:
        for name in sorted(parts.namelist(), key=lambda each: (each[0] != "[", each)):
            part = ZipInfo(name, ZIPPED)
            part.compress_type = ZIP_DEFLATED
            written.writestr(part, parts.read(name))
    return made.getvalue()
