"""What does form II.06a/VPCP/KSTT say? Field by field, agency by agency.

Its four equations hold in every row: (3) = (4) + (5) + (6), (7) = (8) + (9) + (10),
(11) = (12) + (13) and (3) = (7) + (11). Figures of a body are those of its own fields and of the
bodies under it.

Source: TT 01/2020/TT-VPCP, form II.06a.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Cell,
    Chart,
    Column,
    Count,
    Document,
    Place,
    Row,
    Sum,
    Table,
    Words,
)
from hoso.projections.reports.charts import timeliness
from hoso.projections.reports.cube import Cube
from hoso.projections.reports.folding import IN_PROCESS, RESOLVED, Folding
from hoso.projections.reports.sections import WHOLE, gathered, sections

TITLE: Final = Bilingual(
    "Biểu số II.06a/VPCP/KSTT: Tình hình, kết quả giải quyết thủ tục hành chính",
    "Form II.06a/VPCP/KSTT: administrative procedures dealt with",
)
RECEIVED: Final = Bilingual("Số lượng hồ sơ tiếp nhận", "Dossiers received")
IN_PERIOD: Final = Bilingual("Trong kỳ", "In the period")
SETTLED: Final = Bilingual("Số lượng hồ sơ đã giải quyết", "Dossiers resolved")
OPEN: Final = Bilingual("Số lượng hồ sơ đang giải quyết", "Dossiers in process")
TOTAL: Final = Bilingual("Tổng số", "Total")
OVERDUE: Final = Bilingual("Quá hạn", "Overdue")
COLUMNS: Final = (
    Column("number", (Bilingual("TT", "No."),), "text", "(1)", 6),
    Column("field", (Bilingual("Lĩnh vực giải quyết", "Field"),), "text", "(2)", 38),
    Column("received", (RECEIVED, TOTAL), "count", "(3)=(4)+(5)+(6)", 11),
    Column("online", (RECEIVED, IN_PERIOD, Bilingual("Trực tuyến", "Online")), "count", "(4)", 10),
    Column(
        "in_person",
        (RECEIVED, IN_PERIOD, Bilingual("Trực tiếp, dịch vụ bưu chính", "In person and by post")),
        "count",
        "(5)",
        12,
    ),
    Column(
        "carried_over",
        (RECEIVED, Bilingual("Từ kỳ trước chuyển sang", "Carried over")),
        "count",
        "(6)",
    ),
    Column("resolved", (SETTLED, TOTAL), "count", "(7)=(8)+(9)+(10)"),
    Column("early", (SETTLED, Bilingual("Trước hạn", "Early")), "count", "(8)"),
    Column("on_time", (SETTLED, Bilingual("Đúng hạn", "On time")), "count", "(9)"),
    Column("overdue", (SETTLED, OVERDUE), "count", "(10)"),
    Column("in_process", (OPEN, TOTAL), "count", "(11)=(12)+(13)"),
    Column("in_time", (OPEN, Bilingual("Trong hạn", "In time")), "count", "(12)"),
    Column("in_process_overdue", (OPEN, OVERDUE), "count", "(13)"),
)
SUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "received": ("online", "in_person", "carried_over"),
    "resolved": RESOLVED,
    "in_process": IN_PROCESS,
}
LEAVES: Final = tuple(part for parts in SUMS.values() for part in parts)
NO_FIELD: Final = Bilingual("(không rõ lĩnh vực)", "(no field)")


def report(
    cube: Cube, registry: AgencyRegistry, folding: Folding, about: Sequence[About] = ()
) -> Document:
    """The form of a period: a row for each field of each agency that has any figure, under the
    agency's own, under those of the bodies above it; and the whole."""
    table = _table(cube, registry, folding)
    parts: tuple[Table | Chart, ...] = (table, *timeliness(sections(cube, registry)))
    folded = About(Bilingual("Cách gộp", "Folding"), folding.title)
    return Document("ii06a", TITLE, cube.window, (*about, folded), parts)


def _table(cube: Cube, registry: AgencyRegistry, folding: Folding) -> Table:
    own = {code: part for code, part in cube.each("agency") if code is not None}
    codes = [*(body.code for body in registry.children()), *registry.unknown(own)]
    bodies = [rows for code in codes if (rows := _body(cube, own, code, registry, folding, 0))]
    whole = _totals("whole", cube, [rows[0].key for rows in bodies], folding)
    total = Row("whole", {"field": Words(WHOLE), **whole}, "total")
    notes = (
        folding.explains,
        Bilingual(f"Căn cứ: {folding.source}.", f"Source: {folding.source}."),
    )
    return Table("ii06a", TITLE, COLUMNS, (*(row for rows in bodies for row in rows), total), notes)


def _body(
    cube: Cube,
    own: Mapping[str, Cube],
    code: str,
    registry: AgencyRegistry,
    folding: Folding,
    depth: int,
) -> list[Row]:
    """The row of a body, those of its fields and of the bodies under it; none without figures."""
    fields = _fields(own[code], code, folding, depth + 1) if code in own else []
    below = [
        rows
        for child in registry.children(code)
        if (rows := _body(cube, own, child.code, registry, folding, depth + 1))
    ]
    parts = [*(row.key for row in fields), *(rows[0].key for rows in below)]
    if not parts:
        return []
    figures = _totals(code, gathered(cube, own, registry, code), parts, folding)
    head = Row(code, {"field": Words(registry.name(code)), **figures}, "group", depth)
    return [head, *fields, *(row for rows in below for row in rows)]


def _fields(own: Cube, code: str, folding: Folding, depth: int) -> list[Row]:
    """The rows of an agency's fields that have any figure, numbered."""
    rows: list[Row] = []
    for field, part in own.each("field"):
        if part.sum("total"):
            key = f"{code}/{field or ''}"
            named = {"number": Words(str(len(rows) + 1)), "field": Words(field or NO_FIELD)}
            counts = {name: _counted(part, name, folding) for name in LEAVES}
            rows.append(Row(key, {**named, **counts, **_sums(key, part, folding)}, depth=depth))
    return rows


def _counted(cube: Cube, column: str, folding: Folding) -> Count:
    """A figure of a column: those that are sums of others, too."""
    match column:
        case "online":
            return cube.only(channel="online").counted("received")
        case "in_person":
            return cube.among("channel", ("in_person", "post")).counted("received")
        case "carried_over":
            return cube.counted("carried_over")
        case "received":
            return cube.counted("total")
    parts = SUMS.get(column, (column,))
    return cube.counted(*(account for part in parts for account in folding.of(part)))


def _sums(row: str, cube: Cube, folding: Folding) -> dict[str, Cell]:
    """The figures of a row that are sums of its others."""
    return {
        column: Sum(
            tuple(Place(row, part) for part in parts), _counted(cube, column, folding).behind
        )
        for column, parts in SUMS.items()
    }


def _totals(row: str, cube: Cube, parts: Sequence[str], folding: Folding) -> dict[str, Cell]:
    """The figures of a row that adds up other rows."""
    added = {
        column: Sum(
            tuple(Place(part, column) for part in parts), _counted(cube, column, folding).behind
        )
        for column in LEAVES
    }
    return {**added, **_sums(row, cube, folding)}
