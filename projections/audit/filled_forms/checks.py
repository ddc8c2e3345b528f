"""Checks an official form: the equations of its columns in each row, and the sums down its rows.

A wrong figure breaks several sums at once: those across its row, and the one down its column. So
where one cell alone, put right, makes all sums hold that it is in, that cell is the likeliest
cause.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from hoso.projections.audit.causes import cause_of_sum, misprint
from hoso.projections.audit.findings import Check, Finding, Holds, Outcomes, Unchecked
from hoso.projections.audit.forms import FormTable, additions
from hoso.projections.audit.phrases import phrase
from hoso.projections.audit.published import TableRow
from hoso.projections.audit.shifts import find_shift
from hoso.projections.audit.tables import shift_finding
from hoso.projections.documents.model import Bilingual

NO_TOTAL: Final = Bilingual("biểu không có dòng tổng cộng", "the form has no row of totals")
NO_ROWS: Final = Bilingual("biểu không có dòng nào có số liệu", "no row of the form has figures")


class CellOf(NamedTuple):
    """A cell of a form: the position of its row, and the number of its column."""

    row: int
    column: str


class FormSum(NamedTuple):
    """A cell, and the cells that it adds up: across a row or down a column."""

    check: Check
    whole: CellOf
    parts: tuple[CellOf, ...]


Broken = Mapping[FormSum, Decimal]  # the sums that fail, and by how much the whole is too large


def check_forms(tables: Sequence[FormTable]) -> Outcomes:
    """Check every sum of the forms of a file. Of several, those that hold are counted."""
    checked = [[*check_form(table)] for table in tables]
    others = [each for each in checked if not all(isinstance(one, Holds) for one in each)]
    held = len(checked) - len(others)
    if held > 1:
        how = phrase("{n} biểu: mọi phép cộng đều khớp", "{n} forms: all sums hold", n=held)
        yield Holds(tables[0].file, Check.form, how)
    yield from (outcome for each in (others if held > 1 else checked) for outcome in each)


def check_form(table: FormTable) -> Outcomes:
    """Check every sum of a form.

    A blank cell counts as 0; a blank total of something is a finding.
    """
    sums = [*_across(table), *_down(table)]
    broken = {each: off for each in sums if (off := _off(table, each))}
    slipped = _slipped_columns(table, broken)
    if slipped is not None:
        yield slipped
        broken = {each: off for each, off in broken.items() if each.check is not Check.row_sum}
    yield from _holding(table, sums, broken)
    wrong = _wrong_cells(sums, broken)
    found = [
        _finding(table, each, off, _right_cell(table, each, wrong)) for each, off in broken.items()
    ]
    yield from dict.fromkeys(found)  # a total that both of its equations contradict is one finding
    if not table.rows or table.whole is None:
        yield Unchecked(table.name, Check.column_sum, NO_TOTAL if table.rows else NO_ROWS)


def _across(table: FormTable) -> Iterator[FormSum]:
    for i in range(len(table.rows)):
        for whole, ways in table.kind.equations.items():
            for parts in ways:
                cells = tuple(CellOf(i, part) for part in parts)
                yield FormSum(Check.row_sum, CellOf(i, whole), cells)


def _down(table: FormTable) -> Iterator[FormSum]:
    for whole, parts in additions(table):
        for column in table.kind.figures:
            cells = tuple(CellOf(part, column) for part in parts)
            yield FormSum(Check.column_sum, CellOf(whole, column), cells)


def _figure(table: FormTable, cell: CellOf) -> Decimal:
    return table.rows[cell.row].figure(cell.column)


def _off(table: FormTable, each: FormSum) -> Decimal:
    """How much larger a whole is than the sum of its parts."""
    parts = sum((_figure(table, part) for part in each.parts), Decimal(0))
    return _figure(table, each.whole) - parts


def _slipped_columns(table: FormTable, broken: Broken) -> Finding | None:
    """The finding that columns stand in the wrong rows, where most lines fail for that reason."""
    lines = [i for i, row in enumerate(table.rows) if row.role == "line"]
    failing = {each.whole.row for each in broken if each.check is Check.row_sum} & {*lines}
    if 2 * len(failing) <= len(lines):
        return None
    columns = table.kind.figures
    rows = [
        TableRow(table.rows[i].label, {each: table.rows[i].figure(each) for each in columns})
        for i in lines
    ]

    def holds(numbers: Sequence[Decimal]) -> bool:
        own = dict(zip(columns, numbers, strict=True))
        return all(
            own[whole] == sum(own[part] for part in parts)
            for whole, ways in table.kind.equations.items()
            for parts in ways
        )

    shift = find_shift(rows, columns, columns, holds)
    held = len(lines) - len(failing)
    return None if shift is None else shift_finding(table.name, columns, rows, shift, held)


def _holding(table: FormTable, sums: Sequence[FormSum], broken: Broken) -> Iterator[Holds]:
    """How many rows each equation holds in, and which rows add up others in every column."""
    rows: dict[str, int] = defaultdict(int)
    columns: dict[int, int] = defaultdict(int)
    addends: dict[int, int] = {}
    for each in sums:
        held = int(each not in broken)
        if each.check is Check.row_sum:
            formula = f"{each.whole.column} = {' + '.join(part.column for part in each.parts)}"
            rows[formula] += held
        else:
            columns[each.whole.row] += held
            addends[each.whole.row] = len(each.parts)
    for formula, held in rows.items():
        if held:
            how = phrase("{n} dòng: {formula}", "{n} rows: {formula}", n=held, formula=formula)
            yield Holds(table.name, Check.row_sum, how)
    for row, held in columns.items():
        if held:
            how = phrase(
                "{n} cột: tổng của {rows} dòng", "{n} columns: the sum of {rows} rows",
                n=held, rows=addends[row],
            )  # fmt: skip
            yield Holds(table.place(table.rows[row]), Check.column_sum, how)


def _wrong_cells(sums: Sequence[FormSum], broken: Broken) -> dict[CellOf, Decimal]:
    """The cells that, each changed alone, put right all sums that they are in, two at least; and by
    how much each is too large."""
    changes: dict[CellOf, set[Decimal]] = defaultdict(set)
    times: dict[CellOf, int] = defaultdict(int)
    suspects = {cell for each in broken for cell in (each.whole, *each.parts)}
    for each in sums:
        off = broken.get(each, Decimal(0))
        for cell, surplus in ((each.whole, off), *((part, -off) for part in each.parts)):
            if cell in suspects:
                changes[cell].add(surplus)
                times[cell] += 1
    return {
        cell: surplus
        for cell, surpluses in changes.items()
        if len(surpluses) == 1 and times[cell] > 1 and (surplus := next(iter(surpluses)))
    }


def _right_cell(
    table: FormTable, each: FormSum, wrong: Mapping[CellOf, Decimal]
) -> tuple[CellOf, Decimal] | None:
    """The one cell of a sum that explains it, and the figure that it should have."""
    cells = (cell for cell in (each.whole, *each.parts) if cell in wrong)
    found = ((cell, _figure(table, cell) - wrong[cell]) for cell in cells)
    return next(((cell, right) for cell, right in found if right >= 0), None)


def _finding(
    table: FormTable, each: FormSum, off: Decimal, explained: tuple[CellOf, Decimal] | None
) -> Finding:
    row = table.rows[each.whole.row]
    claimed = row.numbers[each.whole.column]
    follows = row.figure(each.whole.column) - off
    if explained is not None:
        cause = _one_wrong_cell(table, *explained)
    else:
        cause = _blank_cells(table, each, off) or cause_of_sum(
            claimed or Decimal(0), _named_parts(table, each)
        )
    return Finding(table.place(row, each.whole.column), each.check, claimed, follows, cause)


def _named_parts(table: FormTable, each: FormSum) -> dict[Bilingual, Decimal]:
    """The parts of a sum by their columns, or by their rows."""
    across = each.check is Check.row_sum
    return {
        Bilingual(*[part.column if across else table.rows[part.row].label] * 2): _figure(
            table, part
        )
        for part in each.parts
    }


def _one_wrong_cell(table: FormTable, cell: CellOf, right: Decimal) -> Bilingual:
    row = table.rows[cell.row]
    printed = row.numbers[cell.column]
    if printed is None:
        return phrase(
            "ô {column} của “{row}” để trống, đúng ra là {right}: khi đó mọi phép cộng có ô này "
            "đều khớp",
            "{column} of “{row}” is blank and should be {right}: then all sums with it hold",
            column=cell.column,
            row=row.label,
            right=right,
        )
    kind = misprint(printed, right)
    return phrase(
        "ô {column} của “{row}” in {printed}, đúng ra là {right}{kind}: khi đó mọi phép cộng có ô "
        "này đều khớp",
        "{column} of “{row}” is printed as {printed} and should be {right}{kind}: then all sums "
        "with it hold",
        column=cell.column,
        row=row.label,
        printed=printed,
        right=right,
        kind="" if kind is None else phrase(" ({kind})", kind=kind),
    )


def _blank_cells(table: FormTable, each: FormSum, off: Decimal) -> Bilingual | None:
    """That what is missing from a sum may be in the cells left blank."""
    across = each.check is Check.row_sum
    blank = [
        part.column if across else table.rows[part.row].label
        for part in each.parts
        if table.rows[part.row].numbers[part.column] is None
    ]
    if off <= 0 or not blank:
        return None
    return phrase(
        "ô để trống: {blank}; cộng lại phải là {off}",
        "left blank: {blank}; together they must be {off}",
        blank=blank,
        off=off,
    )
