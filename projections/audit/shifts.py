"""Finds columns of a table that stand some rows above or below the rows that they belong to.

This happens when a table is pasted together column by column. The search tries all shifts in order,
first by the number of rows and then by the number of columns, and takes the first after which every
row that can be checked holds.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final, NamedTuple

from hoso.projections.audit.published import TableRow

MAX_SHIFT_ROWS: Final = 3
MAX_FREE_COLUMNS: Final = 12  # with more columns, only neighbouring ones are tried together
MIN_HELD_ROWS: Final = 2  # fewer rows that hold may be chance


class Shift(NamedTuple):
    """Columns that stand ``below`` rows below their own row, or above it if negative."""

    columns: tuple[str, ...]
    below: int


def find_shift(
    rows: Sequence[TableRow],
    columns: Sequence[str],
    movable: Sequence[str],
    holds: Callable[[Sequence[Decimal]], bool],
) -> Shift | None:
    """The shift of some ``movable`` columns that explains a table, or None.

    ``holds`` says whether a row holds, given its numbers in ``columns``. A shift explains the table
    when every complete row holds after it, and these are at least two and at least half as many as
    were complete before.
    """
    enough = max(MIN_HELD_ROWS, (len(complete_rows(rows, columns)) + 1) // 2)
    for shift in _shifts(movable):
        held = 0
        for row in moved_back(rows, shift):
            numbers = complete_numbers(row, columns)
            if numbers is not None and not holds(numbers):
                break
            held += numbers is not None
        else:
            if held >= enough:
                return shift
    return None


def complete_numbers(row: TableRow, columns: Sequence[str]) -> list[Decimal] | None:
    """The numbers of a row in some columns; None if any of them is empty."""
    numbers = [number for column in columns if (number := row.numbers[column]) is not None]
    return numbers if len(numbers) == len(columns) else None


def complete_rows(
    rows: Iterable[TableRow], columns: Sequence[str]
) -> list[tuple[TableRow, list[Decimal]]]:
    """The rows that have all numbers in some columns, each with these numbers."""
    pairs = [(row, complete_numbers(row, columns)) for row in rows]
    return [(row, numbers) for row, numbers in pairs if numbers is not None]


def moved_back(rows: Sequence[TableRow], shift: Shift) -> Iterator[TableRow]:
    """The rows after shifted columns are moved back; numbers that fell off the table are None."""
    for place, row in enumerate(rows):
        source = place + shift.below
        numbers = rows[source].numbers if 0 <= source < len(rows) else {}
        own = {column: numbers.get(column) for column in shift.columns}
        yield row._replace(numbers={**row.numbers, **own})


def stray_rows(rows: Sequence[TableRow], shift: Shift) -> list[TableRow]:
    """The rows at the edge whose printed numbers in the shifted columns belong to no row."""
    edge = rows[: shift.below] if shift.below > 0 else rows[shift.below :]
    return [row for row in edge if any(row.numbers[c] is not None for c in shift.columns)]


def _shifts(movable: Sequence[str]) -> Iterator[Shift]:
    for distance in range(1, MAX_SHIFT_ROWS + 1):
        for size in range(1, len(movable) + 1):
            for columns in _choices(movable, size):
                yield Shift(columns, distance)
                yield Shift(columns, -distance)


def _choices(movable: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    if len(movable) <= MAX_FREE_COLUMNS:
        return combinations(movable, size)
    return (tuple(movable[i : i + size]) for i in range(len(movable) - size + 1))
