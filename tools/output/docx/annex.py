"""A table as an annex: as wide as the page, its headings on each page, no row on two pages.

A table that is too wide for an upright page lies on a page of its own direction. Tables are put
together as text, because python-docx is slow for many cells.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, NamedTuple

from hoso.projections.documents.model import (
    MAX_INDENT,
    Column,
    Day,
    Document,
    Dossier,
    Language,
    Percentage,
    Row,
    Table,
    Values,
)
from hoso.tools.output import layout, wording
from hoso.tools.output.wording import PercentMarks
from hoso.tools.runtime.printable import printable_lines

MAIN: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TWIPS: Final = 20  # of a point
PADDING: Final = 3.0  # left and right of a cell's text, in points
CHARACTER: Final = 0.52  # the width of a digit, relative to the size of the letters
NARROWED: Final = 0.6  # the least width of a text, relative to what its column asks for
SHORT_TEXT: Final = 10  # a column of so many characters is never narrower
SHORT: Final = 12  # a table of so many rows is never split
SHADES: Final = {"group": "F2F2F2", "total": "E0E0E0", "notice": "FFF3D1"}


class Page(NamedTuple):
    """A page: whether it lies, the size of its letters, and its width within the margins, both in
    points."""

    lying: bool
    size: float
    width: float


PAGES: Final = (  # the best first
    *(Page(False, size, 453.0) for size in (12.0, 11.0, 10.0)),
    *(Page(True, size, 697.0) for size in (11.0, 10.0, 9.0, 8.0, 7.5, 7.0, 6.5, 6.0)),
)


class Plan(NamedTuple):
    """How a table lies on the page: the widths of its columns and the size of its letters, in
    points."""

    lying: bool
    size: float
    widths: tuple[float, ...]


class Cell(NamedTuple):
    """A cell on paper. ``covers`` are its columns, ``merged`` how it goes on from or to other
    rows: restart, continue, or not at all. ``size`` is relative to the other letters."""

    text: str
    covers: int = 1
    merged: str = ""
    mark: str = ""
    side: str = "center"
    bold: bool = False
    italic: bool = False
    shade: str = ""
    indent: int = 0
    size: float = 1.0
    on_one_line: bool = False


def planned(table: Table, values: Values, language: Language) -> Plan:
    """How a table lies on the page: upright in large letters, or lying in smaller ones. Texts may
    be narrower than their columns ask for, because they go on in the next line; codes of dossiers
    do not."""
    asked, codes = layout.widths(table, values, language), _codes(table)
    least = [
        width * NARROWED
        if column.kind == "text" and width > SHORT_TEXT and column.key not in codes
        else width
        for width, column in zip(asked, table.columns, strict=True)
    ]
    fits = (each for each in PAGES if sum(_in_points(least, each.size)) <= each.width)
    page = next(fits, PAGES[-1])
    widths = _spread(_in_points(asked, page.size), _in_points(least, page.size), page.width)
    return Plan(page.lying, page.size, tuple(widths))


def _codes(table: Table) -> set[str]:
    """The columns that have codes of dossiers."""
    first = next(iter(table.rows), None)
    cells = {} if first is None else first.cells
    return {key for key, cell in cells.items() if isinstance(cell, Dossier)}


def _in_points(characters: Sequence[float], size: float) -> list[float]:
    return [CHARACTER * size * each + 2 * PADDING for each in characters]


def _spread(asked: Sequence[float], least: Sequence[float], page: float) -> list[float]:
    """The widths that fill a page: each column gets what it asks for, or a part of that."""
    room = [more - less for more, less in zip(asked, least, strict=True)]
    share = min(max(page - sum(least), 0) / (sum(room) or 1), 1)
    widths = [less + share * more for less, more in zip(least, room, strict=True)]
    return [width * page / sum(widths) for width in widths]


def table_xml(
    table: Table, values: Values, plan: Plan, document: Document, language: Language
) -> str:
    """A table as WordprocessingML. ``document`` says how percentages are rounded."""
    shares = wording.shares(table)
    head = [*_head(table.columns, shares, language)]
    body = [*_body(table, values, shares, language)]
    rows = [_row(cells, plan, header=True, keep=True) for cells in head]
    rows += [
        _row(cells, plan, header=False, keep=_keeps(place, body))
        for place, (_, cells) in enumerate(body)
    ]
    title = escape(printable_lines(table.title.to(language)))
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in plan.widths)
    return (
        f'<w:tbl xmlns:w="{MAIN}"><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{_twips(sum(plan.widths))}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{_margin("left")}{_margin("right")}'
        f'</w:tblCellMar><w:tblLook w:firstRow="1" w:noVBand="1"/><w:tblCaption w:val="{title}"/>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _twips(points: float) -> int:
    return int(points * TWIPS)


def _margin(side: str) -> str:
    return f'<w:{side} w:w="{_twips(PADDING)}" w:type="dxa"/>'


def _keeps(place: int, body: Sequence[tuple[Row, list[Cell]]]) -> bool:
    """Whether a row stays on one page with the next one: a short table stays together; otherwise
    the first two rows do, a group with its first row, and the last two rows with the notes."""
    last = len(body) - 1
    row = body[place][0]
    return len(body) <= SHORT or place == 0 or place >= last - 1 or row.style == "group"


def _head(
    columns: Sequence[Column], shares: PercentMarks, language: Language
) -> Iterator[list[Cell]]:
    headings = layout.headings(columns)
    for level in range(layout.levels(columns)):
        cells = []
        for each in headings:
            if each.level <= level < each.level + each.levels:
                merged = "" if each.levels == 1 else "restart"
                text, mark = each.text.to(language), shares.at_heading(each.of)
                if each.level < level:
                    merged, text, mark = "continue", "", ""
                cells.append((each.column, Cell(text, each.columns, merged, mark, bold=True)))
        yield [cell for _, cell in sorted(cells, key=lambda one: one[0])]
    if layout.numbered(columns):
        yield [Cell(column.number, italic=True, size=layout.SMALL) for column in columns]


def _body(
    table: Table, values: Values, shares: PercentMarks, language: Language
) -> Iterator[tuple[Row, list[Cell]]]:
    names = table.columns[layout.names(table.columns)].key
    for row in table.rows:
        yield row, [_cell(row, column, names, values, shares, language) for column in table.columns]


def _cell(
    row: Row,
    column: Column,
    names: str,
    values: Values,
    shares: PercentMarks,
    language: Language,
) -> Cell:
    look = Cell("", bold=row.style in ("group", "total"), shade=SHADES.get(row.style, ""))
    cell = row.cells.get(column.key)
    if cell is None:
        return look
    text = wording.cell(cell, values.of(row.key, column.key, cell), language)
    mark = shares.at_cell(column.key, cell) if isinstance(cell, Percentage) else ""
    return look._replace(
        text=text,
        mark=mark,
        side="left" if column.kind == "text" else "right",
        indent=min(row.depth, MAX_INDENT) if column.key == names else 0,
        on_one_line=isinstance(cell, Day | Dossier),
    )


def _row(cells: Sequence[Cell], plan: Plan, *, header: bool, keep: bool) -> str:
    repeated = "<w:tblHeader/>" if header else ""
    written, column = [], 0
    for cell in cells:
        width = sum(plan.widths[column : column + cell.covers])
        written.append(_cell_xml(cell, width, plan.size, keep=keep))
        column += cell.covers
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(written)}</w:tr>"


def _cell_xml(cell: Cell, width: float, letters: float, *, keep: bool) -> str:
    size = letters * cell.size
    covers = f'<w:gridSpan w:val="{cell.covers}"/>' if cell.covers > 1 else ""
    merged = f'<w:vMerge w:val="{cell.merged}"/>' if cell.merged else ""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{cell.shade}"/>' if cell.shade else ""
    no_wrap = "<w:noWrap/>" if cell.on_one_line else ""
    kept = "<w:keepNext/>" if keep else ""
    indent = f'<w:ind w:left="{_twips(cell.indent * size * 0.8)}"/>' if cell.indent else ""
    mark = _run(f" {cell.mark}", size, '<w:vertAlign w:val="superscript"/>') if cell.mark else ""
    look = f"{'<w:b/>' if cell.bold else ''}{'<w:i/>' if cell.italic else ''}"
    text = _run(cell.text, size, "", look)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{covers}{merged}{shade}{no_wrap}'
        f'<w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="AnnexCell"/>{kept}'
        f'{indent}<w:jc w:val="{cell.side}"/><w:rPr>{_size(size)}</w:rPr></w:pPr>{text}{mark}</w:p>'
        "</w:tc>"
    )


def _run(text: str, size: float, after: str, before: str = "") -> str:
    if not text:
        return ""
    shown = escape(printable_lines(text), quote=False)
    return (
        f"<w:r><w:rPr>{before}{_size(size)}{after}</w:rPr>"
        f'<w:t xml:space="preserve">{shown}</w:t></w:r>'
    )


def _size(size: float) -> str:
    half_points = round(size * 2)
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'
