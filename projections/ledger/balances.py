"""Balance sheets: how many dossiers stood in each account, slice by slice, at the end of any day.

Every move leaves one account and enters another, so the balances over all accounts and the outside
always sum to zero. No dossier depends on another, so what some dossiers contribute may be added to
what others do, or taken out again.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import numpy as np

from hoso.domain.accounts import ACCOUNT_COUNT, TRANSFERRED_IN
from hoso.domain.calendar import date_of, day_number
from hoso.domain.office import Office
from hoso.projections.log.schema import Integers

DENSE: Final = 4  # cells per move up to which counting beats sorting
EMPTY: Final = np.zeros(0, np.int64)

Slice = tuple[str | None, ...]


class Moves(NamedTuple):
    """The net number of dossiers that moved, for some slices, accounts and days.

    ``group`` is ``slice * ACCOUNT_COUNT + account``; ``day`` a day number; ``net`` below zero where
    more left the account than entered it. Arrays of one length.
    """

    slices: list[Slice]
    group: Integers
    day: Integers
    net: Integers


class Suspended(NamedTuple):
    """The events that did not apply: the key of each one's dossier, and its day number. In balance
    sheets they are sorted by both (``merge_suspended``)."""

    dossier: Integers
    day: Integers

    @classmethod
    def none(cls) -> "Suspended":
        """No events at all."""
        return cls(EMPTY, EMPTY)


class BalanceDelta(NamedTuple):
    """What some dossiers contribute to balance sheets."""

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
        """The number of dossiers at the end of a day: a row for each slice, a column for each
        account; then columns for the outside and for transfers in, which are below zero, and for
        transfers out."""
        groups = np.arange(len(self.slices) * ACCOUNT_COUNT) * self.days
        within = min(max(day_number(day) - self.first_day + 1, 0), self.days)
        upto, start = (np.searchsorted(self.key, groups + n) for n in (within, 0))
        return (self.total[upto] - self.total[start]).reshape(-1, ACCOUNT_COUNT)

    @property
    def since(self) -> date | None:
        """The first day on which anything moved; None where nothing ever did."""
        return date_of(self.first_day) if len(self.key) else None

    def moved(self) -> Moves:
        """The moves that these balances add up."""
        day = self.key % self.days + self.first_day
        return Moves(self.slices, self.key // self.days, day, np.diff(self.total))


class BalanceSheets(NamedTuple):
    """All that a statement of any window needs: balances, sliced ``by`` some of
    ``slices.DIMENSIONS``, and the events in suspense.

    ``final_on`` is None where moves count where the dossier stood that day. Else they count where
    it stands at the end of that day, up to which the balances are good (``ledger.slices``).
    """

    office: Office
    as_of: datetime | None
    by: Sequence[str]
    balances: Balances
    suspended: Suspended
    final_on: date | None = None


def balances_of(moved: Moves) -> Balances:
    """Add moves up into balances."""
    slices, group, day, net = moved
    first_day = int(day.min()) if len(day) else 0
    days = int(day.max()) - first_day + 1 if len(day) else 1
    key, net = _summed(group * days + day - first_day, net, len(slices) * ACCOUNT_COUNT * days)
    return Balances(slices, first_day, days, key, np.concatenate([[0], np.cumsum(net)]))


def _summed(key: Integers, net: Integers, cells: int) -> tuple[Integers, Integers]:
    """The distinct keys in rising order, and what each sums to."""
    if cells <= DENSE * len(key):
        sums = np.bincount(key, weights=net, minlength=cells).astype(np.int64)
        return np.flatnonzero(sums), sums[np.flatnonzero(sums)]
    keys, which = np.unique(key, return_inverse=True)
    return keys, np.bincount(which, weights=net, minlength=len(keys)).astype(np.int64)


def merge_moves(moves: Sequence[Moves]) -> Moves:
    """All moves of several sets, whose slices may differ."""
    slices = sorted({name for each in moves for name in each.slices}, key=slice_order)
    number = {name: place for place, name in enumerate(slices)}
    groups = [EMPTY]
    for each in moves:
        places = np.array([number[name] for name in each.slices], np.int64)
        groups.append(
            places[each.group // ACCOUNT_COUNT] * ACCOUNT_COUNT + each.group % ACCOUNT_COUNT
        )
    day = np.concatenate([EMPTY, *(each.day for each in moves)])
    net = np.concatenate([EMPTY, *(each.net for each in moves)])
    return Moves(slices, np.concatenate(groups), day, net)


def merge_suspended(parts: Iterable[Suspended]) -> Suspended:
    """All suspended events of several sets, sorted by dossier and day: the number of dossiers that
    have any by some day is then the number of first ones, without sorting for each window."""
    none = Suspended.none()
    dossier, day = map(np.concatenate, zip(none, *parts, strict=True))
    order = np.lexsort((day, dossier))
    return Suspended(dossier[order], day[order])


def unsliced(sliced: BalanceSheets) -> BalanceSheets:
    """The same balance sheets, without slices: so they are neither held nor final."""
    moved = sliced.balances.moved()
    own = moved.group % ACCOUNT_COUNT < TRANSFERRED_IN
    columns = (moved.group % ACCOUNT_COUNT, moved.day, moved.net)
    whole = Moves([()], *(column[own] for column in columns))
    return sliced._replace(by=(), balances=balances_of(whole), final_on=None)


def sum_deltas(deltas: Sequence[BalanceDelta]) -> BalanceDelta:
    """What several sets of dossiers contribute together."""
    return BalanceDelta(
        merge_moves([delta.moved for delta in deltas]),
        merge_suspended(delta.suspended for delta in deltas),
    )


def changed(whole: BalanceDelta, before: BalanceDelta, after: BalanceDelta) -> BalanceDelta:
    """What all dossiers contribute when some of them contribute ``after``, not ``before``."""
    others = ~np.isin(whole.suspended.dossier, before.suspended.dossier)
    unchanged = Suspended(*(column[others] for column in whole.suspended))
    return BalanceDelta(
        merge_moves([whole.moved, _reversed(before.moved), after.moved]),
        merge_suspended([unchanged, after.suspended]),
    )


def with_change(old: BalanceSheets, before: BalanceDelta, after: BalanceDelta) -> BalanceSheets:
    """Balance sheets when what some dossiers contribute changes from ``before`` to ``after``."""
    whole = BalanceDelta(old.balances.moved(), old.suspended)
    moved, suspended = changed(whole, before, after)
    return old._replace(balances=balances_of(moved), suspended=suspended)


def add_up(parts: Sequence[BalanceSheets]) -> BalanceSheets:
    """Balance sheets of several histories that have no dossier in common, added up."""
    whole = sum_deltas([BalanceDelta(each.balances.moved(), each.suspended) for each in parts])
    return parts[0]._replace(balances=balances_of(whole.moved), suspended=whole.suspended)


def _reversed(moved: Moves) -> Moves:
    return moved._replace(net=-moved.net)


def slice_order(name: Slice) -> tuple[tuple[bool, str], ...]:
    """The sort key of a slice: value by value, a missing value first."""
    return tuple((value is not None, value or "") for value in name)
