"""How are the moves of dossiers added up, without a journal of them all?

Plain functions over arrays, as in ``posting``, whose journal of a few dossiers at a time they use:
the compiler understands them too.
"""

from typing import Final, NamedTuple

from domain import accounts, history
from domain.calendar import WorkingDays
from domain.numbers import Cells, Numbers
from domain.policy import Terms
from domain.rules import Happening
from projections.columns import Integers
from projections.happenings import day_of, unpacked
from projections.posting import Book, Life, post

AT_ONCE: Final = 4_000  # events whose journal is held: it stays in the processor's cache


class Told(NamedTuple):
    """Events as an archive has them (``happenings``), dossier by dossier, in the order of each
    life; how each counts (``domain.history``); and the slice of its dossier, if it is received."""

    key: Numbers
    happening: Numbers
    verdict: Numbers
    slice_of: Numbers


class Span(NamedTuple):
    """Days, from the first on, so many of them."""

    first: int
    days: int


class Desk(NamedTuple):
    """What lies before the bookkeeper: some lives, the place from which each of their events was
    taken, the journal of their moves and the events that did not apply."""

    life: Life
    place: Cells
    book: Book
    skipped: Cells


class Sums(NamedTuple):
    """What moved: ``net[(slice * accounts.ALL + account) * days + day]``; of lines on days beyond
    the span, out, into and day; and of events that did not apply, the dossier's key and the day."""

    net: Integers
    beyond: Integers
    suspended: Integers


def add_up(
    told: Told,
    terms: Terms,
    calendar: WorkingDays,
    span: Span,
    desk: Desk,
    sums: Sums,
    astray: int,
    skips: int,
) -> tuple[int, int]:
    """Add every move of every dossier to the balances of the slice that its reception names.

    Returns how many lines are on days beyond the span by now, and how many events did not apply:
    before there were ``astray`` and ``skips``.
    """
    start, size = 0, len(told.key)
    while start < size:
        stop = end_of_lives(told.key, start, AT_ONCE)
        events, skips = lay_out(told, start, stop, desk, sums.suspended, skips)
        moves, skipped = post(desk.life, events, terms, calendar, desk.book, desk.skipped)
        astray = enter_all(told, desk, moves, span, sums, astray)
        for line in range(skipped):
            place = desk.skipped[line]
            dossier, day = desk.life.dossier[place], desk.life.day[place]
            skips = suspend(sums.suspended, skips, dossier, day)
        start = stop
    return astray, skips


def lay_out(
    told: Told, start: int, stop: int, desk: Desk, suspended: Integers, skips: int
) -> tuple[int, int]:
    """Lay those of some events on the desk that count; returns how many, and the suspended."""
    events = 0
    for place in range(start, stop):
        verdict = told.verdict[place]
        if verdict == history.COUNTS:
            lay(desk.life, events, told.key[place], unpacked(told.happening[place]))
            desk.place[events] = place
            events += 1
        elif verdict == history.POINTLESS:
            skips = suspend(suspended, skips, told.key[place], day_of(told.happening[place]))
    return events, skips


def lay(life: Life, place: int, dossier: int, event: Happening) -> None:
    """Write an event into a place of a life."""
    life.dossier[place] = dossier
    life.kind[place] = event.kind
    life.day[place] = event.day
    life.due[place] = event.due
    life.allowance[place] = event.allowance
    life.detail[place] = event.detail


def enter_all(told: Told, desk: Desk, moves: int, span: Span, sums: Sums, astray: int) -> int:
    """Add a journal to the balances; returns how many lines are beyond the span by now."""
    group = 0
    book = desk.book
    for line in range(moves):
        if book.out[line] == accounts.OUTSIDE:
            group = told.slice_of[desk.place[book.place[line]]] * accounts.ALL
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


def suspend(suspended: Integers, skips: int, key: int, day: int) -> int:
    """Note an event that did not apply; returns how many there are by now."""
    suspended[2 * skips] = key
    suspended[2 * skips + 1] = day
    return skips + 1


def end_of_lives(key: Numbers, start: int, at_least: int) -> int:
    """Where the dossier ends that stands so many events on."""
    size = len(key)
    stop = min(start + at_least, size)
    while stop < size and key[stop] == key[stop - 1]:
        stop += 1
    return stop
