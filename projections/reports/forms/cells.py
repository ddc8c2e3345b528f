"""The cells of a form: counts of a cube, sums across a row, and sums down the rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from hoso.projections.documents.model import (
    Bilingual,
    Cell,
    Column,
    Count,
    Place,
    Row,
    Sum,
    Words,
)
from hoso.projections.reports.basis.cube import Cube
from hoso.projections.reports.tables.columns import summed

NO_FIELD: Final = Bilingual("(không rõ lĩnh vực)", "(no field)")


class FormCells(NamedTuple):
    """What a form has in its columns, and its rows of fields.

    ``sums`` are the columns that add up others of the same row. ``cell`` counts what any column of
    the form has in a cube, a column of sums included. ``added`` has what each column counts that is
    added to the form.
    """

    sums: Mapping[str, tuple[str, ...]]
    cell: Callable[[Cube, str], Count]
    added: Mapping[str, tuple[str, ...]] = {}

    def counts_any(self, cube: Cube) -> bool:
        """Whether a row of a cube would have any dossier."""
        return any(cube.sum(*figures) for figures in (("total",), *self.added.values()))

    def line(self, row: str, cube: Cube) -> dict[str, Cell]:
        """The cells of the row ``row``, which counts the dossiers of a cube."""
        counts = {column: self._cell(cube, column) for column in self._counted()}
        return {**counts, **self._across(row, cube)}

    def fields(self, part: str, cube: Cube, depth: int = 0) -> Iterator[Row]:
        """The numbered rows of the fields of a cube, without those that have no dossiers. ``part``
        begins their keys."""
        filled = [(field, own) for field, own in cube.each("field") if self.counts_any(own)]
        for number, (field, own) in enumerate(filled, 1):
            key = f"{part}/{field or ''}"
            named = {"number": Words(str(number)), "field": Words(field or NO_FIELD)}
            yield Row(key, {**named, **self.line(key, own)}, depth=depth)

    def total(self, row: str, cube: Cube, addends: Sequence[str]) -> dict[str, Cell]:
        """The cells of the row ``row``, which adds up the rows ``addends``; a cube has the dossiers
        of all of them."""
        down = {
            column: summed(self._cell(cube, column), column, addends) for column in self._counted()
        }
        return {**down, **self._across(row, cube)}

    def _across(self, row: str, cube: Cube) -> dict[str, Cell]:
        return {
            column: Sum(tuple(Place(row, part) for part in parts), self.cell(cube, column).behind)
            for column, parts in self.sums.items()
        }

    def _cell(self, cube: Cube, column: str) -> Count:
        figures = self.added.get(column)
        return cube.count(*figures) if figures else self.cell(cube, column)

    def _counted(self) -> list[str]:
        return [*(part for parts in self.sums.values() for part in parts), *self.added]


def column_numbers(columns: Iterable[Column]) -> dict[str, str]:
    """The numbers of a form's columns by their keys: ``(9)``, also where the form adds a sum."""
    return {column.key: column.number.partition("=")[0] for column in columns}
