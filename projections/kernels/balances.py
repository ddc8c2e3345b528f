"""Adds up the moves of dossiers by slice, account and day, without keeping a journal of them all.

Plain functions over arrays, as in ``journal``, whose entries for a few dossiers at a time they use.
"""

from typing import Final, NamedTuple

from hoso.domain import accounts
from hoso.domain.arrays import IntArray, WritableIntArray
from hoso.domain.calendar import WorkingDays
from hoso.domain.policy import Terms
from hoso.projections.kernels.journal import JournalArrays, write_journal
from hoso.projections.log.packing import PackedLives, day_of
from hoso.projections.log.schema import Integers

JOURNAL_EVENTS: Final = 4_000  # whose journal is held at a time: it stays in the processor's cache


class DayRange(NamedTuple):
    """``days`` days, from day number ``first`` on."""

    first: int
    days: int


class Workspace(NamedTuple):
    """Room for the journal of some lives, and for the places of their suspended events."""

    journal: JournalArrays
    suspended: WritableIntArray


class BalanceArrays(NamedTuple):
    """What moved.

    ``net[(slice * ACCOUNT_COUNT + account) * days + day]`` is the sum of all moves within the range
    of days. ``beyond`` has three numbers for each move outside that range: the two (slice, account)
    numbers, out and into, and the day. ``suspended`` has two numbers for each suspended event: its
    dossier's key and its day.
    """

    net: Integers
    beyond: Integers
    suspended: Integers


def add_balances(
    lives: PackedLives,
    slice_of: IntArray,
    terms: Terms,
    calendar: WorkingDays,
    range_: DayRange,
    workspace: Workspace,
    balances: BalanceArrays,
    beyond: int,
    suspensions: int,
) -> tuple[int, int]:
    """Add every move of every dossier to ``balances``.

    ``slice_of`` has the number of a slice for each event; a dossier belongs to the slice of its
    reception. ``beyond`` and ``suspensions`` are how many moves outside the range of days, and how
    many suspended events, were there before; returns how many there are now.
    """
    start, size = 0, len(lives.dossier)
    while start < size:
        stop = end_of_lives(lives.dossier, start, JOURNAL_EVENTS)
        entries, skipped = write_journal(
            lives, start, stop, terms, calendar, workspace.journal, workspace.suspended
        )
        beyond = add_journal(slice_of, workspace.journal, entries, range_, balances, beyond)
        suspensions = add_suspended(
            lives, workspace.suspended, skipped, balances.suspended, suspensions
        )
        start = stop
    return beyond, suspensions


def add_journal(
    slice_of: IntArray,
    journal: JournalArrays,
    entries: int,
    range_: DayRange,
    balances: BalanceArrays,
    beyond: int,
) -> int:
    """Add the entries of a journal; returns how many moves are outside the range by now."""
    group = 0
    for entry in range(entries):
        if journal.out[entry] == accounts.OUTSIDE:
            group = slice_of[journal.place[entry]] * accounts.ACCOUNT_COUNT
        out, into, day = group + journal.out[entry], group + journal.into[entry], journal.day[entry]
        if 0 <= day - range_.first < range_.days:
            balances.net[out * range_.days + day - range_.first] -= 1
            balances.net[into * range_.days + day - range_.first] += 1
        else:
            balances.beyond[3 * beyond] = out
            balances.beyond[3 * beyond + 1] = into
            balances.beyond[3 * beyond + 2] = day
            beyond += 1
    return beyond


def add_suspended(
    lives: PackedLives, places: IntArray, count: int, suspended: Integers, suspensions: int
) -> int:
    """Add the suspended events at some places; returns how many there are by now."""
    for number in range(count):
        place = places[number]
        suspended[2 * suspensions] = lives.dossier[place]
        suspended[2 * suspensions + 1] = day_of(lives.packed[place])
        suspensions += 1
    return suspensions


def end_of_lives(dossier: IntArray, start: int, at_least: int) -> int:
    """Where the life ends that stands ``at_least`` events behind ``start``."""
    size = len(dossier)
    stop = min(start + at_least, size)
    while stop < size and dossier[stop] == dossier[stop - 1]:
        stop += 1
    return stop
