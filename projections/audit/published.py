"""What does a published report say? Its figures as somebody printed them.

    title, province, unit: text
    window: {from: 2022-12-15, to: 2023-03-14}
    online_share_percent: number           # of the block of online dossiers, on the one of all
    blocks:
      NAME:                                # a balance; any figure may be left out
        total, carried_over …: a number, or {count: n, percent: p}, or {total: n, percent: p}
        paused_inside_in_progress: true    # paused dossiers are counted in in_progress as well
        channel: online                    # whose dossiers; a block named ``online`` has them
    lists:
      - {name: text, of: NAME.figure or a number, items: {label: number, …}}
    tables:                                # CSV files beside this one
      - {file: x.csv, total: COLUMN, parts: [COLUMN, …]}
      - {file: x.csv, percent: COLUMN, count: COLUMN, of: [COLUMN, …]}
      - {file: x.csv, key: COLUMN, parts: [COLUMN, …], equals: {file: y.csv, column: COLUMN}}

The last one says that a row's parts add up to a column of the row with the same key in another
table; its key may have another name there (``equals: {…, key: COLUMN}``). In the other tables,
too, ``key`` names the column that tells rows apart; without it, the first that does.

What else stands beside these is a remark, which nobody checks.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from hoso.domain import windows
from hoso.projections.audit.words import FIGURES

MOST: Final = 10**12
DECIMALS: Final = 9
SHOWN: Final = 60  # characters, of what is not understood


def decimals(value: Decimal) -> int:
    """How many decimals a number is printed with."""
    return max(0, -int(value.as_tuple().exponent))


def number(value: object) -> Decimal:
    """A number that a report may print. Raises ``ValueError`` for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"{_shown(value)} is no number: write digits, as in 12622 or 99.04")
    given = Decimal(value)
    if given < 0:
        raise ValueError(f"{_shown(value)} is negative: dossiers, percentages and scores are not")
    if given >= MOST or decimals(given) > DECIMALS:
        raise ValueError(f"{_shown(value)} is too long: use 12 digits and {DECIMALS} decimals")
    return given


def _whole(value: object) -> Decimal:
    given = number(value)
    if given != given.to_integral_value():
        raise ValueError(f"{given} is no whole number: write dossiers as 12622, without a point")
    return given


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else repr(str(value)[:SHOWN])


Number = Annotated[Decimal, BeforeValidator(number)]
Count = Annotated[Decimal, BeforeValidator(_whole)]


class Part(BaseModel):
    """A part of a report, which says nothing but what it has fields for."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(Part):
    """A number of dossiers, with its percentage or without."""

    count: Count | None = None
    percent: Number | None = None

    @model_validator(mode="before")
    @classmethod
    def _however_written(cls, value: object) -> object:
        if not isinstance(value, dict):
            return {"count": value}
        if "count" in value and "total" in value:
            raise ValueError("has a count and a total: leave one out, they are the same")
        return {"count" if name == "total" else name: said for name, said in value.items()}


class Block(Part):
    """One balance."""

    total: Figure | None = None
    carried_over: Figure | None = None
    received: Figure | None = None
    resolved: Figure | None = None
    early: Figure | None = None
    on_time: Figure | None = None
    early_and_on_time: Figure | None = None
    overdue: Figure | None = None
    in_progress: Figure | None = None
    in_progress_in_time: Figure | None = None
    in_progress_overdue: Figure | None = None
    paused_or_awaiting_supplement: Figure | None = None
    returned: Figure | None = None
    cancelled_or_withdrawn: Figure | None = None
    online: Figure | None = None
    paused_inside_in_progress: Annotated[bool, Field(strict=True)] = False
    channel: Literal["online", "in_person", "post"] | None = None

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """The figures that are given, by name."""
        for name in FIGURES:
            figure = getattr(self, name)
            if figure is not None:
                yield name, figure

    def counts(self) -> dict[str, Decimal]:
        """The numbers of dossiers that are given."""
        return {name: said.count for name, said in self.figures() if said.count is not None}

    def percentages(self) -> dict[str, Decimal]:
        """The percentages that are given."""
        return {name: said.percent for name, said in self.figures() if said.percent is not None}


def _figure_or_number(said: object) -> object:
    return said if isinstance(said, str) else number(said)


class Listing(Part):
    """Parts that must add up to a figure."""

    name: str
    of: Annotated[Decimal | str, BeforeValidator(_figure_or_number)]
    items: Annotated[dict[str, Number], Field(min_length=1)]


class Beside(Part):
    """A check of a table that lies beside the report."""

    file: str
    key: str | None = None


Columns = Annotated[list[str], Field(min_length=1)]


class SumCheck(Beside):
    """The parts of each row add up to its total."""

    total: str
    parts: Columns

    def columns(self) -> list[str]:
        """The columns that must be numbers."""
        return [self.total, *self.parts]


class PercentCheck(Beside):
    """The percentage of each row is its count's, of the sum of some columns."""

    percent: str
    count: str
    of: Columns

    def columns(self) -> list[str]:
        """The columns that must be numbers."""
        return [self.percent, self.count, *self.of]


class Elsewhere(Part):
    """A column of another table."""

    file: str
    column: str
    key: str | None = None


class MatchCheck(Beside):
    """The parts of each row add up to a column of another table."""

    key: str
    parts: Columns
    equals: Elsewhere

    def columns(self) -> list[str]:
        """The columns that must be numbers."""
        return self.parts


def _kind(said: Any) -> str:
    named = said if isinstance(said, dict) else {}
    return "match" if "equals" in named else "share" if "percent" in named else "sum"


Table = Annotated[
    Annotated[SumCheck, Tag("sum")]
    | Annotated[PercentCheck, Tag("share")]
    | Annotated[MatchCheck, Tag("match")],
    Discriminator(_kind),
]


def _window(said: object) -> windows.Window:
    days = said if isinstance(said, dict) else {}
    if set(days) != {"from", "to"}:
        raise ValueError("is no window: write {from: 2022-12-15, to: 2023-03-14}")
    return windows.window(*(windows.parse_day(str(days[name])) for name in ("from", "to")))


class Published(BaseModel):
    """A report; what it says beside these is a remark."""

    model_config = ConfigDict(extra="allow", frozen=True)

    title: str | None = None
    province: str | None = None
    unit: str | None = None
    window: Annotated[windows.Window, BeforeValidator(_window)] | None = None
    online_share_percent: Number | None = None
    blocks: dict[str, Block] = {}
    lists: list[Listing] = []
    tables: list[Table] = []

    def remarks(self) -> list[str]:
        """The names of what is not checked."""
        return list(self.model_extra or {})

    def whole(self, listing: Listing) -> Decimal:
        """What a list is to add up to. Raises ``KeyError`` for a figure that is not given."""
        if isinstance(listing.of, Decimal):
            return listing.of
        name, _, figure = listing.of.rpartition(".")
        return self.blocks[name].counts()[figure]

    def channel(self, name: str) -> str | None:
        """Whose dossiers a block counts: a channel's, or all."""
        return self.blocks[name].channel or ("online" if name == "online" else None)


class Row(NamedTuple):
    """A row of a table: what it is of, and its numbers, nothing where the cell is empty."""

    label: str
    figures: Mapping[str, Decimal | None]


class LoadedTable(NamedTuple):
    """A check of a table, with the rows of its file, and of the other one if there is one."""

    check: SumCheck | PercentCheck | MatchCheck
    rows: list[Row]
    others: list[Row]
