"""What some dossiers come to, folded from nothing: their clocks, moves and suspended events.

A ledger begins as the part of a whole log. Where a dossier has to be replayed, its part as it was
is taken out of the ledger, and its part as it is now is put in.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from hoso.domain import validity
from hoso.domain.office import Office
from hoso.projections.kernels.clocks import (
    ENTRIES_PER_EVENT,
    ClockArrays,
    EntryArrays,
    carry_on,
)
from hoso.projections.kernels.run import kernel
from hoso.projections.ledger.balances import Suspended
from hoso.projections.ledger.fold import fold_lives
from hoso.projections.ledger.ledger import Ledger, reassignments, sliced, suspended_in
from hoso.projections.ledger.slices import DIMENSIONS
from hoso.projections.live.places import Cells, Places
from hoso.projections.live.runs import Records
from hoso.projections.live.snapshots import (
    NO_LIFE,
    TANGLED,
    clocks_of,
    nothing_known,
    snapshots_of,
)
from hoso.projections.log.lives import Lives, life_keys, lives_of, recorded
from hoso.projections.log.schema import Integers, codes, keys_of


class Part(NamedTuple):
    """What some dossiers come to: the key of each, its snapshot, their moves, and their events in
    suspense."""

    dossier: Integers
    snapshots: Records
    cells: Cells
    suspended: Suspended


class Carried(NamedTuple):
    """What new events do to clocks: the clocks after them, moves, and the places of the events that
    do not apply."""

    clocks: ClockArrays
    cells: Cells
    suspended: Integers


def part_of(log: pa.Table, office: Office, places: Places) -> Part:
    """What the dossiers of a log (``schema.SCHEMA``) come to; ``places`` gets their slices."""
    log = log.combine_chunks()
    known = recorded(log, None)
    lives = lives_of(log, known.rows(validity.VALID), office.zone)
    ledger = Ledger(log, office, None, fold_lives(log, known, lives, office))
    slices, slice_of = sliced(ledger, DIMENSIONS)
    tangled = codes(log["dossier"])[known.row[known.verdict != validity.VALID]]
    snapshots = _snapshots(ledger, lives, places.of_slices(slices)[slice_of], tangled)
    own = np.unique(codes(log["dossier"]))  # the dictionary may have others
    return Part(
        keys_of(log["dossier"].combine_chunks().dictionary, own),
        snapshots[own],
        _cells(ledger, slices, slice_of, places),
        suspended_in(ledger),
    )


def carried_on(lives: Lives, slice_of: Integers, snapshots: Records, office: Office) -> Carried:
    """Carry clocks on by valid events, each behind its dossier's last one.

    ``lives.dossier`` is the place of each one's dossier among ``snapshots``; ``slice_of`` has the
    number of the slice that each event names.
    """
    size, clocks = len(lives.row), clocks_of(snapshots)
    entries = EntryArrays(
        *(np.empty(ENTRIES_PER_EVENT * size, np.int64) for _ in EntryArrays._fields)
    )
    suspended, law = np.empty(size, np.int64), office.policy.as_rules_read_it()
    written, suspensions = kernel(carry_on, size)(
        lives.for_rules(), slice_of, clocks, law, office.calendar.days, entries, suspended
    )
    slice_, day, out, into, net = (np.asarray(column)[:written] for column in entries)
    cells = _both_sides(slice_, day, out, into, net)
    return Carried(clocks, cells, suspended[:suspensions])


def with_tangled(part: Part, dossiers: Integers) -> Part:
    """The same part, in which some dossiers, given by their keys, are tangled."""
    snapshots = part.snapshots.copy()
    snapshots["bits"] |= np.where(np.isin(part.dossier, dossiers), TANGLED, 0).astype(np.uint32)
    return part._replace(snapshots=snapshots)


def last_lives(lives: Lives, log: pa.Table, office: Office, dossiers: int) -> Integers:
    """The sort key in its life of each dossier's last event; ``lives.dossier`` numbers them."""
    life = np.full(dossiers, NO_LIFE)
    life[lives.dossier] = life_keys(log, office.zone)[lives.row]  # the last one of each stays
    return life


def _snapshots(ledger: Ledger, lives: Lives, stands_in: Integers, tangled: Integers) -> Records:
    """The snapshots of all dossiers. ``stands_in`` has the slice of each entry of the journal,
    ``tangled`` the numbers of dossiers that are."""
    log, office, _, folded = ledger
    dossiers = len(log["dossier"].combine_chunks().dictionary)
    blank = np.repeat(nothing_known(), dossiers)
    clocks = carried_on(lives, np.zeros(len(lives.row), np.int64), blank, office).clocks
    final, is_tangled = np.full(dossiers, -1), np.zeros(dossiers, np.bool_)
    final[folded.journal.dossier] = stands_in  # the last one of each stays
    is_tangled[tangled] = True
    life = last_lives(lives, log, office, dossiers)
    return snapshots_of(clocks._replace(slice=final), life, is_tangled)


def _cells(
    ledger: Ledger, slices: list[tuple[str | None, ...]], slice_of: Integers, places: Places
) -> Cells:
    """All moves of a ledger. A reassignment moves a dossier along a route."""
    journal, is_transfer = ledger.folded.journal, reassignments(ledger.folded.journal)
    own, number = ~is_transfer, places.of_slices(slices)
    sides = _both_sides(
        number[slice_of[own]],
        *(journal.day[own], journal.out[own], journal.into[own], np.ones(own.sum(), np.int64)),
    )
    entry = np.flatnonzero(is_transfer)
    entry = entry[slice_of[entry - 1] != slice_of[entry]]
    pairs = np.stack([slice_of[entry - 1], slice_of[entry]], axis=1)
    distinct, which = np.unique(pairs, axis=0, return_inverse=True)
    routes = places.of_routes((slices[a], slices[b]) for a, b in distinct.tolist())
    gone = Cells.of(
        routes[which], journal.out[entry], journal.day[entry], np.ones(len(entry), np.int64)
    )
    return Cells(*map(np.concatenate, zip(sides, gone, strict=True)))


def _both_sides(
    place: Integers, day: Integers, out: Integers, into: Integers, net: Integers
) -> Cells:
    """The cells of entries: out of one account, and into another."""
    sides = Cells.of(place, out, day, -net), Cells.of(place, into, day, net)
    return Cells(*map(np.concatenate, zip(*sides, strict=True)))
