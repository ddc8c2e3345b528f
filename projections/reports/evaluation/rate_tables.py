"""Tables of the rates of bodies: on time, online, paid online, digitised, synced, satisfied.

Source: Decision 766/QĐ-TTg of 2022; Bắc Kạn's report of September 2024, whose tables these are.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from hoso.projections.documents.model import Bilingual, Cell, Column, Count, Place, Sum, Table
from hoso.projections.documents.vocabulary import headings
from hoso.projections.reports.basis.bodies import (
    BODY_COLUMNS,
    Body,
    LevelBodies,
    RankedCells,
    ranked_rows,
    total_row,
)
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.inputs import Catalogue
from hoso.projections.reports.evaluation.body_rates import PAYMENTS, obliged_dossiers
from hoso.projections.reports.tables.columns import (
    CountColumn,
    ShareColumn,
    document_column,
    share_column,
    term_column,
)


class RateTable(NamedTuple):
    """A table with a row for each body, ranked by the first of its shares."""

    key: str
    title: Bilingual
    columns: tuple[CountColumn | ShareColumn, ...]
    note: Bilingual


RATE_TABLES: Final = (
    RateTable(
        "on_time",
        Bilingual("Tỷ lệ giải quyết hồ sơ đúng hạn", "On-time rate"),
        (
            term_column("judged", "judged", width=14),
            term_column("in_time", "judged.in_time", width=14),
            term_column("overdue", "judged.overdue", width=14),
            share_column("percent", "on_time_judged", "in_time", ("judged",)),
        ),
        Bilingual(
            "Trong hạn: đã giải quyết hoặc trả lại trước hạn, đúng hạn; đang giải quyết, chờ bổ"
            " sung hoặc tạm dừng mà chưa quá hạn.",
            "In time: resolved or returned early or on time; in progress, awaiting a supplement or"
            " paused, and not overdue.",
        ),
    ),
    RateTable(
        "online",
        Bilingual("Tỷ lệ hồ sơ nộp trực tuyến", "Online submission"),
        (
            term_column("online", "received.online"),
            term_column("in_person", "received.in_person"),
            term_column("post", "received.post"),
            share_column("percent", "online", "online", ("online", "in_person", "post")),
        ),
        Bilingual("Hồ sơ tiếp nhận trong kỳ.", "Dossiers received in the period."),
    ),
    RateTable(
        "payment",
        Bilingual("Tỷ lệ hồ sơ thanh toán trực tuyến", "Online payment"),
        (
            term_column("online", "paid.online"),
            term_column("direct", "paid.direct"),
            share_column("percent", "paid_online", "online", ("online", "direct")),
        ),
        Bilingual(
            "Hồ sơ thanh toán trong kỳ: trực tuyến nếu có ít nhất một lần thanh toán trực tuyến.",
            "Dossiers paid in the period: online if any payment was.",
        ),
    ),
    RateTable(
        "digitisation",
        Bilingual("Số hóa hồ sơ, kết quả", "Digitisation"),
        (
            term_column("received", "received"),
            term_column("components", "components.complete"),
            share_column("components_percent", "components", "components", ("received",)),
            term_column("resolved", "resolved.total"),
            term_column("results", "result.complete"),
            share_column("results_percent", "results", "results", ("resolved",)),
        ),
        Bilingual(
            "Tiếp nhận và giải quyết trong kỳ; số hóa đến hết kỳ.",
            "Received and resolved in the period; digitised by its end.",
        ),
    ),
    RateTable(
        "portal",
        Bilingual("Đồng bộ, tái sử dụng dữ liệu", "Synced and reused"),
        (
            term_column("total", "total"),
            term_column("synced", "synced"),
            share_column("synced_percent", "synced", "synced", ("total",)),
            term_column("received", "received"),
            term_column("reused", "reused"),
            share_column("reused_percent", "reused", "reused", ("received",)),
        ),
        Bilingual("Đồng bộ, tái sử dụng đến hết kỳ.", "Synced and reused by the period's end."),
    ),
    RateTable(
        "satisfaction",
        Bilingual("Mức độ hài lòng", "Satisfaction"),
        (
            term_column("satisfied", "rated.satisfied"),
            term_column("dissatisfied", "rated.dissatisfied"),
            share_column("percent", "satisfied", "satisfied", ("satisfied", "dissatisfied")),
            term_column("in_time", "complaints.in_time"),
            term_column("late", "complaints.late"),
            share_column("in_time_percent", "complaints_in_time", "in_time", ("in_time", "late")),
        ),
        Bilingual(
            "Đánh giá, phản ánh, kiến nghị trong kỳ.", "Ratings and complaints in the period."
        ),
    ),
)
ON_TIME_OF_ALL: Final = RateTable(
    "on_time",
    Bilingual("Tỷ lệ giải quyết hồ sơ đúng hạn", "On-time rate"),
    (
        term_column("judged", "total", parts=("on_time", "late")),
        term_column("on_time", "total.in_time", parts=("in_time", "cancelled_in_time")),
        term_column("late", "total.overdue", parts=("overdue", "cancelled_overdue")),
        share_column("percent", "on_time", "on_time", ("judged",)),
        term_column("in_time", "judged.in_time", width=14),
        term_column("overdue", "judged.overdue", width=14),
        term_column("cancelled_in_time", "cancelled.in_time"),
        term_column("cancelled_overdue", "cancelled.overdue"),
    ),
    Bilingual(
        "Trong hạn: đã giải quyết hoặc trả lại trước hạn, đúng hạn; đang giải quyết, chờ bổ sung"
        " hoặc tạm dừng mà chưa quá hạn. Hồ sơ rút, hủy tính theo thời hạn tại ngày rút, hủy.",
        "In time: resolved or returned early or on time; in progress, awaiting a supplement or"
        " paused, and not overdue. Cancelled dossiers count by their timeliness on that day.",
    ),
)
FEE_COLUMNS: Final = (
    term_column("online", "fee.online"),
    term_column("direct", "fee.direct"),
)
CASE_TABLE: Final = RateTable(
    "cases",
    Bilingual(
        "Hồ sơ, bước và liên hệ đã chấm điểm", "Dossiers, steps and contacts that were scored"
    ),
    (
        term_column("resolved", "resolved.total"),
        term_column("early", "resolved.early"),
        term_column("on_time", "resolved.on_time"),
        term_column("overdue", "resolved.overdue"),
        share_column("early_percent", "early", "early", ("resolved",)),
        term_column("steps_early", "steps.early"),
        term_column("steps_on_time", "steps.on_time"),
        term_column("steps_overdue", "steps.overdue"),
        term_column("once", "contacted.once"),
        term_column("more", "contacted.more"),
        term_column("disputed", "disputed", width=14),
    ),
    Bilingual(
        "Hồ sơ giải quyết trong kỳ; bước hoàn thành trong kỳ, của cơ quan thực hiện bước.",
        "Dossiers resolved in the period; steps done in it, of the agency whose step it was.",
    ),
)


def rate_tables(levels: Sequence[LevelBodies], whole: Body) -> Iterator[Table]:
    """The tables of on-time rate, online submission, online payment, digitisation, portal and
    satisfaction."""
    for table in RATE_TABLES:
        yield _table(levels, whole, table)


def digitisation_table(levels: Sequence[LevelBodies], whole: Body) -> Table:
    """The table of digitisation (số hóa) of components and results alone."""
    [table] = [each for each in RATE_TABLES if each.key == "digitisation"]
    return _table(levels, whole, table)


def on_time_of_all_table(levels: Sequence[LevelBodies], whole: Body) -> Table:
    """The table of the on-time rate in which cancelled dossiers count by their timeliness."""
    return _table(levels, whole, ON_TIME_OF_ALL)


def fee_table(levels: Sequence[LevelBodies], whole: Body, procedures: Catalogue) -> Table:
    """The table of online payment among dossiers with a financial obligation.

    The catalogue says which procedures have a fee (``body_rates.obliged_dossiers``).
    """
    share = share_column("percent", "fees_online", "online", ("obliged",))

    def cells_of(body: Body, row: str) -> RankedCells:
        counted = {column.key: column.counted(body.cube) for column in FEE_COLUMNS}
        obliged = obliged_dossiers(body, procedures) if body.cube.sum(*PAYMENTS) else None
        cells: dict[str, Cell] = {**counted, "obliged": Count(obliged), "percent": share.cell(row)}
        online = counted["online"].number
        return RankedCells(cells, Fraction(online or 0, obliged) if obliged else None)

    columns = (
        *BODY_COLUMNS,
        *map(document_column, FEE_COLUMNS),
        Column("obliged", headings("obliged"), width=14),
        document_column(share),
    )
    note = Bilingual(
        "Hồ sơ tiếp nhận trong kỳ, thanh toán đến hết kỳ. Có nghĩa vụ tài chính: hồ sơ của thủ tục"
        " có phí, lệ phí theo danh mục, trừ hồ sơ chỉ có khoản 0 đồng; và hồ sơ khác đã nộp hoặc"
        " đang chờ nộp phí, lệ phí.",
        "Dossiers received in the period, paid by its end. With a financial obligation: those of"
        " procedures that have a fee by the catalogue, less those with payments of 0 đồng only; and"
        " others that paid a fee, or wait for it to be paid.",
    )
    title = Bilingual("Tỷ lệ hồ sơ thanh toán trực tuyến", "Online payment")
    rows = (*ranked_rows(levels, cells_of), total_row(whole, cells_of))
    return Table("payment", title, columns, rows, (note,))


def case_table(levels: Sequence[LevelBodies], whole: Body) -> Table:
    """The table of the dossiers, steps and contacts that the scorecard scores."""
    return _table(levels, whole, CASE_TABLE)


def _table(levels: Sequence[LevelBodies], whole: Body, table: RateTable) -> Table:
    shares = [column for column in table.columns if isinstance(column, ShareColumn)]
    counts = [column for column in table.columns if isinstance(column, CountColumn)]
    figures = {column.key: _figures(column, counts) for column in counts}

    def cells_of(body: Body, row: str) -> RankedCells:
        cells: dict[str, Cell] = {
            column.key: Sum(tuple(Place(row, part) for part in column.parts))
            if column.parts
            else column.counted(body.cube)
            for column in counts
        }
        cells |= {each.key: each.cell(row) for each in shares}
        part, base = (
            _counted(body.cube, [column for key in keys for column in figures[key]])
            for keys in ((shares[0].part,), shares[0].whole)
        )
        return RankedCells(cells, Fraction(part, base) if base and part is not None else None)

    columns = (*BODY_COLUMNS, *map(document_column, table.columns))
    rows = (*ranked_rows(levels, cells_of), total_row(whole, cells_of))
    return Table(table.key, table.title, columns, rows, (table.note,))


def _counted(cube: Cube, columns: Sequence[CountColumn]) -> int | None:
    """What some columns count together; None where nothing is known of any of them."""
    numbers = [column.counted(cube).number for column in columns]
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _figures(column: CountColumn, columns: Sequence[CountColumn]) -> list[CountColumn]:
    """The columns whose counts a column adds up: itself, or its parts."""
    return [each for each in columns if each.key in column.parts] if column.parts else [column]
