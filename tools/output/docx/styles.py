"""Page and styles of a letter: A4, Times New Roman, the margins of NĐ 30/2020/NĐ-CP, appendix I."""

from typing import Any, Final

from docx.document import Document as File
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

from hoso.projections.documents.model import Language

FONT: Final = "Times New Roman"
BODY: Final = 14.0  # the size of letters, in points
HEAD: Final = 13.0
A4: Final = (Mm(210), Mm(297))
MARGINS: Final = {
    "top_margin": Mm(20),
    "bottom_margin": Mm(20),
    "left_margin": Mm(30),
    "right_margin": Mm(20),
}
FONTS: Final = ("ascii", "hAnsi", "eastAsia", "cs")
LANGUAGES: Final = {"vi": "vi-VN", "en": "en-GB"}
CENTRE, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT
JUSTIFIED: Final = WD_ALIGN_PARAGRAPH.JUSTIFY
ANNEX_CELL: Final = "Annex Cell"
NOTE: Final = "Annex Note"
RECIPIENTS: Final = "Recipients"
BEHIND_BORDER: Final = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")  # in a paragraph


def set_up(file: File, language: Language) -> None:
    """Give a file its styles, and its first section its page."""
    styles = file.styles
    normal = styles["Normal"]
    _set(normal, BODY, JUSTIFIED, after=6)
    normal.element.get_or_add_rPr().append(_language(language))
    _set(styles["Title"], BODY, CENTRE, before=12, bold=True)
    _set(styles["Subtitle"], BODY, CENTRE, bold=True)
    _set(styles["Heading 1"], BODY, LEFT, before=12, after=6, bold=True)
    _set(styles["Heading 2"], BODY, CENTRE, before=0, after=6, bold=True)
    for name, size, side, after in (
        (ANNEX_CELL, 11.0, LEFT, 0.0),
        (NOTE, 10.0, LEFT, 2.0),
        (RECIPIENTS, 11.0, LEFT, 0.0),
    ):
        own = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        own.base_style = normal
        _set(own, size, side, after=after)
    set_page(file.sections[0], lying=False)


def set_page(section: Section, *, lying: bool) -> None:
    """Give a section an A4 page, upright or lying."""
    short, long = A4
    section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if lying else (short, long)
    for margin, width in MARGINS.items():
        setattr(section, margin, width)
    section.header_distance = section.footer_distance = Mm(10)


def draw_line(paragraph: Paragraph, indent: float) -> None:
    """Make an empty paragraph a line, ``indent`` points shorter on both sides."""
    spacing = paragraph.paragraph_format
    spacing.left_indent = spacing.right_indent = Pt(indent)
    spacing.space_before, spacing.space_after = Pt(3), Pt(0)
    spacing.line_spacing = Pt(4)
    border = OxmlElement("w:pBdr")
    line = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    border.append(line)
    properties: Any = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(border, *BEHIND_BORDER)


def shrink(paragraph: Paragraph) -> None:
    """Make an empty paragraph so low that it needs no page of its own."""
    spacing = paragraph.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)
    spacing.line_spacing = Pt(1)


def take_margins(table: Table) -> None:
    """Let the texts of a table without lines begin where its cells begin."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "0")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties: Any = table._tbl.tblPr
    properties.insert_element_before(margins, "w:tblLook")


def _set(
    style: Any, size: float, side: Any, *, before: float = 0, after: float = 0, bold: bool = False
) -> None:
    """Give a style the font, black, in a size, and its place between other paragraphs."""
    style.font.name, style.font.size = FONT, Pt(size)
    style.font.bold, style.font.italic = bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    fonts.attrib.clear()
    for name in FONTS:
        fonts.set(qn(f"w:{name}"), FONT)
    for spaced in properties.findall(qn("w:spacing")) + properties.findall(qn("w:kern")):
        properties.remove(spaced)
    style_format = style.paragraph_format
    style_format.alignment = side
    style_format.space_before, style_format.space_after = Pt(before), Pt(after)
    style_format.line_spacing = 1.0
    for border in style.element.get_or_add_pPr().findall(qn("w:pBdr")):
        style.element.get_or_add_pPr().remove(border)


def _language(language: Language) -> Any:
    element = OxmlElement("w:lang")
    element.set(qn("w:val"), LANGUAGES[language])
    return element
