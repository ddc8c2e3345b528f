"""Finds the courses of a bucket's dossiers: what a replay needs to know of their events.

A course is what the rules read of a dossier's life (``kernels.courses``). Most dossiers of an
office take one of few: received that day, due in so many days, resolved on time. So each course
stands there once, and how many dossiers of which slice took it. Quality facts move nothing and are
left out. Dossiers with a suspended event or a reassignment are told apart, one by one.
"""

from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hoso.domain import kinds, validity
from hoso.domain.calendar import working_days
from hoso.domain.policy import Policy
from hoso.projections.archive.reader import to_lives
from hoso.projections.kernels.balances import end_of_lives
from hoso.projections.kernels.journal import JournalArrays, write_journal
from hoso.projections.kernels.run import kernel
from hoso.projections.ledger.balances import Slice
from hoso.projections.ledger.slices import DIMENSIONS, slices_in, slices_in_lives
from hoso.projections.log.packing import PackedLives, kind_of
from hoso.projections.log.schema import Integers, integers

LONGEST: Final = 64  # events of a course; dossiers that have more are told apart
EVENTS_AT_A_TIME: Final = 50_000  # whose journal is held
SHAPE_KINDS: Final = 15  # the kinds of so many events fit into one number
MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # odd, its bits as good as random
Numbers = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


class Courses(NamedTuple):
    """A bucket's events as a replay reads them.

    ``lengths[n]`` courses have n events each, ``packed`` are these, the shortest courses first;
    ``taken`` says how many dossiers took each course. ``course`` and ``dossiers`` say it slice by
    slice: the rows of slice ``group[i]`` end before row ``group_end[i]``. The dossiers that are
    told apart have a row for each event: ``apart_key``, ``apart_packed``, and ``apart_slice``, the
    slice in which the dossier stands, as in ``ledger.slices``.
    """

    lengths: Integers
    packed: Integers
    taken: Numbers
    course: Numbers
    dossiers: Numbers
    group: Numbers
    group_end: Numbers
    apart_key: Integers
    apart_packed: Integers
    apart_slice: Numbers


class Some(NamedTuple):
    """Events of some dossiers in the order of lives: where those of each dossier start, and how
    many it has."""

    packed: Integers
    start: Integers
    length: Integers

    def at(self, place: int) -> tuple[Integers, Integers]:
        """Which dossiers have an event at a place of their lives, and the places of these."""
        dossier = np.flatnonzero(self.length > place)
        return dossier, self.start[dossier] + place


def courses_in(events: pa.Table) -> tuple[list[Slice], Courses] | None:
    """The courses in a table of ``reader.bucket_events`` with all DIMENSIONS, and the slices that
    they name by number. None where two courses have one hash: one chance in a billion tables."""
    verdict = np.asarray(events["verdict"].combine_chunks())
    rows = np.flatnonzero((verdict == validity.VALID) | (verdict == validity.UNMATCHED))
    key, packed, verdict = (np.asarray(column)[rows] for column in to_lives(events, "verdict"))
    is_apart = _told_apart(PackedLives(key, packed, verdict))
    apart, common = rows[is_apart], rows[~is_apart & (kind_of(packed) < kinds.FIRST_FACT)]
    some = _dossiers(integers(events["key"])[common], integers(events["packed"])[common])
    _, first, course = np.unique(_hashes(some), return_index=True, return_inverse=True)
    if not _is_same(some, first[course]):
        return None
    order = _replay_order(some, first)
    place = np.argsort(order)[course]
    received = events.select(DIMENSIONS).take(pa.array(common[some.start]))
    slices, slice_of = slices_in(received, slice(None), DIMENSIONS)
    told = events.take(pa.array(apart))
    more, slice_apart = slices_in_lives(told, verdict[is_apart], DIMENSIONS, None)
    return [*slices, *more], Courses(
        *_in_order(some, first[order]),
        np.bincount(place, minlength=len(order)).astype(np.int32),
        *_takers(slice_of, place, len(order)),
        key[is_apart],
        packed[is_apart],
        (slice_apart + len(slices)).astype(np.int32),
    )


def _told_apart(lives: PackedLives) -> Flags:
    """The events of the dossiers that have a suspended event or a reassignment, or very many
    events."""
    key, size = np.asarray(lives.dossier), len(lives.dossier)
    if not size:
        return np.zeros(0, bool)
    flags = kind_of(np.asarray(lives.packed)) == kinds.REASSIGNED
    flags[_suspended(lives)] = True
    start = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    length = np.diff(start, append=size)
    return np.repeat(np.logical_or.reduceat(flags, start) | (length > LONGEST), length)


def _suspended(lives: PackedLives) -> Integers:
    """The places of the events that do not apply: they are the same by any law and calendar."""
    write, size = kernel(write_journal, len(lives.dossier)), len(lives.dossier)
    law, calendar = Policy().as_rules_read_it(), working_days(date.min, date.min, [], [])
    journal = JournalArrays(*(np.empty(2 * size, np.int64) for _ in JournalArrays._fields))
    places, found, start = np.empty(size, np.int64), [np.zeros(0, np.int64)], 0
    while start < size:
        stop = end_of_lives(lives.dossier, start, EVENTS_AT_A_TIME)
        _, count = write(lives, start, stop, law, calendar, journal, places)
        found.append(places[:count].copy())
        start = stop
    return np.concatenate(found)


def _dossiers(key: Integers, packed: Integers) -> Some:
    """Events in the order of lives, dossier by dossier."""
    start = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    return Some(packed, start, np.diff(start, append=len(key)))


def _hashes(some: Some) -> npt.NDArray[np.uint64]:
    """A hash of the course of each dossier."""
    hashed = some.length.astype(np.uint64)
    for place in range(some.length.max(initial=0)):
        dossier, event = some.at(place)
        mixed = (hashed[dossier] ^ some.packed[event].view(np.uint64)) * MIX
        hashed[dossier] = mixed ^ (mixed >> np.uint64(32))
    return hashed


def _is_same(some: Some, other: Integers) -> bool:
    """Whether each dossier has the same course as another one, whose number is given."""
    if not np.array_equal(some.length, some.length[other]):
        return False
    for place in range(some.length.max(initial=0)):
        dossier, event = some.at(place)
        if not np.array_equal(some.packed[event], some.packed[some.start[other[dossier]] + place]):
            return False
    return True


def _replay_order(some: Some, first: Integers) -> Integers:
    """The order of courses, given by a dossier of each, in which they are judged quickest: those of
    one shape follow each other, and so do those of near days."""
    start, length = some.start[first], some.length[first]
    shape = np.zeros(len(first), np.int64)
    for place in range(min(length.max(initial=0), SHAPE_KINDS)):
        longer = np.flatnonzero(length > place)
        shape[longer] = shape[longer] << 4 | kind_of(some.packed[start[longer] + place])
    return np.lexsort((some.packed[start], shape, length))


def _in_order(some: Some, dossiers: Integers) -> tuple[Integers, Integers]:
    """``lengths`` and ``packed`` of the courses that some dossiers took, in their order."""
    length = some.length[dossiers]
    ends = np.cumsum(length)
    rows = np.repeat(some.start[dossiers] - ends + length, length) + np.arange(length.sum())
    return np.bincount(length).astype(np.int64), some.packed[rows]


def _takers(
    slice_of: Integers, course: Integers, courses: int
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """``course``, ``dossiers``, ``group`` and ``group_end``, of the slice and course of each."""
    pair, dossiers = np.unique(slice_of * courses + course, return_counts=True)
    group, rows = np.unique(pair // max(courses, 1), return_counts=True)
    columns = pair % max(courses, 1), dossiers, group, np.cumsum(rows)
    return tuple(column.astype(np.int32) for column in columns)  # type: ignore[return-value]
