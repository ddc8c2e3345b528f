"""What does a period look like, slice by slice? A row to each slice, a column to each figure.

The figures are those of the statement (``statement.between``) and the measures of quality facts
(``facts``), by the same slices. A report takes some rows and adds up some columns; each number that
it takes knows what is behind it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

import numpy as np

from hoso.domain.accounts import ACCOUNTS, CLOSED_GROUPS, OPEN_GROUPS, members
from hoso.domain.windows import Window
from hoso.projections.documents.model import Count, DrillDown
from hoso.projections.log.schema import Integers

BY: Final = ("level", "agency", "field", "procedure", "channel")
GROUPS: Final = {
    group: tuple(ACCOUNTS[i] for i in members(group)) for group in (*OPEN_GROUPS, *CLOSED_GROUPS)
} | {"total": ("carried_over", "received")}


class Dimension(NamedTuple):
    """What a dimension says of each row: the place of its value among ``names``, in their order."""

    names: Sequence[str | None]
    place: Integers


@dataclass(frozen=True, eq=False)
class Cube:
    """A period, or what of it is within ``where`` and, if any, ``under`` a body of the registry.

    ``rows`` are those that are meant, of ``dimensions[name].place`` and of ``table``, whose columns
    are the ``figures`` by their places.
    """

    window: Window
    dimensions: Mapping[str, Dimension]
    figures: Mapping[str, int]
    table: Integers
    rows: Integers
    where: tuple[tuple[str, str | None], ...] = ()
    under: str | None = None

    def only(self, **where: str | None) -> "Cube":
        """What of it has some values: ``cube.only(channel="online")``."""
        rows = self.rows
        for name, value in where.items():
            names, place = self.dimensions[name]
            found = names.index(value) if value in names else -1
            rows = rows[place[rows] == found]
        return replace(self, rows=rows, where=(*self.where, *where.items()))

    def among(self, dimension: str, values: Sequence[str]) -> "Cube":
        """What of it has any of some values."""
        names, place = self.dimensions[dimension]
        found = [n for n, name in enumerate(names) if name in values]
        rows = self.rows[np.isin(place[self.rows], found)]
        return replace(self, rows=rows, where=(*self.where, *((dimension, v) for v in values)))

    def each(self, dimension: str) -> Iterator[tuple[str | None, "Cube"]]:
        """Each value that a dimension has, in order, and what of it has that."""
        names, place = self.dimensions[dimension]
        order = np.argsort(place[self.rows], kind="stable")
        found, starts = np.unique(place[self.rows][order], return_index=True)
        for which, rows in zip(found, np.split(self.rows[order], starts[1:]), strict=False):
            value = names[which]
            yield value, replace(self, rows=rows, where=(*self.where, (dimension, value)))

    def sum(self, *figures: str) -> int:
        """What some figures add up to: names of a statement, groups of accounts, measures.

        Raises ``KeyError`` for a figure that there is not.
        """
        sums = self._sums
        return sum(sums[self.figures[name]] for name in expanded(figures))

    @cached_property
    def _sums(self) -> list[int]:
        """What each column adds up to: reports ask for a dozen of the same rows."""
        sums: list[int] = self.table[self.rows].sum(axis=0).tolist()
        return sums

    def values_with(self, figure: str, dimension: str) -> set[str | None]:
        """The values of a dimension whose rows have any of a figure."""
        names, place = self.dimensions[dimension]
        rows = self.rows[self.table[self.rows, self.figures[figure]] > 0]
        return {names[which] for which in np.unique(place[rows])}

    def counted(self, *figures: str) -> Count:
        """The same, with what is behind it."""
        return Count(self.sum(*figures), DrillDown(self.window, figures, self.where, self.under))


@lru_cache
def expanded(figures: tuple[str, ...]) -> tuple[str, ...]:
    """Figures, where each group of accounts is its accounts."""
    return tuple(name for figure in figures for name in GROUPS.get(figure, (figure,)))
