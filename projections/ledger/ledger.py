"""How many dossiers stood in each account, on any day, slice by slice? The ledger.

The journal's moves are added up into balances per slice, account and day.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import accounts
from hoso.domain.accounts import ALL
from hoso.domain.office import Office
from hoso.projections.ledger import balances as sheeting
from hoso.projections.ledger.balances import (
    DENSE,
    BalanceDelta,
    Balances,
    BalanceSheets,
    Moves,
    Slice,
    Suspended,
    balances_of,
    merge_suspended,
    slice_order,
)
from hoso.projections.ledger.fold import Folded, Journal, fold
from hoso.projections.log.schema import Integers, codes, keys_of, rows_after

DIMENSIONS: Final = ("agency", "field", "procedure", "channel", "level")


class Ledger(NamedTuple):
    """A log folded for an office, as it was known at ``as_of``: answers any window and slice."""

    log: pa.Table
    office: Office
    as_of: datetime | None
    folded: Folded


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
    return balances_of(Moves(slices, groups, np.tile(journal.day, 2), net))


def balance_sheets(ledger: Ledger, by: Sequence[str] = ()) -> BalanceSheets:
    """The ledger's balance sheets, sliced as ``balances``."""
    suspense = ledger.folded.suspense
    codes = ledger.log["dossier"].combine_chunks().dictionary
    suspended = merge_suspended([Suspended(keys_of(codes, suspense.dossier), suspense.day)])
    return BalanceSheets(ledger.office, ledger.as_of, by, balances(ledger, by), suspended)


def refreshed(old: BalanceSheets, log: pa.Table, since: int) -> BalanceSheets:
    """Balance sheets brought up to date by what of a log stands behind a position.

    The log is that of some dossiers only, but has all of their events, and no event of another
    dossier bears an identity of theirs: so these dossiers' moves are taken out, as they were, and
    put in as they are.
    """
    known = log.slice(0, len(log) - len(rows_after(log, since)))
    was, now = (balance_sheets(replay(table, old.office), old.by) for table in (known, log))
    return sheeting.with_change(
        old, *(BalanceDelta(each.balances.moved(), each.suspended) for each in (was, now))
    )


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


def slices_in(
    log: pa.Table, rows: Integers | slice, by: Sequence[str]
) -> tuple[list[Slice], Integers]:
    """The slices that events in some rows name, sorted by value, and which of them each does."""
    names: list[Slice] = [()]
    which: Integers = np.zeros(len(log), dtype=np.int64)[rows]
    for dimension in by:
        names, which = _refined(names, which, log[dimension], rows)
    return names, which


def _refined(
    names: list[Slice], which: Integers, column: pa.ChunkedArray, rows: Integers | slice
) -> tuple[list[Slice], Integers]:
    """Slices split by one more dimension: those that have dossiers, in order, nothing first."""
    texts = [*column.combine_chunks().dictionary.to_pylist(), None]
    values = sorted(texts, key=lambda text: slice_order((text,)))
    rank = {value: place for place, value in enumerate(values)}
    ranks = np.array([rank[text] for text in texts])[codes(column)[rows]]
    found, refined = _numbered(which * len(values) + ranks, len(names) * len(values))
    return [(*names[p // len(values)], values[p % len(values)]) for p in found], refined


def _numbered(values: Integers, end: int) -> tuple[Integers, Integers]:
    """The values there are below an end, in rising order, and which of them each is."""
    if end > DENSE * len(values):
        found, which = np.unique(values, return_inverse=True)
        return found, which
    there = np.zeros(end, np.int64)
    there[values] = 1
    return np.flatnonzero(there), (np.cumsum(there) - 1)[values]
