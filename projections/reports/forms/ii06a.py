"""Form II.06a/VPCP/KSTT: dossiers received, resolved and in process, by agency and field.

Four equations hold in every row: (3) = (4) + (5) + (6), (7) = (8) + (9) + (10), (11) = (12) + (13)
and (3) = (7) + (11). A body counts its own fields and the bodies under it. A folding
(``folding.Folding``) says where the form counts accounts that it has no column for.

Source: TT 01/2020/TT-VPCP, form II.06a.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from hoso.domain.agencies import AgencyRegistry
from hoso.projections.documents.model import (
    About,
    Bilingual,
    Chart,
    Column,
    Count,
    Document,
    Row,
    Table,
    Words,
)
from hoso.projections.reports.basis.bodies import WHOLE, bodies_by_level, rolled_up
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.forms.added_columns import added_columns, added_figures
from hoso.projections.reports.forms.cells import FormCells, column_numbers
from hoso.projections.reports.forms.folding import IN_PROCESS_COLUMNS, RESOLVED_COLUMNS, Folding
from hoso.projections.reports.forms.headings import (
    EARLY,
    IN_PERIOD,
    IN_TIME,
    ON_TIME,
    OPEN,
    OVERDUE,
    RECEIVED,
    SETTLED,
    TOTAL,
)
from hoso.projections.reports.tables.charts import timeliness

TITLE: Final = Bilingual(
    "Biểu số II.06a/VPCP/KSTT: Tình hình, kết quả giải quyết thủ tục hành chính",
    "Form II.06a/VPCP/KSTT: administrative procedures dealt with",
)
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
    Column("early", (SETTLED, EARLY), "count", "(8)"),
    Column("on_time", (SETTLED, ON_TIME), "count", "(9)"),
    Column("overdue", (SETTLED, OVERDUE), "count", "(10)"),
    Column("in_process", (OPEN, TOTAL), "count", "(11)=(12)+(13)"),
    Column("in_time", (OPEN, IN_TIME), "count", "(12)"),
    Column("in_process_overdue", (OPEN, OVERDUE), "count", "(13)"),
)
SUM_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "received": ("online", "in_person", "carried_over"),
    "resolved": RESOLVED_COLUMNS,
    "in_process": IN_PROCESS_COLUMNS,
}
NAME: Final = "TT 01/2020/TT-VPCP, biểu số II.06a/VPCP/KSTT"


class _Form(NamedTuple):
    """What the form is made of; ``by_agency`` has the part of the cube of each agency alone."""

    cube: Cube
    by_agency: Mapping[str, Cube]
    registry: AgencyRegistry
    folding: Folding
    cells: FormCells


def report(
    cube: Cube, registry: AgencyRegistry, folding: Folding, about: Sequence[About] = ()
) -> Document:
    """The form of a window, and a chart of timeliness by body.

    The form has a row for each body with any dossier, followed by a row for each of its fields and
    by the bodies under it; last comes the whole. ``about`` says what the report rests on.
    """
    by_agency = {code: part for code, part in cube.each("agency") if code is not None}
    cells = FormCells(SUM_COLUMNS, partial(_count, folding), added_figures(folding))
    table = _table(_Form(cube, by_agency, registry, folding, cells))
    parts: tuple[Table | Chart, ...] = (table, *timeliness(bodies_by_level(cube, registry)))
    folded = About(Bilingual("Cách gộp", "Folding"), folding.title)
    return Document("ii06a", TITLE, cube.window, (*about, folded), parts)


def _table(form: _Form) -> Table:
    rows = list(_body_rows(form))
    sums = form.cells.total("whole", form.cube, [row.key for row in rows if not row.depth])
    total = Row("whole", {"field": Words(WHOLE), **sums}, "total")
    columns = (*COLUMNS, *added_columns(form.folding, COLUMNS))
    notes = form.folding.notes(NAME, column_numbers(columns))
    return Table("ii06a", TITLE, columns, (*rows, total), notes)


def _body_rows(form: _Form) -> Iterator[Row]:
    """For each body with any dossier: its row, those of its fields, and those of the bodies under
    it."""
    depths = _depths(form)
    whole = {**form.by_agency, **rolled_up(form.cube, form.registry, "channel")}
    fields: dict[str, list[Row]] = {}
    addends: dict[str, list[str]] = {}
    for code, depth in reversed(depths.items()):  # a body comes after all that are under it
        children = [each.code for each in form.registry.children(code) if addends[each.code]]
        own = form.by_agency.get(code)
        fields[code] = [*form.cells.fields(code, own, depth + 1)] if own is not None else []
        addends[code] = [*(row.key for row in fields[code]), *children]
    for code, depth in depths.items():
        if addends[code]:
            cells = form.cells.total(code, whole[code], addends[code])
            named = {"field": Words(form.registry.name(code))}
            yield Row(code, {**named, **cells}, "group", depth)
            yield from fields[code]


def _depths(form: _Form) -> dict[str, int]:
    """How deep each body is under those at the top, in the order of the form; those that the
    registry lacks come last."""
    depths: dict[str, int] = {}
    for agency in form.registry.downwards():
        depths[agency.code] = 0 if agency.parent is None else depths[agency.parent] + 1
    return depths | dict.fromkeys(form.registry.unknown(form.by_agency), 0)


def _count(folding: Folding, cube: Cube, column: str) -> Count:
    """What a column counts in a cube, also if the form has a sum there."""
    match column:
        case "online":
            return cube.only(channel="online").count("received")
        case "in_person":
            return cube.among("channel", ("in_person", "post")).count("received")
        case "carried_over":
            return cube.count("carried_over")
        case "received":
            return cube.count("total")
    columns = SUM_COLUMNS.get(column, (column,))
    return cube.count(*(account for each in columns for account in folding.accounts(each)))
