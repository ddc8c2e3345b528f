"""Lays the form that hoso makes of the same window beside a published one, cell by cell."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar

from hoso.projections.audit.comparison import EVENTS_DIFFER, Call, listed
from hoso.projections.audit.findings import Check, Finding, Unchecked
from hoso.projections.audit.forms import FormKind, FormRow, FormTable, Role
from hoso.projections.audit.phrases import phrase
from hoso.projections.audit.tables import comparable_key
from hoso.projections.documents.model import (
    Bilingual,
    Count,
    Document,
    Place,
    Rounding,
    Row,
    Sum,
    Table,
    Values,
    as_number,
)
from hoso.projections.reports.forms.cells import NO_FIELD, column_numbers

NO_ROW: Final = Bilingual("biểu không có dòng này", "the form has no such row")
NO_DOSSIERS: Final = Bilingual(
    "nguồn không có hồ sơ nào của dòng này", "the source has no dossiers of this row"
)

ROLES: Final[Mapping[str, Role]] = {"group": "group", "total": "whole"}
RowKey = tuple[str, str, int]  # its section, its name, and how often both stood above


class ComparedRow(NamedTuple):
    """A row of a form as published and as hoso makes it. None: it has no such row.

    ``claimed`` and ``engine`` have figures by the numbers of their columns; those of ``engine``
    know the dossiers behind them.
    """

    row: FormRow
    claimed: Mapping[str, Decimal | None] | None
    engine: Mapping[str, Count] | None

    def difference(self, column: str) -> Decimal:
        """How much more is claimed than hoso counts."""
        claimed = None if self.claimed is None else self.claimed[column]
        engine = 0 if self.engine is None else self.engine[column].number
        return (claimed or Decimal(0)) - (engine or 0)


class ComparedForm(NamedTuple):
    """A published form and the rows of both. ``call`` is the command that lists the dossiers behind
    hoso's figures; ``note`` says by which folding hoso made them."""

    table: FormTable
    rows: list[ComparedRow]
    call: Call
    note: Bilingual


def compare_forms(
    forms: Iterable[FormTable], made: Document, call: Call
) -> Iterator[ComparedForm | Unchecked]:
    """Compare each published form with that of its body in the document that hoso made. ``call`` is
    the command that lists the dossiers behind a figure of that document."""
    published, own = list(forms), list(made.tables())
    for table in published:
        table_made = own[0] if len(own) == len(published) == 1 else _of_body(table, own)
        if table_made is None:
            why = phrase(
                "nguồn không có cơ quan “{body}”: ghi tên hoặc mã cơ quan ở dòng trên tiêu đề "
                "bảng, hoặc body: trong tệp YAML",
                "the source has no body “{body}”: write its name or code above the headings, or "
                "body: in the YAML file",
                body=table.body,
            )
            yield Unchecked(table.name, Check.engine, why)
        else:
            rows = [*_rows(table, table_made, made.rounding)]
            yield ComparedForm(table, rows, call, _folding(made))


def _folding(made: Document) -> Bilingual:
    """By which folding a form was made: the last line about its basis."""
    name, text = made.about[-1]
    return phrase("{name}: {text}.", name=name, text=text)


def form_findings(compared: ComparedForm) -> Iterator[Finding]:
    """The findings for the cells that differ, and for rows that only one of the forms has."""
    table, call = compared.table, compared.call
    for row in compared.rows:
        if row.claimed is None or row.engine is None:
            yield from _missing_row(table, row, call)
            continue
        for column in table.kind.figures:
            if row.difference(column):
                number, behind = row.engine[column]
                place, claimed = table.place(row.row, column), row.claimed[column]
                cause = listed(EVENTS_DIFFER, behind, call)
                yield Finding(place, Check.engine, claimed, Decimal(number or 0), cause)


def _missing_row(table: FormTable, row: ComparedRow, call: Call) -> Iterator[Finding]:
    """The finding that only one of the forms has a row, which has dossiers."""
    column = table.kind.figures[0]
    place = table.place(row.row, column)
    if row.engine is None:
        if row.row.figure(column):
            yield Finding(place, Check.engine, row.row.figure(column), Decimal(0), NO_DOSSIERS)
        return
    number, behind = row.engine[column]
    if number:
        yield Finding(place, Check.engine, None, Decimal(number), listed(NO_ROW, behind, call))


def _of_body(table: FormTable, own: Iterable[Table]) -> Table | None:
    """The form of a body among those that hoso made: by its name or by its code."""
    body = comparable_key(table.body)
    for each in own:
        names = {comparable_key(each.title.vi), comparable_key(each.key.partition(".")[2])}
        if body and body in names:
            return each
    return None


def _rows(table: FormTable, made: Table, rounding: Rounding) -> Iterator[ComparedRow]:
    """The rows of both forms: those published first, then those that only hoso has.

    A section or a subtotal that only the published form has is left out: it is checked down its
    own lines.
    """
    engine = _keyed(_made_rows(table.kind, made, rounding))
    published = _keyed((row, row.numbers) for row in table.rows)
    for key, (row, claimed) in published.items():
        if key in engine:
            yield ComparedRow(row, claimed, engine[key][1])
        elif row.role == "line":
            yield ComparedRow(row, claimed, None)
    for key, (row, counts) in engine.items():
        if key not in published:
            yield ComparedRow(row, None, counts)


def _made_rows(
    kind: FormKind, made: Table, rounding: Rounding
) -> Iterator[tuple[FormRow, dict[str, Count]]]:
    """The rows with figures of a form that hoso made."""
    values, number = Values(made, rounding), column_numbers(kind.columns)
    section = ""
    for row in made.rows:
        said = {key: _text(values, row, key) for key in ("number", "field")}
        if row.style == "group":
            section = said["number"] or said["field"]
        counts = {
            number[key]: Count(int(as_number(values[Place(row.key, key)]) or 0), cell.behind)
            for key, cell in row.cells.items()
            if isinstance(cell, Count | Sum)
        }
        if counts:
            numbers = {column: Decimal(count.number or 0) for column, count in counts.items()}
            named = said["field"], said["number"], section
            yield FormRow(ROLES.get(row.style, "line"), *named, numbers), counts


def _text(values: Values, row: Row, key: str) -> str:
    if key not in row.cells:
        return ""
    text = values[Place(row.key, key)]
    return text.vi if isinstance(text, Bilingual) else str(text)


Figures = TypeVar("Figures")


def _keyed(
    rows: Iterable[tuple[FormRow, Figures]],
) -> dict[RowKey, tuple[FormRow, Figures]]:
    times: Counter[tuple[str, str]] = Counter()
    keyed: dict[RowKey, tuple[FormRow, Figures]] = {}
    for row, figures in rows:
        name = "" if row.role == "whole" else _name(row)
        key = ("" if row.role == "whole" else comparable_key(row.section), name)
        keyed[*key, times[key]] = row, figures
        times[key] += 1
    return keyed


def _name(row: FormRow) -> str:
    name = NO_FIELD.vi if row.name == NO_FIELD.en else row.name
    return f"{row.role} {comparable_key(name)}"
