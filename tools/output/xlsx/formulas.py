"""The formulas of a spreadsheet's cells, from what the cells of a document say they follow from.

A formula gives what ``model.Values`` gives, also after people change the cells that it reads. A
cell without data is a dash, which sums leave out. A percentage is rounded while it is a whole
number, so that a tie is a tie in binary numbers, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from xlsxwriter.utility import xl_col_to_name

from hoso.projections.documents.model import (
    NO_DATA,
    Cell,
    Count,
    Difference,
    Percentage,
    Place,
    Points,
    Rounding,
    Sum,
    Table,
    Value,
    addends_first,
)

ARGUMENTS: Final = 255  # of one function; Excel's limit, and that of others
LENGTH: Final = 8192  # of a formula; Excel's limit


class Operand(NamedTuple):
    """Some cells in a formula: their ranges and the formula of their sum.

    ``sure``: some of them always have data. ``whole``: all are whole numbers.
    """

    ranges: Sequence[str]
    total: str
    sure: bool
    whole: bool

    @property
    def with_data(self) -> str:
        """The formula that counts the cells with data."""
        return over("COUNT", self.ranges)


class Formulas:
    """The formulas of a table whose first cell stands at ``top`` and ``left``, counted from 0."""

    def __init__(
        self, table: Table, values: Mapping[Place, Value], rounding: Rounding, top: int, left: int
    ) -> None:
        self._table = table
        self._top = top
        self._columns = {column.key: i for i, column in enumerate(table.columns, left)}
        self._letters = [xl_col_to_name(i) for i in range(left + len(table.columns))]
        self._values = values
        self._rounding = rounding
        self._sure: dict[Place, bool] = {}

    @cached_property
    def _cells(self) -> Mapping[str, Mapping[str, Cell]]:
        """The rows by their keys, which are kept once a cell follows from others."""
        return {row.key: row.cells for row in self._table.rows}

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        """Where each row stands."""
        return {key: self._top + i for i, key in enumerate(self._cells)}

    def of(self, cell: Cell) -> str | None:
        """The formula of a cell; None where it follows from no other, or would be too long."""
        match cell:
            case Sum(of) if of:
                formula = self._sum(self._operand(of))
            case Difference(of, less):
                formula = self._difference(self._operand((of,)), self._operand((less,)))
            case Percentage(part, whole):
                formula = self._share(self._operand(part), self._operand(whole))
            case _:
                return None
        return formula if len(formula) <= LENGTH else None

    def _sum(self, cells: Operand) -> str:
        total = self._exact(cells.total, cells.whole)
        return f"={total}" if cells.sure else f'=IF({cells.with_data}=0,"{NO_DATA}",{total})'

    def _difference(self, of: Operand, less: Operand) -> str:
        rest = self._exact(f"{of.total}-{less.total}", of.whole and less.whole)
        if of.sure and less.sure:
            return f"={rest}"
        return f'=IF({of.with_data}*{less.with_data}=0,"{NO_DATA}",{rest})'

    def _share(self, part: Operand, whole: Operand) -> str:
        above, below = part.total, whole.total
        step = 10**self._rounding.places
        if not (part.whole and whole.whole):
            above, below = (f"ROUND({total}*{step},0)" for total in (above, below))
        quotient = f"{above}*{100 * step}/{below}"
        half_up = self._rounding.mode == "half_up"
        steps = f"ROUND({quotient},0)" if half_up else f"TRUNC({quotient})"
        percentage = steps if step == 1 else f"{steps}/{step}"
        nothing = f"{whole.total}=0" if part.sure else f"OR({part.with_data}=0,{whole.total}=0)"
        return f'=IF({nothing},"{NO_DATA}",{percentage})'

    def _exact(self, total: str, whole: bool) -> str:
        return total if whole else f"ROUND({total},{self._rounding.places})"

    def _operand(self, places: Sequence[Place]) -> Operand:
        if not places:
            return Operand((), "0", sure=True, whole=True)
        ranges = [*self._ranges(places)]
        sure = any(self._is_sure(place) for place in places)
        whole = all(isinstance(self._values[place], int | str | None) for place in places)
        single = sure and len(places) == 1
        total = ranges[0] if single else over("SUM", ranges)
        return Operand(ranges, total, sure, whole)

    def _is_sure(self, place: Place) -> bool:
        for each in addends_first(self._cells, place, self._sure):
            match self._cells[each.row][each.column]:
                case Count(number) | Points(number):
                    sure = number is not None
                case Sum(of):
                    sure = not of or any(self._is_sure(addend) for addend in of)
                case Difference(of, less):
                    sure = self._is_sure(of) and self._is_sure(less)
                case _:
                    sure = False
            self._sure[each] = sure
        return self._sure[place]

    def _ranges(self, places: Iterable[Place]) -> Iterator[str]:
        """The ranges of some cells: cells named one after another may be one range."""
        run: list[tuple[int, int]] = []
        for place in places:
            here = self._rows[place.row], self._columns[place.column]
            if run and not _goes_on(run, here):
                yield self._range(run)
                run = []
            run.append(here)
        if run:
            yield self._range(run)

    def _range(self, run: Sequence[tuple[int, int]]) -> str:
        first, last = (f"{self._letters[column]}{row + 1}" for row, column in (run[0], run[-1]))
        return first if len(run) == 1 else f"{first}:{last}"


def _goes_on(run: Sequence[tuple[int, int]], here: tuple[int, int]) -> bool:
    (first_row, first_column), (row, column) = run[0], run[-1]
    down = first_column == column and here == (row + 1, column)
    return down or (first_row == row and here == (row, column + 1))


def over(function: str, ranges: Sequence[str]) -> str:
    """A function of ranges whose results add up, in as many calls as its limit demands."""
    calls = [
        f"{function}({','.join(ranges[start : start + ARGUMENTS])})"
        for start in range(0, len(ranges), ARGUMENTS)
    ]
    return calls[0] if len(calls) == 1 else f"({'+'.join(calls)})"
