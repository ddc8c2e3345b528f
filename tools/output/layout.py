"""How does a table lie on paper? Headings that neighbours share, the column of names, and lines.

Widths are in characters, those of digits.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final, NamedTuple

from hoso.projections.documents.model import (
    Bilingual,
    Column,
    Document,
    Language,
    Place,
    Table,
    Value,
)
from hoso.tools.output import wording

MARK: Final = 4  # the width of a mark beside a percentage, in characters
SMALL: Final = 0.8  # how wide the form's numbers of columns are, beside other text
NARROW: Final = frozenset("fijlrtI.,:;'()-/| ")
WIDE: Final = frozenset("mwMW%@")
LATIN: Final = "\u2e7f"  # and other letters, up to those that are as wide as two digits
WIDEST: Final = 2.0
SIDE_BY_SIDE: Final = 2  # of tables, and of charts, on the page of a report that has only one
SHORT: Final = 12  # the rows of a table that may stand there


class Heading(NamedTuple):
    """A heading: where it begins, over how many levels and columns it goes, and the keys of the
    columns whose last it is."""

    text: Bilingual
    level: int
    column: int
    levels: int
    columns: int
    of: tuple[str, ...]


def levels(columns: Sequence[Column]) -> int:
    """How many headings stand above one another, where most do."""
    return max((len(column.headings) for column in columns), default=0)


def headings(columns: Sequence[Column]) -> list[Heading]:
    """The headings, level by level: one that neighbours share once, and the last one of a column
    down to where the headings end."""
    return [heading for level in range(levels(columns)) for heading in _on(columns, level)]


def _on(columns: Sequence[Column], level: int) -> Iterator[Heading]:
    place = 0
    for (above, ends), same in groupby(columns, lambda column: _down_to(column, level)):
        found = [*same]
        if len(above) > level:
            deep = levels(columns) - level if ends else 1
            of = tuple(column.key for column in found) if ends else ()
            yield Heading(above[level], level, place, deep, len(found), of)
        place += len(found)


def _down_to(column: Column, level: int) -> tuple[tuple[Bilingual, ...], bool]:
    return column.headings[: level + 1], len(column.headings) <= level + 1


def heights(headings: Sequence[Heading], lines: Sequence[int]) -> list[int]:
    """How many lines each level has for headings of so many: one that goes over several levels adds
    what it lacks to the last of them."""
    found = [1] * max((each.level + each.levels for each in headings), default=0)
    told = sorted(zip(headings, lines, strict=True), key=lambda each: each[0].levels)
    for heading, needed in told:
        last = heading.level + heading.levels
        found[last - 1] += max(needed - sum(found[heading.level : last]), 0)
    return found


def numbered(columns: Sequence[Column]) -> bool:
    """Whether the form numbers its columns."""
    return any(column.number for column in columns)


def names(columns: Sequence[Column]) -> int:
    """Which column tells what a row is about: the widest of those with text, or else the first."""
    texts = [i for i, column in enumerate(columns) if column.kind == "text"]
    return max(texts, key=lambda i: columns[i].width, default=0)


def leading(columns: Sequence[Column]) -> int:
    """How many columns of text stand in front."""
    return next((i for i, column in enumerate(columns) if column.kind != "text"), len(columns))


def widths(table: Table, known: Mapping[Place, Value], language: Language) -> list[float]:
    """How wide each column is, in characters: as it says, but never too narrow for its numbers or a
    word of its heading."""
    return [_width(column, _numbers(table, column, known), language) for column in table.columns]


def _numbers(table: Table, column: Column, known: Mapping[Place, Value]) -> Iterator[int | Decimal]:
    for row in table.rows:
        value = known.get(Place(row.key, column.key))
        if isinstance(value, int | Decimal):
            yield value


def _width(column: Column, numbers: Iterator[int | Decimal], language: Language) -> float:
    found = [*numbers]
    ends = (min(found), max(found)) if found else ()
    digits = max((len(wording.numeral(number, language)) for number in ends), default=0)
    mark = MARK if column.kind == "percent" else 0
    word = wording.widest_word([said.to(language) for said in column.headings[-1:]])
    return max(column.width, digits + mark + 3, word + 1.5, SMALL * len(column.number) + 1)


def on_one_page(report: Document) -> bool:
    """Whether a report is so short that all of it goes on one page."""
    tables = [*report.tables()]
    return (
        len(tables) == SIDE_BY_SIDE
        and all(len(table.rows) <= SHORT for table in tables)
        and len(report.parts) <= 2 * SIDE_BY_SIDE
    )


def lines(text: str, width: float) -> int:
    """How many lines a text takes in some width; rather one too many."""
    return sum(_broken(line, max(width, 1)) for line in text.splitlines()) or 1


def _broken(line: str, width: float) -> int:
    if len(line) * WIDEST <= width:
        return 1
    found, used = 1, 0.0
    for word in line.split():
        space, needed = breadth(" ") if used else 0, breadth(word)
        if used and used + space + needed > width:
            found, used, space = found + 1, 0.0, 0
        used += space + needed
        found, used = found + int(used // width), used % width
    return found


def breadth(text: str) -> float:
    """How wide a text is in the bold letters of Times New Roman, about."""
    return sum(map(_of_letter, text))


def _of_letter(letter: str) -> float:
    if letter in NARROW:
        return 0.6
    if letter > LATIN:
        return WIDEST
    return 1.75 if letter in WIDE else 1.45 if letter.isupper() else 1.0
