"""How are the moves of dossiers written down? Event by event, by the rule book.

Plain functions over plain numbers, as in the domain, so that the compiler understands them too.
"""

from typing import NamedTuple

from domain import accounts, kinds, rules
from domain.calendar import WorkingDays
from domain.numbers import Cells
from domain.policy import Terms


class Life(NamedTuple):
    """The events to be posted, column by column (``lives.Lives`` without the rows)."""

    dossier: Cells
    kind: Cells
    day: Cells
    due: Cells
    allowance: Cells
    detail: Cells


class Book(NamedTuple):
    """The journal while it is written: the place of the event that causes each move, and so on."""

    place: Cells
    day: Cells
    out: Cells
    into: Cells


def post(
    life: Life,
    size: int,
    terms: Terms,
    calendar: WorkingDays,
    book: Book,
    skipped: Cells,
) -> tuple[int, int]:
    """Write down every move of every dossier among the first ``size`` events; returns how many
    moves, how many events skipped.

    A deadline that passes is a move of its own: no event is needed. ``book`` has room for two
    lines an event: its own move, and that of a deadline before the next event or after the last.
    """
    place = moves = skips = 0
    while place < size:
        clock, held, cause, dossier = rules.BLANK, accounts.OUTSIDE, place, life.dossier[place]
        while place < size and life.dossier[place] == dossier:
            day = life.day[place]
            if rules.runs_out(clock, held, day):
                moves = run_out(book, moves, cause, clock.due + 1)
                held = accounts.IN_PROGRESS + accounts.OVERDUE
            kind = life.kind[place]
            if rules.applies(clock.phase, kind):
                event = rules.Happening(
                    kind, day, life.due[place], life.allowance[place], life.detail[place]
                )
                clock = rules.step(clock, event, terms, calendar)
                came_from, held = held, rules.account(clock, terms, day)
                if kind < kinds.FIRST_FACT:
                    cause = place
                if held != came_from:
                    moves = enter(book, moves, place, day, came_from, held)
            else:
                skipped[skips] = place
                skips += 1
            place += 1
        if rules.runs_out(clock, held, clock.due + 1):
            moves = run_out(book, moves, cause, clock.due + 1)
    return moves, skips


def run_out(book: Book, line: int, place: int, day: int) -> int:
    """Write the line of a deadline that passed; returns the number of the next."""
    open_account = accounts.IN_PROGRESS
    overdue = open_account + accounts.OVERDUE
    return enter(book, line, place, day, open_account + accounts.IN_TIME, overdue)


def enter(book: Book, line: int, place: int, day: int, out: int, into: int) -> int:
    """Write one line of the journal; returns the number of the next."""
    book.place[line] = place
    book.day[line] = day
    book.out[line] = out
    book.into[line] = into
    return line + 1
