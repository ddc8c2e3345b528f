"""The model of a published report: its figures as they are printed, and its tables.

    title, province, unit: text
    window: {from: 2022-12-15, to: 2023-03-14}
    online_share_percent: number           # online dossiers as a share of all
    blocks:
      NAME:                                # a balance; any figure may be left out
        total, carried_over …: a number, or {count: n, percent: p}, or {total: n, percent: p}
        paused_inside_in_progress: true    # in_progress includes paused dossiers
        channel: online                    # of this channel only; default for a block ``online``
    lists:
      - {name: text, of: NAME.figure or a number, items: {label: number, …}}
    tables:                                # .csv or .xlsx files in the folder of this file
      - {file: x.csv, total: COLUMN, parts: [COLUMN, …]}
      - {file: x.csv, percent: COLUMN, count: COLUMN, of: [COLUMN, …]}
      - {file: x.csv, key: COLUMN, parts: [COLUMN, …], equals: {file: y.csv, column: COLUMN}}
      - {file: x.xlsx, form: 07b}          # an official form: 07a, 07b, 07c or II.06a

A form has its own sums (``forms``). The table before it says that the parts of a row add up to a
column of the row with the same key in another table. ``equals: {…, key: COLUMN}`` names the key
there if it is another column. In the other kinds ``key`` is optional: without it, the first column
that tells all rows apart is the key.

Any other key is a remark. Remarks are listed and not checked.
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
from hoso.projections.audit.figures import FIGURE_NAMES
from hoso.projections.audit.forms import FormKind, FormTable, form_kind

NUMBER_LIMIT: Final = 10**12
MAX_DECIMALS: Final = 9
SHOWN_CHARS: Final = 60  # of a wrong value, in error messages


def decimal_places(number: Decimal) -> int:
    """How many decimals a number is printed with."""
    return max(0, -int(number.as_tuple().exponent))


def printed_number(value: object) -> Decimal:
    """A number of a report: not negative, at most 12 digits before the point and 9 after it.

    Raises ``ValueError`` for anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"{_shown(value)} is no number: write digits, as in 12622 or 99.04")
    number = Decimal(value)
    if number < 0:
        raise ValueError(f"{_shown(value)} is negative: dossiers, percentages and scores are not")
    if number >= NUMBER_LIMIT or decimal_places(number) > MAX_DECIMALS:
        raise ValueError(f"{_shown(value)} is too long: use 12 digits and {MAX_DECIMALS} decimals")
    return number


def _dossier_count(value: object) -> Decimal:
    number = printed_number(value)
    if number != number.to_integral_value():
        raise ValueError(f"{number} is no whole number: write dossiers as 12622, without a point")
    return number


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else repr(str(value)[:SHOWN_CHARS])


PrintedNumber = Annotated[Decimal, BeforeValidator(printed_number)]
DossierCount = Annotated[Decimal, BeforeValidator(_dossier_count)]


class StrictModel(BaseModel):
    """A mapping in which unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(StrictModel):
    """A number of dossiers, its percentage, or both. A bare number is a count, and ``total`` is
    read as ``count``."""

    count: DossierCount | None = None
    percent: PrintedNumber | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_mapping(cls, value: object) -> object:
        if not isinstance(value, dict):
            return {"count": value}
        if "count" in value and "total" in value:
            raise ValueError("has a count and a total: leave one out, they are the same")
        return {"count" if key == "total" else key: entry for key, entry in value.items()}


class Block(StrictModel):
    """One balance of a report."""

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
        for name in FIGURE_NAMES:
            figure = getattr(self, name)
            if figure is not None:
                yield name, figure

    def counts(self) -> dict[str, Decimal]:
        """The numbers of dossiers that are given, by name."""
        return {name: figure.count for name, figure in self.figures() if figure.count is not None}

    def percentages(self) -> dict[str, Decimal]:
        """The percentages that are given, by name."""
        return {
            name: figure.percent for name, figure in self.figures() if figure.percent is not None
        }


def _figure_or_number(value: object) -> object:
    return value if isinstance(value, str) else printed_number(value)


class ItemList(StrictModel):
    """Items that must add up to a figure (``of: NAME.figure``) or to a number."""

    name: str
    of: Annotated[Decimal | str, BeforeValidator(_figure_or_number)]
    items: Annotated[dict[str, PrintedNumber], Field(min_length=1)]


class TableCheck(StrictModel):
    """A check of the rows of a CSV table; ``key`` is the column that tells rows apart."""

    file: str
    key: str | None = None


ColumnNames = Annotated[list[str], Field(min_length=1)]


class SumCheck(TableCheck):
    """The parts of each row add up to its total."""

    total: str
    parts: ColumnNames

    def columns(self) -> list[str]:
        """The columns that must be numbers."""
        return [self.total, *self.parts]


class PercentCheck(TableCheck):
    """The percentage of each row is its count as a share of the sum of the columns ``of``."""

    percent: str
    count: str
    of: ColumnNames

    def columns(self) -> list[str]:
        """The columns that must be numbers."""
        return [self.percent, self.count, *self.of]


class OtherColumn(StrictModel):
    """A column of another table."""

    file: str
    column: str
    key: str | None = None


class MatchCheck(TableCheck):
    """The parts of each row add up to a column of another table."""

    key: str
    parts: ColumnNames
    equals: OtherColumn

    def columns(self) -> list[str]:
        """The columns that must be numbers."""
        return self.parts


class FormCheck(StrictModel):
    """An official form: all of its sums hold, across its rows and down its columns.

    ``body`` is the name or the code of the body whose form it is, where the form does not say so.
    """

    file: str
    body: str | None = None
    form: Annotated[FormKind, BeforeValidator(lambda value: form_kind(str(value)))]


def _kind_of_check(value: Any) -> str:
    keys = value if isinstance(value, dict) else {}
    kinds = {"form": "form", "equals": "match", "percent": "share"}
    return next((kind for key, kind in kinds.items() if key in keys), "sum")


AnyTableCheck = Annotated[
    Annotated[SumCheck, Tag("sum")]
    | Annotated[PercentCheck, Tag("share")]
    | Annotated[MatchCheck, Tag("match")]
    | Annotated[FormCheck, Tag("form")],
    Discriminator(_kind_of_check),
]


def _window(value: object) -> windows.Window:
    days = value if isinstance(value, dict) else {}
    if set(days) != {"from", "to"}:
        raise ValueError("is no window: write {from: 2022-12-15, to: 2023-03-14}")
    return windows.window(*(windows.parse_day(str(days[name])) for name in ("from", "to")))


class PublishedReport(BaseModel):
    """A published report. Keys that are not fields are remarks."""

    model_config = ConfigDict(extra="allow", frozen=True)

    title: str | None = None
    province: str | None = None
    unit: str | None = None
    window: Annotated[windows.Window, BeforeValidator(_window)] | None = None
    online_share_percent: PrintedNumber | None = None
    blocks: dict[str, Block] = {}
    lists: list[ItemList] = []
    tables: list[AnyTableCheck] = []

    def remarks(self) -> list[str]:
        """The keys that are not checked."""
        return list(self.model_extra or {})

    def list_total(self, item_list: ItemList) -> Decimal:
        """The number that a list must add up to.

        Raises ``KeyError`` when the report does not give the figure that the list names.
        """
        if isinstance(item_list.of, Decimal):
            return item_list.of
        block, _, figure = item_list.of.rpartition(".")
        return self.blocks[block].counts()[figure]

    def channel(self, block: str) -> str | None:
        """The channel whose dossiers a block counts; None for all channels."""
        return self.blocks[block].channel or ("online" if block == "online" else None)


class TableRow(NamedTuple):
    """A row of a table: its key, and its numbers by column, None where a cell is empty."""

    label: str
    numbers: Mapping[str, Decimal | None]


class LoadedTable(NamedTuple):
    """A check with the rows of its table and, for a ``MatchCheck``, of the other table."""

    check: SumCheck | PercentCheck | MatchCheck
    rows: list[TableRow]
    other_rows: list[TableRow]


class LoadedForms(NamedTuple):
    """The forms of a file: one for each body in form 07a, otherwise one."""

    forms: list[FormTable]


Loaded = LoadedTable | LoadedForms


class LoadedReport(NamedTuple):
    """A report with its tables. ``name`` is what messages call its file."""

    name: str
    published: PublishedReport
    tables: list[Loaded]
