"""Which columns of a table stand some rows below or above the rows that they belong to?

Where a table was pasted together column by column, some may have slipped. They are found by trial:
the repair is the one of the fewest rows, and then of the fewest columns, under which every row that
can still be checked holds.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final, NamedTuple

from hoso.projections.audit.published import Row

FARTHEST: Final = 3  # rows
MANY: Final = 12  # columns, of which every choice is tried; of more, only neighbours
FEWEST: Final = 2  # rows that must hold again, or it may be chance


class Shift(NamedTuple):
    """Columns that stand so many rows below their own; above it, where ``below`` is negative."""

    columns: tuple[str, ...]
    below: int


def shift_of(
    rows: Sequence[Row],
    columns: Sequence[str],
    movable: Sequence[str],
    holds: Callable[[Sequence[Decimal]], bool],
) -> Shift | None:
    """The shift of some movable columns that explains a table, if one does: ``holds`` says it of
    the numbers that a row has in ``columns``."""
    enough = max(FEWEST, (len(whole_rows(rows, columns)) + 1) // 2)
    for shift in _shifts(movable):
        held = 0
        for row in mended(rows, shift):
            numbers = numbers_of(row, columns)
            if numbers is not None and not holds(numbers):
                break
            held += numbers is not None
        else:
            if held >= enough:
                return shift
    return None


def numbers_of(row: Row, columns: Sequence[str]) -> list[Decimal] | None:
    """The numbers of a row, if none is left out."""
    found = [number for column in columns if (number := row.figures[column]) is not None]
    return found if len(found) == len(columns) else None


def whole_rows(rows: Iterable[Row], columns: Sequence[str]) -> list[tuple[Row, list[Decimal]]]:
    """The rows that have all of their numbers."""
    each = [(row, numbers_of(row, columns)) for row in rows]
    return [(row, numbers) for row, numbers in each if numbers is not None]


def mended(rows: Sequence[Row], shift: Shift) -> Iterator[Row]:
    """The rows with the shifted columns moved back; what fell off the table is nothing."""
    for place, row in enumerate(rows):
        source = place + shift.below
        moved = rows[source].figures if 0 <= source < len(rows) else {}
        back = {column: moved.get(column) for column in shift.columns}
        yield row._replace(figures={**row.figures, **back})


def strays(rows: Sequence[Row], shift: Shift) -> list[Row]:
    """The rows at the edge whose own cells of the shifted columns belong to no row."""
    edge = rows[: shift.below] if shift.below > 0 else rows[shift.below :]
    return [row for row in edge if any(row.figures[c] is not None for c in shift.columns)]


def _shifts(movable: Sequence[str]) -> Iterator[Shift]:
    for distance in range(1, FARTHEST + 1):
        for size in range(1, len(movable) + 1):
            for columns in _choices(movable, size):
                yield Shift(columns, distance)
                yield Shift(columns, -distance)


def _choices(movable: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    if len(movable) <= MANY:
        return combinations(movable, size)
    return (tuple(movable[i : i + size]) for i in range(len(movable) - size + 1))
