"""How does an audit look to a person, to a spreadsheet, and to a program?"""

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from hoso.projections.audit.checks import Audit
from hoso.projections.audit.findings import Finding
from hoso.projections.audit.phrases import FIGURE_NAMES, phrase, value_text
from hoso.projections.audit.published import PublishedReport
from hoso.projections.documents.model import NO_DATA, Bilingual, Language
from hoso.tools.output.csv import harmless
from hoso.tools.output.plain import basis

Json = dict[str, Any]

BYTE_ORDER_MARK: Final = "\ufeff"  # or spreadsheets take UTF-8 for something else
PLACE: Final = Bilingual("Ở đâu", "place")
CHECK: Final = Bilingual("Kiểm tra", "check")
CLAIMED: Final = Bilingual("Công bố", "claimed")
FOLLOWS: Final = Bilingual("Suy ra", "follows")
DIFFERENCE: Final = Bilingual("Chênh lệch", "difference")
CAUSE: Final = Bilingual("Nguyên nhân có khả năng nhất", "likeliest cause")
HOW: Final = Bilingual("Cách tính", "how")
WHY: Final = Bilingual("Vì sao", "why")
COLUMNS: Final = (PLACE, CHECK, CLAIMED, FOLLOWS, DIFFERENCE, CAUSE)
BLOCK: Final = Bilingual("Khối", "block")
FIGURE: Final = Bilingual("Chỉ tiêu", "figure")
ENGINE: Final = Bilingual("Tính từ sự kiện", "the engine's")
POINTS: Final = Bilingual("điểm %", "points")
FINDINGS: Final = Bilingual("Không khớp", "Does not hold")
HOLDS: Final = Bilingual("Khớp", "Holds")
UNCHECKED: Final = Bilingual("Không kiểm tra được", "Cannot be checked")
BESIDE: Final = Bilingual("Bên cạnh số liệu tính từ sự kiện", "Beside the engine's statement")


def as_json(published: PublishedReport, audit: Audit) -> Json:
    """All that was found, in both languages."""
    window = published.window
    return {
        "title": published.title,
        "province": published.province,
        "unit": published.unit,
        "window": None if window is None else {"from": window.first, "to": window.last},
        "findings": [_finding(each) for each in audit.findings],
        "holds": [
            {"place": place, "check": check.name, "how": how._asdict()}
            for place, check, how in audit.holds
        ],
        "unchecked": [
            {"place": place, "check": check.name, "why": why._asdict()}
            for place, check, why in audit.unchecked
        ],
        "beside": [
            {
                "block": each.block,
                "figure": each.figure,
                "claimed": _plain(each.claimed),
                "engine": _plain(each.engine),
                "difference": _plain(each.difference),
            }
            for each in audit.comparisons
        ],
        "statement": audit.statement,
        "remarks": published.remarks(),
    }


def _finding(found: Finding) -> Json:
    return {
        "place": found.place,
        "check": found.check.name,
        "claimed": _plain(found.claimed),
        "follows": _plain(found.follows),
        "difference": _plain(found.difference),
        "unit": found.unit or None,
        "cause": found.cause._asdict(),
    }


def _plain(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def as_csv(audit: Audit, language: Language) -> str:
    """The findings, a row to each."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([heading.to(language) for heading in COLUMNS])
    for found in audit.findings:
        numbers = (found.claimed, found.follows, found.difference)
        writer.writerow(
            [
                harmless(found.place),
                found.check.value.to(language),
                *("" if each is None else f"{each:f}" for each in numbers),
                harmless(found.cause.to(language)),
            ]
        )
    return BYTE_ORDER_MARK + out.getvalue()


def as_tables(
    published: PublishedReport, audit: Audit, language: Language
) -> Iterator[Table | str]:
    """What a person reads: what does not hold first, and what does below."""
    yield from _heading(published)
    if audit.findings:
        rows = [_row(found) for found in audit.findings]
        yield _table(language, FINDINGS, COLUMNS, rows)
    if audit.statement is not None:
        rows = [
            [
                each.block,
                FIGURE_NAMES[each.figure],
                *_numbers(each.claimed, each.engine, each.difference),
            ]
            for each in audit.comparisons
        ]
        yield _table(language, BESIDE, (BLOCK, FIGURE, CLAIMED, ENGINE, DIFFERENCE), rows)
        yield basis(audit.statement)
    for title, how, outcomes in ((HOLDS, HOW, audit.holds), (UNCHECKED, WHY, audit.unchecked)):
        if outcomes:
            rows = [[_in_words(place), check.value, said] for place, check, said in outcomes]
            yield _table(language, title, (PLACE, CHECK, how), rows)
    yield _count(published, audit).to(language)


def _heading(published: PublishedReport) -> Iterator[str]:
    window = published.window
    days = None if window is None else f"{window.first:%d/%m/%Y} – {window.last:%d/%m/%Y}"
    yield from filter(None, (published.title, published.unit, published.province, days))


def _row(found: Finding) -> list[str | Bilingual]:
    numbers = _numbers(found.claimed, found.follows, found.difference, found.unit)
    return [_in_words(found.place), found.check.value, *numbers, found.cause]


def _in_words(place: str) -> str | Bilingual:
    """A place as people call it: a figure of a block by its name."""
    block, _, figure = place.rpartition(".")
    if not block or figure not in FIGURE_NAMES:
        return place
    return phrase("{block} / {figure}", block=block, figure=FIGURE_NAMES[figure])


def _numbers(
    claimed: Decimal | None, follows: Decimal, difference: Decimal | None, unit: str = ""
) -> list[str | Bilingual]:
    """What was claimed, what follows, and how much more was claimed: percentages differ by
    points."""
    sign = "+" if difference is not None and difference > 0 else ""
    points = POINTS if unit else ""
    return [_number(claimed, unit), _number(follows, unit), _number(difference, points, sign)]


def _number(value: Decimal | None, unit: str | Bilingual, sign: str = "") -> str | Bilingual:
    if value is None:
        return NO_DATA
    template = "{sign}{value} {unit}" if unit else "{sign}{value}"
    return phrase(template, sign=sign, value=value, unit=unit)


def _count(published: PublishedReport, audit: Audit) -> Bilingual:
    remarks = published.remarks()
    ignored = phrase("; bỏ qua: {names}", "; left out: {names}", names=remarks)
    return phrase(
        "{findings} điểm không khớp, {holds} điểm khớp, {unchecked} điểm không kiểm tra được"
        "{ignored}",
        "{findings} do not hold, {holds} hold, {unchecked} cannot be checked{ignored}",
        findings=len(audit.findings),
        holds=len(audit.holds),
        unchecked=len(audit.unchecked),
        ignored=ignored if remarks else "",
    )


def _table(
    language: Language,
    title: Bilingual,
    columns: Sequence[Bilingual],
    rows: Sequence[Sequence[str | Bilingual]],
) -> Table:
    table = Table(title=title.to(language), title_justify="left")
    for column in columns:
        is_number = column in (CLAIMED, FOLLOWS, DIFFERENCE, ENGINE)
        table.add_column(
            column.to(language),
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(value_text(cell).to(language)) for cell in row))
    return table
