"""Numbers the places in which dossiers stand, for good: slices, and routes from one to another.

Slices are combinations of values in all ``slices.DIMENSIONS``, so figures by any of these follow
from them. A route keeps the two slices of a reassignment together: where both are one slice by the
dimensions asked for, nothing was transferred.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from hoso.domain.accounts import ACCOUNT_COUNT, TRANSFERRED_IN, TRANSFERRED_OUT
from hoso.projections.ledger.balances import Moves, Slice, slice_order
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.log.schema import Integers

DAY_BITS: Final = 24
FIRST_DAY: Final = -(1 << (DAY_BITS - 1))  # the day number that a cell has as 0

Route = tuple[Slice, Slice]


class Cells(NamedTuple):
    """How many dossiers moved: ``key`` says in which place, account and on which day."""

    key: Integers
    net: Integers

    @classmethod
    def of(cls, place: Integers, account: Integers, day: Integers, net: Integers) -> "Cells":
        """The cells of some moves; the same cell may recur."""
        return cls(((place * ACCOUNT_COUNT + account) << DAY_BITS) + day - FIRST_DAY, net)

    def without(self, others: "Cells") -> "Cells":
        """These cells, less some others."""
        return Cells(*map(np.concatenate, zip(self, others._replace(net=-others.net), strict=True)))


class Places:
    """The places there are, by number. None is ever removed."""

    def __init__(self, names: Iterable[Route] = ()) -> None:
        self.names: list[Route] = [*names]
        self._numbers = {name: number for number, name in enumerate(self.names)}
        self._ends_by: dict[tuple[str, ...], tuple[list[Slice], Integers]] = {}

    def of_slices(self, slices: Iterable[Slice]) -> Integers:
        """The numbers of some slices, new ones included."""
        return self.of_routes((name, name) for name in slices)

    def of_routes(self, routes: Iterable[Route]) -> Integers:
        """The numbers of some routes, new ones included. A slice is a route to itself."""
        return np.array([self._number(route) for route in routes], np.int64)

    def _number(self, route: Route) -> int:
        number = self._numbers.setdefault(route, len(self.names))
        if number == len(self.names):
            self.names.append(route)
        return number

    def _ends(self, by: tuple[str, ...]) -> tuple[list[Slice], Integers]:
        """The slices by some dimensions, and in which of them each route begins and ends."""
        known = self._ends_by.get(by)
        if known is None or len(known[1]) < len(self.names):
            columns = [DIMENSIONS.index(name) for name in by]
            cut = [[tuple(side[n] for n in columns) for side in route] for route in self.names]
            sides = {side for route in cut for side in route} | ({()} if not by else set())
            slices = sorted(sides, key=slice_order)
            number = {name: place for place, name in enumerate(slices)}
            ends = np.array([[number[side] for side in route] for route in cut], np.int64)
            known = self._ends_by[by] = slices, ends.reshape(-1, 2)
        return known

    def moves(self, cells: Cells, by: Sequence[str]) -> Moves:
        """What cells say of slices ``by`` some dimensions."""
        slices, ends = self._ends(tuple(by))
        is_route = np.array([before != after for before, after in self.names], np.bool_)
        group, day = cells.key >> DAY_BITS, (cells.key & ((1 << DAY_BITS) - 1)) + FIRST_DAY
        place, account = group // ACCOUNT_COUNT, group % ACCOUNT_COUNT
        before, after = ends[place].T * ACCOUNT_COUNT
        own = ~is_route[place]
        gone = ~own & (before != after)
        groups = (
            *((before + account)[own], (before + account)[gone], (before + TRANSFERRED_OUT)[gone]),
            *((after + TRANSFERRED_IN)[gone], (after + account)[gone]),
        )
        net = (cells.net[own], -cells.net[gone], cells.net[gone], -cells.net[gone], cells.net[gone])
        days = [day[own], *[day[gone]] * 4]
        return Moves(slices, *map(np.concatenate, (groups, days, net)))
