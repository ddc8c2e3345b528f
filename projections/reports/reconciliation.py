"""The reconciliation (bảng đối chiếu): from the accounts of the statement to each report's figures.

One table has a row for each figure of each report and a column for each account: a cell is the
number with which the account enters the figure. The cells of a row add up to the figure, so the
difference is 0. The other table says, for each account, in which figure of each report it is, or
that it is left out, and why.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from hoso.domain.accounts import ACCOUNTS
from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Cell,
    Column,
    Count,
    Difference,
    Document,
    Place,
    Row,
    Sum,
    Table,
    Values,
    Words,
    counted,
)
from hoso.projections.documents.vocabulary import TERMS, headings, label
from hoso.projections.reports.basis.bodies import with_subordinates
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.evaluation.body_rates import CANCELLED
from hoso.projections.reports.reported_figures import Reported, reported_figures

NAME: Final = "reconciliation"
TITLE: Final = Bilingual(
    "Bảng đối chiếu: từ bảng cân đối đến số liệu của từng báo cáo",
    "Reconciliation: from the statement to each report's figures",
)
WHERE_TITLE: Final = Bilingual(
    "Mỗi khoản của bảng cân đối ở đâu trong từng báo cáo",
    "Where each account of the statement is in each report",
)
FIGURE: Final = Bilingual("Báo cáo, chỉ tiêu", "Report, figure")
SUM: Final = Bilingual("Cộng", "Sum")
REPORTED: Final = Bilingual("Trong báo cáo", "Reported")
DIFFERENCE: Final = Bilingual("Chênh lệch", "Difference")
STATEMENT: Final = Bilingual("Bảng cân đối", "Statement")
ENTRIES: Final = ("carried_over", "received", *ACCOUNTS)
CHECKS: Final = {  # sums of accounts that the statement itself has
    "total": ("carried_over", "received"),
    "closed and open": ACCOUNTS,
    "cancelled.total": CANCELLED,
}
IDENTITY: Final = Bilingual(
    "Tổng số = đã giải quyết + trả lại + rút, hủy + chuyển kỳ sau",
    "Total = resolved + returned + cancelled + carried forward",
)
BY_TIMELINESS: Final = Bilingual("Rút, hủy = trong hạn + quá hạn", "Cancelled = in time + overdue")
NOTES: Final = (
    Bilingual(
        "Mỗi ô là số hồ sơ của một khoản được tính vào chỉ tiêu; ô trống là không tính. Cộng các ô"
        " của một dòng bằng số trong báo cáo.",
        "A cell is the number of dossiers with which an account enters a figure; an empty one"
        " does not enter. The cells of a row add up to what the report has.",
    ),
    Bilingual(
        "Rút, hủy có hai cách chia: theo lý do (rút, hủy) và theo thời hạn (trong hạn, quá hạn);"
        " mỗi chỉ tiêu chỉ dùng một.",
        "Cancelled dossiers are split in two ways: by reason (withdrawn, voided) and by timeliness"
        " (in time, overdue); a figure uses one of them.",
    ),
    Bilingual(
        "Báo cáo tính hồ sơ ở cơ quan giữ hồ sơ cuối kỳ, nên nhận từ và chuyển cho cơ quan khác"
        " bằng 0.",
        "Reports count a dossier where it stands at the window's end, so transferred in and out"
        " are 0.",
    ),
    Bilingual(
        "Số liệu theo cấp, cơ quan, lĩnh vực cộng lại thành toàn bộ ngay trong báo cáo. Số hóa,"
        " thanh toán, đánh giá, phản ánh, bước là thông tin chất lượng, không phải khoản của bảng"
        " cân đối.",
        "Figures of levels, agencies and fields add up to the whole in the reports. Digitisation,"
        " payments, ratings, complaints and steps are quality facts, not accounts.",
    ),
)
ONLY_RESOLVED: Final = Bilingual(
    "không tính: chỉ xét hồ sơ đã giải quyết", "left out: only resolved dossiers are looked at"
)
NO_CANCELLED: Final = Bilingual(
    "không tính: chỉ số không kể rút, hủy", "left out: the index is without cancelled ones"
)
NOT_SHOWN: Final = Bilingual(
    "không nêu riêng: nằm trong tổng số", "not shown apart: within the total"
)


def report(
    reports: Sequence[Document],
    whole: Cube,
    registry: AgencyRegistry,
    about: Sequence[About] = (),
) -> Document:
    """The reconciliation of some reports of the window of ``whole``, a cube of all dossiers.

    ``registry`` has the agencies by which the reports roll up; ``about`` says what they rest on.
    """
    figures = {each.name: reported_figures(each, whole) for each in reports}
    titles = {each.name: each.title for each in reports}
    table = _table(figures, titles, whole, registry)
    values = Values(table, reports[0].rounding)
    wrong = sum(bool(values[Place(row.key, "difference")]) for row in table.rows if _told(row))
    lead = counted(sum(map(_told, table.rows)), "số liệu khớp", "figures agree")
    if wrong:
        lead = counted(wrong, "số liệu KHÔNG khớp", "figures do NOT agree")
    tables = (table, _whereabouts(figures, titles))
    return Document(NAME, TITLE, whole.window, tuple(about), tables, lead=lead)


def _told(row: Row) -> bool:
    return "difference" in row.cells


def _table(
    figures: Mapping[str, Sequence[Reported]],
    titles: Mapping[str, Bilingual],
    whole: Cube,
    registry: AgencyRegistry,
) -> Table:
    """A row for each figure; the accounts that enter it, their sum, and what the report has."""
    own = {name: whole.count(name) for name in (*ENTRIES, *CANCELLED)}
    rows = [Row("statement", {"figure": Words(STATEMENT), **own}, "total")]
    rows += _checks(own, whole)
    by_agency = {code: part for code, part in whole.each("agency") if code is not None}
    for name, told in figures.items():
        if told:
            rows.append(Row(name, {"figure": Words(titles[name])}, "group"))
        for number, figure in enumerate(told):
            part = _part(figure, whole, by_agency, registry)
            rows.append(_row(f"{name}/{number}", figure, figure.cube(part)))
    return Table(NAME, TITLE, _columns(), tuple(rows), NOTES)


def _part(
    figure: Reported, whole: Cube, by_agency: Mapping[str, Cube], registry: AgencyRegistry
) -> Cube:
    """The cube of the part of the window that a figure counts."""
    where, under = figure.part
    if (where, under) == (whole.where, whole.under):
        return whole
    if under is not None and under != whole.under:
        return with_subordinates(whole, by_agency, registry, under)
    return whole.only(
        **{name: value for name, value in where if (name, value) not in (whole.where or ())}
    )


def _checks(own: Mapping[str, Count], whole: Cube) -> Iterator[Row]:
    """The equations of the statement: what came in is what went out and what is open."""
    names = {"total": label("total"), "closed and open": IDENTITY, "cancelled.total": BY_TIMELINESS}
    told = {key: whole.count("cancelled" if key == "cancelled.total" else "total") for key in names}
    for key, accounts in CHECKS.items():
        yield _sum_row(key, names[key], {each: own[each] for each in accounts}, told[key])


def _row(key: str, figure: Reported, part: Cube) -> Row:
    name = figure.label
    if figure.body is not None and figure.part[1] is not None:
        body = figure.body if isinstance(figure.body, Bilingual) else Bilingual(*[figure.body] * 2)
        name = Bilingual(f"{body.vi}: {name.vi}", f"{body.en}: {name.en}")
    cells = {account: part.count(account) for account in figure.accounts}
    return _sum_row(key, name, cells, Count(figure.number))


def _sum_row(key: str, name: Bilingual, cells: Mapping[str, Count], told: Count) -> Row:
    """A row of accounts that add up to what is told."""
    derived: dict[str, Cell] = {
        "figure": Words(name),
        "sum": Sum(tuple(Place(key, account) for account in cells)),
        "reported": told,
        "difference": Difference(Place(key, "reported"), Place(key, "sum")),
    }
    return Row(key, {**cells, **derived}, depth=1)


def _columns() -> tuple[Column, ...]:
    groups = ("resolved", "returned", "cancelled", "in_progress", "awaiting_supplement", "paused")
    order = [
        *ENTRIES[:2],
        *(
            name
            for group in groups
            for name in TERMS
            if TERMS[name].under == f"{group}.total" and name in (*ENTRIES, *CANCELLED)
        ),
    ]
    return (
        Column("figure", (FIGURE,), "text", width=40),
        *(Column(name, headings(name), width=7) for name in order),
        Column("sum", (SUM,), width=8),
        Column("reported", (REPORTED,), width=8),
        Column("difference", (DIFFERENCE,), width=7),
    )


def _whereabouts(
    figures: Mapping[str, Sequence[Reported]], titles: Mapping[str, Bilingual]
) -> Table:
    """For each account, the narrowest figures of each report in which it is."""
    columns = (
        Column("account", (Bilingual("Khoản", "Account"),), "text", width=26),
        *(Column(name, (titles[name],), "text", width=26) for name in figures),
    )
    rows = tuple(
        Row(
            account,
            {
                "account": Words(label(account)),
                **{name: Words(_found(account, name, told)) for name, told in figures.items()},
            },
        )
        for account in ENTRIES
    )
    return Table("whereabouts", WHERE_TITLE, columns, rows)


def _found(account: str, name: str, told: Sequence[Reported]) -> Bilingual:
    """The narrowest figures of a report that count an account, or why none does."""
    names = {account, *(CANCELLED if account.startswith("cancelled.") else ())}
    counting = [figure for figure in told if names & set(figure.accounts)]
    if not counting:
        return _why_left_out(account, name)
    narrowest = min((bool(each.where), len(each.accounts)) for each in counting)
    labels = dict.fromkeys(
        each.label for each in counting if (bool(each.where), len(each.accounts)) == narrowest
    )
    return Bilingual("; ".join(each.vi for each in labels), "; ".join(each.en for each in labels))


def _why_left_out(account: str, name: str) -> Bilingual:
    if name in ("scorecard", "integrity"):
        return ONLY_RESOLVED
    return NO_CANCELLED if account.startswith("cancelled.") else NOT_SHOWN
