"""The document of an audit: what does not hold, what does, and what cannot be checked.

Programs get every finding in JSON, in both languages, and in CSV a row for each figure that does
not hold.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Final

from hoso.domain.windows import Window
from hoso.projections.audit.checks import Audit
from hoso.projections.audit.comparison import FigureComparison
from hoso.projections.audit.figures import FIGURE_NAMES
from hoso.projections.audit.filled_forms.document import form_beside, form_json
from hoso.projections.audit.findings import Finding, Holds, Note, Unchecked
from hoso.projections.audit.phrases import phrase
from hoso.projections.audit.published import LoadedForms, LoadedReport, PublishedReport
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Cell,
    Column,
    Data,
    Document,
    Exact,
    Records,
    Row,
    Table,
    Text,
    Words,
    same,
)
from hoso.projections.documents.statement import about as about_statement

Json = dict[str, Any]

PLACE: Final = Bilingual("Ở đâu", "place")
CHECK: Final = Bilingual("Kiểm tra", "check")
CLAIMED: Final = Bilingual("Công bố", "claimed")
FOLLOWS: Final = Bilingual("Suy ra", "follows")
DIFFERENCE: Final = Bilingual("Chênh lệch", "difference")
CAUSE: Final = Bilingual("Nguyên nhân có khả năng nhất", "likeliest cause")
RECORDS: Final = (PLACE, CHECK, CLAIMED, FOLLOWS, DIFFERENCE, CAUSE)
POINTS: Final = Bilingual("điểm %", "points")  # by which percentages differ
TITLE: Final = Bilingual("Kiểm tra báo cáo đã công bố", "Audit of a published report")
TITLE_OF_TWO: Final = Bilingual(
    "Kiểm tra hai báo cáo của hai kỳ liên tiếp", "Audit of two reports of consecutive periods"
)
WHICH: Final = (Bilingual("Kỳ trước", "Earlier period"), Bilingual("Kỳ sau", "Later period"))
FINDINGS: Final = Bilingual("Không khớp", "Does not hold")
BESIDE: Final = Bilingual("Bên cạnh số liệu tính từ sự kiện", "Beside the engine's statement")
NOTES: Final = Bilingual("Ghi chú: lệch do làm tròn", "Notes: off by rounding")
HOLDS: Final = Bilingual("Khớp", "Holds")
UNCHECKED: Final = Bilingual("Không kiểm tra được", "Cannot be checked")

PLACE_COLUMN: Final = Column("place", (PLACE,), "text", width=28)
CHECK_COLUMN: Final = Column("check", (CHECK,), "text", width=30)
FINDING_COLUMNS: Final = (
    PLACE_COLUMN,
    CHECK_COLUMN,
    Column("claimed", (CLAIMED,)),
    Column("follows", (FOLLOWS,)),
    Column("difference", (DIFFERENCE,)),
    Column("cause", (CAUSE,), "text", width=50),
)
BESIDE_COLUMNS: Final = (
    Column("block", (Bilingual("Khối", "block"),), "text", width=18),
    Column("figure", (Bilingual("Chỉ tiêu", "figure"),), "text", width=28),
    Column("claimed", (CLAIMED,)),
    Column("engine", (Bilingual("Tính từ sự kiện", "the engine's"),)),
    Column("difference", (DIFFERENCE,)),
)
HOLDS_COLUMNS: Final = (
    PLACE_COLUMN,
    CHECK_COLUMN,
    Column("how", (Bilingual("Cách tính", "how"),), "text", width=60),
)
NOTE_COLUMNS: Final = (
    PLACE_COLUMN,
    CHECK_COLUMN,
    Column("claimed", (CLAIMED,)),
    Column("follows", (FOLLOWS,)),
    Column("difference", (DIFFERENCE,)),
    Column("how", (Bilingual("Cách tính", "how"),), "text", width=50),
)
UNCHECKED_COLUMNS: Final = (
    PLACE_COLUMN,
    CHECK_COLUMN,
    Column("why", (Bilingual("Vì sao", "why"),), "text", width=60),
)


def document(reports: Sequence[LoadedReport], audit: Audit) -> Document:
    """The audit of a published report, or of two of consecutive periods."""
    published = [each.published for each in reports]
    data = Data(_json(reports, audit), Records(RECORDS, [*map(_record, audit.findings)]))
    about, tables = tuple(_about(reports, audit)), tuple(_tables(audit))
    lead, window = _result(published, audit), _window(published)
    return Document("audit", _title(published), window, about, tables, data=data, lead=lead)


def _title(published: Sequence[PublishedReport]) -> Bilingual:
    if len(published) > 1:
        return TITLE_OF_TWO
    title = published[0].title
    return same(title) if title else TITLE


def _window(published: Sequence[PublishedReport]) -> Window | None:
    """The days of all reports; None where one does not say its own."""
    windows = [each.window for each in published if each.window is not None]
    if len(windows) < len(published):
        return None
    return Window(windows[0].first, windows[-1].last)


def _tables(audit: Audit) -> Iterator[Table]:
    yield from _outcome_tables(audit)
    for number, compared in enumerate(audit.compared_forms, 1):
        yield form_beside(number, compared)


def _outcome_tables(audit: Audit) -> Iterator[Table]:
    rows = {
        "findings": (FINDINGS, FINDING_COLUMNS, [*map(_finding_cells, audit.findings)]),
        "beside": (BESIDE, BESIDE_COLUMNS, [*map(_beside_cells, audit.comparisons)]),
        "notes": (NOTES, NOTE_COLUMNS, [*map(_note_cells, audit.notes)]),
        "holds": (HOLDS, HOLDS_COLUMNS, [*map(_holds_cells, audit.holds)]),
        "unchecked": (UNCHECKED, UNCHECKED_COLUMNS, [*map(_unchecked_cells, audit.unchecked)]),
    }
    for key, (title, columns, lines) in rows.items():
        if lines:
            numbered = enumerate(lines)
            yield Table(key, title, columns, tuple(Row(str(n), cells) for n, cells in numbered))


def _finding_cells(found: Finding) -> dict[str, Cell]:
    numbers = _numbers(found.claimed, found.difference, found.unit)
    return {
        "place": Words(_place(found.place)),
        "check": Words(found.check.value),
        **numbers,
        "follows": Exact(found.follows, found.unit),
        "cause": Words(found.cause),
    }


def _beside_cells(compared: FigureComparison) -> dict[str, Cell]:
    return {
        "block": Words(compared.block),
        "figure": Words(FIGURE_NAMES[compared.figure]),
        **_numbers(compared.claimed, compared.difference),
        "engine": Exact(compared.engine),
    }


def _holds_cells(holds: Holds) -> dict[str, Cell]:
    place, check, how = holds
    return {"place": Words(_place(place)), "check": Words(check.value), "how": Words(how)}


def _note_cells(note: Note) -> dict[str, Cell]:
    return {
        "place": Words(_place(note.place)),
        "check": Words(note.check.value),
        **_numbers(note.claimed, note.difference),
        "follows": Exact(note.follows),
        "how": Words(note.how),
    }


def _unchecked_cells(unchecked: Unchecked) -> dict[str, Cell]:
    place, check, why = unchecked
    return {"place": Words(_place(place)), "check": Words(check.value), "why": Words(why)}


def _place(place: str) -> Text:
    """A place as people call it: a figure of a block by its name."""
    block, _, figure = place.rpartition(".")
    if not block or figure not in FIGURE_NAMES:
        return place
    return phrase("{block} / {figure}", block=block, figure=FIGURE_NAMES[figure])


def _numbers(
    claimed: Decimal | None, difference: Decimal | None, unit: str = ""
) -> dict[str, Cell]:
    """What was claimed, and how much more than what follows. Percentages differ by points."""
    return {
        "claimed": Exact(claimed, unit),
        "difference": Exact(difference, POINTS if unit else "", signed=True),
    }


def _about(reports: Sequence[LoadedReport], audit: Audit) -> Iterator[About]:
    for which, (name, report, tables) in zip(WHICH, reports, strict=False):
        if len(reports) > 1:
            yield About(which, f"{name}{_after(report.title)}{_period(report.window)}")
        if report.unit:
            yield About(Bilingual("Đơn vị", "Unit"), report.unit)
        if report.province:
            yield About(Bilingual("Tỉnh", "Province"), report.province)
        for loaded in tables:
            if isinstance(loaded, LoadedForms):
                yield About(Bilingual("Biểu mẫu", "Form"), _forms(loaded))
    for statement in audit.statements:
        yield from about_statement(statement)


def _after(text: str | None) -> str:
    return f": {text}" if text else ""


def _period(window: Window | None) -> str:
    return "" if window is None else f" ({window.first:%d/%m/%Y} – {window.last:%d/%m/%Y})"


def _forms(loaded: LoadedForms) -> Bilingual:
    first = loaded.forms[0]
    return phrase(
        "{kind} ({file}, {n} biểu)",
        "{kind} ({file}, forms: {n})",
        kind=first.kind.name,
        file=first.file,
        n=len(loaded.forms),
    )


def _result(published: Sequence[PublishedReport], audit: Audit) -> Bilingual:
    remarks = [each for report in published for each in report.remarks()]
    ignored = phrase("; bỏ qua: {names}", "; left out: {names}", names=remarks)
    notes = phrase("{n} điểm lệch do làm tròn, ", "{n} are off by rounding, ", n=len(audit.notes))
    return phrase(
        "{findings} điểm không khớp, {holds} điểm khớp, {notes}{unchecked} điểm không kiểm tra được"
        "{ignored}",
        "{findings} do not hold, {holds} hold, {notes}{unchecked} cannot be checked{ignored}",
        findings=len(audit.findings),
        holds=len(audit.holds),
        notes=notes if audit.notes else "",
        unchecked=len(audit.unchecked),
        ignored=ignored if remarks else "",
    )


def _record(found: Finding) -> tuple[Text | Decimal | None, ...]:
    numbers = found.claimed, found.follows, found.difference
    return found.place, found.check.value, *numbers, found.cause


def _json(reports: Sequence[LoadedReport], audit: Audit) -> Json:
    """The audit for programs. What is said of a report stands beside the findings, or, of two, in a
    list of reports."""
    said = [
        _json_of_report(report, statement)
        for report, statement in zip_longest(reports, audit.statements)
    ]
    outcomes = _json_outcomes(audit)
    if len(said) == 1:
        del said[0]["file"]
        return {**said[0], **outcomes}
    return {"reports": said, **outcomes}


def _json_of_report(report: LoadedReport, statement: Json | None) -> Json:
    published, window = report.published, report.published.window
    return {
        "file": report.name,
        "title": published.title,
        "province": published.province,
        "unit": published.unit,
        "window": None if window is None else {"from": window.first, "to": window.last},
        "statement": statement,
        "remarks": published.remarks(),
    }


def _json_outcomes(audit: Audit) -> Json:
    return {
        "findings": [_finding(found) for found in audit.findings],
        "holds": [
            {"place": place, "check": check.name, "how": how._asdict()}
            for place, check, how in audit.holds
        ],
        "notes": [
            {
                "place": note.place,
                "check": note.check.name,
                "claimed": _plain(note.claimed),
                "follows": _plain(note.follows),
                "difference": _plain(note.difference),
                "how": note.how._asdict(),
            }
            for note in audit.notes
        ],
        "unchecked": [
            {"place": place, "check": check.name, "why": why._asdict()}
            for place, check, why in audit.unchecked
        ],
        "beside": [
            {
                "block": compared.block,
                "figure": compared.figure,
                "claimed": _plain(compared.claimed),
                "engine": _plain(compared.engine),
                "difference": _plain(compared.difference),
            }
            for compared in audit.comparisons
        ],
        "forms": [form_json(each) for each in audit.compared_forms],
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
