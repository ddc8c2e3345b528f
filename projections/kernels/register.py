"""What does the register (sổ theo dõi hồ sơ) say of each dossier at the end of a day?

Plain functions over arrays, as in ``posting``, by the same rule book: the compiler understands them
too. One line for each dossier that was received; what was never received has none.
"""

from typing import NamedTuple

from hoso.domain import kinds, rules, validity
from hoso.domain.arrays import WritableIntArray
from hoso.domain.calendar import WorkingDays, between
from hoso.domain.policy import Terms
from hoso.domain.rules import Clock
from hoso.projections.kernels.journal import PackedLives
from hoso.projections.log.packing import unpacked


class RegisterArrays(NamedTuple):
    """The register while it is written, a cell for each dossier.

    ``reception`` is the place of the event that received it, ``pause`` of the last that paused it;
    ``closed`` a day number, or ``rules.NOTHING`` while it is open; ``days_used`` and
    ``overdue_days`` are working days. Where nothing paused it, ``pause`` is NOTHING.
    """

    reception: WritableIntArray
    due: WritableIntArray
    closed: WritableIntArray
    account: WritableIntArray
    requests: WritableIntArray
    reschedulings: WritableIntArray
    days_used: WritableIntArray
    overdue_days: WritableIntArray
    lapsed: WritableIntArray
    events: WritableIntArray
    pause: WritableIntArray


def write_register(
    life: PackedLives, until: int, terms: Terms, calendar: WorkingDays, register: RegisterArrays
) -> int:
    """Write down each dossier as it stands at the end of day ``until``; returns how many.

    The clock is asked between any two events whether it ran: so the days used are those since
    reception, less those on which it stood still.
    """
    place = line = 0
    size = len(life.dossier)
    while place < size:
        clock, reception, since, used, events = rules.BLANK, place, until, 0, 0
        pause = rules.NOTHING
        dossier = life.dossier[place]
        while place < size and life.dossier[place] == dossier:
            event, counts = unpacked(life.packed[place]), life.verdict[place] == validity.VALID
            if counts and event.day <= until and rules.applies(clock.phase, event.kind):
                if event.kind == kinds.RECEIVED:
                    reception = place
                elif event.kind == kinds.PAUSED:
                    pause = place
                if event.kind < kinds.FIRST_FACT:
                    used += days_run(clock, calendar, since, event.day)
                    clock = rules.step(clock, event, terms, calendar)
                    since = event.day
                events += 1
            place += 1
        if events:
            used += days_run(clock, calendar, since, until)
            register.reception[line] = reception
            register.days_used[line] = used
            register.events[line] = events
            register.pause[line] = pause
            describe(clock, since, until, terms, calendar, register, line)
            line += 1
    return line


def describe(
    clock: Clock,
    last: int,
    until: int,
    terms: Terms,
    calendar: WorkingDays,
    register: RegisterArrays,
    line: int,
) -> None:
    """Write down what a clock tells at the end of day ``until``, its last event on day ``last``."""
    is_closed = clock.phase == rules.CLOSED
    register.due[line] = clock.due
    register.closed[line] = last if is_closed else rules.NOTHING
    register.account[line] = rules.account(clock, terms, until)
    register.requests[line] = clock.requests
    register.reschedulings[line] = clock.rescheduled
    register.overdue_days[line] = days_over(clock, calendar, last if is_closed else until)
    register.lapsed[line] = clock.lapsed


def days_run(clock: Clock, calendar: WorkingDays, since: int, until: int) -> int:
    """The working days on which the clock ran, of those after ``since`` and up to ``until``."""
    if clock.phase != rules.IN_PROGRESS:
        return 0
    return between(calendar, since, until)


def days_over(clock: Clock, calendar: WorkingDays, end: int) -> int:
    """The working days by which day ``end`` is past the due day; none while the clock stands."""
    if clock.phase == rules.AWAITING or clock.phase == rules.PAUSED:
        return 0
    return between(calendar, clock.due, end)
