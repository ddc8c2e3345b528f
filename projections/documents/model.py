"""The document model: tables of cells, charts and notes, which every paper prints.

A cell that follows from other cells says from which ones, and how. So a spreadsheet has a formula
there, a page names the denominator, and ``Values`` computes each value once, exactly. A document
whose JSON and CSV are a contract with other programs has both as ``Data``.
"""

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import chain
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar

from pydantic import BeforeValidator, Field

from hoso.domain.policy import Policy
from hoso.domain.windows import Window

Language = Literal["vi", "en"]
Style = Literal["line", "group", "total", "notice"]  # of a row; a notice needs attention
NO_DATA: Final = "–"
MAX_INDENT: Final = 10  # rows that are deeper are indented as those

Item_co = TypeVar("Item_co", covariant=True)


class Bilingual(NamedTuple):
    """A text in Vietnamese and in English."""

    vi: str
    en: str

    def to(self, language: Language) -> str:
        """The text in one language."""
        return self.vi if language == "vi" else self.en


Text = str | Bilingual  # a string is the same in both languages


def same(text: str) -> Bilingual:
    """A text that is the same in both languages."""
    return Bilingual(text, text)


def counted(number: int, vi: str, en: str) -> Bilingual:
    """A number of things: 12.622 hồ sơ, 12,622 dossiers."""
    return Bilingual(f"{number:,}".replace(",", ".") + f" {vi}", f"{number:,} {en}")


def in_numbers(day: date) -> Bilingual:
    """A day as each language writes it: 15/12/2022, 2022-12-15."""
    return Bilingual(f"{day.day:02}/{day.month:02}/{day.year:04}", day.isoformat())


class Place(NamedTuple):
    """The place of a cell in a table: the keys of its row and its column."""

    row: str
    column: str


class DrillDown(NamedTuple):
    """The dossiers that a figure counts.

    ``figures`` are names of a statement (``drilldown.FIGURES``) or measures (``quality.MEASURES``).
    ``where`` limits them to slices; a dimension named twice means either value. ``under`` is a body
    of the registry. ``policy`` judged the figure; None: the one in ``Document.ask``. ``by`` are
    dimensions that say which reassignments are transfers. ``as_of`` is the instant as of which
    the figure is, as a statement writes it; None: the one in ``Document.ask``. ``against`` is the
    figure of the other side of a comparison: behind both stand the dossiers that only one counts.
    """

    window: Window
    figures: tuple[str, ...]
    where: tuple[tuple[str, str | None], ...] = ()
    under: str | None = None
    policy: Policy | None = None
    by: tuple[str, ...] = ()
    as_of: str | None = None
    against: "DrillDown | None" = None


class SeenByCheck(NamedTuple):
    """The dossiers in which a check of integrity saw something in a window.

    ``where`` and ``under`` limit them as those of a ``DrillDown`` do. ``options`` are what the
    check needs besides: ``--procedures FILE``.
    """

    window: Window
    check: str
    where: tuple[tuple[str, str | None], ...] = ()
    under: str | None = None
    options: tuple[str, ...] = ()


Behind = DrillDown | SeenByCheck


class Count(NamedTuple):
    """A number of dossiers, events or đồng, and the dossiers behind it. None: no data."""

    number: int | None
    behind: Behind | None = None


class Points(NamedTuple):
    """A number computed elsewhere, such as a score, which the document rounds. None: no data.

    ``how`` is the formula with its numbers, ``reads`` are the figures that it was computed from.
    """

    number: Decimal | None
    how: Bilingual | None = None
    reads: tuple[DrillDown, ...] = ()


class Exact(NamedTuple):
    """A number with the digits that it was given with, never rounded. None: no data.

    ``signed`` puts a plus before what is above zero.
    """

    number: int | Decimal | None
    unit: Text = ""
    signed: bool = False


class Sum(NamedTuple):
    """The sum of some cells. Cells without data are left out; the sum of no cells is 0."""

    of: tuple[Place, ...]
    behind: Behind | None = None


class Difference(NamedTuple):
    """One cell minus another; behind it, the dossiers that only one of them counts."""

    of: Place
    less: Place
    behind: Behind | None = None


class Percentage(NamedTuple):
    """The sum of some cells as a percentage of the sum of others, whose name is ``of``."""

    part: tuple[Place, ...]
    whole: tuple[Place, ...]
    of: Bilingual


class Words(NamedTuple):
    """A text of the data, or one that the report says in two languages. ``value`` is the value of
    the data that the text puts into words, where it is another text: the code of an agency."""

    text: Text
    value: str | None = None


class Day(NamedTuple):
    """A calendar day; None: there is none."""

    day: date | None


class Dossier(NamedTuple):
    """A dossier's code. Behind it is the dossier's life."""

    code: str


Cell = Count | Points | Exact | Sum | Difference | Percentage | Words | Day | Dossier
Value = int | Decimal | date | str | Bilingual | None


class Column(NamedTuple):
    """A column of a table.

    ``headings`` are read from the outermost to the innermost; neighbours may share the outer ones.
    ``number`` is how an official form numbers the column. ``width`` is in characters.
    """

    key: str
    headings: tuple[Bilingual, ...]
    kind: Literal["text", "count", "percent", "points"] = "count"
    number: str = ""
    width: int = 11


class Row(NamedTuple):
    """A row: its cells by the keys of their columns. A column without a cell stays empty."""

    key: str
    cells: Mapping[str, Cell]
    style: Style = "line"
    depth: int = 0


class Each(Collection[Item_co]):
    """What ``make`` gives for each of some items, as ``map`` does.

    An item is made each time that it is reached, and is not kept. So a table may have more rows
    than memory holds, and papers print it row by row.
    """

    def __init__(self, make: Callable[..., Item_co], *items: Collection[Any]) -> None:
        self._make = make
        self._items = items

    def __iter__(self) -> Iterator[Item_co]:
        """Make the items one after another."""
        return map(self._make, *self._items)

    def __len__(self) -> int:
        """The number of items."""
        return min(map(len, self._items))

    def __contains__(self, item: object) -> bool:
        """Whether an item is equal to one of these."""
        return any(item == each for each in self)


class Joined(Collection[Item_co]):
    """The items of several collections, one after another."""

    def __init__(self, parts: Collection[Collection[Item_co]]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[Item_co]:
        """The items of the first collection, of the second one, and so on."""
        return chain.from_iterable(self._parts)

    def __len__(self) -> int:
        """The number of items."""
        return sum(map(len, self._parts))

    def __contains__(self, item: object) -> bool:
        """Whether an item is in any of the collections."""
        return any(item in part for part in self._parts)


class Table(NamedTuple):
    """A table, with the notes under it."""

    key: str
    title: Bilingual
    columns: tuple[Column, ...]
    rows: Collection[Row]
    notes: tuple[Bilingual, ...] = ()


class Series(NamedTuple):
    """The numbers of a chart, one for each label."""

    name: Bilingual
    numbers: tuple[int | Decimal | None, ...]


class Chart(NamedTuple):
    """A chart: ``lines`` over days, or stacked ``bars``."""

    key: str
    title: Bilingual
    kind: Literal["lines", "bars"]
    labels: tuple[Text, ...]
    series: tuple[Series, ...]
    unit: Bilingual


Part = Table | Chart


class Rounding(NamedTuple):
    """How percentages and points are rounded: half-up (away from zero), or cut off."""

    places: int = 2
    mode: Literal["half_up", "truncate"] = "half_up"

    def of(self, number: Decimal) -> Decimal:
        """The number, rounded."""
        step = Decimal(1).scaleb(-self.places)
        return number.quantize(step, ROUND_HALF_UP if self.mode == "half_up" else ROUND_DOWN)


class About(NamedTuple):
    """A line about the basis of a document: the period, the rules, a digest."""

    name: Bilingual
    text: Text


class Records(NamedTuple):
    """Rows for programs. A column that has the same name in every language is a string."""

    columns: tuple[Text, ...]
    rows: Collection[Sequence[Text | int | Decimal | bool | None]]


class Data(NamedTuple):
    """What programs get of a document: ``json`` on the JSON paper, ``records`` on the CSV paper.

    ``json`` may have a collection that is made item by item where JSON has a list.
    """

    json: Any
    records: Records


def _in_both(text: object) -> object:
    return same(text) if isinstance(text, str) else text


# A text that people write for letters: in two languages, or one string for both.
Told = Annotated[Bilingual, BeforeValidator(_in_both)]
Line = Annotated[str, Field(min_length=1, max_length=300)]


class Sentence(NamedTuple):
    """A sentence of a letter, with fields that stand for figures (``letters.pieces``).

    ``each`` names tables, ``level-*``, or the rows of one, ``ranks/*``: the sentence stands once
    for each of them, as an item of a list, and ``*`` in its fields is what that one has there.
    """

    text: Told
    each: str = ""


class Section(NamedTuple):
    """A numbered section of a letter: its heading, and its sentences."""

    heading: Told
    sentences: tuple[Sentence, ...]


class Letter(NamedTuple):
    """What a letter (văn bản) says before its annexes, which are the tables of the document.

    ``kind`` is the kind of letter, BÁO CÁO, and ``summary`` (trích yếu) says what it is about.
    """

    kind: Told
    summary: Told
    sections: tuple[Section, ...]


class Letterhead(NamedTuple):
    """Who issues a document (thể thức văn bản, NĐ 30/2020/NĐ-CP). None: nobody has said it.

    ``parent`` is the body above the issuing ``body``; ``symbol`` follows the number of a letter,
    BC-UBND; ``authority`` are the lines above the ``title`` of who signs, TM. ỦY BAN NHÂN DÂN.
    """

    body: Line
    parent: Line | None = None
    place: Line | None = None
    symbol: Line | None = None
    addressee: Line | None = None
    authority: tuple[Line, ...] = ()
    title: Line | None = None
    signatory: Line | None = None
    recipients: tuple[Line, ...] = ()

    def issuer(self) -> list[str]:
        """The body above and the issuing body, in capitals, as they head a document."""
        return [each.upper() for each in (self.parent, self.body) if each]

    def signature(self) -> list[str]:
        """The lines above a signature, in capitals: the authority, and the title."""
        return [each.upper() for each in (*self.authority, self.title) if each]


class HeldDossier(NamedTuple):
    """A dossier that a page holds: how it stands at the end of a window, and by which rules."""

    code: str
    received: date | None
    due: date | None
    closed: date | None
    account: Bilingual
    rules: Bilingual


class Held(NamedTuple):
    """The dossiers that a page holds.

    ``lists`` has, of each figure with at most ``most`` dossiers, their places in ``dossiers``.
    """

    most: int
    dossiers: tuple[HeldDossier, ...]
    lists: Mapping[Behind, tuple[int, ...]]


class Document(NamedTuple):
    """A report, or the answer to a command.

    ``window`` is None where a document has no period, or several. ``until`` is the last day that
    its figures tell of, if the window goes on after it. ``lead`` is the result in a
    sentence, which people read first. ``ask`` is how ``hoso dossiers`` reads the same history:
    ``--source archive …``. ``data`` is None where the JSON and CSV papers print the cells,
    ``letter`` where nobody wrote sentences, ``letterhead`` where no office is named,
    and ``held`` where a page holds no dossiers.
    """

    name: str
    title: Bilingual
    window: Window | None
    about: tuple[About, ...]
    parts: Sequence[Part]
    ask: tuple[str, ...] = ()
    rounding: Rounding = Rounding()
    data: Data | None = None
    lead: Bilingual | None = None
    until: date | None = None
    letter: Letter | None = None
    letterhead: Letterhead | None = None
    held: Held | None = None

    def tables(self) -> Iterator[Table]:
        """The tables among the parts."""
        return (part for part in self.parts if isinstance(part, Table))


class Values(Mapping[Place, Value]):
    """The value of each cell of a table; None where there is no data.

    What follows from other cells is computed once. Raises ``KeyError`` for a place without a cell,
    and for a cell that follows from one.
    """

    def __init__(self, table: Table, rounding: Rounding) -> None:
        self._table = table
        self._rounding = rounding
        self._computed: dict[Place, Value] = {}

    @cached_property
    def _rows(self) -> Mapping[str, Mapping[str, Cell]]:
        """The rows by their keys, which are kept once a cell follows from others."""
        return {row.key: row.cells for row in self._table.rows}

    def __getitem__(self, place: Place) -> Value:
        """The value at a place."""
        row, column = place
        return self.of(row, column, self._rows[row][column])

    def cell(self, row: str, column: str) -> Cell:
        """The cell at a place. Raises ``KeyError`` where there is none."""
        return self._rows[row][column]

    def of(self, row: str, column: str, cell: Cell) -> Value:
        """The value of a cell, which stands in a row and a column."""
        match cell:
            case Count(number) | Exact(number):
                return number
            case Points(number):
                return None if number is None else self._rounding.of(number)
            case Words(text):
                return text
            case Day(day):
                return day
            case Dossier(code):
                return code
            case _:
                place = Place(row, column)
                for each in addends_first(self._rows, place, self._computed):
                    found = self._rows[each.row][each.column]
                    if isinstance(found, Sum | Difference | Percentage):
                        self._computed[each] = self._compute(found)
                return self._computed[place]

    def __iter__(self) -> Iterator[Place]:
        """The places of the cells, row by row."""
        return (Place(row, column) for row, cells in self._rows.items() for column in cells)

    def __len__(self) -> int:
        """The number of cells."""
        return sum(map(len, self._rows.values()))

    def _compute(self, cell: Sum | Difference | Percentage) -> Value:
        match cell:
            case Sum(of):
                return self._total(of)
            case Difference(of, less):
                whole, part = self._total((of,)), self._total((less,))
                return None if whole is None or part is None else whole - part
            case Percentage(part, whole):
                return percentage(self._total(part), self._total(whole), self._rounding)

    def _total(self, places: tuple[Place, ...]) -> int | Decimal | None:
        numbers = [number for place in places if (number := as_number(self[place])) is not None]
        return sum(numbers) if numbers or not places else None


def addends_first(
    rows: Mapping[str, Mapping[str, Cell]], place: Place, done: Container[Place]
) -> Iterator[Place]:
    """The cells that follow from others and that a cell follows from, each after its own addends;
    last the cell itself. ``done`` are left out: the caller adds each place when it gets it.

    Without recursion, because bodies may be nested thousands deep.
    """
    pending = [place]
    while pending:
        place = pending[-1]
        missing = [
            each
            for each in _addends(rows[place.row][place.column])
            if each not in done and _addends(rows[each.row][each.column])
        ]
        pending += missing
        if not missing:
            pending.pop()
            if place not in done:
                yield place


def _addends(cell: Cell) -> tuple[Place, ...]:
    """The places of the cells that a cell follows from."""
    match cell:
        case Sum(of):
            return of
        case Difference(of, less):
            return (of, less)
        case Percentage(part, whole):
            return (*part, *whole)
    return ()


def as_number(value: Value) -> int | Decimal | None:
    """The value, if it is a number; None otherwise."""
    return value if isinstance(value, int | Decimal) else None


def percentage(
    part: int | Decimal | None, whole: int | Decimal | None, rounding: Rounding
) -> Decimal | None:
    """A part as a percentage of a whole, rounded.

    None where there is no data, and where the whole is 0: a share of nothing is neither 0 nor 100.
    """
    if part is None or not whole:
        return None
    return rounding.of(Decimal(100) * part / whole)
