"""Do the rows of a table hold: their sums, their percentages, what another table says of them?"""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from hoso.projections.audit import causes
from hoso.projections.audit.findings import Check, Finding, Holds, Outcomes, Unchecked
from hoso.projections.audit.percentages import OF_NOTHING, unexplained
from hoso.projections.audit.published import (
    LoadedTable,
    MatchCheck,
    PercentCheck,
    Row,
    SumCheck,
    decimals,
)
from hoso.projections.audit.readings import CUT_OFF, ROUNDED, Reading, readings
from hoso.projections.audit.shifts import Shift, mended, numbers_of, shift_of, strays, whole_rows
from hoso.projections.audit.sums import slack, total_of
from hoso.projections.audit.words import joined, words
from hoso.projections.documents.model import Bilingual


def key(label: str) -> str:
    """A name as two tables may both write it: letters and digits, whatever their case."""
    composed = unicodedata.normalize("NFC", label).casefold()
    return "".join(each for each in composed if each.isalnum())


def table(laid: LoadedTable) -> Outcomes:
    """What holds of a table, and what does not."""
    match laid.check:
        case SumCheck() as check:
            return _sums(check, laid.rows)
        case PercentCheck() as check:
            return _shares(check, laid.rows)
        case check:
            return _matches(check, laid.rows, laid.others)


def _hold(file: str, check: Check, held: int, formula: str | Bilingual) -> Outcomes:
    if held:
        how = words("{n} dòng: {formula}", "{n} rows: {formula}", n=held, formula=formula)
        yield Holds(file, check, how)


def _incomplete(file: str, check: Check, rows: Sequence[Row], columns: Sequence[str]) -> Outcomes:
    """The rows that give some of their numbers only; those that give none say nothing."""
    names = [
        row.label
        for row in rows
        if numbers_of(row, columns) is None and any(row.figures[c] is not None for c in columns)
    ]
    if names:
        why = words("thiếu số liệu: {names}", "numbers are missing: {names}", names=names)
        yield Unchecked(file, check, why)


def _sums(check: SumCheck, rows: Sequence[Row]) -> Outcomes:
    columns = check.columns()
    whole = whole_rows(rows, columns)
    totals = [total for _, (total, *_) in whole]
    leeway = slack(totals, [part for _, (_, *parts) in whole for part in parts], len(check.parts))

    def adds_up(numbers: Sequence[Decimal]) -> bool:
        return abs(numbers[0] - sum(numbers[1:])) <= leeway

    wrong = [(row, numbers) for row, numbers in whole if not adds_up(numbers)]
    held = len(whole) - len(wrong)
    shift = shift_of(rows, columns, check.parts, adds_up) if len(wrong) > held else None
    if shift is not None:
        yield _shifted(check, rows, shift, held)
        yield from _lost_parts(check, rows, shift)
        return
    yield from _hold(check.file, Check.row_sum, held, f"{check.total} = {_sum_of(check.parts)}")
    for row, (total, *parts) in wrong:
        named = {Bilingual(name, name): part for name, part in zip(check.parts, parts, strict=True)}
        cause = causes.of_a_sum(total, named)
        yield Finding(f"{check.file}: {row.label}", Check.row_sum, total, total_of(parts), cause)
    yield from _incomplete(check.file, Check.row_sum, rows, columns)


def _sum_of(columns: Sequence[str]) -> str:
    return " + ".join(columns)


def _shifted(
    check: SumCheck | PercentCheck, rows: Sequence[Row], shift: Shift, held: int
) -> Finding:
    columns = check.columns()
    cause = words(
        "các cột {columns} nằm {where} {n} dòng so với dòng của chúng; chuyển lại thì {again} dòng "
        "kiểm tra được đều đúng{strays}",
        "columns {columns} stand {where} their own rows, by {n}; moved back, all {again} rows that "
        "can be checked hold{strays}",
        columns=shift.columns,
        where=Bilingual("thấp hơn", "below") if shift.below > 0 else Bilingual("cao hơn", "above"),
        n=abs(shift.below),
        again=len(whole_rows(mended(rows, shift), columns)),
        strays=_strays(strays(rows, shift)),
    )
    stated = Decimal(len(whole_rows(rows, columns)))
    return Finding(check.file, Check.row_shift, stated, Decimal(held), cause)


def _strays(rows: Sequence[Row]) -> str | Bilingual:
    if not rows:
        return ""
    return words(
        "; giá trị in ở các cột này của {names} không thuộc dòng nào",
        "; what is printed there for {names} belongs to no row",
        names=[row.label for row in rows],
    )


def _lost_parts(check: SumCheck, rows: Sequence[Row], shift: Shift) -> Outcomes:
    """The rows whose parts fell off the table, and what these must add up to."""
    staying = [column for column in check.columns() if column not in shift.columns]
    for row in mended(rows, shift):
        kept = numbers_of(row, staying)
        if kept is not None and numbers_of(row, check.parts) is None:
            missing = total_of([kept[0], *(-other for other in kept[1:])])
            cause = words(
                "giá trị thật ở các cột {columns} đã bị đẩy ra khỏi bảng; tổng của chúng phải là "
                "{sum}",
                "its own {columns} fell off the table; together they must be {sum}",
                columns=shift.columns,
                sum=missing,
            )
            yield Finding(f"{check.file}: {row.label}", Check.row_lost, None, missing, cause)


def _shares(check: PercentCheck, rows: Sequence[Row]) -> Outcomes:
    file, columns = check.file, check.columns()
    whole = whole_rows(rows, columns)
    finest = max((decimals(percent) for _, (percent, *_) in whole), default=0)

    def read(numbers: Sequence[Decimal]) -> list[Reading]:
        percent, count, *parts = numbers
        return readings(count, percent, {"of": sum(parts, Decimal(0))}, finest)

    def is_share(numbers: Sequence[Decimal]) -> bool:
        return bool(read(numbers)) or not any(numbers[1:])

    held = [(row.label, found[0]) for row, numbers in whole if (found := read(numbers))]
    wrong = [(row, numbers) for row, numbers in whole if not is_share(numbers)]
    movable = [*dict.fromkeys(columns)]
    shift = shift_of(rows, columns, movable, is_share) if len(wrong) > len(held) else None
    if shift is not None:
        yield _shifted(check, rows, shift, len(held))
        return
    of = _sum_of(check.of) if len(check.of) == 1 else f"({_sum_of(check.of)})"
    share = f"{check.count} / {of}"
    formula = words("{p} = {share}: {how}", p=check.percent, share=share, how=_rounding(held))
    yield from _hold(file, Check.row_percent, len(held), formula)
    for row, (percent, count, *parts) in wrong:
        base = Fraction(sum(parts))
        shares = {Bilingual(share, share): Fraction(count) / base} if base else {}
        yield unexplained(f"{file}: {row.label}", Check.row_percent, percent, shares, finest)
    yield from _of_nothing(file, share, whole)
    yield from _incomplete(file, Check.row_percent, rows, columns)


def _of_nothing(file: str, share: str, whole: Sequence[tuple[Row, Sequence[Decimal]]]) -> Outcomes:
    names = [row.label for row, numbers in whole if not any(numbers[1:])]
    if names:
        why = words("{share}: {why}: {names}", share=share, why=OF_NOTHING, names=names)
        yield Unchecked(file, Check.row_percent, why)


def _rounding(held: Sequence[tuple[str, Reading]]) -> Bilingual:
    """How most percentages were brought to their decimals, and which ones otherwise."""
    cut = [label for label, reading in held if not reading.rounded]
    if not cut:
        return ROUNDED
    ways = [words("{how} ({names})", how=CUT_OFF, names=cut)]
    if len(cut) < len(held):
        ways.insert(0, ROUNDED)
    return joined(ways, Bilingual("; ", "; "))


def _matches(check: MatchCheck, rows: Sequence[Row], others: Sequence[Row]) -> Outcomes:
    file, column = check.file, f"{check.equals.file}: {check.equals.column}"
    theirs = {key(row.label): row.figures[check.equals.column] for row in others}
    pairs = [
        (row, sum(numbers, Decimal(0)), other)
        for row, numbers in whole_rows(rows, check.parts)
        if (other := theirs.get(key(row.label))) is not None
    ]
    wrong = [pair for pair in pairs if pair[1] != pair[2]]
    formula = f"{_sum_of(check.parts)} = {column}"
    yield from _hold(file, Check.row_match, len(pairs) - len(wrong), formula)
    cause = _disagreement(column, [ours - others for _, ours, others in wrong])
    for row, claimed, other in wrong:
        yield Finding(f"{file}: {row.label}", Check.row_match, claimed, other, cause)
    unknown = [row.label for row in rows if key(row.label) not in theirs]
    if unknown:
        why = words(
            "không có trong {file}: {names}",
            "not in {file}: {names}",
            file=check.equals.file,
            names=unknown,
        )
        yield Unchecked(file, Check.row_match, why)
    yield from _incomplete(file, Check.row_match, rows, check.parts)


def _disagreement(column: str, differences: Sequence[Decimal]) -> Bilingual:
    is_less = all(difference > 0 for difference in differences)
    if len(differences) < 2 or not (is_less or all(each < 0 for each in differences)):
        return words(
            "hai bảng không đếm cùng một tập hồ sơ; {column} in khác",
            "the two tables do not count the same; {column} says another number",
            column=column,
        )
    return words(
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
