"""Writes the map of a register's columns, to be corrected by hand: what each column seems to be,
with examples, and words whose meaning is not known.

Of columns that are not mapped nothing is shown but the heading: they may have personal data.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Final

from hoso.consumers.intake.registers.cells import (
    Cell,
    Uncomputed,
    WrongCell,
    as_word,
    is_blank,
    plain,
)
from hoso.consumers.intake.registers.columns import (
    DEFAULTED,
    FIELDS,
    HEADING_ROWS,
    MEANINGS,
    REQUIRED,
    ColumnMap,
    Headings,
    find_headings,
    headings_of,
)
from hoso.consumers.intake.registers.rows import is_harmless
from hoso.domain.errors import UserError
from hoso.tools.inputs.sheet_rows import SheetRow
from hoso.tools.inputs.spreadsheets import open_spreadsheet
from hoso.tools.jobs.register_rows import column_name
from hoso.tools.runtime.printable import printable

LOOKED_AT_ROWS: Final = 5_000
EXAMPLES: Final = 3
SHOWN_CHARS: Final = 40
MOST_WORDS: Final = 30


def suggestion(file: Path, usual: ColumnMap) -> str:
    """The map of the first sheet that has headings, as YAML. ``usual`` has the headings that
    registers often have.

    Raises ``UserError`` for a file that is no spreadsheet or has no headings; ``OSError`` if it
    cannot be read.
    """
    for sheet, rows in groupby(open_spreadsheet(file).rows, lambda row: row.sheet):
        first = [*islice(rows, LOOKED_AT_ROWS)]
        headings = find_headings([(r.number, r.cells) for r in first[:HEADING_ROWS]], usual)
        headings = headings or _likely_headings(first[:HEADING_ROWS])
        if headings is not None:
            return "\n".join(_lines(file.name, sheet, first, headings, usual)) + "\n"
    raise UserError(f"{file}: no row looks like headings: is it a register?")


def _likely_headings(rows: Sequence[SheetRow]) -> Headings | None:
    """The first row with most texts, where none has the usual headings."""
    texts = [sum(isinstance(cell, str) for cell in row.cells) for row in rows]
    if not texts or max(texts) < len(REQUIRED):
        return None
    number = rows[texts.index(max(texts))].number
    return Headings(number, number, {})


def _lines(
    name: str, sheet: str, rows: Sequence[SheetRow], headings: Headings, usual: ColumnMap
) -> Iterator[str]:
    head = [r.cells for r in rows if headings.first_row <= r.number <= headings.last_row]
    below = [r.cells for r in rows if r.number > headings.last_row]
    titles = headings_of(head)
    where = f", trang tính {printable(sheet)}" if sheet else ""
    yield f"# Các cột của {printable(name)}{where}: tiêu đề ở dòng {headings.last_row}."
    yield "# Sửa bằng tay, rồi: hoso import TỆP --columns TỆP_NÀY --dry-run"
    yield f"source: {usual.source}"
    yield "columns:"
    for field in FIELDS:
        if field in headings.columns:
            index = headings.columns[field]
            title, examples = _unique(titles, index), "; ".join(_examples(field, index, below))
            yield f"  {field}: {_quoted(title)}  # {column_name(index)}: {examples}"
    for field in REQUIRED:
        if field not in headings.columns:
            yield f'  {field}: "?"  # ghi tiêu đề của cột này'
    yield "# Có thể khai thêm: " + ", ".join(
        field for field in FIELDS if field not in headings.columns
    )
    yield "# Không khai thì không đọc (họ tên, địa chỉ, điện thoại không bao giờ được đọc):"
    for index, title in enumerate(titles):
        if title and index not in headings.columns.values():
            personal = any(word in plain(title) for word in usual.personal)
            yield f"#   {column_name(index)}: {printable(title)}{' (dữ liệu cá nhân)' * personal}"
    yield from _defaults(headings, usual)
    yield from _values(headings, below, usual)


def _defaults(headings: Headings, usual: ColumnMap) -> Iterator[str]:
    yield "defaults:  # cho ô trống, và cho cột không có"
    for field in DEFAULTED:
        given = usual.defaults.get(field, "?")
        meanings = f"  # {', '.join(MEANINGS[field])}" if field in MEANINGS else ""
        if field in headings.columns and given == "?":
            continue
        yield f"  {field}: {_quoted(given)}{meanings}"
    if not {"due", "allowance"} & headings.columns.keys():
        yield '  allowance: "?"  # số ngày làm việc, vì không có cột ngày hẹn trả'


def _values(headings: Headings, rows: Sequence[Sequence[Cell]], usual: ColumnMap) -> Iterator[str]:
    """The words whose meaning is not known, as comments to be corrected."""
    yield "values:  # nghĩa của từ mà hoso chưa biết"
    for field, meanings in MEANINGS.items():
        index = headings.columns.get(field)
        if index is None:
            continue
        unknown = _unknown_words(field, index, rows, usual)
        yield f"  {field}: {{}}" if not unknown else f"  {field}:"
        for word in unknown:
            yield f'    {_quoted(word)}: "?"  # {", ".join(meanings)}'


def _unknown_words(
    field: str, index: int, rows: Sequence[Sequence[Cell]], usual: ColumnMap
) -> list[str]:
    words: dict[str, None] = {}
    for cells in rows:
        if index < len(cells) and not is_blank(cells[index]):
            try:
                as_word(cells[index], usual.words[field])
            except WrongCell as wrong:
                words.setdefault(wrong.given)
    return [*islice(filter(None, words), MOST_WORDS)]


def _examples(field: str, index: int, rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The first different values of a mapped column."""
    found: dict[str, None] = {}
    for cells in rows:
        if index < len(cells) and not is_blank(cells[index]):
            cell = cells[index]
            text = "công thức chưa có kết quả" if isinstance(cell, Uncomputed) else str(cell)
            shown = printable(" ".join(text.split()))[:SHOWN_CHARS]
            if is_harmless(field, shown):
                found.setdefault(shown)
        if len(found) == EXAMPLES:
            break
    return [*found]


def _unique(titles: Sequence[str], index: int) -> str:
    """The heading that names a column: its lower part, if no other column has it."""
    lower = titles[index].rpartition(" / ")[2]
    same = [title for title in titles if title.rpartition(" / ")[2] == lower]
    return lower if len(same) == 1 else titles[index]


def _quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
