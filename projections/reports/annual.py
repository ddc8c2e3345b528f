"""The annual report (báo cáo năm): each figure compared with the same days of the year before.

It has the balance and the online share by level with the difference (tăng, giảm); lists by agency
that add up to their totals; overdue dossiers by field; dossiers dealt with on the spot;
digitisation; and payments.

Source: NĐ 61/2018/NĐ-CP; NĐ 09/2019/NĐ-CP art. 12.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
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
    in_numbers,
)
from hoso.projections.documents.vocabulary import headings, share_heading, words
from hoso.projections.log.schema import Integers
from hoso.projections.reports.basis.bodies import LEVEL_NAMES, WHOLE, bodies_by_level, whole_body
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.evaluation.rate_tables import digitisation_table
from hoso.projections.reports.tables import charts
from hoso.projections.reports.tables.balance_rows import BalanceColumns, balance_rows, term_item
from hoso.projections.reports.tables.columns import share_column, term_column
from hoso.projections.reports.tables.grouped_table import Columns, GroupBy, grouped_table

TITLE: Final = Bilingual(
    "Báo cáo năm: tình hình, kết quả giải quyết thủ tục hành chính",
    "Annual report on administrative procedures",
)
ITEMS: Final = (
    term_item("total", "total", parts=("carried_over", "received")),
    term_item("carried_over", "carried_over", depth=1),
    term_item("received", "received", depth=1),
    term_item("resolved", "resolved.total", parts=("early", "on_time", "overdue")),
    term_item("early", "resolved.early"),
    term_item("on_time", "resolved.on_time"),
    term_item("overdue", "resolved.overdue"),
    term_item("open", "carried_forward", parts=("in_progress", "awaiting", "paused")),
    term_item(
        "in_progress", "in_progress.total", parts=("in_time", "in_progress_overdue"), depth=1
    ),
    term_item("in_time", "in_progress.in_time", depth=2),
    term_item("in_progress_overdue", "in_progress.overdue", depth=2),
    term_item("awaiting", "awaiting_supplement.total", depth=1),
    term_item("paused", "paused.total", parts=("authority", "obligation", "other"), depth=1),
    term_item("authority", "pause.awaiting_authority", depth=2),
    term_item("obligation", "pause.financial_obligation", depth=2),
    term_item("other", "pause.other", depth=2),
    term_item("returned", "returned.total"),
    term_item("cancelled", "cancelled.total", parts=("withdrawn", "voided")),
    term_item("withdrawn", "cancelled.withdrawn"),
    term_item("voided", "cancelled.voided"),
)
EQUATION: Final = Bilingual(
    "Tổng số = đã giải quyết + chuyển kỳ sau (đang giải quyết, chờ bổ sung, tạm dừng) + trả lại +"
    " rút, hủy. Năm trước là cùng kỳ một năm trước.",
    "Total = resolved + carried forward (in progress, awaiting supplement, paused) + returned +"
    " cancelled. The year before is the same days a year earlier.",
)
NOW: Final = Bilingual("Kỳ này", "This year")
BEFORE: Final = Bilingual("Cùng kỳ năm trước", "Year before")
CHANGE: Final = Bilingual("Tăng, giảm", "Change")
LIST_COLUMNS: Final = (
    term_column("overdue", "overdue_work", parts=("resolved", "open")),
    term_column("resolved", "resolved.overdue"),
    term_column("open", "in_progress.overdue"),
    term_column("paused", "paused.total"),
    term_column("withdrawn", "cancelled.withdrawn"),
    term_column("voided", "cancelled.voided"),
    term_column("returned", "returned.total"),
)
FIELD_COLUMNS: Final = LIST_COLUMNS[:3]
ON_THE_SPOT_COLUMNS: Final = (
    term_column("on_the_spot", "on_the_spot"),
    term_column("received", "received"),
    share_column("share", "on_the_spot", "on_the_spot", ("received",)),
)
PAYMENT_COLUMNS: Final = (
    term_column("times", "payments", parts=("online", "direct")),
    term_column("online", "payments.online"),
    term_column("direct", "payments.direct"),
    share_column("share", "payments_online", "online", ("times",)),
    term_column("amount", "amount", parts=("in_online", "in_direct"), width=18),
    term_column("in_online", "amount.online", width=18),
    term_column("in_direct", "amount.direct", width=18),
)

LISTS_TITLE: Final = Bilingual(
    "Hồ sơ quá hạn, tạm dừng, hủy, rút và trả lại theo cơ quan",
    "Overdue, paused, cancelled and returned dossiers by agency",
)
LISTS_NOTE: Final = Bilingual(
    "Mỗi cơ quan chỉ tính hồ sơ của chính mình.", "An agency has its own dossiers only."
)
OVERDUE_BY_FIELD_TITLE: Final = Bilingual(
    "Hồ sơ quá hạn theo lĩnh vực", "Overdue dossiers by field"
)
ON_THE_SPOT_TITLE: Final = Bilingual(
    "Hồ sơ giải quyết ngay theo cơ quan", "Dossiers dealt with on the spot, by agency"
)
PAYMENTS_TITLE: Final = Bilingual("Thanh toán theo cấp", "Payments by level")
ONLINE_TITLE: Final = Bilingual(
    "Tỷ lệ tiếp nhận trực tuyến theo cấp", "Online share of those received, by level"
)


class _Compared(NamedTuple):
    """The whole or one level: its key, its name, and its cubes of this year and the year before."""

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
    until: date | None = None,
) -> Document:
    """The annual report of a window. ``a_year_before`` is the cube of the same days a year earlier.

    ``daily`` are the open dossiers day by day (``periods.DailyMoves``); ``about`` says what the
    report rests on. ``until`` is the last day with figures, if the window is not over.
    """
    by_level = GroupBy("level", lambda level: LEVEL_NAMES[level])
    by_agency = GroupBy("agency", lambda code: registry.name(code or ""))
    by_field = GroupBy("field", lambda field: field or Bilingual("(không rõ)", "(none)"))
    agency, field = Bilingual("Cơ quan, đơn vị", "Agency"), Bilingual("Lĩnh vực", "Field")
    levels, compared = bodies_by_level(cube, registry), list(_compared(cube, a_year_before))

    def by_body(key: str, title: Bilingual, columns: Columns, *notes: Bilingual) -> Table:
        return grouped_table(key, title, agency, cube, [by_level, by_agency], columns, notes)

    parts: tuple[Table | Chart, ...] = (
        _balance(compared, until),
        *charts.balance(cube, daily),
        _online(compared),
        by_body("lists", LISTS_TITLE, LIST_COLUMNS, LISTS_NOTE),
        grouped_table(
            "overdue_by_field", OVERDUE_BY_FIELD_TITLE, field, cube, [by_field], FIELD_COLUMNS
        ),
        charts.age(cube),
        by_body("on_the_spot", ON_THE_SPOT_TITLE, ON_THE_SPOT_COLUMNS),
        digitisation_table(levels, whole_body(cube)),
        grouped_table("payments", PAYMENTS_TITLE, agency, cube, [by_level], PAYMENT_COLUMNS),
        *charts.timeliness(levels),
    )
    return Document("annual", TITLE, cube.window, tuple(about), parts)


def _compared(now: Cube, before: Cube) -> Iterator[_Compared]:
    """The whole, and each level that has dossiers in either year."""
    yield _Compared("whole", WHOLE, now, before)
    for level, name in LEVEL_NAMES.items():
        own_now, own_before = now.only(level=level), before.only(level=level)
        if own_now.sum("total") or own_before.sum("total"):
            yield _Compared(level or "unknown", name, own_now, own_before)


def _balance(compared: Sequence[_Compared], until: date | None) -> Table:
    """The balances of this year and the year before, and the difference."""
    columns = [Column("figure", (Bilingual("Chỉ tiêu", "Figure"),), "text", width=34)]
    balances = []
    for key, name, now, before in compared:
        balances += [BalanceColumns(now, f"{key}.now"), BalanceColumns(before, f"{key}.before")]
        columns += [
            Column(f"{key}.now", (name, NOW)),
            Column(f"{key}.before", (name, BEFORE)),
            Column(f"{key}.change", (name, CHANGE)),
        ]
    rows = tuple(_with_changes(row, compared) for row in balance_rows(ITEMS, balances))
    notes = (EQUATION, *_not_over(until), *_recorded_since(compared[0].before))
    return Table("balance", TITLE, tuple(columns), rows, notes)


def _not_over(until: date | None) -> Iterator[Bilingual]:
    """That a year which is not over is compared with a whole one."""
    if until is not None:
        vi, en = in_numbers(until)
        yield Bilingual(
            f"Kỳ này chưa kết thúc: số liệu đến hết ngày {vi}; năm trước là số liệu của cả kỳ.",
            f"This year is not over: its figures go up to {en}; the year before is whole.",
        )


def _recorded_since(before: Cube) -> Iterator[Bilingual]:
    """From when on anything is recorded, where that is not before the year before."""
    if before.since is not None and before.since > before.window.first:
        yield Bilingual(
            f"Số liệu được ghi nhận từ ngày {before.since:%d/%m/%Y}; trước đó không có số liệu.",
            f"Nothing is recorded of the days before {before.since:%d/%m/%Y}.",
        )


def _with_changes(row: Row, compared: Sequence[_Compared]) -> Row:
    changes: dict[str, Cell] = {
        f"{key}.change": Difference(Place(row.key, f"{key}.now"), Place(row.key, f"{key}.before"))
        for key, *_ in compared
    }
    return row._replace(cells={**row.cells, **changes})


def _online(compared: Sequence[_Compared]) -> Table:
    """How many dossiers were received online, this year and the year before."""
    columns = [Column("name", (Bilingual("Cấp", "Level"),), "text", width=34)]
    for key, year in (("now", NOW), ("before", BEFORE)):
        columns += [
            Column(f"received.{key}", (year, *headings("received"))),
            Column(f"online.{key}", (year, *headings("received.online"))),
            Column(f"share.{key}", (year, share_heading("online")), "percent"),
        ]
    rows = []
    for row, name, now, before in compared:
        cells: dict[str, Cell] = {"name": Words(name)}
        for key, cube in (("now", now), ("before", before)):
            cells |= {
                f"received.{key}": cube.count("received"),
                f"online.{key}": cube.only(channel="online").count("received"),
                f"share.{key}": Percentage(
                    (Place(row, f"online.{key}"),),
                    (Place(row, f"received.{key}"),),
                    words("received"),
                ),
            }
        rows.append(Row(row, cells))
    return Table("online", ONLINE_TITLE, tuple(columns), tuple(rows))
