"""Prints a report beside a release of it: what was released, what it is now, the difference.

Each column of numbers becomes three, and a column of texts two where any text differs. A row that
one of the two lacks counts no dossiers there. Behind a released number stand the dossiers as they
were known then, by the law of then; behind a difference, those that only one of both counts.
"""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from hoso.projections.documents.model import (
    About,
    Behind,
    Bilingual,
    Cell,
    Column,
    Count,
    Difference,
    Document,
    DrillDown,
    Exact,
    Percentage,
    Place,
    Points,
    Row,
    Sum,
    Table,
    Values,
    Words,
    in_numbers,
)
from hoso.projections.ledger.statement import instant_text
from hoso.projections.releases.folder import Cells, CellValue
from hoso.projections.releases.release import Release

RELEASED: Final = Bilingual("Đã phát hành", "Released")
NOW: Final = Bilingual("Nay", "Now")
DIFFERENCE: Final = Bilingual("Chênh lệch", "Difference")
COMPARED: Final = Bilingual("So với bản phát hành", "Compared with the release")
GONE: Final = Bilingual("Bảng chỉ có trong bản phát hành", "Tables of the release only")
NUMBERS: Final = (Count, Sum, Difference, Percentage, Points, Exact)


def beside(report: Document, release: Release, cells: Cells) -> Document:
    """A report beside a release of it, whose cells are given (``folder.released_cells``)."""
    then = Then(release)
    widened = [
        _Widened(each, Values(each, report.rounding), cells, then).table()
        if isinstance(each, Table)
        else each
        for each in report.parts
    ]
    gone = {place.table for place in cells} - {table.key for table in report.tables()}
    lost = (About(GONE, ", ".join(sorted(gone))),) if gone else ()
    return report._replace(parts=widened, about=(then.about(), *lost, *report.about))


class Then:
    """What a release says of the figures in it: which release it is, and how the dossiers behind
    them are listed."""

    def __init__(self, release: Release) -> None:
        self.language = release.options.language
        self._release, self._policy = release, release.law.policy()

    def about(self) -> About:
        """Which release a document is compared with."""
        local = self._release.released_at.astimezone(ZoneInfo(self._release.zone))
        number, day = self._release.number, in_numbers(local.date())
        return About(
            COMPARED, Bilingual(f"số {number}, ngày {day.vi}", f"no. {number} of {day.en}")
        )

    def behind(self, now: Behind | None) -> DrillDown | None:
        """The dossiers behind the figure that is ``now``, as they were known then, by the law of
        then. None where no command lists them: those of a check of integrity."""
        if not isinstance(now, DrillDown):
            return None
        return now._replace(policy=self._policy, as_of=instant_text(self._release.as_of))

    def differing(self, now: Behind | None) -> DrillDown | None:
        """The dossiers that only one of both figures counts."""
        return now._replace(against=self.behind(now)) if isinstance(now, DrillDown) else None


class _Widened:
    """A table of a report with the released figures beside its own."""

    def __init__(self, table: Table, values: Values, cells: Cells, then: Then) -> None:
        self._table, self._values, self._then = table, values, then
        self._released: dict[str, dict[str, CellValue]] = {}
        for (name, row, column), value in cells.items():
            if name == table.key:
                self._released.setdefault(row, {})[column] = value

    def table(self) -> Table:
        """The table with its wider columns, and with the rows that only the release has."""
        now = {row.key: row for row in self._table.rows}
        lost = (self._lost(key) for key in self._released if key not in now)
        changed = {each.key for each in self._table.columns if self._is_changed_text(each)}
        rows = [self._row(row, changed) for row in (*now.values(), *lost)]
        columns = [new for each in self._table.columns for new in _columns(each, changed)]
        return self._table._replace(columns=tuple(columns), rows=rows)

    def _is_changed_text(self, column: Column) -> bool:
        """Whether a column of texts differs in any row that both have."""
        return column.kind == "text" and any(
            self._released[row.key].get(column.key) != self._shown(row, column.key)
            for row in self._table.rows
            if row.key in self._released
        )

    def _shown(self, row: Row, column: str) -> CellValue:
        """The value of a cell as JSON in the language of the release has it."""
        if (cell := row.cells.get(column)) is None:
            return None
        match self._values.of(row.key, column, cell):
            case Bilingual() as text:
                return text.to(self._then.language)
            case date() as day:
                return day.isoformat()
            case value:
                return value

    def _lost(self, key: str) -> Row:
        """A row that only the release has: it counts nothing now."""
        cells: dict[str, Cell] = {}
        for column, value in self._released[key].items():
            match value:
                case str():
                    cells[column] = Words(value)
                case int():
                    cells[column] = Count(0)
                case _:
                    cells[column] = Points(None)
        return Row(key, cells)

    def _row(self, row: Row, changed: Collection[str]) -> Row:
        cells = dict(row.cells)
        for column in self._table.columns:
            now = row.cells.get(column.key)
            if now is None or (column.kind == "text" and column.key not in changed):
                continue
            released = self._then_cell(row.key, column.key, now)
            cells[f"{column.key}.released"] = released
            if isinstance(now, NUMBERS) and isinstance(released, NUMBERS):
                places = Place(row.key, column.key), Place(row.key, f"{column.key}.released")
                own = now.behind if isinstance(now, Count | Sum) else None
                cells[f"{column.key}.difference"] = Difference(*places, self._then.differing(own))
        return row._replace(cells=cells)

    def _then_cell(self, row: str, column: str, now: Cell) -> Cell:
        """The released cell; of a row that was not released, nothing counted."""
        counts = isinstance(now, Count | Sum)
        nothing = 0 if counts and row not in self._released else None
        value = self._released.get(row, {}).get(column, nothing)
        behind = self._then.behind(now.behind) if isinstance(now, Count | Sum) else None
        match value:
            case str():
                return Words(value)
            case Decimal():
                return Points(value)
            case int() if not counts and isinstance(now, Percentage | Points):
                return Points(Decimal(value))
            case _:
                return Count(value, behind)


def _columns(column: Column, changed: Collection[str]) -> Iterator[Column]:
    """A column, and those beside it that say what was released and the difference."""
    is_text = column.kind == "text"
    if is_text and column.key not in changed:
        yield column
        return
    names = {".released": RELEASED, "": NOW} | ({} if is_text else {".difference": DIFFERENCE})
    for ending, name in names.items():
        yield column._replace(
            key=column.key + ending,
            headings=(*column.headings, name),
            number="" if ending else column.number,
        )
