"""The tables of integrity: what each check saw, at which body, and its effect on the on-time rate.

The on-time rate is dossiers resolved early or on time ÷ dossiers resolved, as in the statement. The
rate *without* some dossiers counts them as overdue where they count as resolved in time.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Final, NamedTuple

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.law import cited
from hoso.projections.documents.model import (
    NO_DATA,
    Bilingual,
    Cell,
    Column,
    Count,
    Day,
    Difference,
    Dossier,
    Percentage,
    Place,
    Row,
    SeenByCheck,
    Table,
    Words,
    counted,
)
from hoso.projections.documents.vocabulary import TERMS, capitalised, headings, words
from hoso.projections.integrity.chains import Chains
from hoso.projections.integrity.findings import AgencyEffect, CheckResult, Integrity
from hoso.projections.kernels.checks import CHECKS, RECORDED_LATE
from hoso.projections.reports.basis.bodies import (
    BODY_COLUMNS,
    Body,
    LevelBodies,
    RankedCells,
    ranked_rows,
    total_row,
)
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.integrity.tally import Seen, Tally
from hoso.projections.reports.tables.columns import document_column, share_column, term_column
from hoso.projections.reports.tables.points import points_cell

RESOLVED: Final = words("resolved.total")
IN_TIME: Final = TERMS["resolved.in_time"].counts
SEEN: Final = Bilingual("Hồ sơ có dấu hiệu", "Dossiers seen")
AS_OVERDUE: Final = Bilingual(
    "Nếu những hồ sơ ấy tính là quá hạn", "If these dossiers counted as overdue"
)
ANY: Final = Bilingual("Có ít nhất một dấu hiệu", "Seen by any check")
AS_ONE: Final = Bilingual(
    "Nếu mỗi chuỗi hồ sơ nhập lại tính là một", "If re-entered dossiers counted as one"
)
RATE: Final = Bilingual("Tỷ lệ %", "Rate, %")
CHANGE: Final = Bilingual("Thay đổi", "Change")
LEFT: Final = Bilingual("Còn trước hạn và đúng hạn", "Still early and on time")
NUMBER: Final = Bilingual("Số hồ sơ", "Dossiers")

CHECKS_TITLE: Final = Bilingual("Dấu hiệu và tỷ lệ đúng hạn", "Checks and the on-time rate")
CHECK_COLUMNS: Final = (
    Column("figure", (Bilingual("Chỉ tiêu, dấu hiệu", "Figure, check"),), "text", width=38),
    Column("count", (NUMBER,)),
    Column("of", (Bilingual("Trong số", "Out of"),)),
    Column("share", (RATE,), "percent"),
    Column(
        "expected", (Bilingual("Nếu chỉ do ngẫu nhiên", "Expected by chance"),), "points", width=10
    ),
    Column("left", (AS_OVERDUE, LEFT), width=12),
    Column("rate", (AS_OVERDUE, RATE), "percent"),
    Column("change", (AS_OVERDUE, CHANGE), "points", width=9),
)
CHECK_NOTES: Final = (
    Bilingual(
        "Không dấu hiệu nào là kết luận về sai phạm: mỗi dấu hiệu nói điều đã thấy; nguyên nhân"
        " bình thường có thể có ở bảng dưới. Mỗi hồ sơ được xem lại bằng hoso explain.",
        "No check accuses: each says what it saw; the innocent causes it may have are in the table"
        " below. hoso explain tells the life of each dossier.",
    ),
    Bilingual(
        "Một hồ sơ có thể có nhiều dấu hiệu, nên các dòng không cộng lại thành dòng “có ít nhất"
        " một dấu hiệu”. Thay đổi tính bằng điểm phần trăm.",
        "Several checks may see one dossier, so the rows do not add up to “seen by any check”."
        " Changes are in percentage points.",
    ),
)
NOT_COMPARED: Final = Bilingual(
    "Dấu – : không có gì để đối chiếu, nên chưa kiểm tra (thời hạn khác danh mục cần"
    " --procedures).",
    "A dash: there was nothing to compare with, so the check did not run (--procedures gives the"
    " catalogue).",
)
LOADED: Final = Fraction(9, 10)  # of the receptions are recorded late where a history was loaded
LOADED_NOTE: Final = Bilingual(
    "Hầu hết hồ sơ được ghi vào hệ thống muộn, như khi dữ liệu được nạp một lần về sau (hoso"
    " import). Khi ấy hai dấu hiệu “tiếp nhận ghi muộn” và “đúng hạn, ghi sau ngày hẹn trả” không"
    " nói lên điều gì; tệp ngưỡng (profile) có thể bỏ qua chúng.",
    "Most dossiers were recorded late, as when a history is loaded in one go (hoso import). Then"
    " the checks recorded_late and recorded_after_due say nothing; a profile of thresholds can pass"
    " them over.",
)
BODIES_TITLE: Final = Bilingual(
    "Tỷ lệ đúng hạn của từng cơ quan, nếu không tính hồ sơ có dấu hiệu",
    "The on-time rate of each body, without the dossiers seen",
)
RESOLVED_COLUMN: Final = term_column("resolved", "resolved.total")
IN_TIME_COLUMN: Final = term_column("in_time", "resolved.in_time", width=12)
RATE_COLUMN: Final = share_column("rate", "resolved_in_time", "in_time", ("resolved",))
BODY_TABLE_COLUMNS: Final = (
    *BODY_COLUMNS,
    document_column(RESOLVED_COLUMN),
    document_column(IN_TIME_COLUMN),
    document_column(RATE_COLUMN),
    Column("seen", (SEEN,)),
    Column("left", (AS_OVERDUE, LEFT), width=12),
    Column("rate_without", (AS_OVERDUE, RATE), "percent"),
    Column("change", (AS_OVERDUE, CHANGE), "points", width=9),
    Column("most", (Bilingual("Dấu hiệu nhiều nhất", "Seen most"),), "text", width=30),
)
BODIES_NOTE: Final = Bilingual(
    "Xếp theo mức thay đổi của tỷ lệ đúng hạn, lớn nhất trước. Số của một cơ quan gồm các cơ quan"
    " trực thuộc.",
    "Sorted by how much the on-time rate changes, the most first. A body counts all bodies under"
    " it.",
)
AGENCIES_TITLE: Final = Bilingual("Từng dấu hiệu, theo cơ quan", "Each check, by agency")
AGENCY_COLUMNS: Final = (
    Column("name", (Bilingual("Dấu hiệu, cơ quan", "Check, agency"),), "text", width=40),
    Column("count", (NUMBER,)),
    Column("of", (Bilingual("Trong số", "Out of"),)),
    Column("share", (RATE,), "percent"),
    Column(
        "expected", (Bilingual("Nếu chỉ do ngẫu nhiên", "Expected by chance"),), "points", width=10
    ),
    Column("usual", (Bilingual("Mức thường của cơ quan", "Usual there"),), "points", width=10),
    Column("taken", (Bilingual("Đang tính đúng hạn", "Counted in time"),), width=10),
    Column(
        "change",
        (Bilingual("Tỷ lệ đúng hạn nếu tính là quá hạn", "On-time rate if overdue"),),
        "points",
        width=12,
    ),
)
MOST_AGENCIES: Final = 1_000  # of a check: pages hold 20,000 rows of a table
USUAL_NOTE: Final = Bilingual(
    "Mức thường: trung vị của chính cơ quan ấy trong các kỳ trước. Cơ quan tính riêng, không gồm"
    " cơ quan trực thuộc.",
    "Usual: the median of the agency's own past windows. An agency counts itself only.",
)
CUT_NOTE: Final = Bilingual(
    f"Mỗi dấu hiệu chỉ kể {MOST_AGENCIES} cơ quan có ảnh hưởng lớn nhất; hoso integrity --format"
    " csv có tất cả.",
    f"Of each check, the {MOST_AGENCIES} agencies with the greatest effect; hoso integrity --format"
    " csv has all.",
)
CHAINS_TITLE: Final = Bilingual(
    "Hồ sơ nhập lại: người nộp thật sự chờ bao lâu", "Re-entered dossiers: how long people waited"
)
CHAIN_COLUMNS: Final = (
    Column("first", (Bilingual("Hồ sơ đầu", "First dossier"),), "text", width=30),
    Column("last", (Bilingual("Hồ sơ cuối", "Last dossier"),), "text", width=30),
    Column("dossiers", (NUMBER,)),
    Column("received", (Bilingual("Tiếp nhận lần đầu", "First received"),), "text", width=10),
    Column("closed", (Bilingual("Kết thúc", "Closed"),), "text", width=10),
    Column("days", (Bilingual("Đã chờ (ngày)", "Waited, days"),)),
    Column("working_days", (Bilingual("Đã chờ (ngày làm việc)", "Waited, working days"),)),
    Column("in_time", (Bilingual("Đúng hạn, tính là một", "In time, as one"),), "text", width=12),
)
CHAIN_NOTES: Final = (
    Bilingual(
        "Người nộp chờ từ ngày tiếp nhận hồ sơ đầu đến ngày kết thúc hồ sơ cuối; hồ sơ cuối chưa"
        " kết thúc thì tính đến ngày cuối của số liệu. Tính là một: đúng hạn nếu kết thúc không"
        " muộn hơn ngày hẹn trả của hồ sơ đầu.",
        "People wait from the reception of the first dossier to the closing of the last one, or up"
        " to the last day of the figures. As one: in time if closed no later than the first"
        " dossier was due.",
    ),
)
YES: Final = Bilingual("có", "yes")
NO: Final = Bilingual("không", "no")
CAUSES_TITLE: Final = Bilingual(
    "Mỗi dấu hiệu: điều đã thấy, căn cứ, nguyên nhân bình thường có thể có",
    "Each check: what it saw, its source, and the innocent causes it may have",
)
INNOCENT: Final = Bilingual("Nguyên nhân bình thường", "Innocent causes")
CAUSE_COLUMNS: Final = (
    Column("title", (Bilingual("Dấu hiệu", "Check"),), "text", width=26),
    Column("sees", (Bilingual("Điều đã thấy", "What it sees"),), "text", width=40),
    Column("of", (Bilingual("Tính trên", "Out of"),), "text", width=24),
    Column(
        "innocent", (Bilingual("Nguyên nhân bình thường", "Innocent causes"),), "text", width=44
    ),
    Column("source", (Bilingual("Căn cứ", "Source"),), "text", width=26),
)


class Basis(NamedTuple):
    """What the tables are made from: the figures of the window, what the checks saw in it, that
    counted, the agencies, and what calls of a check need besides."""

    cube: Cube
    integrity: Integrity
    tally: Tally
    registry: AgencyRegistry
    options: tuple[str, ...]

    def behind(self, check: str, agency: str | None = None) -> SeenByCheck | None:
        """The dossiers that a check saw, in all or at an agency."""
        where, under = self.cube.where, self.cube.under
        if where is None:
            return None
        if agency is not None:
            where = (*(pair for pair in where if pair[0] != "agency"), ("agency", agency))
        return SeenByCheck(self.cube.window, check, where, under, self.options)


def title_of(result: CheckResult) -> Bilingual:
    """The title of a check, which names it in tables."""
    return Bilingual(*result.check.title)


# --- Each check ----------------------------------------------------------------------------------


def checks_table(basis: Basis) -> Table:
    """The on-time rate as it is stated, and a row for each check: the greatest effect first, and
    last those that did not run."""
    resolved = basis.cube.count("resolved")
    in_time = basis.cube.count(*IN_TIME)
    share = Percentage((Place("in_time", "count"),), (Place("resolved", "count"),), RESOLVED)
    name, part = headings("resolved.in_time")
    stated = (
        Row("resolved", {"figure": Words(name), "count": resolved}, "group"),
        Row("in_time", {"figure": Words(part), "count": in_time, "share": share}, depth=1),
    )
    seen = basis.tally.together()
    rows = [
        Row("seen", {"figure": Words(SEEN)}, "group"),
        Row("any", {"figure": Words(ANY), **_of_any(seen, in_time.number)}, depth=1),
        Row(
            "as_one",
            {"figure": Words(AS_ONE), **_as_one(basis.integrity.chains, in_time.number)},
            depth=1,
        ),
        *(_check_row(each, basis, in_time.number) for each in _by_effect(basis.integrity)),
    ]
    notes = (*CHECK_NOTES, *loaded_note(basis.integrity))
    if any(each.effect is None for each in basis.integrity.checks):
        notes = (*notes, NOT_COMPARED)
    return Table("checks", CHECKS_TITLE, CHECK_COLUMNS, (*stated, *rows), notes)


def loaded_note(integrity: Integrity) -> Iterator[Bilingual]:
    """What to say where nearly all receptions were recorded late."""
    for result in integrity.checks:
        share = result.effect and result.effect.share
        if result.name == CHECKS[RECORDED_LATE] and share is not None and share >= LOADED:
            yield LOADED_NOTE


def _by_effect(integrity: Integrity) -> list[CheckResult]:
    def order(result: CheckResult) -> tuple[bool, Fraction, int]:
        effect = result.effect
        return (
            effect is None,
            -effect.size if effect else Fraction(0),
            -effect.found if effect else 0,
        )

    return sorted(integrity.checks, key=order)


def _check_row(result: CheckResult, basis: Basis, in_time: int | None) -> Row:
    name, effect = result.name, result.effect
    if effect is None or in_time is None:
        cells: dict[str, Cell] = {"count": Count(None), "of": Count(None)}
    else:
        by_chance = {}
        if result.expected is not None:
            by_chance["expected"] = points_cell(_exact(result.expected))
        cells = {
            "count": Count(effect.found, basis.behind(name)),
            "of": Count(effect.of),
            "share": Percentage(
                (Place(name, "count"),), (Place(name, "of"),), population_of(result)
            ),
            **by_chance,
            **_left(name, in_time, effect.taken),
        }
    return Row(name, {"figure": Words(title_of(result)), **cells}, depth=1)


def population_of(result: CheckResult) -> Bilingual:
    """What a check's dossiers are a share of, in words."""
    return Bilingual(result.check.of.vi, result.check.of.en)


def _exact(number: float) -> Fraction:
    return Fraction(number).limit_denominator(10**9)


def _of_any(seen: Seen, in_time: int | None) -> dict[str, Cell]:
    number = None if in_time is None else seen.dossiers
    return {"count": Count(number), **_left("any", in_time, seen.in_time)}


def _as_one(chains: Chains, in_time: int | None) -> dict[str, Cell]:
    """The on-time rate if each chain of re-entered dossiers counted as one."""
    return _left("as_one", in_time, chains.in_time - chains.in_time_as_one)


def _left(row: str, in_time: int | None, taken: int) -> dict[str, Cell]:
    """What is left of those resolved in time, as a share of those resolved."""
    return {
        "left": Count(None if in_time is None else in_time - taken),
        "rate": Percentage((Place(row, "left"),), (Place("resolved", "count"),), RESOLVED),
        "change": Difference(Place(row, "rate"), Place("in_time", "share")),
    }


# --- Each body -----------------------------------------------------------------------------------


def bodies_table(levels: Sequence[LevelBodies], whole: Body, basis: Basis) -> Table:
    """A row for each body, level by level, the greatest effect first."""
    titles = {result.name: title_of(result) for result in basis.integrity.checks}

    def cells_of(body: Body, key: str) -> RankedCells:
        return _body_cells(body, key, basis.tally, titles)

    rows = (*ranked_rows(levels, cells_of), total_row(whole, cells_of))
    return Table("bodies", BODIES_TITLE, BODY_TABLE_COLUMNS, rows, (BODIES_NOTE,))


def _body_cells(body: Body, row: str, tally: Tally, titles: Mapping[str, Bilingual]) -> RankedCells:
    resolved, in_time = RESOLVED_COLUMN.counted(body.cube), IN_TIME_COLUMN.counted(body.cube)
    seen = tally.together(body.members)
    left = Count(None if in_time.number is None else in_time.number - seen.in_time)
    cells: dict[str, Cell] = {
        "resolved": resolved,
        "in_time": in_time,
        "rate": RATE_COLUMN.cell(row),
        "seen": Count(None if in_time.number is None else seen.dossiers),
        "left": left,
        "rate_without": Percentage((Place(row, "left"),), (Place(row, "resolved"),), RESOLVED),
        "change": Difference(Place(row, "rate_without"), Place(row, "rate")),
        "most": Words(seen_most(tally.of_checks(body.members), titles)),
    }
    if not resolved.number:
        return RankedCells(cells, None)
    return RankedCells(cells, Fraction(seen.in_time, resolved.number))


def seen_most(of_checks: Mapping[str, Seen], titles: Mapping[str, Bilingual]) -> Bilingual | str:
    """The check that took the most dossiers resolved in time, or else saw the most."""
    name, seen = max(of_checks.items(), key=lambda each: (each[1].in_time, each[1].dossiers))
    if not seen.dossiers:
        return NO_DATA
    title = titles[name]
    dossiers = counted(seen.dossiers, "hồ sơ", "dossiers")
    return Bilingual(f"{title.vi}: {dossiers.vi}", f"{title.en}: {dossiers.en}")


# --- Each check at each agency -------------------------------------------------------------------


def agencies_table(basis: Basis) -> Table:
    """For each check that saw something, a row for each agency, the greatest effect first."""
    results = _by_effect(basis.integrity)
    rows = [row for result in results for row in _check_rows(result, basis)]
    is_cut = any(len(result.by_agency) > MOST_AGENCIES for result in results)
    notes = (USUAL_NOTE, CUT_NOTE) if is_cut else (USUAL_NOTE,)
    return Table("agencies", AGENCIES_TITLE, AGENCY_COLUMNS, tuple(rows), notes)


def _check_rows(result: CheckResult, basis: Basis) -> Iterator[Row]:
    shown = [*islice((each for each in result.by_agency if each.effect.found), MOST_AGENCIES)]
    if shown:
        yield Row(result.name, {"name": Words(title_of(result))}, "group")
    for each in shown:
        key = f"{result.name}/{each.agency or ''}"
        yield Row(key, _agency_cells(key, each, result, basis), depth=1)


def _agency_cells(
    row: str, each: AgencyEffect, result: CheckResult, basis: Basis
) -> dict[str, Cell]:
    effect, usual = each.effect, each.usual
    cells: dict[str, Cell] = {
        "name": Words(NO_DATA if each.agency is None else basis.registry.name(each.agency)),
        "count": Count(effect.found, basis.behind(result.name, each.agency)),
        "of": Count(effect.of),
        "share": Percentage((Place(row, "count"),), (Place(row, "of"),), population_of(result)),
        "taken": Count(effect.taken),
        "change": points_cell(-100 * effect.size if effect.resolved else None, _how(each)),
    }
    if usual is not None:
        cells["expected"] = points_cell(_exact(usual.expected))
        cells["usual"] = points_cell(None if usual.median is None else _exact(usual.median))
    return cells


def _how(each: AgencyEffect) -> Bilingual | None:
    """How the on-time rate of an agency changes, with its numbers."""
    effect = each.effect
    if not effect.resolved:
        return None
    fractions = f"{effect.in_time - effect.taken} ÷ {effect.resolved}"
    stated = f"{effect.in_time} ÷ {effect.resolved}"
    return Bilingual(f"{fractions} − {stated}", f"{fractions} − {stated}")


# --- Chains --------------------------------------------------------------------------------------


def chains_table(chains: Chains) -> Table:
    """The chains of re-entered dossiers, the longest wait first, and the on-time rate if each
    counted as one dossier."""
    order = sorted(chains.chains, key=lambda chain: -(chain.waited_days or 0))
    rows = tuple(
        Row(
            str(number),
            {
                "first": Dossier(chain.dossiers[0]),
                "last": Dossier(chain.dossiers[-1]),
                "dossiers": Count(len(chain.dossiers)),
                "received": Day(chain.received),
                "closed": Day(chain.closed),
                "days": Count(chain.waited_days),
                "working_days": Count(chain.waited_working_days),
                "in_time": Words(_yes_or_no(chain.in_time)),
            },
        )
        for number, chain in enumerate(order)
    )
    return Table("chains", CHAINS_TITLE, CHAIN_COLUMNS, rows, CHAIN_NOTES)


def _yes_or_no(is_so: bool | None) -> Bilingual | str:
    return NO_DATA if is_so is None else YES if is_so else NO


# --- What each check sees ------------------------------------------------------------------------


def causes_table(integrity: Integrity) -> Table:
    """What each check sees, of what it is a share, its source, and its innocent causes."""
    rows = tuple(
        Row(
            result.name,
            {
                "title": Words(title_of(result)),
                "sees": Words(Bilingual(*result.check.saw())),
                "of": Words(capitalised(population_of(result))),
                "innocent": Words(_together(result)),
                "source": Words(cited(result.check.source)),
            },
        )
        for result in integrity.checks
    )
    return Table("causes", CAUSES_TITLE, CAUSE_COLUMNS, rows)


def _together(result: CheckResult) -> Bilingual:
    """The innocent causes of a check, one after the other."""
    vi, en = (" ".join(causes) for causes in zip(*result.check.innocent, strict=True))
    return Bilingual(vi, en)
