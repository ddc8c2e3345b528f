"""Tables of the rates of bodies: on time, online, paid online, digitised, synced, satisfied.

Source: Decision 766/QĐ-TTg of 2022; Bắc Kạn's report of September 2024, whose tables these are.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from hoso.projections.documents.model import Bilingual, Cell, Column, Count, Place, Sum, Table
from hoso.projections.reports.bodies import (
    BODY_COLUMNS,
    Body,
    LevelBodies,
    RankedCells,
    ranked_rows,
    total_row,
)
from hoso.projections.reports.body_rates import (
    DISPUTED,
    IN_TIME,
    JUDGED,
    OVERDUE,
    PAYMENTS,
    obliged_dossiers,
)
from hoso.projections.reports.columns import CountColumn, ShareColumn, document_column
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.inputs import Catalogue


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
            CountColumn("judged", (Bilingual("Hồ sơ trong kỳ", "Dossiers of the period"),), JUDGED),
            CountColumn("in_time", (Bilingual("Trong hạn", "In time"),), IN_TIME),
            CountColumn("overdue", (Bilingual("Quá hạn", "Overdue"),), OVERDUE),
            ShareColumn(
                "percent",
                (Bilingual("Tỷ lệ đúng hạn", "On-time rate"),),
                "in_time",
                ("judged",),
                Bilingual("hồ sơ trong kỳ, không kể hồ sơ hủy", "dossiers, less cancelled ones"),
            ),
        ),
        Bilingual(
            "Hồ sơ trong kỳ không kể hồ sơ hủy. Trong hạn: đã giải quyết hoặc trả lại trước hạn,"
            " đúng hạn; đang giải quyết, chờ bổ sung hoặc tạm dừng mà chưa quá hạn.",
            "Cancelled dossiers are left out. In time: resolved or returned early or on time; in"
            " progress, awaiting a supplement or paused, and not overdue.",
        ),
    ),
    RateTable(
        "online",
        Bilingual("Tỷ lệ hồ sơ nộp trực tuyến", "Online submission"),
        (
            CountColumn(
                "online", (Bilingual("Trực tuyến", "Online"),), ("received",), channel="online"
            ),
            CountColumn(
                "in_person",
                (Bilingual("Trực tiếp", "In person"),),
                ("received",),
                channel="in_person",
            ),
            CountColumn(
                "post", (Bilingual("Bưu chính", "By post"),), ("received",), channel="post"
            ),
            ShareColumn(
                "percent",
                (Bilingual("Tỷ lệ trực tuyến", "Online share"),),
                "online",
                ("online", "in_person", "post"),
                Bilingual("hồ sơ tiếp nhận trong kỳ", "dossiers received in the period"),
            ),
        ),
        Bilingual("Hồ sơ tiếp nhận trong kỳ.", "Dossiers received in the period."),
    ),
    RateTable(
        "payment",
        Bilingual("Tỷ lệ hồ sơ thanh toán trực tuyến", "Online payment"),
        (
            CountColumn("online", (Bilingual("Trực tuyến", "Online"),), ("paid.online",)),
            CountColumn("direct", (Bilingual("Trực tiếp", "Directly"),), ("paid.direct",)),
            ShareColumn(
                "percent",
                (Bilingual("Tỷ lệ trực tuyến", "Online share"),),
                "online",
                ("online", "direct"),
                Bilingual("hồ sơ có thanh toán trong kỳ", "dossiers paid in the period"),
            ),
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
            CountColumn("received", (Bilingual("Tiếp nhận", "Received"),), ("received",)),
            CountColumn(
                "components",
                (Bilingual("Số hóa đủ thành phần", "Components digitised"),),
                ("components.complete",),
            ),
            ShareColumn(
                "components_percent",
                (Bilingual("Tỷ lệ số hóa thành phần", "Share"),),
                "components",
                ("received",),
                Bilingual("hồ sơ tiếp nhận trong kỳ", "dossiers received in the period"),
            ),
            CountColumn("resolved", (Bilingual("Đã giải quyết", "Resolved"),), ("resolved",)),
            CountColumn(
                "results", (Bilingual("Số hóa kết quả", "Results digitised"),), ("result.complete",)
            ),
            ShareColumn(
                "results_percent",
                (Bilingual("Tỷ lệ số hóa kết quả", "Share"),),
                "results",
                ("resolved",),
                Bilingual("hồ sơ đã giải quyết trong kỳ", "dossiers resolved in the period"),
            ),
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
            CountColumn(
                "total", (Bilingual("Hồ sơ trong kỳ", "Dossiers of the period"),), ("total",)
            ),
            CountColumn("synced", (Bilingual("Đã đồng bộ", "Synced"),), ("synced",)),
            ShareColumn(
                "synced_percent",
                (Bilingual("Tỷ lệ đồng bộ", "Share"),),
                "synced",
                ("total",),
                Bilingual("hồ sơ trong kỳ", "dossiers of the period"),
            ),
            CountColumn("received", (Bilingual("Tiếp nhận", "Received"),), ("received",)),
            CountColumn("reused", (Bilingual("Tái sử dụng dữ liệu", "Data reused"),), ("reused",)),
            ShareColumn(
                "reused_percent",
                (Bilingual("Tỷ lệ tái sử dụng", "Share"),),
                "reused",
                ("received",),
                Bilingual("hồ sơ tiếp nhận trong kỳ", "dossiers received in the period"),
            ),
        ),
        Bilingual("Đồng bộ, tái sử dụng đến hết kỳ.", "Synced and reused by the period's end."),
    ),
    RateTable(
        "satisfaction",
        Bilingual("Mức độ hài lòng", "Satisfaction"),
        (
            CountColumn("satisfied", (Bilingual("Hài lòng", "Satisfied"),), ("rated.satisfied",)),
            CountColumn(
                "dissatisfied",
                (Bilingual("Không hài lòng", "Dissatisfied"),),
                ("rated.dissatisfied",),
            ),
            ShareColumn(
                "percent",
                (Bilingual("Tỷ lệ hài lòng", "Satisfied, share"),),
                "satisfied",
                ("satisfied", "dissatisfied"),
                Bilingual("lượt đánh giá trong kỳ", "ratings in the period"),
            ),
            CountColumn(
                "in_time",
                (Bilingual("Phản ánh xử lý đúng hạn", "Settled in time"),),
                ("complaints.in_time",),
            ),
            CountColumn(
                "late", (Bilingual("Xử lý quá hạn", "Settled late"),), ("complaints.late",)
            ),
            ShareColumn(
                "in_time_percent",
                (Bilingual("Tỷ lệ đúng hạn", "In time, share"),),
                "in_time",
                ("in_time", "late"),
                Bilingual("phản ánh, kiến nghị trong kỳ", "complaints in the period"),
            ),
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
        CountColumn(
            "judged",
            (Bilingual("Hồ sơ trong kỳ", "Dossiers of the period"),),
            parts=("in_time", "cancelled_in_time", "overdue", "cancelled_overdue"),
        ),
        CountColumn("in_time", (Bilingual("Trong hạn", "In time"),), IN_TIME),
        CountColumn(
            "cancelled_in_time",
            (Bilingual("Rút, hủy trong hạn", "Cancelled in time"),),
            ("cancelled.in_time",),
        ),
        CountColumn("overdue", (Bilingual("Quá hạn", "Overdue"),), OVERDUE),
        CountColumn(
            "cancelled_overdue",
            (Bilingual("Rút, hủy quá hạn", "Cancelled when overdue"),),
            ("cancelled.overdue",),
        ),
        CountColumn(
            "on_time",
            (Bilingual("Cộng trong hạn", "In time in all"),),
            parts=("in_time", "cancelled_in_time"),
        ),
        ShareColumn(
            "percent",
            (Bilingual("Tỷ lệ đúng hạn", "On-time rate"),),
            "on_time",
            ("judged",),
            Bilingual("hồ sơ trong kỳ", "dossiers of the period"),
        ),
    ),
    Bilingual(
        "Trong hạn: đã giải quyết hoặc trả lại trước hạn, đúng hạn; đang giải quyết, chờ bổ sung"
        " hoặc tạm dừng mà chưa quá hạn. Hồ sơ rút, hủy tính theo thời hạn tại ngày rút, hủy.",
        "In time: resolved or returned early or on time; in progress, awaiting a supplement or"
        " paused, and not overdue. Cancelled dossiers count by their timeliness on that day.",
    ),
)
FEE_COLUMNS: Final = (
    CountColumn("online", (Bilingual("Trực tuyến", "Online"),), ("fee.online",)),
    CountColumn("direct", (Bilingual("Trực tiếp", "Directly"),), ("fee.direct",)),
)
CASE_TABLE: Final = RateTable(
    "cases",
    Bilingual(
        "Hồ sơ, bước và liên hệ đã chấm điểm", "Dossiers, steps and contacts that were scored"
    ),
    (
        CountColumn("resolved", (Bilingual("Đã giải quyết", "Resolved"),), ("resolved",)),
        CountColumn("early", (Bilingual("Trước hạn", "Early"),), ("resolved.early",)),
        CountColumn("on_time", (Bilingual("Đúng hạn", "On time"),), ("resolved.on_time",)),
        CountColumn("overdue", (Bilingual("Quá hạn", "Overdue"),), ("resolved.overdue",)),
        ShareColumn(
            "early_percent",
            (Bilingual("Tỷ lệ trước hạn", "Early, share"),),
            "early",
            ("resolved",),
            Bilingual("hồ sơ đã giải quyết trong kỳ", "dossiers resolved in the period"),
        ),
        CountColumn("steps_early", (Bilingual("Bước trước hạn", "Steps early"),), ("steps.early",)),
        CountColumn(
            "steps_on_time", (Bilingual("Bước đúng hạn", "Steps on time"),), ("steps.on_time",)
        ),
        CountColumn(
            "steps_overdue", (Bilingual("Bước quá hạn", "Steps overdue"),), ("steps.overdue",)
        ),
        CountColumn("once", (Bilingual("Liên hệ 1 lần", "Contacted once"),), ("contacted.once",)),
        CountColumn("more", (Bilingual("Liên hệ nhiều lần", "More often"),), ("contacted.more",)),
        CountColumn("disputed", (Bilingual("Có phản ánh, kiến nghị", "Complained of"),), DISPUTED),
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
    share = ShareColumn(
        "percent",
        (Bilingual("Tỷ lệ trực tuyến", "Online share"),),
        "online",
        ("obliged",),
        Bilingual("hồ sơ có nghĩa vụ tài chính", "dossiers with a financial obligation"),
    )

    def cells_of(body: Body, row: str) -> RankedCells:
        counted = {column.key: column.counted(body.cube) for column in FEE_COLUMNS}
        obliged = obliged_dossiers(body, procedures) if body.cube.sum(*PAYMENTS) else None
        cells: dict[str, Cell] = {**counted, "obliged": Count(obliged), "percent": share.cell(row)}
        online = counted["online"].number
        return RankedCells(cells, Fraction(online or 0, obliged) if obliged else None)

    obliged = Bilingual("Có nghĩa vụ tài chính", "With a financial obligation")
    columns = (
        *BODY_COLUMNS,
        *map(document_column, FEE_COLUMNS),
        Column("obliged", (obliged,), width=14),
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
