"""What the checks of integrity saw, in one line of the summary."""

from fractions import Fraction
from typing import Final

from hoso.projections.documents.model import (
    Bilingual,
    Column,
    Count,
    Difference,
    Place,
    Row,
    Table,
    Words,
)
from hoso.projections.documents.vocabulary import share_heading, words
from hoso.projections.integrity.findings import Integrity
from hoso.projections.reports.basis.bodies import WHOLE
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.integrity.tables import (
    AS_OVERDUE,
    CHANGE,
    IN_TIME,
    SEEN,
    loaded_note,
    seen_most,
    title_of,
)
from hoso.projections.reports.integrity.tally import Tally
from hoso.projections.reports.tables.points import points_cell

TITLE: Final = Bilingual("Dấu hiệu bất thường", "What only looks on time")
RATE: Final = share_heading("resolved_in_time")
COLUMNS: Final = (
    Column("name", (Bilingual("Phạm vi", "Scope"),), "text", width=16),
    Column("seen", (SEEN,)),
    Column("rate", (RATE,), "points"),
    Column("rate_without", (AS_OVERDUE, RATE), "points"),
    Column("change", (AS_OVERDUE, CHANGE), "points"),
    Column("most", (Bilingual("Dấu hiệu nhiều nhất", "Seen most"),), "text", width=34),
)
NOTE: Final = Bilingual(
    "Không dấu hiệu nào là kết luận về sai phạm. Chi tiết và nguyên nhân bình thường có thể có: báo"
    " cáo dấu hiệu bất thường (hoso report integrity).",
    "No check accuses. The report of integrity has the details and the innocent causes"
    " (hoso report integrity).",
)


def in_brief(cube: Cube, integrity: Integrity) -> Table:
    """How many dossiers the checks saw, and the on-time rate with and without them."""
    tally = Tally(integrity)
    seen, titles = tally.together(), {each.name: title_of(each) for each in integrity.checks}
    resolved, in_time = cube.count("resolved").number, cube.count(*IN_TIME).number
    row = Row(
        "whole",
        {
            "name": Words(WHOLE),
            "seen": Count(None if in_time is None else seen.dossiers),
            "rate": points_cell(*_percent(in_time, resolved)),
            "rate_without": points_cell(*_percent(in_time, resolved, seen.in_time)),
            "change": Difference(Place("whole", "rate_without"), Place("whole", "rate")),
            "most": Words(seen_most(tally.of_checks(), titles)),
        },
    )
    return Table("integrity", TITLE, COLUMNS, (row,), (NOTE, *loaded_note(integrity)))


def _percent(
    in_time: int | None, resolved: int | None, less: int = 0
) -> tuple[Fraction | None, Bilingual | None]:
    """Dossiers resolved in time, less some of them, as a percentage of those resolved; and how it
    is calculated."""
    if not resolved or in_time is None:
        return None, None
    of = words("resolved.total")
    division = f"({in_time} − {less}) ÷ {resolved}" if less else f"{in_time} ÷ {resolved}"
    return Fraction(100 * (in_time - less), resolved), Bilingual(
        f"{division} ({of.vi})", f"{division} ({of.en})"
    )
