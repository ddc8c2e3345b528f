"""The ledger: a log folded for an office, which answers any window and any slices.

The journal's moves are added up into balances by slice, account and day.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import accounts
from hoso.domain.accounts import ACCOUNT_COUNT
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
from hoso.projections.ledger.slices import slices_in
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


def balances(ledger: Ledger, by: Sequence[str] = ()) -> Balances:
    """The ledger's balances, sliced ``by`` some of ``slices.DIMENSIONS`` as they were at reception.

    Raises ``KeyError`` for any other dimension.
    """
    journal = ledger.folded.journal
    slices, slice_of = sliced(ledger, by)
    group = slice_of[journal.dossier] * ACCOUNT_COUNT
    groups = np.concatenate([group + journal.out, group + journal.into])
    net = np.repeat(np.array([-1, 1]), len(journal.day))
    return balances_of(Moves(slices, groups, np.tile(journal.day, 2), net))


def balance_sheets(ledger: Ledger, by: Sequence[str] = ()) -> BalanceSheets:
    """The ledger's balance sheets, sliced as ``balances``."""
    suspense = ledger.folded.suspense
    codes = ledger.log["dossier"].combine_chunks().dictionary
    suspended = merge_suspended([Suspended(keys_of(codes, suspense.dossier), suspense.day)])
    return BalanceSheets(ledger.office, ledger.as_of, by, balances(ledger, by), suspended)


def receptions(journal: Journal) -> Integers:
    """The entries of the journal by which dossiers came in from outside, one for each."""
    return np.flatnonzero(journal.out == accounts.OUTSIDE)


def sliced(ledger: Ledger, by: Sequence[str]) -> tuple[list[Slice], Integers]:
    """The slices there are, sorted by value, and the slice of each dossier by its number.

    A dossier belongs to the slice that its reception names; one never received is in none (-1).
    """
    journal = ledger.folded.journal
    entries = receptions(journal)
    names, which = slices_in(ledger.log, journal.row[entries], by)
    slice_of = np.full(len(ledger.log["dossier"].combine_chunks().dictionary), -1)
    slice_of[journal.dossier[entries]] = which
    return names, slice_of
