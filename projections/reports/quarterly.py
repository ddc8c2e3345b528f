"""The quarterly evaluation of one-stop offices (báo cáo đánh giá quý).

It has the balance of all channels and of the online channel with shares, for the whole and for each
level; the online share by both definitions in use; and how many bodies have each rank.

Source: NĐ 61/2018/NĐ-CP; the report of Sơn La for quarter 1 of 2023.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Cell,
    Chart,
    Column,
    Document,
    Percentage,
    Place,
    Row,
    Table,
    Words,
)
from hoso.projections.log.schema import Integers
from hoso.projections.reports import charts
from hoso.projections.reports.balance_rows import BalanceColumns, LineItem, balance_rows
from hoso.projections.reports.bodies import LEVEL_NAMES, bodies_by_level
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.inputs import Catalogue, Inputs
from hoso.projections.reports.profiles import ScorecardProfile
from hoso.projections.reports.scorecard import rank_table, scorecard_table

TITLE: Final = Bilingual(
    "Báo cáo đánh giá việc giải quyết thủ tục hành chính theo cơ chế một cửa, một cửa liên thông",
    "Evaluation of procedures dealt with at one-stop offices",
)
TOTAL: Final = Bilingual("Tổng số hồ sơ", "Total")
RECEIVED: Final = Bilingual("Tiếp nhận mới trong kỳ", "Received")
ITEMS: Final = (
    LineItem("total", TOTAL, parts=("carried_over", "received"), depth=0),
    LineItem("carried_over", Bilingual("Kỳ trước chuyển sang", "Carried over"), ("carried_over",)),
    LineItem("received", RECEIVED, ("received",)),
    LineItem(
        "resolved",
        Bilingual("Đã giải quyết", "Resolved"),
        parts=("early", "on_time", "overdue"),
        share_of="total",
        depth=0,
    ),
    LineItem("early", Bilingual("Trước hạn", "Early"), ("resolved.early",), share_of="resolved"),
    LineItem(
        "on_time", Bilingual("Đúng hạn", "On time"), ("resolved.on_time",), share_of="resolved"
    ),
    LineItem(
        "overdue", Bilingual("Quá hạn", "Overdue"), ("resolved.overdue",), share_of="resolved"
    ),
    LineItem(
        "in_progress",
        Bilingual("Đang giải quyết", "In progress"),
        parts=("in_time", "in_progress_overdue"),
        share_of="total",
        depth=0,
    ),
    LineItem(
        "in_time",
        Bilingual("Trong hạn", "In time"),
        ("in_progress.in_time",),
        share_of="in_progress",
    ),
    LineItem(
        "in_progress_overdue",
        Bilingual("Quá hạn", "Overdue"),
        ("in_progress.overdue",),
        share_of="in_progress",
    ),
    LineItem(
        "standing",
        Bilingual("Tạm dừng, chờ bổ sung", "Paused or awaiting a supplement"),
        ("paused", "awaiting_supplement"),
        share_of="total",
        depth=0,
    ),
    LineItem(
        "returned", Bilingual("Trả lại", "Returned"), ("returned",), share_of="total", depth=0
    ),
    LineItem(
        "cancelled",
        Bilingual("Hủy, rút", "Cancelled or withdrawn"),
        ("cancelled",),
        share_of="total",
        depth=0,
    ),
)
ALL: Final = Bilingual("Tất cả các kênh", "All channels")
ONLINE: Final = Bilingual("Trực tuyến", "Online")
NUMBER: Final = Bilingual("Số hồ sơ", "Dossiers")
PERCENT: Final = Bilingual("Tỷ lệ %", "Share, %")
COLUMNS: Final = (
    Column("figure", (Bilingual("Chỉ tiêu", "Figure"),), "text", width=40),
    Column("all", (ALL, NUMBER)),
    Column("all_share", (ALL, PERCENT), "percent"),
    Column("online", (ONLINE, NUMBER)),
    Column("online_share", (ONLINE, PERCENT), "percent"),
)
EQUATION: Final = Bilingual(
    "Tổng số = đã giải quyết + đang giải quyết + tạm dừng, chờ bổ sung + trả lại + hủy, rút.",
    "Total = resolved + in progress + paused or awaiting + returned + cancelled.",
)
# Online shares: key of the row, item of which it is a share, name.
ONLINE_SHARES: Final = (
    (
        "with_carried_over",
        "total",
        Bilingual(
            "Tỷ lệ trực tuyến, gồm kỳ trước chuyển sang", "Online share, carried over included"
        ),
    ),
    (
        "received_only",
        "received",
        Bilingual("Tỷ lệ trực tuyến, tiếp nhận mới trong kỳ", "Online share of those received"),
    ),
)


def report(
    cube: Cube,
    registry: AgencyRegistry,
    daily: Mapping[str, Integers],
    inputs: Inputs,
    procedures: Catalogue,
    profile: ScorecardProfile,
    about: Sequence[About] = (),
) -> Document:
    """The evaluation of a window. Levels without dossiers are left out.

    ``daily`` are the open dossiers day by day (``periods.DailyMoves``); ``about`` says what the
    report rests on.
    """
    levels = bodies_by_level(cube, registry)
    scorecards = scorecard_table(levels, inputs, procedures, profile)
    parts: tuple[Table | Chart, ...] = (
        _balance("whole", TITLE, cube),
        *charts.balance(cube, daily),
        *_level_balances(cube),
        rank_table(levels, scorecards, profile),
        *charts.timeliness(levels),
    )
    return Document("quarterly", TITLE, cube.window, tuple(about), parts)


def _level_balances(cube: Cube) -> Iterator[Table]:
    for level, part in cube.each("level"):
        if part.sum("total"):
            yield _balance(f"level-{level or 'unknown'}", LEVEL_NAMES[level], part)


def _balance(key: str, title: Bilingual, cube: Cube) -> Table:
    """The balance of all channels and of online, and the online share by both definitions."""
    columns = (
        BalanceColumns(cube, "all", "all_share"),
        BalanceColumns(cube.only(channel="online"), "online", "online_share"),
    )
    rows = (*balance_rows(ITEMS, columns), *_online_shares())
    return Table(key, title, COLUMNS, rows, (EQUATION,))


def _online_shares() -> Iterator[Row]:
    names = {item.key: item.name for item in ITEMS}
    for key, item, name in ONLINE_SHARES:
        share = Percentage((Place(item, "online"),), (Place(item, "all"),), names[item])
        cells: dict[str, Cell] = {"figure": Words(name), "online_share": share}
        yield Row(key, cells, depth=0)
