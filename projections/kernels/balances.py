"""How are the moves of dossiers added up, without a journal of them all?

Plain functions over arrays, as in ``posting``, whose journal of a few dossiers at a time they use:
the compiler understands them too.
"""

from typing import Final, NamedTuple

from hoso.domain import accounts
from hoso.domain.arrays import IntArray, WritableIntArray
from hoso.domain.calendar import WorkingDays
from hoso.domain.policy import Terms
from hoso.projections.kernels.journal import JournalArrays, PackedLives, write_journal
from hoso.projections.log.packing import day_of
from hoso.projections.log.schema import Integers

EVENTS_PER_JOURNAL: Final = 4_000  # events whose journal is held: it stays in the processor's cache


class DayRange(NamedTuple):
    """Days, from the first on, so many of them."""

    first: int
    days: int


class Workspace(NamedTuple):
    """What lies before the bookkeeper: the journal of some lives' moves, and the places of their
    events that are in suspense."""

    book: JournalArrays
    skipped: WritableIntArray


class BalanceArrays(NamedTuple):
    """What moved: ``net[(slice * accounts.ALL + account) * days + day]``; of lines on days beyond
    the span, out, into and day; and of events in suspense, the dossier's key and the day."""

    net: Integers
    beyond: Integers
    suspended: Integers


def add_balances(
    life: PackedLives,
    slice_of: IntArray,
    terms: Terms,
    calendar: WorkingDays,
    span: DayRange,
    desk: Workspace,
    sums: BalanceArrays,
    astray: int,
    skips: int,
) -> tuple[int, int]:
    """Add every move of every dossier to the balances of the slice that its reception names:
    ``slice_of`` has that of each event.

    Returns how many lines are on days beyond the span by now, and how many events are in suspense:
    before there were ``astray`` and ``skips``.
    """
    start, size = 0, len(life.dossier)
    while start < size:
        stop = end_of_lives(life.dossier, start, EVENTS_PER_JOURNAL)
        moves, skipped = write_journal(life, start, stop, terms, calendar, desk.book, desk.skipped)
        astray = add_journal(slice_of, desk.book, moves, span, sums, astray)
        skips = add_suspense(life, desk.skipped, skipped, sums.suspended, skips)
        start = stop
    return astray, skips


def add_journal(
    slice_of: IntArray,
    book: JournalArrays,
    moves: int,
    span: DayRange,
    sums: BalanceArrays,
    astray: int,
) -> int:
    """Add a journal to the balances; returns how many lines are beyond the span by now."""
    group = 0
    for line in range(moves):
        if book.out[line] == accounts.OUTSIDE:
            group = slice_of[book.place[line]] * accounts.ALL
        out, into, day = group + book.out[line], group + book.into[line], book.day[line]
        if 0 <= day - span.first < span.days:
            sums.net[out * span.days + day - span.first] -= 1
            sums.net[into * span.days + day - span.first] += 1
        else:
            sums.beyond[3 * astray] = out
            sums.beyond[3 * astray + 1] = into
            sums.beyond[3 * astray + 2] = day
            astray += 1
    return astray


def add_suspense(
    life: PackedLives, skipped: WritableIntArray, count: int, suspended: Integers, skips: int
) -> int:
    """Note the events in suspense; returns how many there are by now."""
    for number in range(count):
        place = skipped[number]
        suspended[2 * skips] = life.dossier[place]
        suspended[2 * skips + 1] = day_of(life.packed[place])
        skips += 1
    return skips


def end_of_lives(key: IntArray, start: int, at_least: int) -> int:
    """Where the dossier ends that stands so many events on."""
    size = len(key)
    stop = min(start + at_least, size)
    while stop < size and key[stop] == key[stop - 1]:
        stop += 1
    return stop
