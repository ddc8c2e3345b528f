"""Balance sheets of one history as it was known at several instants, one after another.

The history is folded once, as known at the first instant. From there to the next, only dossiers of
which an event was recorded between the two can stand elsewhere: they are folded twice, as known
then and as known next, and the difference is added (``balances.with_change``).

Dossiers of which two events have one identity are taken together: which event is the first of them
depends on both. Where figures are counted at the day on which they are final, and that day is
another one, reassigned dossiers are folded anew, too: they may count in another slice.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import kinds
from hoso.domain.office import Office
from hoso.projections.ledger.balances import BalanceDelta, BalanceSheets, with_change
from hoso.projections.ledger.drilldown import DossierFilter
from hoso.projections.ledger.ledger import balance_sheets, replay
from hoso.projections.ledger.selected import selected_balance_sheets
from hoso.projections.ledger.slices import Flags
from hoso.projections.log.lives import instant
from hoso.projections.log.schema import Integers, codes, integers, places


class Vintage(NamedTuple):
    """A history as known at ``as_of``, and how its dossiers count: where they were held, or where
    they stand on the day ``final_on``; those that are ``selected``, or all, where events say."""

    as_of: datetime
    final_on: date | None = None
    selected: DossierFilter | None = None


def vintage_sheets(
    log: pa.Table, office: Office, by: Sequence[str], vintages: Sequence[Vintage]
) -> Iterator[BalanceSheets]:
    """The balance sheets of a log (``schema.SCHEMA``) at each of some vintages, given in the order
    of time, sliced ``by`` some of ``slices.DIMENSIONS``.

    They state the same as a ledger of all events folded for each of them would. Where a vintage
    selects other dossiers than the one before, all are folded again. Raises ``KeyError`` for an
    unknown dimension.
    """
    if not vintages:
        return
    log = log.combine_chunks()
    changes = _Changes(log)
    sheets = _sheets(log, office, by, vintages[0])
    yield sheets
    for earlier, later in pairwise(vintages):
        if earlier.selected is not later.selected:
            sheets = _sheets(log, office, by, later)
        else:
            lives = log.take(pa.array(changes.between(earlier, later)))
            before, after = (_sheets(lives, office, by, each) for each in (earlier, later))
            changed = with_change(sheets, _delta(before), _delta(after))
            sheets = changed._replace(as_of=later.as_of, final_on=later.final_on)
        yield sheets


def _sheets(log: pa.Table, office: Office, by: Sequence[str], vintage: Vintage) -> BalanceSheets:
    """The balance sheets of some dossiers at a vintage, by a fold of all of their events."""
    ledger = replay(log, office, vintage.as_of)
    if vintage.selected is None:
        return balance_sheets(ledger, by, vintage.final_on)
    return selected_balance_sheets(ledger, by, vintage.selected, vintage.final_on)


def _delta(sheets: BalanceSheets) -> BalanceDelta:
    return BalanceDelta(sheets.balances.moved(), sheets.suspended)


class _Changes:
    """Says which rows of a log are of dossiers that may differ from vintage to vintage."""

    def __init__(self, log: pa.Table) -> None:
        dossier = codes(log["dossier"])
        number = len(log["dossier"].chunk(0).dictionary) if len(log) else 0
        self._family = _families(dossier, integers(log["event"]), number)[dossier]
        self._number = number
        self._recorded = integers(log["recorded"])
        self._is_reassignment = places(log["type"], kinds.KINDS) == kinds.REASSIGNED

    def between(self, earlier: Vintage, later: Vintage) -> Integers:
        """The rows of dossiers that may differ between two vintages, in the order of the log."""
        since, until = instant(earlier.as_of), instant(later.as_of)
        is_new: Flags = (self._recorded > since) & (self._recorded <= until)
        if earlier.final_on != later.final_on:
            is_new |= self._is_reassignment
        differs = np.zeros(self._number, np.bool_)
        differs[self._family[is_new]] = True
        return np.flatnonzero(differs[self._family])


def _families(dossier: Integers, event: Integers, number: int) -> Integers:
    """For each of so many dossiers the least number of any dossier that it belongs together with:
    of two with an event of one identity key. ``dossier`` and ``event`` say whose event has which
    key."""
    order = np.argsort(event, kind="stable")
    twin = np.flatnonzero(event[order][1:] == event[order][:-1])
    one, other = dossier[order[twin]], dossier[order[twin + 1]]
    family = np.arange(number)
    while np.any(family[one] != family[other]):
        least = np.minimum(family[one], family[other])
        for each in (one, other):
            np.minimum.at(family, family[each], least)
            np.minimum.at(family, each, least)
        family = family[family]
    return family
