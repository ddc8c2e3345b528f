"""Checks the rows of a table: their sums, their percentages, and their match with another table."""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from hoso.projections.audit.causes import cause_of_sum
from hoso.projections.audit.findings import Check, Finding, Holds, Outcomes, Unchecked
from hoso.projections.audit.percentages import ZERO_OF_ZERO, unexplained_percentage
from hoso.projections.audit.phrases import joined, phrase
from hoso.projections.audit.published import (
    LoadedTable,
    MatchCheck,
    PercentCheck,
    SumCheck,
    TableRow,
    decimal_places,
)
from hoso.projections.audit.readings import ROUNDED, TRUNCATED, Reading, readings
from hoso.projections.audit.shifts import (
    Shift,
    complete_numbers,
    complete_rows,
    find_shift,
    moved_back,
    stray_rows,
)
from hoso.projections.audit.sums import rounding_note, rounding_slack, sum_of
from hoso.projections.documents.model import Bilingual

NumberedRow = tuple[TableRow, Sequence[Decimal]]  # a row and its numbers in the columns of a check


def comparable_key(label: str) -> str:
    """A row's key without what may differ between tables: case, spaces, signs, Unicode form."""
    composed = unicodedata.normalize("NFC", label).casefold()
    return "".join(character for character in composed if character.isalnum())


def check_table(table: LoadedTable) -> Outcomes:
    """Check the rows of a table."""
    match table.check:
        case SumCheck() as check:
            return _check_sums(check, table.rows)
        case PercentCheck() as check:
            return _check_shares(check, table.rows)
        case check:
            return _check_matches(check, table.rows, table.other_rows)


def _rows_hold(file: str, check: Check, held: int, formula: str | Bilingual) -> Outcomes:
    if held:
        how = phrase("{n} dòng: {formula}", "{n} rows: {formula}", n=held, formula=formula)
        yield Holds(file, check, how)


def _incomplete_rows(
    file: str, check: Check, rows: Sequence[TableRow], columns: Sequence[str]
) -> Outcomes:
    """Name the rows that have some of their numbers only; rows without any are left out."""
    names = [
        row.label
        for row in rows
        if complete_numbers(row, columns) is None
        and any(row.numbers[column] is not None for column in columns)
    ]
    if names:
        why = phrase("thiếu số liệu: {names}", "numbers are missing: {names}", names=names)
        yield Unchecked(file, check, why)


def _check_sums(check: SumCheck, rows: Sequence[TableRow]) -> Outcomes:
    columns = check.columns()
    complete = complete_rows(rows, columns)
    totals = [total for _, (total, *_) in complete]
    addends = [part for _, (_, *parts) in complete for part in parts]
    slack = rounding_slack(totals, addends, len(check.parts))

    def adds_up(numbers: Sequence[Decimal]) -> bool:
        return abs(numbers[0] - sum(numbers[1:])) <= slack

    wrong = [(row, numbers) for row, numbers in complete if not adds_up(numbers)]
    held = len(complete) - len(wrong)
    shift = find_shift(rows, columns, check.parts, adds_up) if len(wrong) > held else None
    if shift is not None:
        yield shift_finding(check.file, columns, rows, shift, held)
        yield from _lost_numbers(check, rows, shift)
        return
    rounded = [
        (row, numbers)
        for row, numbers in complete
        if numbers[0] != sum(numbers[1:]) and adds_up(numbers)
    ]
    exact, formula = held - len(rounded), f"{check.total} = {_sum(check.parts)}"
    yield from _rows_hold(check.file, Check.row_sum, exact, formula)
    for row, (total, *parts) in rounded:
        yield rounding_note(f"{check.file}: {row.label}", Check.row_sum, total, parts)
    for row, (total, *parts) in wrong:
        named = {Bilingual(name, name): part for name, part in zip(check.parts, parts, strict=True)}
        cause = cause_of_sum(total, named)
        yield Finding(f"{check.file}: {row.label}", Check.row_sum, total, sum_of(parts), cause)
    yield from _incomplete_rows(check.file, Check.row_sum, rows, columns)


def _sum(columns: Sequence[str]) -> str:
    return " + ".join(columns)


def shift_finding(
    place: str, columns: Sequence[str], rows: Sequence[TableRow], shift: Shift, held: int
) -> Finding:
    """The finding that columns are shifted: of the rows that have all numbers in some ``columns``,
    only ``held`` hold."""
    cause = phrase(
        "các cột {columns} nằm {where} {n} dòng so với dòng của chúng; chuyển lại thì {again} dòng "
        "kiểm tra được đều đúng{strays}",
        "columns {columns} stand {where} their own rows, by {n}; moved back, all {again} rows that "
        "can be checked hold{strays}",
        columns=shift.columns,
        where=Bilingual("thấp hơn", "below") if shift.below > 0 else Bilingual("cao hơn", "above"),
        n=abs(shift.below),
        again=len(complete_rows(moved_back(rows, shift), columns)),
        strays=_strays(stray_rows(rows, shift)),
    )
    claimed = Decimal(len(complete_rows(rows, columns)))
    return Finding(place, Check.row_shift, claimed, Decimal(held), cause)


def _strays(rows: Sequence[TableRow]) -> str | Bilingual:
    if not rows:
        return ""
    return phrase(
        "; giá trị in ở các cột này của {names} không thuộc dòng nào",
        "; what is printed there for {names} belongs to no row",
        names=[row.label for row in rows],
    )


def _lost_numbers(check: SumCheck, rows: Sequence[TableRow], shift: Shift) -> Outcomes:
    """The rows whose numbers fell off the table, and the sum that these must have had."""
    unmoved = [column for column in check.columns() if column not in shift.columns]
    for row in moved_back(rows, shift):
        numbers = complete_numbers(row, unmoved)
        if numbers is not None and complete_numbers(row, check.parts) is None:
            total, *parts = numbers
            missing = sum_of([total, *(-part for part in parts)])
            cause = phrase(
                "giá trị thật ở các cột {columns} đã bị đẩy ra khỏi bảng; tổng của chúng phải là "
                "{sum}",
                "its own {columns} fell off the table; together they must be {sum}",
                columns=shift.columns,
                sum=missing,
            )
            yield Finding(f"{check.file}: {row.label}", Check.row_lost, None, missing, cause)


def _check_shares(check: PercentCheck, rows: Sequence[TableRow]) -> Outcomes:
    file, columns = check.file, check.columns()
    complete = complete_rows(rows, columns)
    finest = max((decimal_places(percent) for _, (percent, *_) in complete), default=0)

    def read(numbers: Sequence[Decimal]) -> list[Reading]:
        percent, count, *parts = numbers
        return readings(count, percent, {"of": sum(parts, Decimal(0))}, finest)

    def is_share(numbers: Sequence[Decimal]) -> bool:
        return bool(read(numbers)) or not any(numbers[1:])

    held = [(row.label, found[0]) for row, numbers in complete if (found := read(numbers))]
    wrong = [(row, numbers) for row, numbers in complete if not is_share(numbers)]
    movable = [*dict.fromkeys(columns)]
    shift = find_shift(rows, columns, movable, is_share) if len(wrong) > len(held) else None
    if shift is not None:
        yield shift_finding(file, columns, rows, shift, len(held))
        return
    denominator = _sum(check.of) if len(check.of) == 1 else f"({_sum(check.of)})"
    share = f"{check.count} / {denominator}"
    formula = phrase("{p} = {share}: {how}", p=check.percent, share=share, how=_roundings(held))
    yield from _rows_hold(file, Check.row_percent, len(held), formula)
    for row, (percent, count, *parts) in wrong:
        base = Fraction(sum(parts))
        shares = {Bilingual(share, share): Fraction(count) / base} if base else {}
        place = f"{file}: {row.label}"
        yield unexplained_percentage(place, Check.row_percent, percent, shares, finest)
    yield from _zero_of_zero(file, share, complete)
    yield from _incomplete_rows(file, Check.row_percent, rows, columns)


def _zero_of_zero(file: str, share: str, rows: Sequence[NumberedRow]) -> Outcomes:
    names = [row.label for row, numbers in rows if not any(numbers[1:])]
    if names:
        why = phrase("{share}: {why}: {names}", share=share, why=ZERO_OF_ZERO, names=names)
        yield Unchecked(file, Check.row_percent, why)


def _roundings(held: Sequence[tuple[str, Reading]]) -> Bilingual:
    """How percentages are rounded, with the names of rows that are truncated."""
    truncated = [label for label, reading in held if not reading.rounded]
    if not truncated:
        return ROUNDED
    ways = [phrase("{how} ({names})", how=TRUNCATED, names=truncated)]
    if len(truncated) < len(held):
        ways.insert(0, ROUNDED)
    return joined(ways, Bilingual("; ", "; "))


def _check_matches(
    check: MatchCheck, rows: Sequence[TableRow], other_rows: Sequence[TableRow]
) -> Outcomes:
    file, column = check.file, f"{check.equals.file}: {check.equals.column}"
    others = {comparable_key(row.label): row.numbers[check.equals.column] for row in other_rows}
    pairs = [
        (row, sum(numbers, Decimal(0)), other)
        for row, numbers in complete_rows(rows, check.parts)
        if (other := others.get(comparable_key(row.label))) is not None
    ]
    wrong = [(row, number, other) for row, number, other in pairs if number != other]
    formula = f"{_sum(check.parts)} = {column}"
    yield from _rows_hold(file, Check.row_match, len(pairs) - len(wrong), formula)
    cause = _disagreement(column, [number - other for _, number, other in wrong])
    for row, number, other in wrong:
        yield Finding(f"{file}: {row.label}", Check.row_match, number, other, cause)
    unknown = [row.label for row in rows if comparable_key(row.label) not in others]
    if unknown:
        why = phrase(
            "không có trong {file}: {names}",
            "not in {file}: {names}",
            file=check.equals.file,
            names=unknown,
        )
        yield Unchecked(file, Check.row_match, why)
    yield from _incomplete_rows(file, Check.row_match, rows, check.parts)


def _disagreement(column: str, differences: Sequence[Decimal]) -> Bilingual:
    """Why tables disagree. Differences of one sign hint that one table is less complete."""
    is_less = all(difference > 0 for difference in differences)
    if len(differences) < 2 or not (is_less or all(each < 0 for each in differences)):
        return phrase(
            "hai bảng không đếm cùng một tập hồ sơ; {column} in khác",
            "the two tables do not count the same; {column} says another number",
            column=column,
        )
    return phrase(
        "{column} {less} ở cả {n} dòng lệch: có lẽ {short} bỏ sót hoặc chốt sớm hơn",
        "{column} is {less} in all {n} rows that differ: {short} may leave some out, or was closed "
        "earlier",
        column=column,
        less=Bilingual("ít hơn", "less") if is_less else Bilingual("nhiều hơn", "more"),
        n=len(differences),
        short=Bilingual("bảng kia", "that table")
        if is_less
        else Bilingual("bảng này", "this table"),
    )
