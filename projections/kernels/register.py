"""Writes the register (sổ theo dõi hồ sơ): how each dossier stands at the end of a day.

Plain functions over arrays, as in ``journal``, by the same rule book. There is one row for each
dossier that was received; a dossier that was never received has none.
"""

from typing import NamedTuple

from hoso.domain import kinds, rules, validity
from hoso.domain.arrays import WritableIntArray
from hoso.domain.calendar import WorkingDays, between
from hoso.domain.policy import Law, period_on, terms_in
from hoso.domain.rules import Clock
from hoso.projections.log.packing import PackedLives, unpacked


class RegisterArrays(NamedTuple):
    """The columns of the register while it is written, a cell for each dossier.

    ``reception`` is the place of the event that received the dossier, ``pause`` of the last one
    that paused it, ``request`` of the last supplement request (both NOTHING if none did); ``due``,
    ``closed`` and ``stopped`` are day numbers, ``closed`` NOTHING while the dossier is open;
    ``days_left`` are working days (``rules.days_left``); ``account`` is the number of an account;
    ``requests`` and ``reschedulings`` are counts; ``days_used`` and ``overdue_days`` are working
    days; ``lapsed`` and ``exceeded`` (too many supplement requests) are 0 or 1; ``events`` is how
    many events applied; ``journey`` is where the competent body stands to the dossier.
    """

    reception: WritableIntArray
    due: WritableIntArray
    days_left: WritableIntArray
    closed: WritableIntArray
    account: WritableIntArray
    requests: WritableIntArray
    reschedulings: WritableIntArray
    days_used: WritableIntArray
    overdue_days: WritableIntArray
    lapsed: WritableIntArray
    exceeded: WritableIntArray
    events: WritableIntArray
    pause: WritableIntArray
    request: WritableIntArray
    stopped: WritableIntArray
    journey: WritableIntArray


def write_register(
    lives: PackedLives, until: int, law: Law, calendar: WorkingDays, register: RegisterArrays
) -> int:
    """Write each dossier as it stands at the end of day number ``until``; returns how many rows.

    Between any two events the clock either ran or stood still, so the days used are the working
    days since the reception less those on which it stood still.
    """
    place = row = 0
    size = len(lives.dossier)
    while place < size:
        clock, reception, since, used, events = rules.BLANK, place, until, 0, 0
        pause, request, period = rules.NOTHING, rules.NOTHING, 0
        dossier = lives.dossier[place]
        while place < size and lives.dossier[place] == dossier:
            event, is_valid = unpacked(lives.packed[place]), lives.verdict[place] == validity.VALID
            if is_valid and event.day <= until and rules.applies(clock, event.kind):
                if event.kind == kinds.RECEIVED:
                    reception = place
                elif event.kind == kinds.PAUSED:
                    pause = place
                elif event.kind == kinds.SUPPLEMENT_REQUESTED:
                    request = place
                if event.kind < kinds.FIRST_FACT:
                    used += days_run(clock, calendar, since, event.day)
                    period = period_on(law, period, event.day)
                    clock = rules.step(clock, event, terms_in(law, period), calendar)
                    since = event.day
                events += 1
            place += 1
        if events:
            register.reception[row] = reception
            register.days_used[row] = used + days_run(clock, calendar, since, until)
            register.events[row] = events
            register.pause[row] = pause
            register.request[row] = request
            write_clock(clock, since, until, calendar, register, row)
            row += 1
    return row


def write_clock(
    clock: Clock,
    last: int,
    until: int,
    calendar: WorkingDays,
    register: RegisterArrays,
    row: int,
) -> None:
    """Write what a clock says at the end of day ``until``, its last event on day ``last``."""
    is_closed = clock.phase == rules.CLOSED
    register.due[row] = clock.due
    register.days_left[row] = rules.days_left(clock, calendar, until)
    register.closed[row] = last if is_closed else rules.NOTHING
    register.account[row] = rules.account(clock, until)
    register.requests[row] = clock.requests
    register.reschedulings[row] = clock.rescheduled
    register.overdue_days[row] = days_overdue(clock, calendar, last if is_closed else until)
    register.lapsed[row] = clock.lapsed
    register.exceeded[row] = clock.exceeded
    register.stopped[row] = clock.stopped
    register.journey[row] = clock.journey


def days_run(clock: Clock, calendar: WorkingDays, since: int, until: int) -> int:
    """The working days after ``since`` and up to ``until`` on which the clock ran."""
    if clock.phase != rules.IN_PROGRESS:
        return 0
    return between(calendar, since, until)


def days_overdue(clock: Clock, calendar: WorkingDays, end: int) -> int:
    """The working days by which day ``end`` is past the due day; 0 while the clock stands still."""
    if clock.phase == rules.AWAITING or clock.phase == rules.PAUSED:
        return 0
    return between(calendar, clock.due, end)
