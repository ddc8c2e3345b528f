"""Makes balance sheets of exported ledgers: sliced, selected, as held or as final, added up.

Slices of a ledger become coarser ones by numbers, ledger by ledger, so that each is small before
all are added up. What dossiers took along tells the transfers among coarser slices, and where
dossiers finally stood.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import numpy as np

from hoso.domain.accounts import ACCOUNT_COUNT, OUTSIDE, TRANSFERRED_IN, TRANSFERRED_OUT
from hoso.domain.calendar import day_number
from hoso.domain.office import Office
from hoso.projections.federation.exported import ExportedLedger, Suspensions
from hoso.projections.ledger.balances import (
    BalanceSheets,
    Moves,
    Slice,
    Suspended,
    balances_of,
    merge_moves,
    merge_suspended,
)
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.selected import Selection, dimensions_of, places_of
from hoso.projections.log.schema import Integers


class Question(NamedTuple):
    """What is asked: by which office, as known when, sliced by what, final on which day (None: as
    held)."""

    office: Office
    as_of: datetime | None
    by: Sequence[str]
    final_on: date | None


def balance_sheets(ledgers: Sequence[ExportedLedger], asked: Question) -> BalanceSheets:
    """The balance sheets of all dossiers of some ledgers. Raises ``ValueError`` for a dimension
    that a ledger does not have."""
    parts = (_moves(each, *coarser(each, asked.by), asked.final_on) for each in ledgers)
    return _added_up(ledgers, asked, parts)


def selected_balance_sheets(
    ledgers: Sequence[ExportedLedger], asked: Question, selection: Selection
) -> BalanceSheets:
    """The balance sheets of the selected dossiers; see ``ledger.selected``. Raises as
    ``balance_sheets``."""
    selected = selection.selected
    dimensions = dimensions_of(asked.by, selected)
    parts = []
    for ledger in ledgers:
        fine, which = coarser(ledger, dimensions)
        names, place_of_part = places_of(fine, dimensions, asked.by, selected)
        moved = _moves(ledger, [*names, ()], place_of_part[which], selection.final_on)
        own = moved.group < len(names) * ACCOUNT_COUNT  # the last place is outside the selection
        parts.append(Moves(names, *(column[own] for column in moved[1:])))
    return _added_up(ledgers, asked._replace(final_on=selection.final_on), parts)


def has_any(ledger: ExportedLedger, selected: DossierFilter) -> bool:
    """Whether a ledger may have selected dossiers: it has slices that are selected, or cannot tell
    for want of dimensions."""
    dimensions = dimensions_of((), selected)
    if not {*dimensions} <= {*ledger.about.by}:
        return True
    names, _ = coarser(ledger, dimensions)
    return any(selected.accepts(dict(zip(dimensions, each, strict=True))) for each in names)


def coarser(ledger: ExportedLedger, by: Sequence[str]) -> tuple[list[Slice], Integers]:
    """The slices of a ledger by some of its dimensions, and for each of its own the number of that
    in which it is. Raises ``ValueError`` for a dimension that it does not have."""
    values, codes = ledger.slices
    rows = [ledger.about.by.index(name) for name in by]
    which = np.zeros(codes.shape[1], np.int64)
    for row in rows:
        which = which * len(values[row]) + codes[row]
        _, which = np.unique(which, return_inverse=True)
    _, first = np.unique(which, return_index=True)
    names = [tuple(values[row][codes[row, place]] for row in rows) for place in first.tolist()]
    return names if by else [()], which


def _moves(
    ledger: ExportedLedger, names: list[Slice], place: Integers, final_on: date | None
) -> Moves:
    """The moves of a ledger; ``place`` says in which of the named slices each of its own is."""
    slice_of, account, day, net = ledger.moved
    parts = [(place[slice_of] * ACCOUNT_COUNT + account, day, net)]
    parts += _held(ledger, place) if final_on is None else _final(ledger, place, final_on)
    whole = Moves(names, *map(np.concatenate, zip(*parts, strict=True)))
    return balances_of(whole).moved()


Part = tuple[Integers, Integers, Integers]  # group, day and net, as of Moves


def _held(ledger: ExportedLedger, place: Integers) -> Iterable[Part]:
    """The transfers between slices: one for each dossier that took its reception along."""
    along = ledger.along
    before, after = place[along.before], place[along.after]
    own = (along.account == OUTSIDE) & (before != after)
    day, net = along.until[own], along.net[own]
    yield before[own] * ACCOUNT_COUNT + TRANSFERRED_OUT, day, -net
    yield after[own] * ACCOUNT_COUNT + TRANSFERRED_IN, day, net


def _final(ledger: ExportedLedger, place: Integers, final_on: date) -> Iterable[Part]:
    """The moves that dossiers took along by a day: out of the slice before, into the one after."""
    along = ledger.along
    before, after = place[along.before], place[along.after]
    own = (along.until <= day_number(final_on)) & (before != after)
    account, day, net = along.account[own], along.day[own], along.net[own]
    yield before[own] * ACCOUNT_COUNT + account, day, -net
    yield after[own] * ACCOUNT_COUNT + account, day, net


def _added_up(
    ledgers: Sequence[ExportedLedger], asked: Question, parts: Iterable[Moves]
) -> BalanceSheets:
    office, as_of, by, final_on = asked
    balances = balances_of(merge_moves([*parts]))
    return BalanceSheets(office, as_of, by, balances, _suspended(ledgers), final_on)


def _suspended(ledgers: Sequence[ExportedLedger]) -> Suspended:
    """Events in suspense as balance sheets have them. Which dossiers they are of is not known: they
    are numbered by their first day, and all further events are given to the first one."""
    columns = zip(*(each.suspensions for each in ledgers), strict=True)
    day, events, dossiers = Suspensions(*map(np.concatenate, columns))
    order = np.argsort(day, kind="stable")
    first = np.repeat(day[order], dossiers[order])
    further = np.repeat(day, events - dossiers)
    numbered = Suspended(np.arange(len(first)), first)
    return merge_suspended([numbered, Suspended(np.zeros(len(further), np.int64), further)])
