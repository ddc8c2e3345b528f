"""What does a report say, whatever paper it is on? Tables of cells, charts, notes.

A cell that follows from other cells says from which, and how: a spreadsheet has a formula there, a
page names the denominator, and both have the value that ``values`` works out once.
"""

from collections.abc import Iterator, Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Final, Literal, NamedTuple

from hoso.domain.windows import Window

Language = Literal["vi", "en"]
Style = Literal["line", "group", "total"]  # of a row
NO_DATA: Final = "–"


class Bilingual(NamedTuple):
    """The same in Vietnamese and in English."""

    vi: str
    en: str

    def to(self, language: Language) -> str:
        """It, in a language."""
        return self.vi if language == "vi" else self.en


class Place(NamedTuple):
    """A cell of a table: the keys of its row and its column."""

    row: str
    column: str


class DrillDown(NamedTuple):
    """The dossiers that a figure counts: those of some figures (``listing.FIGURES``, or
    ``facts.MEASURES``) of a window, within some slices (of a dimension that is there twice, either
    value); ``under`` is a body of the registry."""

    window: Window
    figures: tuple[str, ...]
    where: tuple[tuple[str, str | None], ...] = ()
    under: str | None = None


class Count(NamedTuple):
    """So many dossiers, times or đồng, and what is behind them."""

    number: int
    behind: DrillDown | None = None


class Points(NamedTuple):
    """A score, or another number that was worked out elsewhere; None: there is no data. ``how``
    tells the formula with its numbers."""

    number: Decimal | None
    how: Bilingual | None = None


class Sum(NamedTuple):
    """What some cells add up to: those without data are left out; none at all are 0."""

    of: tuple[Place, ...]
    behind: DrillDown | None = None


class Difference(NamedTuple):
    """A cell less another."""

    of: Place
    less: Place


class Percentage(NamedTuple):
    """Some cells as a percentage of others, whose sum has a name."""

    part: tuple[Place, ...]
    whole: tuple[Place, ...]
    of: Bilingual


class Words(NamedTuple):
    """Text: as it stands in the data, or said by the report."""

    text: str | Bilingual


Cell = Count | Points | Sum | Difference | Percentage | Words
Value = int | Decimal | str | Bilingual | None


class Column(NamedTuple):
    """A column: its headings from the outermost on, which neighbours may share; how the form
    numbers it; what stands in it; its width on paper, in characters."""

    key: str
    headings: tuple[Bilingual, ...]
    kind: Literal["text", "count", "percent", "points"] = "count"
    number: str = ""
    width: int = 11


class Row(NamedTuple):
    """A row: its cells by column; a column without one stays empty."""

    key: str
    cells: Mapping[str, Cell]
    style: Style = "line"
    depth: int = 0


class Table(NamedTuple):
    """A table, and the notes under it."""

    key: str
    title: Bilingual
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Bilingual, ...] = ()


class Series(NamedTuple):
    """Numbers, one for each label of a chart."""

    name: Bilingual
    numbers: tuple[int | Decimal | None, ...]


class Chart(NamedTuple):
    """What people would rather look at than read: ``lines`` over days, or ``bars`` of parts that
    are stacked."""

    key: str
    title: Bilingual
    kind: Literal["lines", "bars"]
    labels: tuple[str | Bilingual, ...]
    series: tuple[Series, ...]
    unit: Bilingual


class Rounding(NamedTuple):
    """How percentages and points are rounded: half-up (away from zero), or cut off."""

    places: int = 2
    mode: Literal["half_up", "truncate"] = "half_up"

    def of(self, number: Decimal) -> Decimal:
        """A number, rounded."""
        step = Decimal(1).scaleb(-self.places)
        return number.quantize(step, ROUND_HALF_UP if self.mode == "half_up" else ROUND_DOWN)


class About(NamedTuple):
    """A line of what a report rests on."""

    name: Bilingual
    text: str | Bilingual


class Document(NamedTuple):
    """A report. ``ask`` is what a command asks the same history with: ``--source archive …``."""

    name: str
    title: Bilingual
    window: Window
    about: tuple[About, ...]
    parts: tuple[Table | Chart, ...]
    ask: tuple[str, ...] = ()
    rounding: Rounding = Rounding()

    def tables(self) -> Iterator[Table]:
        """Its tables."""
        return (part for part in self.parts if isinstance(part, Table))


def values(table: Table, rounding: Rounding) -> dict[Place, Value]:
    """The value of each cell; None where there is no data.

    Raises ``KeyError`` for a cell that follows from one that is not there.
    """
    cells = {
        Place(row.key, column): cell for row in table.rows for column, cell in row.cells.items()
    }
    known: dict[Place, Value] = {}

    def value(place: Place) -> Value:
        if place not in known:
            known[place] = worked_out(cells[place])
        return known[place]

    def total(places: tuple[Place, ...]) -> int | Decimal | None:
        found = [number for place in places if (number := as_number(value(place))) is not None]
        return sum(found) if found or not places else None

    def worked_out(cell: Cell) -> Value:
        match cell:
            case Count(number):
                return number
            case Points(number):
                return None if number is None else rounding.of(number)
            case Sum(of):
                return total(of)
            case Difference(of, less):
                whole, part = total((of,)), total((less,))
                return None if whole is None or part is None else whole - part
            case Percentage(part, whole):
                return percentage(total(part), total(whole), rounding)
            case Words(text):
                return text

    return {place: value(place) for place in cells}


def as_number(value: Value) -> int | Decimal | None:
    """A value that is a number."""
    return value if isinstance(value, int | Decimal) else None


def percentage(
    part: int | Decimal | None, whole: int | Decimal | None, rounding: Rounding
) -> Decimal | None:
    """A part as a percentage of the whole; None where there is no data: 0 of 0 is neither 0 nor
    100."""
    if part is None or not whole:
        return None
    return rounding.of(Decimal(100) * part / whole)
