"""The quarterly evaluation of one-stop offices (báo cáo đánh giá quý).

It has the balance of all channels and of the online channel with shares, for the whole and for each
level; the online share by both definitions in use; and how many bodies have each rank,
by the scorecard and by the index of Decision 766.

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
from hoso.projections.documents.vocabulary import share_heading
from hoso.projections.log.schema import Integers
from hoso.projections.reports.basis.bodies import LEVEL_NAMES, bodies_by_level, whole_body
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.inputs import Catalogue, Inputs
from hoso.projections.reports.evaluation.index766 import index_table
from hoso.projections.reports.evaluation.profiles import IndexProfile, ScorecardProfile
from hoso.projections.reports.evaluation.ranks import rank_table
from hoso.projections.reports.evaluation.scorecard import scorecard_table
from hoso.projections.reports.tables import charts
from hoso.projections.reports.tables.balance_rows import BalanceColumns, balance_rows, term_item

TITLE: Final = Bilingual(
    "Báo cáo đánh giá việc giải quyết thủ tục hành chính theo cơ chế một cửa, một cửa liên thông",
    "Evaluation of procedures dealt with at one-stop offices",
)
ITEMS: Final = (
    term_item("total", "total", parts=("carried_over", "received")),
    term_item("carried_over", "carried_over", depth=1),
    term_item("received", "received", depth=1),
    term_item(
        "resolved", "resolved.total", parts=("early", "on_time", "overdue"), share_of="total"
    ),
    term_item("early", "resolved.early", share_of="resolved"),
    term_item("on_time", "resolved.on_time", share_of="resolved"),
    term_item("overdue", "resolved.overdue", share_of="resolved"),
    term_item(
        "in_progress",
        "in_progress.total",
        parts=("in_time", "in_progress_overdue"),
        share_of="total",
    ),
    term_item("in_time", "in_progress.in_time", share_of="in_progress"),
    term_item("in_progress_overdue", "in_progress.overdue", share_of="in_progress"),
    term_item("standing", "standing", share_of="total"),
    term_item("returned", "returned.total", share_of="total"),
    term_item("cancelled", "cancelled.total", share_of="total"),
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
    "Tổng số = đã giải quyết + đang giải quyết + tạm dừng, chờ bổ sung + trả lại + rút, hủy.",
    "Total = resolved + in progress + paused or awaiting supplement + returned + cancelled.",
)
# Online shares: key of the row, item of which it is a share, share of the vocabulary.
ONLINE_SHARES: Final = (
    ("with_carried_over", "total", "online_total"),
    ("received_only", "received", "online"),
)


def report(
    cube: Cube,
    registry: AgencyRegistry,
    daily: Mapping[str, Integers],
    inputs: Inputs,
    procedures: Catalogue,
    scorecard: ScorecardProfile,
    index: IndexProfile,
    about: Sequence[About] = (),
) -> Document:
    """The evaluation of a window. Levels without dossiers are left out.

    ``daily`` are the open dossiers day by day (``periods.DailyMoves``); ``about`` says what the
    report rests on.
    """
    levels = bodies_by_level(cube, registry)
    scorecards = scorecard_table(levels, inputs, procedures, scorecard)
    indices = index_table(levels, whole_body(cube), inputs, procedures, index)
    parts: tuple[Table | Chart, ...] = (
        _balance("whole", TITLE, cube),
        *charts.balance(cube, daily),
        *_level_balances(cube),
        rank_table("ranks", scorecard.title, levels, scorecards, scorecard.ranking),
        rank_table("index_ranks", index.title, levels, indices, index.ranking),
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
        cells: dict[str, Cell] = {"figure": Words(share_heading(name)), "online_share": share}
        yield Row(key, cells, depth=0)
