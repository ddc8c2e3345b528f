"""What is different in released reports today: every counted cell, every score and every rank.

Each report is made at three moments by today's program: as it was released, with what is recorded
since, and by the law of now. A cell's dossiers are found by what stands behind it: a count by its
drill-down, a sum, a difference or a percentage by the cells that it follows from, a score by the
figures that it reads, and a rank by the scores of its row. What counts bodies or officials names
every dossier that may have moved it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from hoso.domain.windows import Window
from hoso.projections.documents.comparison import ASKED
from hoso.projections.documents.model import (
    Behind,
    Bilingual,
    Cell,
    Count,
    Difference,
    Document,
    Language,
    Percentage,
    Place,
    Points,
    Sum,
    Table,
    Values,
    Words,
    same,
)
from hoso.projections.ledger.comparison import Side, contributions
from hoso.projections.ledger.drilldown import measured_rows, measures_of
from hoso.projections.ledger.ledger import Ledger
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.ledger.statement import FINAL
from hoso.projections.releases.folder import CellPlace, Cells
from hoso.projections.releases.history import Sides
from hoso.projections.releases.revisions import (
    CellName,
    Change,
    Moments,
    Named,
    Nets,
    Part,
    Value,
    changes,
)
from hoso.projections.reports.basis.periods import COUNTED
from hoso.projections.reports.behind import Lists

# Columns of texts that a report finds, not only names: the rank, and the place in a ranking.
RANKS: Final = ("rank", "officials_rank", "class")
PLACE_IN_RANKING: Final = "number"


class Made(NamedTuple):
    """A report as released, and as today's program makes it of the events and the law of then, of
    all events by the law of then, and now."""

    released: Cells
    then: Document
    known: Document
    now: Document


class Listed:
    """The dossiers behind figures of some windows before and after what a part is for."""

    def __init__(self, sides: Sides, before: Lists, after: Lists, windows: Sequence[Window]):
        self._sides, self._windows = sides, windows
        self.before, self.after = before, after

    @cached_property
    def every(self) -> list[str]:
        """All dossiers that moved any figure."""
        found = {code for window in self._windows for code in moved_dossiers(*self._sides, window)}
        return sorted(found)


def moved_cells(
    name: str, made: Made, language: Language, lists: Mapping[Part, Listed]
) -> Iterator[tuple[Change, dict[Part, Nets]]]:
    """The cells of a report that changed, and by how much each dossier moved them; ``name`` is
    what the release calls the report."""
    report = _Report(name, made, language)
    for change in changes(report.moments()):
        assert change.name.place is not None
        cell = CellPlace(change.name.table or "", *change.name.place)
        sides: dict[Part, tuple[_Cells, _Cells]] = {
            "data": (report.then, report.known),
            "law": (report.known, report.now),
        }
        where, figure = report.in_words(cell)
        yield (
            change._replace(where=where, figure=figure),
            {
                part: _nets(cell, sides[part], lists[part])
                for part in lists
                if change.parts[part] not in (0, None)
            },
        )


class _Report:
    """A report at all moments."""

    def __init__(self, name: str, made: Made, language: Language) -> None:
        self._name, self._released = name, made.released
        self.then, self.known, self.now = (
            _Cells(each, language) for each in (made.then, made.known, made.now)
        )

    def moments(self) -> dict[CellName, Moments]:
        """The values of every cell that tells what a report found, in the order of today's report;
        last those that only others have."""
        documents = (self.then, self.known, self.now)
        columns = {each for document in documents for each in document.columns}
        own = {p: v for p, v in self._released.items() if (p.table, p.column) in columns}
        values = (own, *(each.values for each in documents))
        places = dict.fromkeys(place for each in values[::-1] for place in each)
        return {
            self._named(place): Moments(*(each.get(place) for each in values)) for place in places
        }

    def _named(self, place: CellPlace) -> CellName:
        table, row, column = place
        documents = (self.now, self.known, self.then)
        slice_: Named = next((found for each in documents if (found := each.slice_at(place))), ())
        return CellName(self._name, slice_, column, table, Place(row, column))

    def in_words(self, place: CellPlace) -> tuple[tuple[Bilingual, ...], Bilingual]:
        """Where a cell stands, from the title of its table to its row, and what its column is
        called. A row that only the release has is called by its key."""
        every = (self.now, self.known, self.then)
        title, figure = next(
            each.headings(place) for each in every if (place.table, place.column) in each.columns
        )
        rows = (each.rows.get((place.table, place.row)) for each in every)
        return (title, *next((row for row in rows if row), (same(place.row),))), figure


class _Cells:
    """The cells of a report that tell what it found."""

    def __init__(self, report: Document, language: Language) -> None:
        self._language: Language = language
        self._tables = {table.key: table for table in report.tables()}
        self._values = {key: Values(each, report.rounding) for key, each in self._tables.items()}

    @cached_property
    def columns(self) -> set[tuple[str, str]]:
        """The columns of these cells, each with its table."""
        return {(key, name) for key, table in self._tables.items() for name in _found(table)}

    @cached_property
    def values(self) -> dict[CellPlace, Value]:
        """The values of these cells."""
        return {
            CellPlace(key, row.key, name): self._plain(self._values[key].of(row.key, name, cell))
            for key, table in self._tables.items()
            for found in [[*_found(table)]]
            for row in table.rows
            for name in found
            if (cell := row.cells.get(name)) is not None
        }

    def _plain(self, value: object) -> Value:
        if isinstance(value, Bilingual):
            return value.to(self._language)
        assert value is None or isinstance(value, int | str) or hasattr(value, "quantize")
        return value  # type: ignore[return-value]

    def at(self, place: CellPlace) -> Cell | None:
        """The cell at a place, if there is one."""
        try:
            return self._values[place.table].cell(place.row, place.column)
        except KeyError:
            return None

    def slice_at(self, place: CellPlace) -> Named:
        """The slice that a cell counts, where it counts one."""
        cell = self.at(place)
        behind = cell.behind if isinstance(cell, Count | Sum) else None
        return _slice(behind) if behind is not None else ()

    @cached_property
    def rows(self) -> dict[tuple[str, str], tuple[Bilingual, ...]]:
        """What each row of each table is called: last its own name, before it those of the rows
        that it is indented under."""
        return {
            (key, row): names for key, table in self._tables.items() for row, names in _names(table)
        }

    def headings(self, place: CellPlace) -> tuple[Bilingual, Bilingual]:
        """What the table of a cell is called, and its column."""
        table = self._tables[place.table]
        [column] = (each for each in table.columns if each.key == place.column)
        levels = [*dict.fromkeys(column.headings)]
        return table.title, Bilingual(*(": ".join(each) for each in zip(*levels, strict=True)))

    def leaves(self, place: CellPlace) -> dict[Behind, None]:
        """The figures that a cell follows from, each once."""
        found: dict[Behind, None] = {}
        pending = [place]
        while pending:
            at = pending.pop()
            match self.at(at):
                case Count(_, behind) | Sum(_, behind) if behind is not None:
                    found[behind] = None
                case Sum(of, _):
                    pending += [at._replace(row=p.row, column=p.column) for p in of]
                case Difference(of, less):
                    pending += [at._replace(row=p.row, column=p.column) for p in (of, less)]
                case Percentage(part, whole, _):
                    pending += [at._replace(row=p.row, column=p.column) for p in (*part, *whole)]
                case Points(_, _, reads):
                    found |= dict.fromkeys(reads)
                case Words():
                    found |= dict.fromkeys(self._ranked_by(at))
        return found

    def _ranked_by(self, place: CellPlace) -> Iterator[Behind]:
        """The figures that the scores of a row read; for its place in the ranking, those of all
        rows of its level."""
        level = place.row.rpartition("/")[0]
        for row in self._tables[place.table].rows:
            is_rival = place.column == PLACE_IN_RANKING and row.key.rpartition("/")[0] == level
            if row.key == place.row or is_rival:
                for cell in row.cells.values():
                    yield from cell.reads if isinstance(cell, Points) else ()


def _found(table: Table) -> Iterator[str]:
    """The columns of a table that tell what a report found."""
    keys = [column.key for column in table.columns]
    for column in table.columns:
        is_place = column.key == PLACE_IN_RANKING and "rank" in keys
        if column.kind != "text" or column.key in RANKS or is_place:
            yield column.key


def _names(table: Table) -> Iterator[tuple[str, tuple[Bilingual, ...]]]:
    """The key of each row, and its names (``_Cells.rows``): the first text in it is its own."""
    found = {PLACE_IN_RANKING, *RANKS}
    texts = [each.key for each in table.columns if each.kind == "text" and each.key not in found]
    above: tuple[Bilingual, ...] = ()
    for row in table.rows:
        own = (row.cells.get(key) for key in texts)
        text = next((cell.text for cell in own if isinstance(cell, Words)), row.key)
        above = (*above[: row.depth], text if isinstance(text, Bilingual) else same(text))
        yield row.key, above


def _slice(behind: Behind) -> Named:
    """The slice of a figure; of a body with all under it, its code."""
    names = [name for name, _ in behind.where]
    own = tuple((name, value) for name, value in behind.where if names.count(name) == 1)
    return own if behind.under is None else (("under", behind.under), *own)


def _nets(place: CellPlace, sides: tuple[_Cells, _Cells], lists: Listed) -> Nets:
    """By how much each dossier moved a cell; None: it moved a figure that the cell follows from."""
    before, after = (cells.leaves(place) for cells in sides)
    leaves = before | after
    if not leaves:
        return dict.fromkeys(lists.every)
    nets = [_net(lists, behind) for behind in leaves]
    if len(leaves) == 1 and all(isinstance(side.at(place), Count | Sum | None) for side in sides):
        return nets[0]
    return dict.fromkeys(code for net in nets for code in net)


def _net(lists: Listed, behind: Behind) -> dict[str, int]:
    """By how much each dossier moved a figure, without those that did not."""
    own, other = lists.after.counted(behind), lists.before.counted(behind)
    return {code: net for code in {**own, **other} if (net := own[code] - other[code])}


def moved_dossiers(before: Ledger, after: Ledger, window: Window) -> set[str]:
    """The dossiers that count otherwise in any figure of a window, or in any measure."""
    own, other = (Side(each, window, attribution=FINAL) for each in (after, before))
    moved = contributions(own, other, [*ASKED.values()], DIMENSIONS)
    counts = [_measured(each, window) for each in (before, after)]
    differing = {key for key in {**counts[0], **counts[1]} if counts[0][key] != counts[1][key]}
    return {code for each in moved.values() for code in each} | {code for _, code, _ in differing}


def _measured(ledger: Ledger, window: Window) -> Counter[tuple[str, str, tuple[str | None, ...]]]:
    """How much each dossier counts in each measure, by the values of all dimensions."""
    found = Counter[tuple[str, str, tuple[str | None, ...]]]()
    for measure, row, number in measured_rows(ledger, measures_of(ledger, window), COUNTED):
        found[measure, row["dossier"], tuple(row[name] for name in DIMENSIONS)] += number
    return found
