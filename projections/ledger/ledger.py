"""The ledger: a log folded for an office, which answers any window and any slices.

The journal's moves are added up into balances by slice, account and day.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import accounts
from hoso.domain.accounts import ACCOUNT_COUNT
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.projections.ledger.balances import (
    Balances,
    BalanceSheets,
    Moves,
    Slice,
    Suspended,
    balances_of,
    merge_suspended,
)
from hoso.projections.ledger.fold import Folded, Journal, Suspense, fold
from hoso.projections.ledger.slices import Flags, Naming, slices_of
from hoso.projections.log.schema import Integers, joined, keys_of


class Ledger(NamedTuple):
    """A log (``schema.SCHEMA``) folded for an office, as it was known at ``as_of`` (None: all)."""

    log: pa.Table
    office: Office
    as_of: datetime | None
    folded: Folded


def replay(log: pa.Table, office: Office, as_of: datetime | None = None) -> Ledger:
    """Fold a log (``schema.SCHEMA``) as it was known at ``as_of`` (all of it if None)."""
    log = log.combine_chunks()
    return Ledger(log, office, as_of, fold(log, office, as_of))


def merged(ledgers: Sequence[Ledger]) -> Ledger:
    """One ledger of several that have no dossier in common, of one office and as-of instant.

    The logs follow each other; dossiers and rows are numbered on.
    """
    log = joined(ledger.log for ledger in ledgers).combine_chunks()
    journals, suspenses, rows, dossiers = [], [], 0, 0
    for ledger in ledgers:
        journal, suspense = ledger.folded
        journals.append(
            journal._replace(dossier=journal.dossier + dossiers, row=journal.row + rows)
        )
        suspenses.append(
            suspense._replace(dossier=suspense.dossier + dossiers, row=suspense.row + rows)
        )
        rows += len(ledger.log)
        dossiers += len(ledger.log["dossier"].combine_chunks().dictionary)
    folded = Folded(
        Journal(*map(np.concatenate, zip(*journals, strict=True))),
        Suspense(*map(np.concatenate, zip(*suspenses, strict=True))),
    )
    return Ledger(log, ledgers[0].office, ledgers[0].as_of, folded)


def balances(ledger: Ledger, by: Sequence[str] = (), final_on: date | None = None) -> Balances:
    """The ledger's balances, sliced ``by`` some of ``slices.DIMENSIONS``, attributed as held, or as
    final on a day (``slices``): then they are good up to that day.

    Raises ``KeyError`` for any other dimension.
    """
    slices, slice_of = sliced(ledger, by, final_on)
    return balances_of(moves_between(ledger.folded.journal, slices, slice_of))


def moves_between(journal: Journal, slices: list[Slice], slice_of: Integers) -> Moves:
    """The moves of journal entries, each in its slice. A reassignment is two moves: between an
    account and the transfers of each slice; none within one slice."""
    group, is_transfer = slice_of * ACCOUNT_COUNT, reassignments(journal)
    groups = [group + journal.out, group + journal.into]
    days, net = [journal.day, journal.day], [-1, 1]
    if is_transfer.any():
        own = ~is_transfer
        groups, days = [each[own] for each in groups], [each[own] for each in days]
        entry = np.flatnonzero(is_transfer)
        entry = entry[group[entry - 1] != group[entry]]
        before, after, account = group[entry - 1], group[entry], journal.out[entry]
        groups += [before + account, before + accounts.TRANSFERRED_OUT]
        groups += [after + accounts.TRANSFERRED_IN, after + account]
        days += [journal.day[entry]] * 4
        net += [-1, 1, -1, 1]
    return Moves(
        slices,
        np.concatenate(groups),
        np.concatenate(days),
        np.repeat(np.array(net), [len(each) for each in groups]),
    )


def balance_sheets(
    ledger: Ledger, by: Sequence[str] = (), final_on: date | None = None
) -> BalanceSheets:
    """The ledger's balance sheets, sliced and attributed as ``balances``."""
    moved, suspended = balances(ledger, by, final_on), suspended_in(ledger)
    return BalanceSheets(ledger.office, ledger.as_of, by, moved, suspended, final_on)


def suspended_in(ledger: Ledger) -> Suspended:
    """The events in suspense, as balance sheets have them."""
    suspense = ledger.folded.suspense
    codes = ledger.log["dossier"].combine_chunks().dictionary
    return merge_suspended([Suspended(keys_of(codes, suspense.dossier), suspense.day)])


def receptions(journal: Journal) -> Integers:
    """The entries of the journal by which dossiers came in from outside, one for each."""
    return np.flatnonzero(journal.out == accounts.OUTSIDE)


def reassignments(journal: Journal) -> Flags:
    """Which entries of the journal are reassignments: those between an account and itself."""
    flags: Flags = journal.out == journal.into
    return flags


def naming(ledger: Ledger, final_on: date | None) -> tuple[Naming, Integers]:
    """What says in which slice dossiers stand, and which of it is good for each entry of the
    journal."""
    journal = ledger.folded.journal
    begins, moves = journal.out == accounts.OUTSIDE, reassignments(journal)
    if final_on is not None:
        moves = moves & (journal.day <= day_number(final_on))
    entry = np.flatnonzero(begins | moves)
    columns = (journal.row[entry], journal.day[entry], begins[entry])
    named = Naming(*columns, lasting=final_on is not None)
    return named, np.cumsum(begins | moves) - 1


def sliced(
    ledger: Ledger, by: Sequence[str], final_on: date | None = None
) -> tuple[list[Slice], Integers]:
    """The slices there are, sorted by value, and that of each entry of the journal."""
    named, which = naming(ledger, final_on)
    rows = {dimension: named.rows(ledger.log, dimension) for dimension in by}
    slices, slice_of = slices_of(ledger.log, rows, by, named.row)
    return slices, slice_of[which]
