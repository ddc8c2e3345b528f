"""Do the rows of a table hold: their sums, their percentages, what another table says of them?"""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from projections.audit import causes
from projections.audit.findings import Check, Finding, Holds, Outcomes, Unchecked
from projections.audit.percentages import OF_NOTHING, Reading, readings, unexplained
from projections.audit.published import Laid, Match, Row, Share, Sum, decimals
from projections.audit.shifts import Shift, mended, numbers_of, shift_of, strays, whole_rows
from projections.audit.sums import slack, total_of
from projections.audit.words import words
from projections.reports.document import Said


def key(label: str) -> str:
    """A name as two tables may both write it: letters and digits, whatever their case."""
    composed = unicodedata.normalize("NFC", label).casefold()
    return "".join(each for each in composed if each.isalnum())


def table(laid: Laid) -> Outcomes:
    """What holds of a table, and what does not."""
    if isinstance(laid.check, Sum):
        return _sums(laid.check, laid.rows)
    if isinstance(laid.check, Share):
        return _shares(laid.check, laid.rows)
    return _matches(laid.check, laid.rows, laid.others)


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


def _formula(whole: str, parts: Sequence[str]) -> str:
    return f"{whole} = {' + '.join(parts)}"


def _hold(file: str, check: Check, held: int, formula: str) -> Outcomes:
    if held:
        yield Holds(
            file,
            check,
            words("{n} dòng: {formula}", "{n} rows: {formula}", n=held, formula=formula),
        )


def _sums(check: Sum, rows: Sequence[Row]) -> Outcomes:
    columns = check.columns()
    whole = whole_rows(rows, columns)
    leeway = _leeway([numbers for _, numbers in whole], check)

    def adds_up(numbers: Sequence[Decimal]) -> bool:
        return abs(numbers[0] - sum(numbers[1:])) <= leeway

    wrong = [(row, numbers) for row, numbers in whole if not adds_up(numbers)]
    held = len(whole) - len(wrong)
    shift = shift_of(rows, columns, check.parts, adds_up) if len(wrong) > held else None
    if shift is not None:
        yield _shifted(check, rows, shift, held)
        yield from _lost_parts(check, rows, shift)
    else:
        yield from _hold(check.file, Check.row_sum, held, _formula(check.total, check.parts))
        yield from (_unbalanced(check, row, numbers) for row, numbers in wrong)
        yield from _incomplete(check.file, Check.row_sum, rows, columns)


def _leeway(rows: Sequence[Sequence[Decimal]], check: Sum) -> Decimal:
    totals, parts = [row[0] for row in rows], [part for row in rows for part in row[1:]]
    return slack(totals, parts, len(check.parts))


def _unbalanced(check: Sum, row: Row, numbers: Sequence[Decimal]) -> Finding:
    total, *parts = numbers
    named = {Said(name, name): part for name, part in zip(check.parts, parts, strict=True)}
    cause = causes.of_a_sum(total, named, [])
    place = f"{check.file}: {row.label}"
    return Finding(place, Check.row_sum, total, total_of(parts), cause)


def _shifted(check: Sum | Share, rows: Sequence[Row], shift: Shift, held: int) -> Finding:
    columns = check.columns()
    cause = words(
        "các cột {columns} nằm {where} {n} dòng so với dòng của chúng; chuyển lại thì {again} dòng "
        "kiểm tra được đều đúng{strays}",
        "columns {columns} stand {where} their own rows, by {n}; moved back, all {again} rows that "
        "can be checked hold{strays}",
        columns=shift.columns,
        where=Said("thấp hơn", "below") if shift.below > 0 else Said("cao hơn", "above"),
        n=abs(shift.below),
        again=len(whole_rows(mended(rows, shift), columns)),
        strays=_strays(strays(rows, shift)),
    )
    stated = Decimal(len(whole_rows(rows, columns)))
    return Finding(check.file, Check.row_shift, stated, Decimal(held), cause)


def _strays(rows: Sequence[Row]) -> Said:
    if not rows:
        return Said("", "")
    return words(
        "; giá trị in ở các cột này của {names} không thuộc dòng nào",
        "; what is printed there for {names} belongs to no row",
        names=[row.label for row in rows],
    )


def _lost_parts(check: Sum, rows: Sequence[Row], shift: Shift) -> Outcomes:
    """The rows whose parts fell off the table, and what these must add up to."""
    staying = [column for column in check.columns() if column not in shift.columns]
    for row in mended(rows, shift):
        kept = numbers_of(row, staying)
        if kept is not None and numbers_of(row, check.parts) is None:
            total, *others = kept
            missing = total_of([total, *(-other for other in others)])
            cause = words(
                "giá trị thật ở các cột {columns} đã bị đẩy ra khỏi bảng; tổng của chúng phải là "
                "{sum}",
                "its own {columns} fell off the table; together they must be {sum}",
                columns=shift.columns,
                sum=missing,
            )
            yield Finding(f"{check.file}: {row.label}", Check.row_lost, None, missing, cause)


def _shares(check: Share, rows: Sequence[Row]) -> Outcomes:
    columns = check.columns()
    whole = whole_rows(rows, columns)
    finest = max((decimals(numbers[0]) for _, numbers in whole), default=0)
    read = [(row, numbers, _read(numbers, finest)) for row, numbers in whole]
    wrong = [(row, numbers) for row, numbers, found in read if not found and any(numbers[1:])]
    held = [(row.label, found[0]) for row, _, found in read if found]

    def is_share(numbers: Sequence[Decimal]) -> bool:
        return bool(_read(numbers, finest)) or not any(numbers[1:])

    shift = (
        shift_of(rows, columns, [*dict.fromkeys(columns)], is_share)
        if len(wrong) > len(held)
        else None
    )
    if shift is not None:
        yield _shifted(check, rows, shift, len(held))
        return
    formula = f"{check.percent} = {check.count} / {_sum_of(check.of)}"
    if held:
        truncated = [label for label, reading in held if not reading.rounded]
        yield Holds(check.file, Check.row_percent, _cut(formula, len(held), truncated))
    yield from (_unshared(check, row, numbers, finest) for row, numbers in wrong)
    of_nothing = [row.label for row, numbers, _ in read if not any(numbers[1:])]
    if of_nothing:
        why = words(
            "{formula}: {why}: {names}",
            "{formula}: {why}: {names}",
            formula=formula,
            why=OF_NOTHING,
            names=of_nothing,
        )
        yield Unchecked(check.file, Check.row_percent, why)
    yield from _incomplete(check.file, Check.row_percent, rows, columns)


def _read(numbers: Sequence[Decimal], finest: int) -> list[Reading]:
    percent, count, *parts = numbers
    return readings(count, percent, {"of": sum(parts, Decimal(0))}, finest)


def _sum_of(columns: Sequence[str]) -> str:
    return columns[0] if len(columns) == 1 else f"({' + '.join(columns)})"


def _cut(formula: str, held: int, truncated: Sequence[str]) -> Said:
    if not truncated:
        return words(
            "{n} dòng: {formula}, làm tròn",
            "{n} rows: {formula}, rounded",
            n=held,
            formula=formula,
        )
    return words(
        "{n} dòng: {formula}; làm tròn {rounded} dòng, cắt bỏ: {names}",
        "{n} rows: {formula}; {rounded} rounded, these truncated: {names}",
        n=held,
        formula=formula,
        rounded=held - len(truncated),
        names=truncated,
    )


def _unshared(check: Share, row: Row, numbers: Sequence[Decimal], finest: int) -> Finding:
    percent, count, *parts = numbers
    of = sum(parts, Decimal(0))
    place, formula = f"{check.file}: {row.label}", f"{check.count} / {_sum_of(check.of)}"
    shares = {Said(formula, formula): Fraction(count) / Fraction(of)} if of else {}
    return unexplained(place, Check.row_percent, percent, shares, finest)


def _matches(check: Match, rows: Sequence[Row], others: Sequence[Row]) -> Outcomes:
    theirs = {key(row.label): row.figures[check.equals.column] for row in others}
    unknown = [row.label for row in rows if key(row.label) not in theirs]
    pairs = [
        (row, sum(numbers, Decimal(0)), other)
        for row, numbers in whole_rows(rows, check.parts)
        if (other := theirs.get(key(row.label))) is not None
    ]
    wrong = [pair for pair in pairs if pair[1] != pair[2]]
    place, column = check.file, f"{check.equals.file}: {check.equals.column}"
    formula = f"{' + '.join(check.parts)} = {column}"
    yield from _hold(place, Check.row_match, len(pairs) - len(wrong), formula)
    for row, claimed, other in wrong:
        cause = _disagreement(column, [ours - theirs for _, ours, theirs in wrong])
        yield Finding(f"{place}: {row.label}", Check.row_match, claimed, other, cause)
    if unknown:
        why = words(
            "không có trong {file}: {names}",
            "not in {file}: {names}",
            file=check.equals.file,
            names=unknown,
        )
        yield Unchecked(place, Check.row_match, why)
    yield from _incomplete(place, Check.row_match, rows, check.parts)


def _disagreement(column: str, differences: Sequence[Decimal]) -> Said:
    said: dict[str, str | int] = {"column": column, "n": len(differences)}
    if len(differences) > 1 and all(difference > 0 for difference in differences):
        return words(
            "{column} ít hơn ở cả {n} dòng lệch: có lẽ bảng kia bỏ sót hoặc chốt sớm hơn",
            "{column} is less in all {n} rows that differ: that table may leave some out, or was "
            "closed earlier",
            **said,
        )
    if len(differences) > 1 and all(difference < 0 for difference in differences):
        return words(
            "{column} nhiều hơn ở cả {n} dòng lệch: có lẽ bảng này bỏ sót hoặc chốt sớm hơn",
            "{column} is more in all {n} rows that differ: this table may leave some out, or was "
            "closed earlier",
            **said,
        )
    return words(
        "hai bảng không đếm cùng một tập hồ sơ; {column} in khác",
        "the two tables do not count the same; {column} says another number",
        **said,
    )
