"""Where did each dossier stand, from when to when? The fold of the log into a journal.

The rules judge here, never at intake: in what order events came in, which of them are late,
repeated, illegal or annulled, makes no difference before this point. The journal that comes out
is a double-entry book: each line takes one dossier out of one account and puts it into another.
"""

from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from domain import accounts, history, rules
from domain.calendar import WorkingDays
from domain.numbers import Cells, Numbers
from domain.office import Office
from domain.policy import Terms
from projections.columns import Integers, codes, integers
from projections.lives import Lives, lives, local_days, recorded_order, verdicts

COMPILE_FROM: Final = 100_000  # events; for fewer, loading the compiler takes longer than folding


class Journal(NamedTuple):
    """The moves of all dossiers, dossier by dossier and in order: arrays of equal length.

    ``dossier`` is a number in the log's dictionary; ``row`` the row of the log whose event moved
    it, or set the deadline that passed; ``day`` the day it moved; ``out`` and ``into`` accounts.
    """

    dossier: Integers
    row: Integers
    day: Integers
    out: Integers
    into: Integers


class Suspense(NamedTuple):
    """The events that did not apply, and the local day of each."""

    dossier: Integers
    row: Integers
    day: Integers


class Folded(NamedTuple):
    """What a fold gives."""

    journal: Journal
    suspense: Suspense


def fold(log: pa.Table, office: Office, as_of: datetime | None = None) -> Folded:
    """Fold a log, as it was known at ``as_of`` (all of it if None), by an office's rules."""
    known = recorded_order(log, as_of)
    verdict = verdicts(log, known)
    told = lives(log, known[verdict == history.COUNTS], office.zone)
    journal, skipped = _posted(told, office)
    rows = np.concatenate([told.row[skipped], known[verdict == history.POINTLESS]])
    return Folded(journal, _suspense(log, rows, office))


def _suspense(log: pa.Table, rows: Integers, office: Office) -> Suspense:
    days = local_days(integers(log["occurred"])[rows], office.zone)
    return Suspense(codes(log["dossier"])[rows], rows, days)


def _posted(told: Lives, office: Office) -> tuple[Journal, Integers]:
    """The journal of some lives, and the places in them of the events that did not apply."""
    size, terms, calendar = len(told.row), office.policy.terms(), office.calendar.days
    columns = [np.empty(2 * size, dtype=np.int64) for _ in Book._fields]
    book, skipped = Book(*columns), np.empty(size, dtype=np.int64)
    if size < COMPILE_FROM:
        fields = Life(*(field.tolist() for field in told[1:]))
        moves, skips = post(fields, terms, calendar, book, skipped)
    else:
        from projections.compiled import as_arrays, compiled

        fields = Life(*told[1:])
        moves, skips = compiled(post)(fields, terms, as_arrays(calendar), book, skipped)
    place, day, out, into = (column[:moves] for column in columns)
    journal = Journal(told.dossier[place], told.row[place], day, out, into)
    return journal, skipped[:skips]


class Life(NamedTuple):
    """The events to be posted, column by column (``lives.Lives`` without the rows)."""

    dossier: Numbers
    kind: Numbers
    day: Numbers
    due: Numbers
    allowance: Numbers
    detail: Numbers


class Book(NamedTuple):
    """The journal while it is written: the place of the event that causes each move, and so on."""

    place: Cells
    day: Cells
    out: Cells
    into: Cells


def post(
    life: Life,
    terms: Terms,
    calendar: WorkingDays,
    book: Book,
    skipped: Cells,
) -> tuple[int, int]:
    """Write down every move of every dossier; returns how many moves, how many events skipped.

    Plain Python that the compiler understands as well. A deadline that passes is a move of its
    own: no event is needed.
    """
    place = moves = skips = 0
    size = len(life.dossier)
    while place < size:
        clock, held, cause, dossier = rules.BLANK, accounts.OUTSIDE, place, life.dossier[place]
        while place < size and life.dossier[place] == dossier:
            day = life.day[place]
            if held == accounts.IN_PROGRESS and day > clock.due:
                held = accounts.IN_PROGRESS + 1
                moves = enter(book, moves, cause, clock.due + 1, accounts.IN_PROGRESS, held)
            kind = life.kind[place]
            if rules.applies(clock.phase, kind):
                event = rules.Happening(
                    kind, day, life.due[place], life.allowance[place], life.detail[place]
                )
                clock = rules.step(clock, event, terms, calendar)
                came_from, held, cause = held, rules.account(clock, terms, day), place
                if held != came_from:
                    moves = enter(book, moves, place, day, came_from, held)
            else:
                skipped[skips] = place
                skips += 1
            place += 1
        if held == accounts.IN_PROGRESS:
            moves = enter(book, moves, cause, clock.due + 1, held, accounts.IN_PROGRESS + 1)
    return moves, skips


def enter(book: Book, line: int, place: int, day: int, out: int, into: int) -> int:
    """Write one line of the journal; returns the number of the next."""
    book.place[line] = place
    book.day[line] = day
    book.out[line] = out
    book.into[line] = into
    return line + 1
