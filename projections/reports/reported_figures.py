"""Reads the figures of reports: what each is called, which accounts it counts, and its number.

Only figures of the whole window are read, of all channels or of one. Levels, agencies and fields
are left out, because they add up to the whole in their own tables. Quality facts are no accounts.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from hoso.domain.accounts import ACCOUNTS
from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Document,
    DrillDown,
    Place,
    Row,
    Sum,
    Table,
    Text,
    Values,
    Words,
    as_number,
)
from hoso.projections.documents.vocabulary import TERMS, label
from hoso.projections.reports.basis.cube import Cube, accounts_of
from hoso.projections.reports.evaluation.body_rates import CANCELLED

RECONCILED: Final = ("carried_over", "received", *ACCOUNTS, *CANCELLED)
ARE_RECONCILED: Final = frozenset(RECONCILED)
OF_CHANNELS: Final = ("channel", "online_service")
ONLINE: Final = Bilingual("trực tuyến", "online")
Where = tuple[tuple[str, str | None], ...]


class Reported(NamedTuple):
    """A figure of a report.

    ``accounts`` are those that it adds up (RECONCILED), each within ``where``: values of channel
    and online service. ``part`` is the part of the window that it counts: the whole, or a body of
    which the report has a table of its own; ``body`` is the name of that.
    """

    label: Bilingual
    accounts: tuple[str, ...]
    where: Where
    number: int | None
    part: tuple[Where, str | None]
    body: Text | None = None

    def cube(self, part: Cube) -> Cube:
        """What it counts of the cube of its part."""
        for dimension in dict.fromkeys(name for name, _ in self.where):
            part = part.among(dimension, [value for name, value in self.where if name == dimension])
        return part


def reported_figures(report: Document, whole: Cube) -> list[Reported]:
    """The figures of a report of the window of ``whole``, each once.

    They are those of the whole. A report that has a table for each body instead has the figures of
    the bodies: of the row that adds up each table. Those of one channel come last; a form's stand
    in the order of its columns.
    """
    found = [figure for table in report.tables() for figure in _of_table(report, table, whole)]
    of_whole = [figure for figure in found if figure.part == (whole.where, whole.under)]
    chosen = dict.fromkeys(of_whole or [each for each in found if each.body is not None])
    is_form = any(column.number for table in report.tables() for column in table.columns)
    return [*chosen] if is_form else sorted(chosen, key=lambda each: bool(each.where))


def _of_table(report: Document, table: Table, whole: Cube) -> Iterator[Reported]:
    cells = {row.key: row.cells for row in table.rows}
    values = Values(table, report.rounding)
    for row in table.rows:
        for column in table.columns:
            counted = _counted(cells, Place(row.key, column.key))
            if len({(each.window, each.where, each.under) for each in counted}) != 1:
                continue
            accounts = accounts_of(tuple(name for each in counted for name in each.figures))
            if counted[0].window != whole.window or not ARE_RECONCILED.issuperset(accounts):
                continue
            base = whole.where or ()
            own = [pair for pair in counted[0].where if pair not in base]
            where = tuple(pair for pair in own if pair[0] in OF_CHANNELS)
            rest = tuple(pair for pair in counted[0].where if pair not in where)
            yield Reported(
                _label(column, accounts, where, row),
                accounts,
                where,
                _whole_number(values, Place(row.key, column.key)),
                (rest, counted[0].under),
                table.title if row.style == "total" and column.number else None,
            )


def _whole_number(values: Values, place: Place) -> int | None:
    number = as_number(values[place])
    return None if number is None else int(number)


def _counted(cells: Mapping[str, Mapping[str, Cell]], place: Place) -> list[DrillDown]:
    """What a cell counts: by its own drill-down, or else by those of the cells it adds up."""
    cell = cells.get(place.row, {}).get(place.column)
    if isinstance(cell, Count | Sum) and isinstance(cell.behind, DrillDown):
        return [cell.behind]
    if not isinstance(cell, Sum):
        return []
    parts = [_counted(cells, each) for each in cell.of]
    return [behind for part in parts for behind in part] if all(parts) else []


def _label(column: Column, accounts: Sequence[str], where: Where, row: Row) -> Bilingual:
    """The name of a figure: a form's column by its number, any other by its term."""
    if column.number:
        number = column.number.partition("=")[0]
        names = column.headings
        return Bilingual(
            f"{number} {': '.join(name.vi for name in names)}",
            f"{number} {': '.join(name.en for name in names)}",
        )
    [channel] = {value for name, value in where if name == "channel"} or {None}
    for key in TERM_OF.get((frozenset(accounts), channel), ()):
        return label(key)
    for key in TERM_OF.get((frozenset(accounts), None), ()):
        name = label(key)
        return Bilingual(f"{name.vi}; {ONLINE.vi}", f"{name.en}; {ONLINE.en}")
    named = row.cells.get("figure")
    text = named.text if isinstance(named, Words) else column.headings[-1]
    return Bilingual(text, text) if isinstance(text, str) else text


def _terms() -> dict[tuple[frozenset[str], str | None], tuple[str, ...]]:
    """The terms by what they count."""
    found: dict[tuple[frozenset[str], str | None], tuple[str, ...]] = {}
    for key, term in TERMS.items():
        counts = frozenset(accounts_of(term.counts)), term.channel
        found[counts] = (*found.get(counts, ()), key)
    return found


TERM_OF: Final = _terms()
