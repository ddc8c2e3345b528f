"""The official forms that an audit knows, and such a form as somebody filled it in.

A form is a table whose sums are known beforehand. Across a row they are the equations of its
columns, ``(9) = (10) + (11) + (12)``; down the columns, each section and the total add up rows. The
columns and their sums are those of the forms that hoso makes (``reports.form07``,
``reports.ii06a``).
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from hoso.projections.documents.model import Column
from hoso.projections.reports.forms import form07, ii06a
from hoso.projections.reports.forms.cells import column_numbers

Role = Literal["line", "group", "subtotal", "whole"]
FORM_NAME: Final = re.compile(r"(0?7[abc])|(0?6a)", re.IGNORECASE)
AGREEING: Final = 0.5  # of a body's columns, for the bodies below it to be taken as its parts


class FormKind(NamedTuple):
    """A kind of form: its name, the report of hoso that makes it, and its columns.

    A figure is known by the number that is printed above it: ``(9)``. ``equations`` has the columns
    that are sums, with the columns that each adds up, in one way or two. The next period carries
    over (``carried_over``) what is in process (``carried_forward``).
    """

    name: str
    report: str
    columns: tuple[Column, ...]
    figures: tuple[str, ...]
    equations: Mapping[str, list[tuple[str, ...]]]
    carried_over: str
    carried_forward: str


def _kind(
    name: str, report: str, columns: tuple[Column, ...], sums: Mapping[str, tuple[str, ...]]
) -> FormKind:
    number = column_numbers(columns)
    equations = {
        number[whole]: [tuple(number[part] for part in parts)] for whole, parts in sums.items()
    }
    equations[number["received"]].append((number["resolved"], number["in_process"]))
    return FormKind(
        name,
        report,
        columns,
        tuple(number[column.key] for column in columns if column.kind == "count"),
        equations,
        number["carried_over"],
        number["in_process"],
    )


FORMS: Final = {
    "II.06a": _kind("II.06a", "ii06a", ii06a.COLUMNS, ii06a.SUM_COLUMNS),
    "07a": _kind("07a", "form07a", form07.COLUMNS, form07.SUM_COLUMNS),
    "07b": _kind("07b", "form07b", form07.COLUMNS, form07.SUM_COLUMNS),
    "07c": _kind("07c", "form07c", form07.COLUMNS, form07.SUM_COLUMNS),
}


def form_kind(name: str) -> FormKind:
    """The kind of form that people call ``name``: 07a, 7A, 07a/BTP/KSTT, form07a, II.06a.

    Raises ``ValueError`` for a form that an audit does not know.
    """
    found = FORM_NAME.search(name)
    if found is None:
        raise ValueError(f"{name!r} is no form: use {', '.join(FORMS)}")
    return FORMS["II.06a" if found[1] is None else f"0{found[1].lstrip('0').lower()}"]


class FormRow(NamedTuple):
    """A row with figures.

    A ``group`` is a section or a body; the lines below it are its own. A ``subtotal`` stands below
    its lines, the ``whole`` is the total of the form. ``number`` is what stands in column (1),
    ``section`` the number or the name of the group. ``numbers`` has the figures by the numbers of
    their columns, None where a cell is blank or has a dash.
    """

    role: Role
    name: str
    number: str
    section: str
    numbers: Mapping[str, Decimal | None]

    @property
    def label(self) -> str:
        """What people find the row by: ``II.3. Đất đai``."""
        number = self.number.rstrip(".)")
        section = self.section.rstrip(".)") if self.role == "line" else ""
        numbers = [each for each in (section, number) if SHORT_NUMBER.fullmatch(each)]
        said = f"{'.'.join(numbers)}. {self.name}" if numbers else self.name
        is_named = section and section not in numbers
        return f"{self.section}: {said}" if is_named else said

    def figure(self, column: str) -> Decimal:
        """The figure of a column; 0 where the cell is blank."""
        return self.numbers[column] or Decimal(0)


SHORT_NUMBER: Final = re.compile(r"[IVX]+|[A-HĐ]|\d+")


class FormTable(NamedTuple):
    """A form as somebody filled it in: its file, the body whose it is (empty where that is not
    said), its kind, its rows, and whether the file has other forms."""

    file: str
    body: str
    kind: FormKind
    rows: tuple[FormRow, ...]
    has_others: bool = False

    @property
    def name(self) -> str:
        """The file, with the body where the file has several."""
        return f"{self.file}: {self.body}" if self.has_others else self.file

    def place(self, row: FormRow, column: str = "") -> str:
        """Where a cell, or a row, is found."""
        return ": ".join(filter(None, (self.name, row.label, column)))

    @property
    def whole(self) -> FormRow | None:
        """The total of the form; None where it has none."""
        return next((row for row in self.rows if row.role == "whole"), None)


class Addition(NamedTuple):
    """A row that adds up other rows, all by their positions in a form."""

    whole: int
    parts: tuple[int, ...]


def additions(table: FormTable) -> list[Addition]:
    """The sums down a form: of each section, body and subtotal, and of the form as a whole.

    A section, which has a number, adds up its own lines. A body without a number adds up its lines
    and, where most of its columns then agree, the bodies next below it: a spreadsheet does not say
    which body is under which. The whole adds up all lines, and the groups that have none.
    """
    rows = table.rows
    found: list[Addition] = []
    lines: list[int] = []  # of the group that is looked for, from the bottom
    bodies: list[int] = []  # below, the nearest last
    for i in range(len(rows) - 1, -1, -1):
        match rows[i].role:
            case "line":
                lines.append(i)
            case "subtotal":
                lines = []
                found.append(Addition(i, tuple(_lines_above(rows, i))))
            case "group":
                own = lines[::-1]
                taken = 0 if rows[i].number else _bodies_taken(table, i, own, bodies)
                below = bodies[len(bodies) - taken :][::-1]
                if own or below:
                    found.append(Addition(i, (*own, *below)))
                bodies = [*bodies[: len(bodies) - taken], i]
                lines = []
    sums = {each.whole for each in found}
    leaves = tuple(
        i
        for i, row in enumerate(rows)
        if row.role == "line" or (row.role == "group" and i not in sums)
    )
    wholes = [Addition(i, leaves) for i, row in enumerate(rows) if row.role == "whole" and leaves]
    return [*found[::-1], *wholes]


def _lines_above(rows: Sequence[FormRow], subtotal: int) -> list[int]:
    """The lines between a subtotal and the group, subtotal or whole above it."""
    first = subtotal
    while first and rows[first - 1].role == "line":
        first -= 1
    return list(range(first, subtotal))


def _bodies_taken(table: FormTable, body: int, own: Sequence[int], below: Sequence[int]) -> int:
    """How many of the bodies next below a body are its parts: as many as make most columns agree;
    none where fewer than half of its columns do."""
    row, best, most = table.rows[body], 0, 0
    filled = [column for column in table.kind.figures if row.figure(column)]
    sums = {
        column: sum((table.rows[i].figure(column) for i in own), Decimal(0)) for column in filled
    }
    for taken in range(len(below) + 1):
        if taken:
            part = table.rows[below[-taken]]
            sums = {column: sums[column] + part.figure(column) for column in filled}
        agreeing = sum(sums[column] == row.figure(column) for column in filled)
        if agreeing > most and (taken == 0 or agreeing >= AGREEING * len(filled)):
            best, most = taken, agreeing
        if sum(sums[column] <= row.figure(column) for column in filled) <= most:
            break  # with more bodies no column agrees that is exceeded now
    return best
