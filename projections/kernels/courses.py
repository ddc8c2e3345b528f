"""Judges each course once, and adds its moves up for all dossiers that took it.

A course is what the rules read of a dossier's life. Dossiers of the same course make the same moves
on the same days, whatever slices they stand in. Courses here have no suspended event, and no
reassignment: dossiers that have any are folded one by one (``balances``).

Plain functions over arrays, as in ``journal``.
"""

from typing import NamedTuple

import numpy as np

from hoso.domain import accounts
from hoso.domain.arrays import IntArray, WritableIntArray
from hoso.domain.calendar import WorkingDays
from hoso.domain.policy import Law
from hoso.projections.kernels.balances import BalanceArrays, DayRange, add_move
from hoso.projections.kernels.journal import JournalArrays, write_life
from hoso.projections.log.packing import PackedLives


class CourseMoves(NamedTuple):
    """The moves of some courses: the entries of each end before place ``end`` of the others.

    ``day``, ``out`` and ``into`` are those of ``JournalArrays``.
    """

    end: IntArray
    day: IntArray
    out: IntArray
    into: IntArray

    def as_lists(self) -> "CourseMoves":
        """The same as lists, which the interpreter reads faster."""
        return CourseMoves(*(np.asarray(column).tolist() for column in self))


class Takers(NamedTuple):
    """How many ``dossiers`` took a ``course``, slice by slice.

    The rows of the slice with the number ``group[i]`` end before row ``group_end[i]``.
    """

    course: IntArray
    dossiers: IntArray
    group: IntArray
    group_end: IntArray

    def as_lists(self) -> "Takers":
        """The same as lists, which the interpreter reads faster."""
        return Takers(*(np.asarray(column).tolist() for column in self))


def move_courses(
    events: PackedLives,
    lengths: IntArray,
    law: Law,
    calendar: WorkingDays,
    journal: JournalArrays,
    end: WritableIntArray,
    suspended: WritableIntArray,
) -> tuple[int, int]:
    """Write the moves of some courses: ``lengths[n]`` of them have n events.

    ``events`` are those of all courses, the shortest courses first. ``journal`` has room for two
    entries an event. ``end`` receives where the entries of each course end. Returns the number of
    entries and of suspended events, of which there are none.
    """
    place = course = entries = suspensions = 0
    for length in range(len(lengths)):
        for _ in range(lengths[length]):
            entries, suspensions = write_life(
                events,
                place,
                place + length,
                law,
                calendar,
                journal,
                entries,
                suspended,
                suspensions,
            )
            end[course] = entries
            place += length
            course += 1
    return entries, suspensions


def add_courses(
    takers: Takers, moves: CourseMoves, range_: DayRange, balances: BalanceArrays, beyond: int
) -> int:
    """Add the moves of all dossiers that took some courses to ``balances``; returns how many moves
    are outside the range of days by now (``balances.add_balances``)."""
    row = 0
    for place in range(len(takers.group)):
        group = takers.group[place] * accounts.ACCOUNT_COUNT
        for taken in range(row, takers.group_end[place]):
            course = takers.course[taken]
            first = moves.end[course - 1] if course else 0
            for entry in range(first, moves.end[course]):
                beyond = add_move(
                    group + moves.out[entry],
                    group + moves.into[entry],
                    moves.day[entry],
                    takers.dossiers[taken],
                    range_,
                    balances,
                    beyond,
                )
        row = takers.group_end[place]
    return beyond
