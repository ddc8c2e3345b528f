"""How does the province stand? One page (tóm tắt).

What was received and resolved by level, the on-time share, what is open and overdue, and the index
of Decision 766 beside that of the period before.

Source: Decision 766/QĐ-TTg of 2022.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from hoso.projections.documents.model import (
    NO_DATA,
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
    Style,
    Table,
    Words,
)
from hoso.projections.log.schema import Integers
from hoso.projections.reports import charts
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.index766 import assess
from hoso.projections.reports.inputs import IN_TIME, JUDGED, Catalogue, Inputs
from hoso.projections.reports.profiles import IndexProfile
from hoso.projections.reports.sections import LEVEL_NAMES, WHOLE, points_cell, whole

TITLE: Final = Bilingual("Tóm tắt tình hình giải quyết hồ sơ toàn tỉnh", "The province on one page")
NAMED: Final = Column("name", (Bilingual("Cấp", "Level"),), "text", width=28)
JUDGED_NAME: Final = Bilingual(
    "Hồ sơ trong kỳ, không kể hồ sơ hủy", "Dossiers, less cancelled ones"
)
COLUMNS: Final = (
    NAMED,
    Column("received", (Bilingual("Tiếp nhận", "Received"),)),
    Column("resolved", (Bilingual("Đã giải quyết", "Resolved"),)),
    Column("judged", (JUDGED_NAME,), width=16),
    Column("in_time", (Bilingual("Trong hạn", "In time"),)),
    Column("share", (Bilingual("Tỷ lệ đúng hạn %", "On time, %"),), "percent"),
    Column("overdue", (Bilingual("Đang giải quyết, quá hạn", "Open and overdue"),), width=14),
)
OPEN_OVERDUE: Final = (
    "in_progress.overdue",
    "awaiting_supplement.overdue",
    "paused.overdue",
)
INDEX_COLUMNS: Final = (
    Column("name", (Bilingual("Chỉ số", "Index"),), "text", width=28),
    Column("before", (Bilingual("Kỳ trước", "Period before"),), "points"),
    Column("now", (Bilingual("Kỳ này", "This period"),), "points"),
    Column("change", (Bilingual("Tăng, giảm", "Change"),), "points"),
    Column("rank", (Bilingual("Xếp loại", "Rank"),), "text", width=16),
)

INDEX_TITLE: Final = Bilingual("Chỉ số theo Quyết định 766/QĐ-TTg", "Index of Decision 766")
ENTERED: Final = Bilingual(
    "Số liệu nhập tay, nếu có, dùng cho cả hai kỳ.",
    "What was entered by hand, if anything, counts in both periods.",
)


def report(
    cube: Cube,
    before: Cube,
    daily: Mapping[str, Integers],
    inputs: Inputs,
    procedures: Catalogue,
    profile: IndexProfile,
    about: Sequence[About] = (),
) -> Document:
    """The page of a period; ``before`` is the period before, ``daily`` is ``period.daily``."""
    parts: tuple[Table | Chart, ...] = (
        _levels(cube),
        _index(cube, before, inputs, procedures, profile),
        charts.balance(cube, daily),
        charts.age(cube),
    )
    return Document("summary", TITLE, cube.window, tuple(about), parts)


def _levels(cube: Cube) -> Table:
    levels = [(level or "unknown", LEVEL_NAMES[level], part) for level, part in cube.each("level")]
    told = [
        Row(key, {"name": Words(name), **_figures(key, part)})
        for key, name, part in levels
        if part.sum("total")
    ]
    total = Row("whole", {"name": Words(WHOLE), **_figures("whole", cube)}, "total")
    return Table("summary", TITLE, COLUMNS, (*told, total))


def _figures(row: str, cube: Cube) -> dict[str, Cell]:
    return {
        "received": cube.counted("received"),
        "resolved": cube.counted("resolved"),
        "judged": cube.counted(*JUDGED),
        "in_time": cube.counted(*IN_TIME),
        "share": Percentage((Place(row, "in_time"),), (Place(row, "judged"),), JUDGED_NAME),
        "overdue": cube.counted(*OPEN_OVERDUE),
    }


def _index(
    cube: Cube, before: Cube, inputs: Inputs, procedures: Catalogue, profile: IndexProfile
) -> Table:
    """The index of the whole, group by group, beside that of the period before."""
    _, now = assess(profile, whole(cube), inputs, procedures)
    _, then = assess(profile, whole(before), inputs, procedures)
    told = [
        _compared(group.key, group.name, then.groups[group.key], now.groups[group.key])
        for group in profile.groups
    ]
    total = _compared("total", profile.title, then.total, now.total, "total")
    rank = {"rank": Words(profile.ranking.of(now.total) or NO_DATA)}
    rows = (*told, total._replace(cells={**total.cells, **rank}))
    return Table("index", INDEX_TITLE, INDEX_COLUMNS, rows, (ENTERED,))


def _compared(
    key: str, name: Bilingual, before: Fraction | None, now: Fraction | None, style: Style = "line"
) -> Row:
    cells: dict[str, Cell] = {
        "name": Words(name),
        "before": points_cell(before),
        "now": points_cell(now),
        "change": Difference(Place(key, "now"), Place(key, "before")),
    }
    return Row(key, cells, style)
