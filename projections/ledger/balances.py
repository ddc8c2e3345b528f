"""How do balance sheets add up? What moved, slice by slice, account by account, day by day.

As every move leaves one account and enters another, the balances over all accounts and the outside
always sum to zero; and as no dossier depends on another, what some dossiers add may be added to
what others did, or taken from it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import numpy as np

from hoso.domain.accounts import ALL
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.projections.log.schema import Integers

DENSE: Final = 4  # cells per move up to which counting beats sorting
NOTHING: Final = np.zeros(0, np.int64)

Slice = tuple[str | None, ...]


class Moves(NamedTuple):
    """How much moved: for each slice and account (``slice * ALL + account``) and day."""

    slices: list[Slice]
    group: Integers
    day: Integers
    net: Integers


class Suspended(NamedTuple):
    """The events that did not apply: the dossier of each, by its key, and its local day; in balance
    sheets sorted by these (``merge_suspended``)."""

    dossier: Integers
    day: Integers


class BalanceDelta(NamedTuple):
    """What some dossiers add to balance sheets."""

    moved: Moves
    suspended: Suspended


class Balances(NamedTuple):
    """Balances by slice, account and day.

    ``key`` numbers the (slice, account, day) in which something moved, in rising order, and
    ``total[i]`` is the sum of all that moved in the first i of them.
    """

    slices: list[Slice]
    first_day: int
    days: int
    key: Integers
    total: Integers

    def at_end_of(self, day: date) -> Integers:
        """Dossiers per slice (rows) and account (columns; the last is the outside, below zero)."""
        groups = np.arange(len(self.slices) * ALL) * self.days
        within = min(max(day_number(day) - self.first_day + 1, 0), self.days)
        upto, start = (np.searchsorted(self.key, groups + n) for n in (within, 0))
        return (self.total[upto] - self.total[start]).reshape(-1, ALL)

    def moved(self) -> Moves:
        """What moved."""
        day = self.key % self.days + self.first_day
        return Moves(self.slices, self.key // self.days, day, np.diff(self.total))


class BalanceSheets(NamedTuple):
    """All that a statement of any window needs: balances, sliced ``by`` some of
    ``ledger.DIMENSIONS``, and what did not apply."""

    office: Office
    as_of: datetime | None
    by: Sequence[str]
    balances: Balances
    suspended: Suspended


def balances_of(moved: Moves) -> Balances:
    """The balances that moves add up to."""
    slices, group, day, net = moved
    first_day = int(day.min()) if len(day) else 0
    days = int(day.max()) - first_day + 1 if len(day) else 1
    key, net = _summed(group * days + day - first_day, net, len(slices) * ALL * days)
    return Balances(slices, first_day, days, key, np.concatenate([[0], np.cumsum(net)]))


def _summed(key: Integers, net: Integers, cells: int) -> tuple[Integers, Integers]:
    """The distinct keys in rising order, and what each sums to."""
    if cells <= DENSE * len(key):
        sums = np.bincount(key, weights=net, minlength=cells).astype(np.int64)
        return np.flatnonzero(sums), sums[np.flatnonzero(sums)]
    keys, which = np.unique(key, return_inverse=True)
    return keys, np.bincount(which, weights=net, minlength=len(keys)).astype(np.int64)


def merge_moves(parts: Sequence[Moves]) -> Moves:
    """What moved in any of some parts."""
    slices = sorted({name for part in parts for name in part.slices}, key=slice_order)
    number = {name: place for place, name in enumerate(slices)}
    groups = [NOTHING]
    for part in parts:
        places = np.array([number[name] for name in part.slices], np.int64)
        groups.append(places[part.group // ALL] * ALL + part.group % ALL)
    day = np.concatenate([NOTHING, *(part.day for part in parts)])
    net = np.concatenate([NOTHING, *(part.net for part in parts)])
    return Moves(slices, np.concatenate(groups), day, net)


def merge_suspended(parts: Iterable[Suspended]) -> Suspended:
    """What did not apply in any of some parts, dossier by dossier, day by day: so that of how many
    dossiers there is any by a day is told by their first ones, and not sorted out for each window.
    """
    none = Suspended(NOTHING, NOTHING)
    dossier, day = map(np.concatenate, zip(none, *parts, strict=True))
    order = np.lexsort((day, dossier))
    return Suspended(dossier[order], day[order])


def unsliced(sheets: BalanceSheets) -> BalanceSheets:
    """The same balance sheets, without slices."""
    moved = sheets.balances.moved()
    whole = Moves([()], moved.group % ALL, moved.day, moved.net)
    return sheets._replace(by=(), balances=balances_of(whole))


def sum_deltas(parts: Sequence[BalanceDelta]) -> BalanceDelta:
    """What several parts add."""
    return BalanceDelta(
        merge_moves([part.moved for part in parts]),
        merge_suspended(part.suspended for part in parts),
    )


def with_change(old: BalanceSheets, gone: BalanceDelta, come: BalanceDelta) -> BalanceSheets:
    """Balance sheets less what some dossiers added to them, and with what those add by now."""
    moved = merge_moves([old.balances.moved(), _reversed(gone.moved), come.moved])
    others = ~np.isin(old.suspended.dossier, gone.suspended.dossier)
    left = Suspended(*(column[others] for column in old.suspended))
    return old._replace(
        balances=balances_of(moved), suspended=merge_suspended([left, come.suspended])
    )


def _reversed(moved: Moves) -> Moves:
    return moved._replace(net=-moved.net)


def slice_order(name: Slice) -> tuple[tuple[bool, str], ...]:
    """By what slices are sorted: value by value, nothing first."""
    return tuple((value is not None, value or "") for value in name)
