"""The cube of a window: a row for each slice, a column for each figure.

Figures are those of the statement (``statement.figures_between``) and the measures of quality facts
(``quality.MEASURES``), by the same slices. A report selects rows and adds up columns; each count
that it takes carries its drill-down.

Where nothing is known, a count is None, never 0: in a window that ended before the first recorded
event, and of facts that no agency of a part has ever sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

import numpy as np

from hoso.domain.accounts import ACCOUNTS, CLOSED_GROUPS, OPEN_GROUPS, members
from hoso.domain.windows import Window
from hoso.projections.documents.model import Count, DrillDown
from hoso.projections.ledger.quality import sent
from hoso.projections.log.schema import Integers

CUBE_DIMENSIONS: Final = (
    *("level", "agency", "field", "procedure", "channel", "online_service", "received_at"),
)
GROUPED_FIGURES: Final = {
    group: tuple(ACCOUNTS[i] for i in members(group)) for group in (*OPEN_GROUPS, *CLOSED_GROUPS)
} | {"total": ("carried_over", "received")}


Reads = dict[DrillDown, None]  # the figures that are read of cubes, each once, in order
_noted: ContextVar[Reads | None] = ContextVar("noted", default=None)


@contextmanager
def noting_reads() -> Iterator[Reads]:
    """Note the figures that are read of any cube meanwhile: a score follows from these."""
    outer, own = _noted.get(), Reads()
    token = _noted.set(own)
    try:
        yield own
    finally:
        _noted.reset(token)
        if outer is not None:
            outer.update(own)


class Dimension(NamedTuple):
    """A dimension of a cube: its distinct values in order, and for each row of the cube the number
    of its value."""

    values: Sequence[str | None]
    value_of_row: Integers


@dataclass(frozen=True, eq=False)
class Cube:
    """The figures of a window, or of a part of its slices.

    ``numbers`` has a row for each slice and a column for each figure; ``figures`` says which
    column. ``rows`` are the rows of the part; ``where`` and ``under`` say which part it is:
    dimensions with their values, and the code of a body of the registry. ``where`` is None where
    no dossier can be in the part. ``since`` is the day of the first recorded event of the whole
    history; None: there is none.
    """

    window: Window
    dimensions: Mapping[str, Dimension]
    figures: Mapping[str, int]
    numbers: Integers
    rows: Integers
    where: tuple[tuple[str, str | None], ...] | None = ()
    under: str | None = None
    since: date | None = date.min

    def only(self, **where: str | None) -> "Cube":
        """The part with these values: ``cube.only(channel="online")``."""
        rows, narrowed = self.rows, self.where
        for name, value in where.items():
            values, value_of_row = self.dimensions[name]
            number = values.index(value) if value in values else -1
            rows = rows[value_of_row[rows] == number]
            narrowed = _narrowed(narrowed, name, [value])
        return replace(self, rows=rows, where=narrowed)

    def among(self, dimension: str, wanted: Sequence[str | None]) -> "Cube":
        """The part that has any of the wanted values in a dimension."""
        values, value_of_row = self.dimensions[dimension]
        chosen = set(wanted)
        numbers = [number for number, value in enumerate(values) if value in chosen]
        rows = self.rows[np.isin(value_of_row[self.rows], numbers)]
        return replace(self, rows=rows, where=_narrowed(self.where, dimension, wanted))

    def each(self, dimension: str) -> Iterator[tuple[str | None, "Cube"]]:
        """The values of a dimension that occur, in order, each with its part."""
        values, value_of_row = self.dimensions[dimension]
        order = np.argsort(value_of_row[self.rows], kind="stable")
        numbers, starts = np.unique(value_of_row[self.rows][order], return_index=True)
        for number, rows in zip(numbers, np.split(self.rows[order], starts[1:]), strict=False):
            value = values[number]
            yield value, replace(self, rows=rows, where=_narrowed(self.where, dimension, [value]))

    def values(self, dimension: str) -> list[str | None]:
        """The value of each row of the part in a dimension."""
        values, value_of_row = self.dimensions[dimension]
        return [values[number] for number in value_of_row[self.rows].tolist()]

    def knows(self, *figures: str) -> bool:
        """Whether anything is known of some figures (as of ``sum``)."""
        facts = [sent(name) for name in figures]
        is_sent = any(fact is None or self.sum(fact) for fact in facts)
        return is_sent and self.since is not None and self.since <= self.window.last

    def combinations(self, *dimensions: str) -> int:
        """How many combinations of values of some dimensions have any dossiers."""
        named = [self.figures[figure] for figure in GROUPED_FIGURES["total"]]
        rows = self.rows[self.numbers[self.rows][:, named].any(axis=1)]
        values = np.stack([self.dimensions[name].value_of_row[rows] for name in dimensions])
        return len(np.unique(values, axis=1).T)

    def counts_any(self) -> bool:
        """Whether anything happened or stood in the part in the window. That an agency sent facts
        of some kind at any time does not count."""
        known = {fact for name in self.figures if (fact := sent(name)) is not None}
        columns = [column for name, column in self.figures.items() if name not in known]
        return bool(self.numbers[self.rows][:, columns].any())

    def sum(self, *figures: str) -> int:
        """The sum of some figures: names of a statement, groups of accounts, or measures.

        Raises ``KeyError`` for an unknown figure.
        """
        sums, accounts = self._sums, accounts_of(figures)
        self._note(accounts)
        return sum(sums[self.figures[name]] for name in accounts)

    def _note(self, figures: Sequence[str]) -> None:
        """Note that some figures of this part are read."""
        noted = _noted.get()
        if noted is not None and self.where is not None:
            noted.update(
                (DrillDown(self.window, (each,), self.where, self.under), None) for each in figures
            )

    @cached_property
    def _sums(self) -> list[int]:
        """The sum of each column; cached, because reports ask for many figures of the same part."""
        sums: list[int] = self.numbers[self.rows].sum(axis=0).tolist()
        return sums

    def values_with(self, figure: str, dimension: str) -> set[str | None]:
        """The values of a dimension in whose rows a figure is above 0."""
        self._note((figure,))
        values, value_of_row = self.dimensions[dimension]
        rows = self.rows[self.numbers[self.rows, self.figures[figure]] > 0]
        return {values[number] for number in np.unique(value_of_row[rows])}

    def count(self, *figures: str) -> Count:
        """The sum of some figures as a cell, with its drill-down; without data where nothing is
        known of them."""
        number = self.sum(*figures) if self.knows(*figures) else None
        return Count(number, self.drill_down(figures))

    def drill_down(self, figures: tuple[str, ...]) -> DrillDown | None:
        """The drill-down to the dossiers that some figures of this part count; None where nothing
        is known of them."""
        if self.where is None or not self.knows(*figures):
            return None
        return DrillDown(self.window, figures, self.where, self.under)


def _narrowed(
    where: tuple[tuple[str, str | None], ...] | None,
    dimension: str,
    wanted: Sequence[str | None],
) -> tuple[tuple[str, str | None], ...] | None:
    """Where a part is that has any of the wanted values in a dimension, too."""
    if where is None:
        return None
    others = [pair for pair in where if pair[0] != dimension]
    before = [value for name, value in where if name == dimension]
    values = [value for value in wanted if not before or value in before]
    return (*others, *((dimension, value) for value in values)) if values else None


@lru_cache
@lru_cache(maxsize=4096)  # of few combinations of figures, asked for in each cell
def accounts_of(figures: tuple[str, ...]) -> tuple[str, ...]:
    """Figures, with groups of accounts replaced by their accounts, and the total by its parts."""
    return tuple(name for figure in figures for name in GROUPED_FIGURES.get(figure, (figure,)))
