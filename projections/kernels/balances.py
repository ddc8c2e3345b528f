"""Adds up the moves of dossiers by slice, account and day, without keeping a journal of them all.

Plain functions over arrays, as in ``journal``, whose entries for a few dossiers at a time they use.
"""

from typing import Final, NamedTuple

from hoso.domain import accounts
from hoso.domain.arrays import IntArray, WritableIntArray
from hoso.domain.calendar import WorkingDays
from hoso.domain.policy import Law
from hoso.projections.kernels.journal import JournalArrays, write_journal
from hoso.projections.log.packing import PackedLives, day_of
from hoso.projections.log.schema import Integers

BEYOND_NUMBERS: Final = 4  # in ``BalanceArrays.beyond``, for each move
EVENT_MOVES: Final = 3  # of each event at most
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
    of days. ``beyond`` has four numbers for each move outside that range: the two (slice, account)
    numbers, out and into, the day, and how many dossiers moved. ``suspended`` has two numbers for
    each suspended event: its dossier's key and its day.
    """

    net: Integers
    beyond: Integers
    suspended: Integers


def add_balances(
    lives: PackedLives,
    slice_of: IntArray,
    law: Law,
    calendar: WorkingDays,
    range_: DayRange,
    workspace: Workspace,
    balances: BalanceArrays,
    beyond: int,
    suspensions: int,
) -> tuple[int, int]:
    """Add every move of every dossier to ``balances``.

    ``slice_of`` has the number of a slice for each event. A dossier belongs to the slice of its
    reception, and from a reassignment on to the slice of that. ``beyond`` and ``suspensions`` are
    how many moves outside the range of days, and how many suspended events, were there before;
    returns how many there are now.
    """
    start, size = 0, len(lives.dossier)
    while start < size:
        stop = end_of_lives(lives.dossier, start, JOURNAL_EVENTS)
        entries, skipped = write_journal(
            lives, start, stop, law, calendar, workspace.journal, workspace.suspended
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
        out, into, day = journal.out[entry], journal.into[entry], journal.day[entry]
        if out == accounts.OUTSIDE:
            group = slice_of[journal.place[entry]] * accounts.ACCOUNT_COUNT
        if out != into:
            beyond = add_move(group + out, group + into, day, 1, range_, balances, beyond)
        else:
            before, group = group, slice_of[journal.place[entry]] * accounts.ACCOUNT_COUNT
            beyond = add_transfer(before, group, out, day, range_, balances, beyond)
    return beyond


def add_transfer(
    before: int,
    after: int,
    account: int,
    day: int,
    range_: DayRange,
    balances: BalanceArrays,
    beyond: int,
) -> int:
    """Add a reassignment: two moves between an account and the transfers of each slice, whose first
    groups are ``before`` and ``after``; none within one slice."""
    if before == after:
        return beyond
    gone, come = before + accounts.TRANSFERRED_OUT, after + accounts.TRANSFERRED_IN
    beyond = add_move(before + account, gone, day, 1, range_, balances, beyond)
    return add_move(come, after + account, day, 1, range_, balances, beyond)


def add_move(
    out: int,
    into: int,
    day: int,
    dossiers: int,
    range_: DayRange,
    balances: BalanceArrays,
    beyond: int,
) -> int:
    """Add a move of some dossiers between two (slice, account) numbers; returns how many moves are
    outside the range."""
    if 0 <= day - range_.first < range_.days:
        balances.net[out * range_.days + day - range_.first] -= dossiers
        balances.net[into * range_.days + day - range_.first] += dossiers
        return beyond
    place = BEYOND_NUMBERS * beyond
    balances.beyond[place] = out
    balances.beyond[place + 1] = into
    balances.beyond[place + 2] = day
    balances.beyond[place + 3] = dossiers
    return beyond + 1


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
