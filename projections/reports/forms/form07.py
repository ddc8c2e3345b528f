"""Forms 07a, 07b and 07c/BTP/KSTT: dossiers received, resolved and in process, by field.

07a is of one body that resolves dossiers; 07b is of a province, with its own dossiers and those of
its communes; 07c is of a ministry, in four sections. Three equations hold in every row:
(3) = (4) + (5) + (6) + (7) + (8), (9) = (10) + (11) + (12), (13) = (14) + (15); so does
(3) = (9) + (13). Column (8) is compared with column (13) of the period before. A folding
(``folding.Folding``) says where a form counts accounts that it has no column for.

Source: TT 09/2026/TT-BTP arts 9, 11 and 12, and its annex. Its note under form 07c compares columns
(6) and (11), and its heading of (3) there ends at (6): those are the columns of an older draft.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, Literal, NamedTuple

from hoso.domain.agencies import AgencyRegistry
from hoso.domain.alphabet import alphabetical
from hoso.domain.reporting import CIRCULARS, due_report
from hoso.domain.windows import Window
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Column,
    Count,
    Document,
    Row,
    Table,
    Words,
    counted,
    same,
)
from hoso.projections.documents.windows import in_words
from hoso.projections.reports.basis.bodies import bodies_by_level
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.inputs import Inputs, Section
from hoso.projections.reports.forms.added_columns import added_columns, added_figures
from hoso.projections.reports.forms.cells import NO_FIELD, FormCells, column_numbers
from hoso.projections.reports.forms.folding import IN_PROCESS_COLUMNS, RESOLVED_COLUMNS, Folding
from hoso.projections.reports.forms.headings import (
    EARLY,
    IN_PERIOD,
    IN_TIME,
    ON_TIME,
    OPEN,
    OVERDUE,
    RECEIVED,
    SETTLED,
    TOTAL,
)

CIRCULAR: Final = next(each for each in CIRCULARS if each.number == "TT 09/2026/TT-BTP")
FULL: Final = Bilingual("Trực tuyến toàn trình", "Online, in full")
PARTIAL: Final = Bilingual("Trực tuyến một phần", "Online, in part")
COLUMNS: Final = (
    Column("number", (Bilingual("STT", "No."),), "text", "(1)", 6),
    Column("field", (Bilingual("Lĩnh vực giải quyết", "Field"),), "text", "(2)", 38),
    Column("received", (RECEIVED, TOTAL), "count", "(3)=(4)+(5)+(6)+(7)+(8)"),
    Column("online_full", (RECEIVED, IN_PERIOD, FULL), "count", "(4)"),
    Column("online_partial", (RECEIVED, IN_PERIOD, PARTIAL), "count", "(5)"),
    Column(
        "post", (RECEIVED, IN_PERIOD, Bilingual("Qua dịch vụ bưu chính", "By post")), "count", "(6)"
    ),
    Column("in_person", (RECEIVED, IN_PERIOD, Bilingual("Trực tiếp", "In person")), "count", "(7)"),
    Column("carried_over", (RECEIVED, Bilingual("Từ kỳ trước", "Carried over")), "count", "(8)"),
    Column("resolved", (SETTLED, TOTAL), "count", "(9)=(10)+(11)+(12)"),
    Column("early", (SETTLED, EARLY), "count", "(10)"),
    Column("on_time", (SETTLED, ON_TIME), "count", "(11)"),
    Column("overdue", (SETTLED, OVERDUE), "count", "(12)"),
    Column("in_process", (OPEN, TOTAL), "count", "(13)=(14)+(15)"),
    Column("in_time", (OPEN, IN_TIME), "count", "(14)"),
    Column("in_process_overdue", (OPEN, OVERDUE), "count", "(15)"),
)
SUM_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "received": ("online_full", "online_partial", "post", "in_person", "carried_over"),
    "resolved": RESOLVED_COLUMNS,
    "in_process": IN_PROCESS_COLUMNS,
}
GRAND_TOTAL: Final = Bilingual("TỔNG CỘNG", "TOTAL")
NAMED_DIFFERENCES: Final = 10  # rows that the note on carried-over dossiers names


class Form(NamedTuple):
    """What the annex says of a form: its name, its title, who reports to whom, the clauses of
    art. 11 on that, and by which day of ``reporting.DueReport``."""

    name: str
    title: Bilingual
    reported_by: Bilingual
    reported_to: Bilingual
    clauses: str
    due: Literal["to_superior", "to_ministry"]

    @property
    def full_title(self) -> Bilingual:
        """The name and the title of the form."""
        vi, en = self.title
        return Bilingual(f"Biểu số {self.name}: {vi}", f"Form {self.name}: {en}")


MINISTRY_OF_JUSTICE: Final = Bilingual("Bộ Tư pháp", "the Ministry of Justice")
FORM_07A: Final = Form(
    "07a/BTP/KSTT",
    Bilingual(
        "Tình hình, kết quả giải quyết thủ tục hành chính tại cơ quan, đơn vị trực tiếp giải quyết "
        "thủ tục hành chính",
        "administrative procedures dealt with by a body that resolves them",
    ),
    Bilingual(
        "UBND cấp xã; cơ quan chuyên môn thuộc UBND cấp tỉnh; cơ quan, đơn vị trực thuộc bộ, cơ "
        "quan ngang bộ",
        "communes; departments of a province; units of a ministry",
    ),
    Bilingual("UBND cấp tỉnh; bộ, cơ quan ngang bộ", "the province; the ministry"),
    "1, 2",
    "to_superior",
)
FORM_07B: Final = Form(
    "07b/BTP/KSTT",
    Bilingual(
        "Tình hình, kết quả giải quyết thủ tục hành chính của UBND cấp tỉnh",
        "administrative procedures dealt with by a province",
    ),
    Bilingual("UBND cấp tỉnh", "provinces"),
    MINISTRY_OF_JUSTICE,
    "2",
    "to_ministry",
)
FORM_07C: Final = Form(
    "07c/BTP/KSTT",
    Bilingual(
        "Tổng hợp tình hình, kết quả giải quyết thủ tục hành chính của bộ, cơ quan",
        "administrative procedures dealt with by a ministry",
    ),
    Bilingual(
        "bộ, cơ quan ngang bộ; Ngân hàng Chính sách xã hội, Ngân hàng Phát triển Việt Nam",
        "ministries; the Bank for Social Policies and the Development Bank",
    ),
    MINISTRY_OF_JUSTICE,
    "1, 3",
    "to_ministry",
)

OWN: Final = Bilingual(
    "Tình hình, kết quả giải quyết TTHC thuộc phạm vi thẩm quyền của UBND cấp tỉnh",
    "Within the competence of the province",
)
OF_COMMUNES: Final = Bilingual(
    "Tổng hợp tình hình, kết quả giải quyết TTHC thuộc phạm vi thẩm quyền của UBND cấp xã",
    "Within the competence of the communes",
)
FROM_COMMUNES: Final = Bilingual(
    "Mục II: số liệu được tổng hợp từ báo cáo của UBND các xã, phường, đặc khu.",
    "Section II adds up the reports of the communes.",
)
NO_SECTION: Final = Bilingual(
    "Ngoài biểu: cơ quan cấp huyện hoặc không rõ cấp",
    "Outside the form: bodies of district level or of no known level",
)
VERTICAL: Final = Bilingual(
    "Tổng hợp tình hình, kết quả giải quyết TTHC thuộc phạm vi thẩm quyền của cơ quan trung ương "
    "tổ chức theo ngành dọc cấp",
    "Within the competence of the ministry's vertical bodies:",
)
MINISTRY_SECTIONS: Final[Mapping[Section, Bilingual]] = {
    "I": Bilingual(
        "Tổng hợp tình hình, kết quả giải quyết TTHC tại các cơ quan, đơn vị trực thuộc",
        "Bodies and units directly under the ministry",
    ),
    "II": Bilingual(f"{VERTICAL.vi} trung ương", f"{VERTICAL.en} central level"),
    "III": Bilingual(f"{VERTICAL.vi} khu vực/tỉnh", f"{VERTICAL.en} regions and provinces"),
    "IV": Bilingual(f"{VERTICAL.vi} xã", f"{VERTICAL.en} communes"),
}


class Part(NamedTuple):
    """A section of a form, or all of a form without sections: its dossiers in the window, and those
    of the period before. A form without sections has no ``title``; what stands outside its sections
    has no ``number``."""

    key: str
    cube: Cube
    before: Cube
    number: str | None = None
    title: Bilingual | None = None


class Basis(NamedTuple):
    """What each of the forms is made from: a cube of the window, one of the period before, the
    agencies, the folding, and lines about the basis."""

    cube: Cube
    before: Cube
    registry: AgencyRegistry
    folding: Folding
    about: Sequence[About] = ()


def form07a(basis: Basis) -> Document:
    """Form 07a of each body that resolves dossiers: a table for each body that has any, now or at
    the end of the period before.

    The bodies are those of ``bodies.bodies_by_level``: a body counts all bodies under it, and one
    that is under another body of its level has no form of its own.
    """
    now, earlier = (_bodies(cube, basis.registry) for cube in (basis.cube, basis.before))
    tables = []
    for code in dict.fromkeys([*now, *earlier]):
        cube = now[code] if code in now else basis.cube.only(agency=code)
        before = earlier[code] if code in earlier else basis.before.only(agency=code)
        if _form_cells(basis.folding).counts_any(cube) or before.sum("carried_forward"):
            title = same(basis.registry.name(code))
            part = Part("", cube, before)
            tables.append(_table(f"form07a.{code}", title, FORM_07A, basis, cube, before, [part]))
    return _document("form07a", FORM_07A, basis, tables)


def _bodies(cube: Cube, registry: AgencyRegistry) -> dict[str, Cube]:
    """The figures of the bodies that resolve dossiers, by their codes; those that the registry
    lacks come last."""
    registered = {
        body.code: body.cube
        for level in bodies_by_level(cube, registry)
        for body in level.bodies
        if body.code is not None and body.code in registry.agencies
    }
    by_agency = {code: part for code, part in cube.each("agency") if code is not None}
    return registered | {code: by_agency[code] for code in registry.unknown(by_agency)}


def form07b(basis: Basis) -> Document:
    """Form 07b: section I has the bodies of province level, section II those of commune level.

    The form has no section for a district or for an unknown level. Dossiers of these stand in a
    part of their own, so that the total has every dossier.
    """
    cube, before = basis.cube, basis.before
    parts = [
        Part("I", cube.only(level="province"), before.only(level="province"), "I.", OWN),
        Part("II", cube.only(level="commune"), before.only(level="commune"), "II.", OF_COMMUNES),
    ]
    outside, earlier = (each.among("level", ("district", None)) for each in (cube, before))
    if _form_cells(basis.folding).counts_any(outside) or earlier.sum("carried_forward"):
        parts.append(Part("outside", outside, earlier, None, NO_SECTION))
    table = _table("form07b", FORM_07B.full_title, FORM_07B, basis, cube, before, parts)
    return _document("form07b", FORM_07B, basis, [table])


def form07c(basis: Basis, inputs: Inputs) -> Document:
    """Form 07c. The section of an agency is the one that was entered for it or for the nearest body
    above it. Without one, it follows from its level: a commune is in section IV, a province or a
    district in section III, and an agency without a level in section I."""
    cube, before = basis.cube, basis.before
    sections = _sections([cube, before], basis.registry, inputs)
    parts = []
    for number, title in MINISTRY_SECTIONS.items():
        codes = [code for code, section in sections.items() if section == number]
        own, earlier = (each.among("agency", codes) for each in (cube, before))
        parts.append(Part(number, own, earlier, f"{number}.", title))
    table = _table("form07c", FORM_07C.full_title, FORM_07C, basis, cube, before, parts)
    return _document("form07c", FORM_07C, basis, [table])


def _sections(
    cubes: Iterable[Cube], registry: AgencyRegistry, inputs: Inputs
) -> dict[str | None, Section]:
    """The section of form 07c in which each agency of some cubes is."""
    sections: dict[str | None, Section] = {}
    entered = _entered_sections(registry, inputs)
    for cube in cubes:
        for code, part in cube.each("agency"):
            levels = [level for level, _ in part.each("level")]
            level = registry.level(code, levels[0])
            own = inputs.of(code).section if code else None
            sections.setdefault(code, own or entered.get(code) or _section_of_level(level))
    return sections


def _entered_sections(registry: AgencyRegistry, inputs: Inputs) -> dict[str | None, Section]:
    """The section that was entered for each body of the registry or for the nearest one above it,
    where there is one."""
    sections: dict[str | None, Section] = {}
    for agency in registry.downwards():
        if section := inputs.of(agency.code).section or sections.get(agency.parent):
            sections[agency.code] = section
    return sections


def _section_of_level(level: str | None) -> Section:
    match level:
        case "commune":
            return "IV"
        case "province" | "district":
            return "III"
    return "I"


def _document(name: str, form: Form, basis: Basis, tables: Sequence[Table]) -> Document:
    folded = About(Bilingual("Cách gộp", "Folding"), basis.folding.title)
    about = (*basis.about, folded)
    if not tables:
        tables = [_table(name, form.full_title, form, basis, basis.cube, basis.before, [])]
    lead = _period(basis.cube.window)
    return Document(name, form.full_title, basis.cube.window, about, tuple(tables), lead=lead)


def _period(window: Window) -> Bilingual | None:
    """The reporting period as the annex names it, ``Kỳ báo cáo: Quý I/2027``; None for a window
    that is none."""
    report = due_report(window)
    if report is None:
        return None
    vi, en = in_words(report.name)
    return Bilingual(f"Kỳ báo cáo: {vi}", f"Period: {en}")


def _table(
    key: str,
    title: Bilingual,
    form: Form,
    basis: Basis,
    cube: Cube,
    before: Cube,
    parts: Sequence[Part],
) -> Table:
    """A form: the rows of each part, and their total, which has the dossiers of ``cube``."""
    cells = _form_cells(basis.folding)
    columns = (*COLUMNS, *added_columns(basis.folding, COLUMNS))
    rows: list[Row] = []
    addends: list[str] = []
    for part in parts:
        if part.title is not None:
            heading = {"field": Words(part.title)}
            if part.number is not None:
                heading["number"] = Words(part.number)
            rows.append(Row(f"section {part.key}", heading, "group"))
        lines = [*cells.fields(part.key, part.cube)]
        rows += lines
        addends += [row.key for row in lines]
    sums = cells.total("whole", cube, addends)
    rows.append(Row("whole", {"field": Words(GRAND_TOTAL), **sums}, "total"))
    notes = (
        *_sent(form, cube.window),
        *_carried_over(parts, before.window),
        *_unsaid(cube),
        *([FROM_COMMUNES] if form is FORM_07B else []),
        *basis.folding.notes(f"{CIRCULAR.number}, biểu số {form.name}", column_numbers(columns)),
    )
    return Table(key, title, columns, tuple(rows), notes)


def _form_cells(folding: Folding) -> FormCells:
    return FormCells(SUM_COLUMNS, partial(_cell, folding), added_figures(folding))


def _cell(folding: Folding, cube: Cube, column: str) -> Count:
    """What a column counts in a cube, also if the form has a sum there."""
    match column:
        case "online_full":
            return cube.only(channel="online", online_service="full").count("received")
        case "online_partial":
            partial_or_unsaid = cube.only(channel="online").among(
                "online_service", ("partial", None)
            )
            return partial_or_unsaid.count("received")
        case "post" | "in_person":
            return cube.only(channel=column).count("received")
        case "carried_over":
            return cube.count("carried_over")
        case "received":
            return cube.count("total")
    columns = SUM_COLUMNS.get(column, (column,))
    return cube.count(*(account for each in columns for account in folding.accounts(each)))


def _sent(form: Form, window: Window) -> Iterator[Bilingual]:
    """Who sends the form to whom, and by when."""
    yield Bilingual(
        f"Đơn vị báo cáo: {form.reported_by.vi}. Đơn vị nhận báo cáo: {form.reported_to.vi}. "
        "Đơn vị tính: Số hồ sơ TTHC.",
        f"Reported by: {form.reported_by.en}. Reported to: {form.reported_to.en}. Unit: dossiers.",
    )
    yield _due(form, window)


def _due(form: Form, window: Window) -> Bilingual:
    """By when the form of a window is sent."""
    circular, first = CIRCULAR.number, f"{CIRCULAR.first:%d/%m/%Y}"
    if window.last < CIRCULAR.first:
        return Bilingual(
            f"Biểu này áp dụng từ ngày {first} ({circular}, Điều 17); kỳ này kết thúc trước ngày "
            "đó.",
            f"This form is in force from {first} ({circular}, art. 17); the period ends before "
            "that day.",
        )
    report = due_report(window)
    if report is None:
        return Bilingual(
            f"Hạn gửi: không có; kỳ này không phải kỳ báo cáo theo {circular}, Điều 9.",
            f"Due: not at all; this is no reporting period by {circular}, art. 9.",
        )
    day = report.to_superior if form.due == "to_superior" else report.to_ministry
    why = Bilingual("", "")
    if report.certainty == "inferred":
        why = Bilingual(
            f"; suy ra, vì kỳ bắt đầu trước ngày {first}",
            f"; inferred, because the period began before {first}",
        )
    return Bilingual(
        f"Hạn gửi: chậm nhất ngày {day:%d/%m/%Y} ({circular}, Điều 11 khoản "
        f"{form.clauses}{why.vi}).",
        f"Due: by {day:%d/%m/%Y} ({circular}, art. 11 clauses {form.clauses}{why.en}).",
    )


class _Restated(NamedTuple):
    """A row whose column (8) is not column (13) of the period before."""

    name: Bilingual
    carried_over: int
    before: int


def _carried_over(parts: Sequence[Part], before: Window) -> Iterator[Bilingual]:
    """Whether column (8) is column (13) of the period before; if not, in which rows."""
    period = f"{before.first:%d/%m/%Y} – {before.last:%d/%m/%Y}"
    restated = [each for part in parts for each in _restated(part)]
    if not restated:
        yield Bilingual(
            f"Cột (8) bằng cột (13) của kỳ trước ({period}) ở mọi dòng.",
            f"Column (8) is column (13) of the period before ({period}) in every row.",
        )
        return
    rest = len(restated) - NAMED_DIFFERENCES
    named = restated[:NAMED_DIFFERENCES]
    vi = [f"{each.name.vi} {each.carried_over}, kỳ trước {each.before}" for each in named]
    en = [f"{each.name.en} {each.carried_over}, before {each.before}" for each in named]
    if rest > 0:
        more = counted(rest, "dòng khác", "more rows")
        vi, en = [*vi, more.vi], [*en, more.en]
    yield Bilingual(
        f"Cột (8) khác cột (13) của kỳ trước ({period}), vì hồ sơ được tính theo cơ quan, lĩnh vực "
        f"đang giữ hồ sơ vào cuối kỳ này: {'; '.join(vi)}.",
        f"Column (8) differs from column (13) of the period before ({period}), because dossiers "
        f"count where they stand at the end of this period: {'; '.join(en)}.",
    )


def _restated(part: Part) -> Iterator[_Restated]:
    now, before = (dict(cube.each("field")) for cube in (part.cube, part.before))
    for field in sorted({*now, *before}, key=lambda name: alphabetical(name or "")):
        own = now[field].sum("carried_over") if field in now else 0
        earlier = before[field].sum("carried_forward") if field in before else 0
        if own != earlier:
            vi, en = same(field) if field else NO_FIELD
            section = f"{part.number or ''} "
            yield _Restated(
                Bilingual(f"{section}{vi}".lstrip(), f"{section}{en}".lstrip()), own, earlier
            )


def _unsaid(cube: Cube) -> Iterator[Bilingual]:
    """How many online dossiers column (5) counts that do not say which service it was."""
    if number := cube.only(channel="online", online_service=None).sum("received"):
        dossiers = counted(number, "hồ sơ trực tuyến", "online dossiers")
        yield Bilingual(
            f"Cột (5) gồm {dossiers.vi} không ghi toàn trình hay một phần.",
            f"Column (5) includes {dossiers.en} that do not say whether in full or in part.",
        )
