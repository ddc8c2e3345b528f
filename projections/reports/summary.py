"""The summary (tóm tắt): the province on one page.

It has what was received and resolved by level, the on-time share, what is open and overdue, what
only looks on time, and the index of Decision 766 compared with the window before.

Source: Decision 766/QĐ-TTg of 2022.
"""

from collections.abc import Mapping, Sequence
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
    Place,
    Points,
    Row,
    Style,
    Sum,
    Table,
    Words,
)
from hoso.projections.integrity.findings import Integrity
from hoso.projections.log.schema import Integers
from hoso.projections.reports.basis.bodies import LEVEL_NAMES, WHOLE, whole_body
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.basis.inputs import Catalogue, Inputs
from hoso.projections.reports.evaluation.index766 import assess, reads_of
from hoso.projections.reports.evaluation.profiles import IndexProfile
from hoso.projections.reports.integrity.in_brief import in_brief
from hoso.projections.reports.tables import charts
from hoso.projections.reports.tables.columns import (
    CountColumn,
    ShareColumn,
    document_column,
    share_column,
    term_column,
)
from hoso.projections.reports.tables.grouped_table import Columns
from hoso.projections.reports.tables.points import points_cell

TITLE: Final = Bilingual("Tóm tắt tình hình giải quyết hồ sơ toàn tỉnh", "The province on one page")
LEVEL_COLUMN: Final = Column("name", (Bilingual("Cấp", "Level"),), "text", width=28)
RECEIVED_AND_RESOLVED: Final = (
    term_column("received", "received"),
    term_column("resolved", "resolved.total"),
)
ON_TIME: Final = (
    term_column("judged", "total"),
    term_column("in_time", "total.in_time", parts=("others_in_time", "cancelled_in_time")),
    term_column("others_in_time", "judged.in_time", width=14),
    term_column("cancelled_in_time", "cancelled.in_time"),
    share_column("share", "on_time", "in_time", ("judged",)),
)
# Where the profile of the index does not count cancelled dossiers:
ON_TIME_LESS_CANCELLED: Final = (
    term_column("judged", "judged", width=14),
    term_column("in_time", "judged.in_time", width=14),
    share_column("share", "on_time_judged", "in_time", ("judged",)),
)
OPEN_OVERDUE: Final = (term_column("overdue", "carried_forward.overdue", width=14),)
INDEX_COLUMNS: Final = (
    Column("name", (Bilingual("Chỉ số", "Index"),), "text", width=28),
    Column("before", (Bilingual("Kỳ trước", "Period before"),), "points"),
    Column("now", (Bilingual("Kỳ này", "This period"),), "points"),
    Column("change", (Bilingual("Tăng, giảm", "Change"),), "points"),
    Column("rank", (Bilingual("Xếp loại", "Rank"),), "text", width=16),
)

INDEX_TITLE: Final = Bilingual("Chỉ số theo Quyết định 766/QĐ-TTg", "Index of Decision 766")
INPUTS_NOTE: Final = Bilingual(
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
    integrity: Integrity | None = None,
    about: Sequence[About] = (),
) -> Document:
    """The summary of a window. ``before`` is the cube of the window before, ``integrity`` what the
    checks saw in the window; None: they did not run.

    ``daily`` are the open dossiers day by day (``periods.DailyMoves``); ``about`` says what the
    report rests on.
    """
    parts: tuple[Table | Chart, ...] = (
        _levels(cube, profile),
        *([] if integrity is None else [in_brief(cube, integrity)]),
        _index(cube, before, inputs, procedures, profile),
        *charts.balance(cube, daily),
        charts.age(cube),
    )
    return Document("summary", TITLE, cube.window, tuple(about), parts)


def _levels(cube: Cube, profile: IndexProfile) -> Table:
    """The figures by level. The on-time rate is that of the index."""
    on_time: Columns = ON_TIME if profile.counts_cancelled() else ON_TIME_LESS_CANCELLED
    columns: Columns = (*RECEIVED_AND_RESOLVED, *on_time, *OPEN_OVERDUE)
    rows = []
    for level, part in cube.each("level"):
        if part.sum("total"):
            key = level or "unknown"
            named = {"name": Words(LEVEL_NAMES[level])}
            rows.append(Row(key, {**named, **_cells(key, part, columns)}))
    total = Row("whole", {"name": Words(WHOLE), **_cells("whole", cube, columns)}, "total")
    shown = (LEVEL_COLUMN, *(document_column(column) for column in columns))
    return Table("summary", TITLE, shown, (*rows, total))


def _cells(row: str, cube: Cube, columns: Columns) -> dict[str, Cell]:
    return {column.key: _cell(row, cube, column) for column in columns}


def _cell(row: str, cube: Cube, column: CountColumn | ShareColumn) -> Cell:
    if isinstance(column, ShareColumn):
        return column.cell(row)
    if column.parts:
        return Sum(tuple(Place(row, part) for part in column.parts))
    return column.counted(cube)


def _index(
    cube: Cube, before: Cube, inputs: Inputs, procedures: Catalogue, profile: IndexProfile
) -> Table:
    """The index of the whole, group by group, compared with the window before."""
    rates, score = assess(profile, whole_body(cube), inputs, procedures)
    rates_before, earlier = assess(profile, whole_body(before), inputs, procedures)
    rows = [
        _comparison(
            group.key,
            group.name,
            points_cell(earlier.groups[group.key], None, reads_of(group, rates_before)),
            points_cell(score.groups[group.key], None, reads_of(group, rates)),
        )
        for group in profile.groups
    ]
    before_total, now_total = (
        points_cell(each.total, None, (read for rate in own.values() for read in rate.reads))
        for each, own in ((earlier, rates_before), (score, rates))
    )
    total = _comparison("total", profile.title, before_total, now_total, "total")
    rank = {"rank": Words(profile.ranking.rank(score.total) or NO_DATA)}
    rows.append(total._replace(cells={**total.cells, **rank}))
    return Table("index", INDEX_TITLE, INDEX_COLUMNS, tuple(rows), (INPUTS_NOTE,))


def _comparison(
    key: str, name: Bilingual, before: Points, now: Points, style: Style = "line"
) -> Row:
    cells: dict[str, Cell] = {
        "name": Words(name),
        "before": before,
        "now": now,
        "change": Difference(Place(key, "now"), Place(key, "before")),
    }
    return Row(key, cells, style)
