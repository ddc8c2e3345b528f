"""How was the year beside the year before? The annual report (báo cáo năm).

By level, each figure beside that of the year before with the difference (tăng, giảm); lists by
agency that add up to their totals; what is overdue by field; dossiers dealt with on the spot;
digitisation; payments.

Source: NĐ 61/2018/NĐ-CP; NĐ 09/2019/NĐ-CP art. 12.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Cell,
    Chart,
    Column,
    Difference,
    Document,
    Percentage,
    Place,
    Row,
    Table,
    Words,
)
from hoso.projections.log.schema import Integers
from hoso.projections.reports import charts, groups
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.groups import Grouping, Measured, Shared
from hoso.projections.reports.lines import Block, Line, rows
from hoso.projections.reports.rates import digitisation
from hoso.projections.reports.sections import LEVEL_NAMES, WHOLE, sections, whole

TITLE: Final = Bilingual(
    "Báo cáo năm: tình hình, kết quả giải quyết thủ tục hành chính",
    "Annual report on administrative procedures",
)
RECEIVED: Final = Bilingual("Tiếp nhận mới", "Received")
LINES: Final = (
    Line("total", Bilingual("Tổng số hồ sơ", "Total"), parts=("carried_over", "received"), depth=0),
    Line("carried_over", Bilingual("Năm trước chuyển sang", "Carried over"), ("carried_over",)),
    Line("received", RECEIVED, ("received",)),
    Line(
        "resolved",
        Bilingual("Đã giải quyết", "Resolved"),
        parts=("early", "on_time", "overdue"),
        depth=0,
    ),
    Line("early", Bilingual("Trước hạn", "Early"), ("resolved.early",)),
    Line("on_time", Bilingual("Đúng hạn", "On time"), ("resolved.on_time",)),
    Line("overdue", Bilingual("Quá hạn", "Overdue"), ("resolved.overdue",)),
    Line(
        "in_process",
        Bilingual("Đang giải quyết", "In process"),
        parts=("in_time", "in_progress_overdue", "awaiting", "paused"),
        depth=0,
    ),
    Line("in_time", Bilingual("Trong hạn", "In time"), ("in_progress.in_time",)),
    Line("in_progress_overdue", Bilingual("Quá hạn", "Overdue"), ("in_progress.overdue",)),
    Line("awaiting", Bilingual("Chờ bổ sung", "Awaiting a supplement"), ("awaiting_supplement",)),
    Line(
        "paused",
        Bilingual("Tạm dừng", "Paused"),
        ("paused",),
        parts=("authority", "obligation", "other"),
    ),
    Line(
        "authority",
        Bilingual("chờ ý kiến cơ quan có thẩm quyền", "another authority is awaited"),
        ("pause.awaiting_authority",),
        depth=2,
    ),
    Line(
        "obligation",
        Bilingual("chờ thực hiện nghĩa vụ tài chính", "a financial obligation is to be met"),
        ("pause.financial_obligation",),
        depth=2,
    ),
    Line("other", Bilingual("lý do khác", "another reason"), ("pause.other",), depth=2),
    Line("returned", Bilingual("Trả lại", "Returned"), ("returned",), depth=0),
    Line(
        "cancelled",
        Bilingual("Hủy, rút", "Cancelled"),
        parts=("withdrawn", "voided"),
        depth=0,
    ),
    Line("withdrawn", Bilingual("Người nộp rút", "Withdrawn"), ("cancelled.withdrawn",)),
    Line("voided", Bilingual("Hủy vì lý do khác", "Voided"), ("cancelled.voided",)),
)
EQUATION: Final = Bilingual(
    "Tổng số = đã giải quyết + đang giải quyết (gồm chờ bổ sung, tạm dừng) + trả lại + hủy, rút."
    " Năm trước là cùng kỳ một năm trước.",
    "Total = resolved + in process (awaiting and paused included) + returned + cancelled. The year"
    " before is the same days a year earlier.",
)
NOW: Final = Bilingual("Kỳ này", "This year")
BEFORE: Final = Bilingual("Cùng kỳ năm trước", "Year before")
CHANGE: Final = Bilingual("Tăng, giảm", "Change")
OVERDUE: Final = Bilingual("Quá hạn", "Overdue")
CANCELLED: Final = Bilingual("Hủy, rút", "Cancelled")
LISTED: Final = (
    Measured("overdue", (OVERDUE, Bilingual("Tổng số", "Total")), parts=("resolved", "open")),
    Measured("resolved", (OVERDUE, Bilingual("Đã giải quyết", "Resolved")), ("resolved.overdue",)),
    Measured(
        "open", (OVERDUE, Bilingual("Đang giải quyết", "In progress")), ("in_progress.overdue",)
    ),
    Measured("paused", (Bilingual("Tạm dừng", "Paused"),), ("paused",)),
    Measured("withdrawn", (CANCELLED, Bilingual("Rút", "Withdrawn")), ("cancelled.withdrawn",)),
    Measured("voided", (CANCELLED, Bilingual("Hủy", "Voided")), ("cancelled.voided",)),
    Measured("returned", (Bilingual("Trả lại", "Returned"),), ("returned",)),
)
BY_FIELD: Final = LISTED[:3]
ON_THE_SPOT: Final = (
    Measured("on_the_spot", (Bilingual("Giải quyết ngay", "On the spot"),), ("on_the_spot",)),
    Measured("received", (RECEIVED,), ("received",)),
    Shared("share", (Bilingual("Tỷ lệ %", "Share, %"),), "on_the_spot", "received", RECEIVED),
)
PAID_ONLINE: Final = Bilingual("Trực tuyến", "Online")
PAID_DIRECTLY: Final = Bilingual("Trực tiếp", "Directly")
TIMES: Final = Bilingual("Số lượt", "Payments")
AMOUNT: Final = Bilingual("Số tiền (đồng)", "Amount (đồng)")
ALL_TIMES: Final = Bilingual("Tổng số lượt", "All payments")
PAYMENTS: Final = (
    Measured("times", (Bilingual("Tổng", "Total"), TIMES), parts=("online", "direct")),
    Measured(
        "amount", (Bilingual("Tổng", "Total"), AMOUNT), parts=("in_online", "in_direct"), width=18
    ),
    Measured("online", (PAID_ONLINE, TIMES), ("payments.online",)),
    Measured("in_online", (PAID_ONLINE, AMOUNT), ("amount.online",), width=18),
    Measured("direct", (PAID_DIRECTLY, TIMES), ("payments.direct",)),
    Measured("in_direct", (PAID_DIRECTLY, AMOUNT), ("amount.direct",), width=18),
    Shared(
        "share", (Bilingual("Tỷ lệ lượt trực tuyến %", "Online, %"),), "online", "times", ALL_TIMES
    ),
)

LISTS: Final = Bilingual(
    "Hồ sơ quá hạn, tạm dừng, hủy, rút và trả lại theo cơ quan",
    "Overdue, paused, cancelled and returned dossiers by agency",
)
LIST_NOTE: Final = Bilingual(
    "Mỗi cơ quan chỉ tính hồ sơ của chính mình.", "An agency has its own dossiers only."
)
OVERDUE_BY_FIELD: Final = Bilingual("Hồ sơ quá hạn theo lĩnh vực", "Overdue dossiers by field")
ON_THE_SPOT_TITLE: Final = Bilingual(
    "Hồ sơ giải quyết ngay theo cơ quan", "Dossiers dealt with on the spot, by agency"
)
PAYMENTS_TITLE: Final = Bilingual("Thanh toán theo cấp", "Payments by level")
ONLINE_TITLE: Final = Bilingual(
    "Tỷ lệ tiếp nhận trực tuyến theo cấp", "Online share of those received, by level"
)


class Scope(NamedTuple):
    """The whole or a level: its key, its name, and its cube this year and the year before."""

    key: str
    name: Bilingual
    now: Cube
    before: Cube


def report(
    cube: Cube,
    a_year_before: Cube,
    registry: AgencyRegistry,
    daily: Mapping[str, Integers],
    about: Sequence[About] = (),
) -> Document:
    """The annual report: of a period, and of the same days a year before. ``daily`` is
    ``period.daily``."""
    by_agency = [
        Grouping("level", lambda level: LEVEL_NAMES[level]),
        Grouping("agency", lambda code: registry.name(code or "")),
    ]
    agency, field = Bilingual("Cơ quan, đơn vị", "Agency"), Bilingual("Lĩnh vực", "Field")
    by_field = [Grouping("field", lambda name: name or Bilingual("(không rõ)", "(none)"))]
    compared, scopes = sections(cube, registry), list(_scopes(cube, a_year_before))
    parts: tuple[Table | Chart, ...] = (
        _balance(scopes),
        charts.balance(cube, daily),
        _online(scopes),
        groups.table("lists", LISTS, agency, cube, by_agency, LISTED, (LIST_NOTE,)),
        groups.table("overdue_by_field", OVERDUE_BY_FIELD, field, cube, by_field, BY_FIELD),
        charts.age(cube),
        groups.table("on_the_spot", ON_THE_SPOT_TITLE, agency, cube, by_agency, ON_THE_SPOT),
        digitisation(compared, whole(cube)),
        groups.table("payments", PAYMENTS_TITLE, agency, cube, by_agency[:1], PAYMENTS),
        *charts.timeliness(compared),
    )
    return Document("annual", TITLE, cube.window, tuple(about), parts)


def _scopes(now: Cube, before: Cube) -> Iterator[Scope]:
    """The whole, and each level that has any dossier in either year."""
    yield Scope("whole", WHOLE, now, before)
    for level, name in LEVEL_NAMES.items():
        this, last = now.only(level=level), before.only(level=level)
        if this.sum("total") or last.sum("total"):
            yield Scope(level or "unknown", name, this, last)


def _balance(scopes: Sequence[Scope]) -> Table:
    """The balance of each scope, beside that of the year before, with the difference."""
    columns = [Column("figure", (Bilingual("Chỉ tiêu", "Figure"),), "text", width=34)]
    blocks = []
    for key, name, now, before in scopes:
        blocks += [Block(now, f"{key}.now"), Block(before, f"{key}.before")]
        columns += [
            Column(f"{key}.now", (name, NOW)),
            Column(f"{key}.before", (name, BEFORE)),
            Column(f"{key}.change", (name, CHANGE)),
        ]
    told = tuple(_with_changes(row, scopes) for row in rows(LINES, blocks))
    return Table("balance", TITLE, tuple(columns), told, (EQUATION,))


def _with_changes(row: Row, scopes: Sequence[Scope]) -> Row:
    changes: dict[str, Cell] = {
        f"{key}.change": Difference(Place(row.key, f"{key}.now"), Place(row.key, f"{key}.before"))
        for key, *_ in scopes
    }
    return row._replace(cells={**row.cells, **changes})


def _online(scopes: Sequence[Scope]) -> Table:
    """How much of what was received came online, this year and the year before."""
    columns = [Column("name", (Bilingual("Cấp", "Level"),), "text", width=34)]
    for key, when in (("now", NOW), ("before", BEFORE)):
        columns += [
            Column(f"received.{key}", (when, RECEIVED)),
            Column(f"online.{key}", (when, Bilingual("Trực tuyến", "Online"))),
            Column(f"share.{key}", (when, Bilingual("Tỷ lệ %", "Share, %")), "percent"),
        ]
    told = []
    for row, name, now, before in scopes:
        cells: dict[str, Cell] = {"name": Words(name)}
        for key, cube in (("now", now), ("before", before)):
            cells |= {
                f"received.{key}": cube.counted("received"),
                f"online.{key}": cube.only(channel="online").counted("received"),
                f"share.{key}": Percentage(
                    (Place(row, f"online.{key}"),), (Place(row, f"received.{key}"),), RECEIVED
                ),
            }
        told.append(Row(row, cells))
    return Table("online", ONLINE_TITLE, tuple(columns), tuple(told))
