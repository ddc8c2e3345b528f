"""How are the moves of dossiers added up, without a journal of them all?

Plain functions over arrays, as in ``posting``, whose journal of a few dossiers at a time they use:
the compiler understands them too.
"""

from typing import Final, NamedTuple

from domain import accounts
from domain.calendar import WorkingDays
from domain.policy import Terms
from projections.columns import Integers
from projections.lives import Lives
from projections.posting import Book, Life, post

AT_ONCE: Final = 20_000  # events whose journal is held: it stays in the processor's cache


class Span(NamedTuple):
    """Days, from the first on, so many of them."""

    first: int
    days: int


class Sums(NamedTuple):
    """What moved: ``net[(slice * accounts.ALL + account) * days + day]``; of lines on days beyond
    the span, out, into and day; and the places of events that did not apply."""

    net: Integers
    beyond: Integers
    suspended: Integers


def add_up(
    told: Lives,
    slice_of: Integers,
    terms: Terms,
    calendar: WorkingDays,
    span: Span,
    book: Book,
    skipped: Integers,
    sums: Sums,
) -> tuple[int, int]:
    """Add every move of every dossier to the balances of the slice that its reception names.

    Returns how many lines were on days beyond the span, and how many events did not apply.
    """
    start = astray = skips = 0
    size = len(told.dossier)
    while start < size:
        stop = end_of_lives(told.dossier, start, AT_ONCE)
        some = Life(
            told.dossier[start:stop],
            told.kind[start:stop],
            told.day[start:stop],
            told.due[start:stop],
            told.allowance[start:stop],
            told.detail[start:stop],
        )
        moves, skip = post(some, terms, calendar, book, skipped)
        group = 0
        for line in range(moves):
            if book.out[line] == accounts.OUTSIDE:
                group = slice_of[start + book.place[line]] * accounts.ALL
            out, into, day = group + book.out[line], group + book.into[line], book.day[line]
            if 0 <= day - span.first < span.days:
                sums.net[out * span.days + day - span.first] -= 1
                sums.net[into * span.days + day - span.first] += 1
            else:
                sums.beyond[3 * astray] = out
                sums.beyond[3 * astray + 1] = into
                sums.beyond[3 * astray + 2] = day
                astray += 1
        for line in range(skip):
            sums.suspended[skips] = start + skipped[line]
            skips += 1
        start = stop
    return astray, skips


def end_of_lives(dossier: Integers, start: int, at_least: int) -> int:
    """Where the dossier ends that stands so many events on."""
    size = len(dossier)
    stop = min(start + at_least, size)
    while stop < size and dossier[stop] == dossier[stop - 1]:
        stop += 1
    return stop
