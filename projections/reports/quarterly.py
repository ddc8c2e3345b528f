"""How did the one-stop offices do in a quarter? The evaluation report (báo cáo đánh giá quý).

For all channels and again for online: the balance, figure by figure, with shares; the online share
by both definitions that are in use; each level; and how many bodies reached each rank.

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
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.inputs import Catalogue, Inputs
from hoso.projections.reports.lines import Block, Line, rows
from hoso.projections.reports.profiles import ScorecardProfile
from hoso.projections.reports.scorecard import cards_of, ranks_reached
from hoso.projections.reports.sections import LEVEL_NAMES, sections

TITLE: Final = Bilingual(
    "Báo cáo đánh giá việc giải quyết thủ tục hành chính theo cơ chế một cửa, một cửa liên thông",
    "Evaluation of procedures dealt with at one-stop offices",
)
TOTAL: Final = Bilingual("Tổng số hồ sơ", "Total")
RECEIVED: Final = Bilingual("Tiếp nhận mới trong kỳ", "Received")
LINES: Final = (
    Line("total", TOTAL, parts=("carried_over", "received"), depth=0),
    Line("carried_over", Bilingual("Kỳ trước chuyển sang", "Carried over"), ("carried_over",)),
    Line("received", RECEIVED, ("received",)),
    Line(
        "resolved",
        Bilingual("Đã giải quyết", "Resolved"),
        parts=("early", "on_time", "overdue"),
        share_of="total",
        depth=0,
    ),
    Line("early", Bilingual("Trước hạn", "Early"), ("resolved.early",), share_of="resolved"),
    Line("on_time", Bilingual("Đúng hạn", "On time"), ("resolved.on_time",), share_of="resolved"),
    Line("overdue", Bilingual("Quá hạn", "Overdue"), ("resolved.overdue",), share_of="resolved"),
    Line(
        "in_progress",
        Bilingual("Đang giải quyết", "In progress"),
        parts=("in_time", "in_progress_overdue"),
        share_of="total",
        depth=0,
    ),
    Line(
        "in_time",
        Bilingual("Trong hạn", "In time"),
        ("in_progress.in_time",),
        share_of="in_progress",
    ),
    Line(
        "in_progress_overdue",
        Bilingual("Quá hạn", "Overdue"),
        ("in_progress.overdue",),
        share_of="in_progress",
    ),
    Line(
        "standing",
        Bilingual("Tạm dừng, chờ bổ sung", "Paused or awaiting a supplement"),
        ("paused", "awaiting_supplement"),
        share_of="total",
        depth=0,
    ),
    Line("returned", Bilingual("Trả lại", "Returned"), ("returned",), share_of="total", depth=0),
    Line(
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
SHARES: Final = (
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
    """The evaluation report of a period: the whole, each level that has any dossier, and the ranks
    that bodies reached on the scorecard. ``daily`` is ``period.daily``."""
    compared = sections(cube, registry)
    cards = cards_of(compared, inputs, procedures, profile)
    parts: tuple[Table | Chart, ...] = (
        _balance("whole", TITLE, cube),
        charts.balance(cube, daily),
        *_levels(cube),
        ranks_reached(compared, cards, profile),
        *charts.timeliness(compared),
    )
    return Document("quarterly", TITLE, cube.window, tuple(about), parts)


def _levels(cube: Cube) -> Iterator[Table]:
    for level, part in cube.each("level"):
        if part.sum("total"):
            yield _balance(f"level-{level or 'unknown'}", LEVEL_NAMES[level], part)


def _balance(key: str, title: Bilingual, cube: Cube) -> Table:
    """The balance of all channels, of online, and the online share by both definitions."""
    blocks = (
        Block(cube, "all", "all_share"),
        Block(cube.only(channel="online"), "online", "online_share"),
    )
    return Table(key, title, COLUMNS, (*rows(LINES, blocks), *_online_shares()), (EQUATION,))


def _online_shares() -> Iterator[Row]:
    names = {line.key: line.name for line in LINES}
    for key, of, name in SHARES:
        share = Percentage((Place(of, "online"),), (Place(of, "all"),), names[of])
        cells: dict[str, Cell] = {"figure": Words(name), "online_share": share}
        yield Row(key, cells, depth=0)
