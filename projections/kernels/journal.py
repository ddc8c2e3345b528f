"""Writes the journal: one entry for each move of a dossier between two accounts.

Plain functions over arrays, as in the domain, so that the compiler accepts them.
"""

from typing import Final, NamedTuple

from hoso.domain import accounts, kinds, rules, validity
from hoso.domain.arrays import WritableIntArray
from hoso.domain.calendar import WorkingDays
from hoso.domain.policy import Law, period_on, terms_in
from hoso.projections.log.packing import PackedLives, unpacked

IN_PROGRESS_IN_TIME: Final = accounts.IN_PROGRESS + accounts.IN_TIME
IN_PROGRESS_OVERDUE: Final = accounts.IN_PROGRESS + accounts.OVERDUE


class JournalArrays(NamedTuple):
    """The columns of the journal while it is written.

    ``place``: where the event that caused the move stands among the lives; ``day``: the day number
    of the move; ``out`` and ``into``: the numbers of the two accounts.
    """

    place: WritableIntArray
    day: WritableIntArray
    out: WritableIntArray
    into: WritableIntArray


def write_journal(
    lives: PackedLives,
    start: int,
    stop: int,
    law: Law,
    calendar: WorkingDays,
    journal: JournalArrays,
    suspended: WritableIntArray,
) -> tuple[int, int]:
    """Write every move of the dossiers whose events stand at ``start`` up to ``stop``.

    ``journal`` needs room for two entries an event: its own move, and that of a deadline before the
    next event or after the last one. ``suspended`` receives the places of the events that do not
    apply. Returns the number of entries and of suspended events.
    """
    place, entries, suspensions = start, 0, 0
    while place < stop:
        end = place + 1
        while end < stop and lives.dossier[end] == lives.dossier[place]:
            end += 1
        entries, suspensions = write_life(
            lives, place, end, law, calendar, journal, entries, suspended, suspensions
        )
        place = end
    return entries, suspensions


def write_life(
    lives: PackedLives,
    start: int,
    stop: int,
    law: Law,
    calendar: WorkingDays,
    journal: JournalArrays,
    entries: int,
    suspended: WritableIntArray,
    suspensions: int,
) -> tuple[int, int]:
    """Write every move of the one dossier whose events stand at ``start`` up to ``stop``, behind so
    many entries and suspended events; returns how many there are now.

    A deadline that passes is a move of its own, which no event causes: its ``place`` is that of the
    event that set the deadline. A reassignment is an entry from an account into the same account,
    of another slice.
    """
    clock, held, cause, period = rules.BLANK, accounts.OUTSIDE, start, 0
    for place in range(start, stop):
        verdict = lives.verdict[place]
        event = unpacked(lives.packed[place])
        if verdict == validity.VALID and rules.applies(clock, event.kind):
            if rules.runs_out(clock, held, event.day):
                entries = write_entry(
                    journal, entries, cause, clock.due + 1, IN_PROGRESS_IN_TIME, IN_PROGRESS_OVERDUE
                )
                held = IN_PROGRESS_OVERDUE
            period = period_on(law, period, event.day)
            clock = rules.step(clock, event, terms_in(law, period), calendar)
            before, held = held, rules.account(clock, event.day)
            if event.kind < kinds.FIRST_FACT:
                cause = place
            if held != before or event.kind == kinds.REASSIGNED:
                entries = write_entry(journal, entries, place, event.day, before, held)
        elif verdict == validity.VALID or verdict == validity.UNMATCHED:
            suspended[suspensions] = place
            suspensions += 1
    if rules.runs_out(clock, held, clock.due + 1):
        entries = write_entry(
            journal, entries, cause, clock.due + 1, IN_PROGRESS_IN_TIME, IN_PROGRESS_OVERDUE
        )
    return entries, suspensions


def write_entry(
    journal: JournalArrays, number: int, place: int, day: int, out: int, into: int
) -> int:
    """Write entry ``number`` of the journal; returns the number of the next one."""
    journal.place[number] = place
    journal.day[number] = day
    journal.out[number] = out
    journal.into[number] = into
    return number + 1
