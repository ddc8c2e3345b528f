"""How does a table lie on paper? Headings that neighbours share, and the column of names."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final, NamedTuple

from projections.reports.document import Column, Language, Place, Said, Table, Value
from tools.papers import wording

MARK: Final = 4  # the width of a mark beside a percentage, in characters
SMALL: Final = 0.8  # how wide the form's numbers of columns are, beside other text


class Heading(NamedTuple):
    """A heading: where it begins, over how many levels and columns it goes, and the keys of the
    columns whose last it is."""

    text: Said
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


def _down_to(column: Column, level: int) -> tuple[tuple[Said, ...], bool]:
    return column.headings[: level + 1], len(column.headings) <= level + 1


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
