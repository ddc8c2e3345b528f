"""Numbers the slices of a log: combinations of the values in which dossiers stand.

A reception names a dossier's values in all DIMENSIONS. A reassignment names another agency, and
perhaps another field or level; from then on the dossier stands in that slice.

Figures are attributed in one of two ways. *Held*: each move counts where the dossier stood on that
day. *Final*: all moves of a dossier count where it stands at the end of one day (``final_on``);
nothing is transferred then. ``final_on`` is None for held. Contract, section 6.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.domain import kinds, validity
from hoso.domain.calendar import day_number
from hoso.projections.ledger.balances import DENSE, Slice, slice_order
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


def naming_rows(
    log: pa.Table, row: Integers, begins: Flags, counts: Flags, *, lasting: bool
) -> dict[str, Integers]:
    """For each of DIMENSIONS, the row of the log that says in which value a dossier stands.

    ``row`` has the rows of receptions and reassignments, dossier by dossier and in order. Those
    where ``begins`` is true are receptions, with which each dossier begins; others count where
    ``counts`` is true. If ``lasting``, all of a dossier's have the values of its last one.
    """
    reception = _last_true(begins)
    rows = dict.fromkeys(DIMENSIONS, row[reception])
    if not counts.any():
        return rows
    last = np.append(np.flatnonzero(begins)[1:] - 1, len(row) - 1)[np.cumsum(begins) - 1]
    for dimension in REASSIGNED:
        is_named = codes(log[dimension])[row] >= 0
        naming = _last_true(begins | (counts & is_named))
        rows[dimension] = row[naming[last] if lasting else naming]
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
    packed = integers(events["packed"])
    kind = kind_of(packed)
    is_valid = verdict == validity.VALID
    is_reassignment = is_valid & (kind == kinds.REASSIGNED)
    if not by or not is_reassignment.any():
        return slices_in(events, slice(None), by)
    key, day = integers(events["key"]), day_of(packed)
    begins = _first_of_each(key, is_valid & (kind == kinds.RECEIVED))
    closes = _first_of_each(key, _behind(key, begins) & is_valid & np.isin(kind, CLOSING))
    counts = is_reassignment & _behind(key, begins) & ~_behind(key, closes)
    if final_on is not None:
        counts &= day <= day_number(final_on)
    places = np.flatnonzero(begins | counts)
    named = naming_rows(
        events, places, begins[places], counts[places], lasting=final_on is not None
    )
    rows = {}
    for dimension in by:
        rows[dimension] = np.arange(len(events))
        rows[dimension][places] = named[dimension]
        if final_on is not None or dimension not in REASSIGNED:
            # What does not count any more must not name a slice of its own either.
            others = is_reassignment & ~counts & _behind(key, begins)
            rows[dimension][others] = rows[dimension][_last_true(begins)][others]
    return slices_of(events, rows, by, slice(None))


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
