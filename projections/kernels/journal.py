"""How are the moves of dossiers written down? Event by event, by the rule book.

Plain functions over plain numbers, as in the domain, so that the compiler understands them too.
"""

from typing import NamedTuple

import numpy as np

from hoso.domain import accounts, kinds, rules, validity
from hoso.domain.arrays import IntArray, WritableIntArray
from hoso.domain.calendar import WorkingDays
from hoso.domain.policy import Terms
from hoso.projections.log.packing import unpacked


class PackedLives(NamedTuple):
    """Events dossier by dossier, in the order of each life: whose each is, what the rules read of
    it (``log.packing``), and how it counts (``domain.validity``)."""

    dossier: IntArray
    packed: IntArray
    verdict: IntArray

    def as_lists(self) -> "PackedLives":
        """From lists the interpreter makes twice as much in the time as from arrays."""
        return PackedLives(*(np.asarray(field).tolist() for field in self))


class JournalArrays(NamedTuple):
    """The journal while it is written: the place of the event that causes each move, and so on."""

    place: WritableIntArray
    day: WritableIntArray
    out: WritableIntArray
    into: WritableIntArray


def write_journal(
    life: PackedLives,
    start: int,
    stop: int,
    terms: Terms,
    calendar: WorkingDays,
    book: JournalArrays,
    skipped: WritableIntArray,
) -> tuple[int, int]:
    """Write down every move of every dossier whose life is between two places; returns how many
    moves, how many events in suspense, whose places are ``skipped``.

    A deadline that passes is a move of its own: no event is needed. ``book`` has room for two
    lines an event: its own move, and that of a deadline before the next event or after the last.
    """
    place, moves, skips = start, 0, 0
    while place < stop:
        clock, held, cause, dossier = rules.BLANK, accounts.OUTSIDE, place, life.dossier[place]
        while place < stop and life.dossier[place] == dossier:
            verdict = life.verdict[place]
            event = unpacked(life.packed[place])
            if verdict == validity.VALID and rules.applies(clock.phase, event.kind):
                if rules.runs_out(clock, held, event.day):
                    moves = run_out(book, moves, cause, clock.due + 1)
                    held = accounts.IN_PROGRESS + accounts.OVERDUE
                clock = rules.step(clock, event, terms, calendar)
                came_from, held = held, rules.account(clock, terms, event.day)
                if event.kind < kinds.FIRST_FACT:
                    cause = place
                if held != came_from:
                    moves = enter(book, moves, place, event.day, came_from, held)
            elif verdict == validity.VALID or verdict == validity.UNMATCHED:
                skipped[skips] = place
                skips += 1
            place += 1
        if rules.runs_out(clock, held, clock.due + 1):
            moves = run_out(book, moves, cause, clock.due + 1)
    return moves, skips


def run_out(book: JournalArrays, line: int, place: int, day: int) -> int:
    """Write the line of a deadline that passed; returns the number of the next."""
    open_account = accounts.IN_PROGRESS
    overdue = open_account + accounts.OVERDUE
    return enter(book, line, place, day, open_account + accounts.IN_TIME, overdue)


def enter(book: JournalArrays, line: int, place: int, day: int, out: int, into: int) -> int:
    """Write one line of the journal; returns the number of the next."""
    book.place[line] = place
    book.day[line] = day
    book.out[line] = out
    book.into[line] = into
    return line + 1
