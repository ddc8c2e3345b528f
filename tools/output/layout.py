"""The layout of a table: headings that neighbours share, the column of names, widths and lines.

Widths are in characters, as wide as digits are.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final, NamedTuple

from hoso.projections.documents.model import (
    Bilingual,
    Column,
    Document,
    Exact,
    Language,
    Table,
    Values,
)
from hoso.tools.output import wording

MARK: Final = 4  # the width of a mark at a percentage, in characters
SMALL: Final = 0.8  # the size of the form's numbers of columns, relative to other text
NARROW: Final = frozenset("fijlrtI.,:;'()-/| ")
WIDE: Final = frozenset("mwMW%@")
LATIN: Final = "\u2e7f"  # the last letter before those that are as wide as two digits
WIDEST: Final = 2.0
SIDE_BY_SIDE: Final = 2  # the tables, and the charts, of a document on one page
SHORT: Final = 12  # the most rows of a table there


class Heading(NamedTuple):
    """A heading: where it begins, and how many levels and columns it covers.

    ``of`` has the keys of the columns that end with this heading.
    """

    text: Bilingual
    level: int
    column: int
    levels: int
    columns: int
    of: tuple[str, ...]


def levels(columns: Sequence[Column]) -> int:
    """The number of levels of headings."""
    return max((len(column.headings) for column in columns), default=0)


def headings(columns: Sequence[Column]) -> list[Heading]:
    """The headings, level by level.

    A heading that neighbours share is there once. The last heading of a column covers all levels
    that are left.
    """
    return [heading for level in range(levels(columns)) for heading in _on(columns, level)]


def _on(columns: Sequence[Column], level: int) -> Iterator[Heading]:
    place = 0
    for (above, ends), same in groupby(columns, lambda column: _down_to(column, level)):
        sharing = [*same]
        if len(above) > level:
            deep = levels(columns) - level if ends else 1
            of = tuple(column.key for column in sharing) if ends else ()
            yield Heading(above[level], level, place, deep, len(sharing), of)
        place += len(sharing)


def _down_to(column: Column, level: int) -> tuple[tuple[Bilingual, ...], bool]:
    return column.headings[: level + 1], len(column.headings) <= level + 1


def heights(headings: Sequence[Heading], lines: Sequence[int]) -> list[int]:
    """The number of lines of each level; ``lines`` has how many each heading needs.

    A heading that covers several levels adds the lines it lacks to the last of them.
    """
    levels = [1] * max((each.level + each.levels for each in headings), default=0)
    for heading, needed in sorted(
        zip(headings, lines, strict=True), key=lambda each: each[0].levels
    ):
        last = heading.level + heading.levels
        levels[last - 1] += max(needed - sum(levels[heading.level : last]), 0)
    return levels


def numbered(columns: Sequence[Column]) -> bool:
    """Whether an official form numbers the columns."""
    return any(column.number for column in columns)


def names(columns: Sequence[Column]) -> int:
    """The place of the column that names the rows: the widest one with text, or the first one."""
    texts = [i for i, column in enumerate(columns) if column.kind == "text"]
    return max(texts, key=lambda i: columns[i].width, default=0)


def leading(columns: Sequence[Column]) -> int:
    """The number of columns of text in front of the others."""
    return next((i for i, column in enumerate(columns) if column.kind != "text"), len(columns))


def widths(table: Table, values: Values, language: Language) -> list[float]:
    """The width of each column, in characters.

    It is the column's own, or what its numbers or a word of its heading need if that is more.
    """
    longest = _longest_numbers(table, values, language)
    return [_width(column, longest.get(column.key, 0), language) for column in table.columns]


def _width(column: Column, digits: int, language: Language) -> float:
    mark = MARK if column.kind == "percent" else 0
    word = wording.widest_word([heading.to(language) for heading in column.headings[-1:]])
    return max(column.width, digits + mark + 3, word + 1.5, SMALL * len(column.number) + 1)


def _longest_numbers(table: Table, values: Values, language: Language) -> dict[str, int]:
    """The length of the longest number of each column that has any: all that have units are
    compared, and of the others the least and the greatest."""
    longest: dict[str, int] = {}
    ends: dict[str, tuple[int | Decimal, int | Decimal]] = {}
    for row in table.rows:
        for column in table.columns:
            key, cell = column.key, row.cells.get(column.key)
            if cell is None:
                continue
            value = values.of(row.key, key, cell)
            if isinstance(cell, Exact):
                shown = wording.cell(cell, value, language)
                longest[key] = max(longest.get(key, 0), len(shown))
            elif isinstance(value, int | Decimal):
                least, most = ends.get(key, (value, value))
                ends[key] = min(least, value), max(most, value)
    for key, both in ends.items():
        lengths = (len(wording.numeral(end, language)) for end in both)
        longest[key] = max(longest.get(key, 0), *lengths)
    return longest


def on_one_page(document: Document) -> bool:
    """Whether a document is so short that all of it goes on one page. Official forms never do:
    each is a page of its own."""
    tables = [*document.tables()]
    return (
        len(tables) == SIDE_BY_SIDE
        and not any(numbered(table.columns) for table in tables)
        and all(len(table.rows) <= SHORT for table in tables)
        and len(document.parts) <= 2 * SIDE_BY_SIDE
    )


def lines(text: str, width: float) -> int:
    """The number of lines of a text in a width; rather one too many than one too few."""
    return sum(_broken(line, max(width, 1)) for line in text.splitlines()) or 1


def _broken(line: str, width: float) -> int:
    if len(line) * WIDEST <= width:
        return 1
    lines, used = 1, 0.0
    for word in line.split():
        space, needed = breadth(" ") if used else 0, breadth(word)
        if used and used + space + needed > width:
            lines, used, space = lines + 1, 0.0, 0
        used += space + needed
        lines, used = lines + int(used // width), used % width
    return lines


def breadth(text: str) -> float:
    """About how wide a text is in the bold letters of Times New Roman."""
    return sum(map(_of_letter, text))


def _of_letter(letter: str) -> float:
    if letter in NARROW:
        return 0.6
    if letter > LATIN:
        return WIDEST
    return 1.75 if letter in WIDE else 1.45 if letter.isupper() else 1.0
