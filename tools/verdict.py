"""How does an audit look to a person, to a spreadsheet, and to a program?"""

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, Literal

from rich.table import Table
from rich.text import Text

from projections.audit.beside import Compared
from projections.audit.findings import CHECKS, Finding
from projections.audit.published import Published
from projections.audit.verdict import Audit
from projections.audit.words import FIGURES, number, words
from projections.reports.document import Said
from tools.papers.as_csv import harmless
from tools.render import basis

Json = dict[str, Any]
Language = Literal["vi", "en"]

BYTE_ORDER_MARK: Final = "\ufeff"  # or spreadsheets take UTF-8 for something else
PLACE: Final = Said("Ở đâu", "place")
CHECK: Final = Said("Kiểm tra", "check")
CLAIMED: Final = Said("Công bố", "claimed")
FOLLOWS: Final = Said("Suy ra", "follows")
DIFFERENCE: Final = Said("Chênh lệch", "difference")
CAUSE: Final = Said("Nguyên nhân có khả năng nhất", "likeliest cause")
HOW: Final = Said("Cách tính", "how")
WHY: Final = Said("Vì sao", "why")
BLOCK: Final = Said("Khối", "block")
FIGURE: Final = Said("Chỉ tiêu", "figure")
ENGINE: Final = Said("Tính từ sự kiện", "the engine's")

FINDINGS: Final = Said("Không khớp", "Does not hold")
HOLDS: Final = Said("Khớp", "Holds")
UNCHECKED: Final = Said("Không kiểm tra được", "Cannot be checked")
BESIDE: Final = Said("Bên cạnh số liệu tính từ sự kiện", "Beside the engine's statement")


def as_json(published: Published, audit: Audit) -> Json:
    """All that was found, in both languages."""
    window = published.window
    return {
        "title": published.title,
        "province": published.province,
        "unit": published.unit,
        "window": None if window is None else {"from": window.first, "to": window.last},
        "findings": [_finding(each) for each in audit.findings],
        "holds": [
            {"place": place, "check": check, "how": how._asdict()}
            for place, check, how in audit.holds
        ],
        "unchecked": [
            {"place": place, "check": check, "why": why._asdict()}
            for place, check, why in audit.unchecked
        ],
        "beside": [_beside(each) for each in audit.beside],
        "statement": audit.statement,
        "remarks": published.remarks(),
    }


def _finding(found: Finding) -> Json:
    return {
        "place": found.place,
        "check": found.check,
        "claimed": _plain(found.claimed),
        "follows": _plain(found.follows),
        "difference": _plain(found.difference),
        "unit": found.unit or None,
        "cause": found.cause._asdict(),
    }


def _beside(compared: Compared) -> Json:
    return {
        "block": compared.block,
        "figure": compared.figure,
        "claimed": _plain(compared.claimed),
        "engine": _plain(compared.engine),
        "difference": _plain(compared.difference),
    }


def _plain(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def as_csv(audit: Audit, language: Language) -> str:
    """The findings, a row to each."""
    out = io.StringIO()
    writer = csv.writer(out)
    columns = (PLACE, CHECK, CLAIMED, FOLLOWS, DIFFERENCE, CAUSE)
    writer.writerow([_in(language, each) for each in columns])
    for found in audit.findings:
        numbers = (found.claimed, found.follows, found.difference)
        writer.writerow(
            [
                harmless(found.place),
                _in(language, CHECKS[found.check]),
                *("" if each is None else f"{each:f}" for each in numbers),
                harmless(_in(language, found.cause)),
            ]
        )
    return BYTE_ORDER_MARK + out.getvalue()


def as_tables(published: Published, audit: Audit, language: Language) -> Iterator[Table | str]:
    """What a person reads: what does not hold first, and what does below."""
    yield _heading(published)
    if audit.findings:
        rows = [_row(found, language) for found in audit.findings]
        columns = (PLACE, CHECK, CLAIMED, FOLLOWS, DIFFERENCE, CAUSE)
        yield _table(language, FINDINGS, columns, rows)
    if audit.statement is not None:
        yield _side_by_side(audit.beside, language)
        yield basis(audit.statement)
    for title, how, outcomes in ((HOLDS, HOW, audit.holds), (UNCHECKED, WHY, audit.unchecked)):
        if outcomes:
            rows = [
                [place, _in(language, CHECKS[check]), _in(language, said)]
                for place, check, said in outcomes
            ]
            yield _table(language, title, (PLACE, CHECK, how), rows)
    yield _in(language, _count(published, audit))


def _heading(published: Published) -> str:
    window = published.window
    days = [] if window is None else [f"{window.first:%d/%m/%Y} – {window.last:%d/%m/%Y}"]
    said = [published.title, published.unit, published.province, *days]
    return "\n".join(each for each in said if each)


def _row(found: Finding, language: Language) -> list[str]:
    unit = f" {found.unit}" if found.unit else ""
    return [
        found.place,
        _in(language, CHECKS[found.check]),
        _number(found.claimed, language, unit),
        _number(found.follows, language, unit),
        _signed(found.difference, language, unit),
        _in(language, found.cause),
    ]


def _side_by_side(compared: Sequence[Compared], language: Language) -> Table:
    rows = [
        [
            each.block,
            _in(language, FIGURES[each.figure]),
            _number(each.claimed, language),
            _number(each.engine, language),
            _signed(each.difference, language),
        ]
        for each in compared
    ]
    return _table(language, BESIDE, (BLOCK, FIGURE, CLAIMED, ENGINE, DIFFERENCE), rows)


def _count(published: Published, audit: Audit) -> Said:
    remarks = published.remarks()
    ignored = words("; bỏ qua: {names}", "; left out: {names}", names=remarks)
    return words(
        "{findings} điểm không khớp, {holds} điểm khớp, {unchecked} điểm không kiểm tra được"
        "{ignored}",
        "{findings} do not hold, {holds} hold, {unchecked} cannot be checked{ignored}",
        findings=len(audit.findings),
        holds=len(audit.holds),
        unchecked=len(audit.unchecked),
        ignored=ignored if remarks else "",
    )


def _table(
    language: Language, title: Said, columns: Sequence[Said], rows: Sequence[Sequence[str]]
) -> Table:
    table = Table(title=_in(language, title), title_justify="left")
    for column in columns:
        is_number = column in (CLAIMED, FOLLOWS, DIFFERENCE, ENGINE)
        table.add_column(
            _in(language, column),
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _number(value: Decimal | None, language: Language, unit: str = "") -> str:
    return "–" if value is None else _in(language, number(value)) + unit


def _signed(difference: Decimal | None, language: Language, unit: str = "") -> str:
    sign = "+" if difference is not None and difference > 0 else ""
    return sign + _number(difference, language, unit)


def _in(language: Language, said: Said) -> str:
    return said.vi if language == "vi" else said.en
