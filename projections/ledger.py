"""How many dossiers stood in each account, on any day, slice by slice? The ledger.

The journal's moves are added up into balances per slice, account and day. As every move leaves one
account and enters another, the balances over all accounts and the outside always sum to zero.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from domain import accounts
from domain.accounts import ALL
from domain.calendar import day_number
from domain.office import Office
from projections.columns import Integers, codes
from projections.fold import Folded, Journal, Suspense, fold

DIMENSIONS: Final = ("agency", "field", "procedure", "channel", "level")
DENSE: Final = 4  # cells per move up to which counting beats sorting

Slice = tuple[str | None, ...]


class Ledger(NamedTuple):
    """A log folded for an office, as it was known at ``as_of``: answers any window and slice."""

    log: pa.Table
    office: Office
    as_of: datetime | None
    folded: Folded


class Sheets(NamedTuple):
    """All that a statement of any window needs: balances, sliced ``by`` some of DIMENSIONS, and
    what did not apply."""

    office: Office
    as_of: datetime | None
    by: Sequence[str]
    balances: "Balances"
    suspense: Suspense


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


def replay(log: pa.Table, office: Office, as_of: datetime | None = None) -> Ledger:
    """The ledger of a log (``columns.SCHEMA``), as known at ``as_of`` (all of it if None)."""
    log = log.combine_chunks()
    return Ledger(log, office, as_of, fold(log, office, as_of))


def balances(ledger: Ledger, by: Sequence[str] = ()) -> Balances:
    """The ledger's balances, sliced ``by`` some of DIMENSIONS as they were at reception.

    Raises ``KeyError`` for any other dimension.
    """
    journal = ledger.folded.journal
    slices, slice_of = sliced(ledger, by)
    group = slice_of[journal.dossier] * ALL
    groups = np.concatenate([group + journal.out, group + journal.into])
    net = np.repeat(np.array([-1, 1]), len(journal.day))
    return balanced(slices, groups, np.tile(journal.day, 2), net)


def balanced(slices: list[Slice], group: Integers, day: Integers, net: Integers) -> Balances:
    """Balances, of how much moved in each slice and account (``slice * ALL + account``) and day."""
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


def sheets(ledger: Ledger, by: Sequence[str] = ()) -> Sheets:
    """The ledger's balance sheets, sliced as ``balances``."""
    return Sheets(ledger.office, ledger.as_of, by, balances(ledger, by), ledger.folded.suspense)


def receptions(journal: Journal) -> Integers:
    """The lines of the journal by which dossiers came in from outside, one for each."""
    return np.flatnonzero(journal.out == accounts.OUTSIDE)


def sliced(ledger: Ledger, by: Sequence[str]) -> tuple[list[Slice], Integers]:
    """The slices there are, sorted by value, and the slice of each dossier by its number.

    A dossier belongs to the slice that its reception names; one never received is in none (-1).
    """
    journal = ledger.folded.journal
    lines = receptions(journal)
    names, which = slices_in(ledger.log, journal.row[lines], by)
    slice_of = np.full(len(ledger.log["dossier"].combine_chunks().dictionary), -1)
    slice_of[journal.dossier[lines]] = which
    return names, slice_of


def slices_in(log: pa.Table, rows: Integers, by: Sequence[str]) -> tuple[list[Slice], Integers]:
    """The slices that events in some rows name, sorted by value, and which of them each does."""
    names: list[Slice] = [()]
    which: Integers = np.zeros(len(rows), dtype=np.int64)
    for dimension in by:
        names, which = _refined(names, which, log[dimension], rows)
    return names, which


def _refined(
    names: list[Slice], which: Integers, column: pa.ChunkedArray, rows: Integers
) -> tuple[list[Slice], Integers]:
    """Slices split by one more dimension: those that have dossiers, in order, nothing first."""
    texts = [*column.combine_chunks().dictionary.to_pylist(), None]
    values = sorted(texts, key=lambda text: (text is not None, text))
    rank = {value: place for place, value in enumerate(values)}
    ranks = np.array([rank[text] for text in texts])[codes(column)[rows]]
    found, refined = np.unique(which * len(values) + ranks, return_inverse=True)
    return [(*names[p // len(values)], values[p % len(values)]) for p in found], refined
