"""Numbers the slices of a log: combinations of the values in which dossiers stand.

A reception names a dossier's values in all DIMENSIONS. A reassignment names another agency, and
perhaps another field or level; from then on the dossier stands in that slice.

Figures are attributed in one of two ways. *Held*: each move counts where the dossier stood at the
end of that day. *Final*: all moves of a dossier count where it stands at the end of one day, which
is ``final_on``; nothing is transferred then. ``final_on`` is None for held. Contract, section 6.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.domain import kinds, validity
from hoso.domain.calendar import day_number
from hoso.projections.ledger.balances import DENSE, Slice, slice_order
from hoso.projections.log.lives import Lives
from hoso.projections.log.packing import day_of, kind_of
from hoso.projections.log.schema import Integers, codes, integers

DIMENSIONS: Final = (
    *("agency", "field", "procedure", "channel", "level"),
    *("online_service", "received_at"),
)
REASSIGNED: Final = ("agency", "field", "level")  # what a reassignment may name
CLOSING: Final = (kinds.RETURNED, kinds.CANCELLED, kinds.RESOLVED)

Flags = npt.NDArray[np.bool_]
Rows = Integers | slice


def slices_in(log: pa.Table, rows: Rows, by: Sequence[str]) -> tuple[list[Slice], Integers]:
    """The slices that events in some rows name, sorted by value, and which of them each does."""
    return slices_of(log, dict.fromkeys(by, rows), by, rows)


def slices_of(
    log: pa.Table, rows: Mapping[str, Rows], by: Sequence[str], every: Rows
) -> tuple[list[Slice], Integers]:
    """The slices there are, sorted by value, and the number of each thing's slice among them.

    ``rows`` has, for each dimension, the row of the log that says each thing's value in it;
    ``every`` is any one of these, for where there is no dimension.
    """
    names: list[Slice] = [()]
    which: Integers = np.zeros(len(log), dtype=np.int64)[every]
    for dimension in by:
        names, which = _refined(names, which, log[dimension], rows[dimension])
    return names, which


def _refined(
    names: list[Slice], which: Integers, column: pa.ChunkedArray, rows: Rows
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


class Naming(NamedTuple):
    """The events that say in which slice dossiers stand: dossier by dossier and in order.

    ``row`` is the row of each in the log, ``day`` its day number. Where ``begins`` is true it is a
    reception, with which each dossier begins; the others are reassignments. On a day a dossier
    stands where it stands at the end of it; if ``lasting``, where its last event puts it, all the
    time.
    """

    row: Integers
    day: Integers
    begins: Flags
    lasting: bool

    def rows(self, log: pa.Table, dimension: str) -> Integers:
        """For each event, the row of the log that says in which value the dossier stands."""
        if dimension not in REASSIGNED or self.begins.all():
            received: Integers = self.row[_last_true(self.begins)]
            return received
        naming = _last_true(self.begins | (codes(log[dimension])[self.row] >= 0))
        starts = self.begins.copy()
        if not self.lasting:
            starts[1:] |= self.day[1:] != self.day[:-1]
        last = np.append(np.flatnonzero(starts)[1:], len(self.row)) - 1
        rows: Integers = self.row[naming[last[np.cumsum(starts) - 1]]]
        return rows


def _last_true(flags: Flags) -> Integers:
    """For each place, the last one up to it where a flag is true; 0 where there is none."""
    places: Integers = np.maximum.accumulate(np.where(flags, np.arange(len(flags)), 0))
    return places


def slices_in_lives(
    events: pa.Table, verdict: Integers, by: Sequence[str], final_on: date | None
) -> tuple[list[Slice], Integers]:
    """The slices in which the dossiers of an event table stand, and that of each event.

    ``events`` is a table in the order of lives, with ``key`` and ``packed``. The slice of an event
    matters only where it is a reception or a reassignment that applies.
    """
    packed, rows = integers(events["packed"]), np.arange(len(events))
    kind, key, last = kind_of(packed), integers(events["key"]), _last_day(final_on)
    kind[verdict != validity.VALID] = kinds.FIRST_FACT
    moves = np.flatnonzero(kind == kinds.REASSIGNED)
    if not by or not len(moves):
        return slices_in(events, slice(None), by)
    day = day_of(packed)
    places, begins = _naming_places(key, kind, day, last)
    if not len(places):  # nothing was received, so nothing stands anywhere
        return slices_in(events, slice(None), by)
    naming = Naming(places, day[places], begins, lasting=final_on is not None)
    received, counts = places[begins], np.zeros(len(events), np.bool_)
    counts[places] = True
    others = moves[~counts[moves]]  # reassignments that do not count name no slice of their own
    named = {dimension: rows.copy() for dimension in by}
    for dimension, own in named.items():
        own[places] = naming.rows(events, dimension)
        own[others] = own[received[np.maximum(np.searchsorted(received, others) - 1, 0)]]
    return slices_of(events, named, by, slice(None))


def rows_at_end(
    events: pa.Table, lives: Lives, receptions: Integers, last: int
) -> dict[str, Integers]:
    """For each of DIMENSIONS, the rows of an event table that say in which values dossiers stand at
    the end of day number ``last``; ``receptions`` are the places among ``lives`` of their
    receptions."""
    rows = dict.fromkeys(DIMENSIONS, lives.row[receptions])
    if np.any(lives.kind == kinds.REASSIGNED):
        places, begins = _naming_places(lives.dossier, lives.kind, lives.day, last)
        naming = Naming(lives.row[places], lives.day[places], begins, lasting=True)
        own = np.searchsorted(places, receptions)
        rows |= {name: naming.rows(events, name)[own] for name in REASSIGNED}
    return rows


def _naming_places(
    key: Integers, kind: Integers, day: Integers, last: int
) -> tuple[Integers, Flags]:
    """The places of the events that say in which slice dossiers stand: their receptions, and the
    reassignments up to day number ``last`` while they are open; and which are receptions."""
    begins = _first_of_each(key, kind == kinds.RECEIVED)
    is_received = _behind(key, begins)
    closes = _first_of_each(key, is_received & np.isin(kind, CLOSING))
    moves = is_received & (kind == kinds.REASSIGNED) & ~_behind(key, closes) & (day <= last)
    places = np.flatnonzero(begins | moves)
    return places, begins[places]


def _last_day(final_on: date | None) -> int:
    return day_number(final_on or date.max)


def _first_of_each(key: Integers, flags: Flags) -> Flags:
    """The first place of each dossier at which a flag is true."""
    places = np.flatnonzero(flags)
    is_first = np.append(True, key[places][1:] != key[places][:-1])[: len(places)]
    first = np.zeros(len(flags), dtype=bool)
    first[places[is_first]] = True
    return first


def _behind(key: Integers, flags: Flags) -> Flags:
    """The places of each dossier behind one at which a flag is true."""
    starts = _last_true(np.append(True, key[1:] != key[:-1])[: len(key)])
    before: Integers = np.cumsum(flags) - flags
    behind: Flags = before > before[starts]
    return behind
