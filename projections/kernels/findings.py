"""Runs the checks of integrity over the lives of dossiers.

Plain functions over arrays, as in ``journal``, by the same rule book; ``checks`` says what each
check looks for. A check finds a dossier once in a window: by the first event of the window that
shows the pattern.
"""

from typing import Final, NamedTuple

from hoso.domain import accounts, kinds, rules, validity
from hoso.domain.arrays import IntArray, WritableIntArray
from hoso.domain.calendar import WorkingDays
from hoso.domain.policy import Law, period_on, terms_in
from hoso.domain.rules import Clock, PlainEvent
from hoso.projections.kernels import checks
from hoso.projections.kernels.checks import POPULATION_COUNT, Basis, Step, Thresholds
from hoso.projections.log.packing import PackedLives, unpacked

# What is remembered: places are those of events among the lives, days are day numbers.
(
    RECEPTION,  # the place of the reception
    STANDS,  # the number of the slice in which the dossier stands
    BEGUN,  # the day from which on a supplement had to be asked for soon
    SINCE,  # the day of the last event
    CAUSE,  # the place of the event that set the due day
    MOVED,  # the due day that an event gave, later than the one there was
    ASKED,  # the place of the last supplement request
    EXPIRES,  # the last day on which its supplement may be awaited
    OVERDUE_ON,  # the day on which the dossier became overdue, its due day having passed
    OVERDUE_BY,  # the place of the event that had set that due day
    RESOLVED_IN,  # the slice in which it was resolved in time, in the window
    OF_A_LIFE,  # the numbers before this one are NOTHING when a life begins
    SEEN,  # a bit for each check that has found the dossier
    MEMBER,  # a bit for each population in which the dossier is
    FOUND,  # how many findings were written, of all lives
    CLOSED,  # how many closings were written, of all lives
) = range(16)
MEMORY: Final = 16  # numbers
FINDINGS_PER_EVENT: Final = 4  # at most


class Facts(NamedTuple):
    """What checks read of each event beside what the rules read.

    ``slice_of`` is the number of a slice, as ``balances.add_balances`` takes it; the others are as
    in ``checks.Step``.
    """

    slice_of: IntArray
    recorded: IntArray
    minute: IntArray
    flags: IntArray
    catalogue: IntArray


class Span(NamedTuple):
    """The first and the last day number of a window."""

    first: int
    last: int


class Duties(NamedTuple):
    """The provisions on what must be done, of all days: from each day number ``first_day`` on, the
    days of ``checks.Basis``."""

    first_day: IntArray
    notice_days: IntArray
    expiry_days: IntArray


class FindingArrays(NamedTuple):
    """The findings while they are written: the number of the check, the place of the event that
    shows it, the day number on which it counts, the slice in which the dossier stood; and the
    slice in which the dossier was resolved in time, in the window: NOTHING where it was not."""

    check: WritableIntArray
    place: WritableIntArray
    day: WritableIntArray
    slice: WritableIntArray
    resolved_in: WritableIntArray


class ClosingArrays(NamedTuple):
    """The closings of dossiers up to the end of the window while they are written: the place of the
    event, the slice of the dossier, and whether it was resolved in time (1 or 0)."""

    place: WritableIntArray
    slice: WritableIntArray
    in_time: WritableIntArray


class Room(NamedTuple):
    """Where results are written: findings, closings, and
    ``counts[slice * POPULATION_COUNT + population]``; and what is remembered, MEMORY numbers that
    are 0 at first."""

    findings: FindingArrays
    closings: ClosingArrays
    counts: WritableIntArray
    memory: WritableIntArray


def find(
    lives: PackedLives,
    facts: Facts,
    span: Span,
    law: Law,
    duties: Duties,
    thresholds: Thresholds,
    calendar: WorkingDays,
    room: Room,
) -> tuple[int, int]:
    """Find what the checks look for in every dossier's life up to the end of a window.

    Returns how many findings and closings were written.
    """
    place, size = 0, len(lives.dossier)
    while place < size:
        clock, dossier, period, duty = rules.BLANK, lives.dossier[place], 0, 0
        begin = forget(room.memory)
        while place < size and lives.dossier[place] == dossier:
            event, is_valid = unpacked(lives.packed[place]), lives.verdict[place] == validity.VALID
            if is_valid and is_told(clock, event, span):
                period = period_on(law, period, event.day)
                duty = duty_on(duties, duty, event.day)
                basis = Basis(
                    terms_in(law, period),
                    duties.notice_days[duty],
                    duties.expiry_days[duty],
                    thresholds,
                    calendar,
                )
                see_days_pass(clock, event.day, event.kind, span, calendar, room)
                after = rules.step(clock, event, basis.terms, calendar)
                step = step_at(clock, after, event, place, facts)
                remember(step, facts.slice_of[place], basis, room.memory)
                if event.day >= span.first:
                    see(step, facts, basis, room)
                if after.phase == rules.CLOSED:
                    see_closed(step, span, room)
                clock = after
            place += 1
        see_end(clock, span, calendar, begin, room)
    return room.memory[FOUND], room.memory[CLOSED]


def is_told(clock: Clock, event: PlainEvent, span: Span) -> bool:
    """Whether an event by the end of the window applies, and is no quality fact."""
    is_by_then = event.kind < kinds.FIRST_FACT and event.day <= span.last
    return is_by_then and rules.applies(clock, event.kind)


def duty_on(duties: Duties, duty: int, day: int) -> int:
    """The place of the duties in force on ``day``, from that of those of an earlier day."""
    while duty + 1 < len(duties.first_day) and duties.first_day[duty + 1] <= day:
        duty += 1
    return duty


def step_at(before: Clock, after: Clock, event: PlainEvent, place: int, facts: Facts) -> Step:
    """The event at a place as checks read it."""
    return Step(
        before,
        after,
        event,
        place,
        facts.recorded[place],
        facts.minute[place],
        facts.flags[place],
        facts.catalogue[place],
    )


# --- What is remembered --------------------------------------------------------------------------


def forget(memory: WritableIntArray) -> int:
    """Forget the life before; returns how many findings there are by now."""
    for number in range(OF_A_LIFE):
        memory[number] = rules.NOTHING
    memory[SEEN] = 0
    memory[MEMBER] = 0
    return memory[FOUND]


def remember(step: Step, slice_: int, basis: Basis, memory: WritableIntArray) -> None:
    """Remember what later events of the life are judged by; ``slice_`` is that of the event."""
    event = step.event
    if event.kind == kinds.RECEIVED:
        memory[RECEPTION] = step.place
        memory[BEGUN] = event.day
    if event.kind == kinds.RECEIVED or event.kind == kinds.REASSIGNED:
        memory[STANDS] = slice_
    if event.kind == kinds.ARRIVED and basis.terms.arrival_starts_clock:
        memory[BEGUN] = event.day
    if event.kind == kinds.SUPPLEMENT_REQUESTED:
        memory[ASKED] = step.place
        memory[EXPIRES] = rules.NOTHING
        if basis.expiry_days != rules.NOTHING:
            memory[EXPIRES] = event.day + basis.expiry_days
    if checks.is_moved_later(step, basis):
        memory[MOVED] = step.after.due
    if step.after.due != step.before.due or step.after.phase != step.before.phase:
        memory[CAUSE] = step.place
    memory[SINCE] = event.day


# --- What days show ------------------------------------------------------------------------------


def see_days_pass(
    clock: Clock, day: int, kind: int, span: Span, calendar: WorkingDays, room: Room
) -> None:
    """See what days show up to the next event, one of some kind on ``day``: a supplement was
    awaited, perhaps beyond its expiry; the due day passed."""
    memory = room.memory
    if clock.phase == rules.AWAITING and memory[EXPIRES] != rules.NOTHING:
        if day >= span.first:
            count(checks.AWAITED, room)
        expired = checks.supplement_expired(memory[EXPIRES], day, kind, calendar)
        if span.first <= expired <= span.last:
            write_finding(checks.SUPPLEMENT_EXPIRED, memory[ASKED], expired, room)
    if clock.phase == rules.IN_PROGRESS and day > clock.due:
        become_overdue(max(clock.due + 1, memory[SINCE]), memory[CAUSE], span, room)


def become_overdue(day: int, cause: int, span: Span, room: Room) -> None:
    """Remember, the first time, that the due day which the event at place ``cause`` had set passed,
    and that the dossier is overdue from ``day`` on."""
    if room.memory[OVERDUE_ON] == rules.NOTHING:
        room.memory[OVERDUE_ON] = day
        room.memory[OVERDUE_BY] = cause
        if span.first <= day <= span.last:
            count(checks.BECAME_OVERDUE, room)


def see_end(clock: Clock, span: Span, calendar: WorkingDays, begin: int, room: Room) -> None:
    """See how a life stands at the end of the window; its findings are those from ``begin`` on."""
    memory = room.memory
    see_days_pass(clock, span.last + 1, kinds.FIRST_FACT, span, calendar, room)
    if span.first <= memory[OVERDUE_ON] <= span.last and checks.no_notice(clock):
        write_finding(checks.NO_NOTICE, memory[OVERDUE_BY], memory[OVERDUE_ON], room)
    for number in range(begin, memory[FOUND]):
        room.findings.resolved_in[number] = memory[RESOLVED_IN]


# --- What events show ----------------------------------------------------------------------------


def see(step: Step, facts: Facts, basis: Basis, room: Room) -> None:
    """See what an event within the window shows."""
    kind = step.event.kind
    if kind == kinds.RECEIVED:
        see_reception(step, basis, room)
    elif kind == kinds.PAUSED:
        count(checks.PAUSED, room)
        found(checks.PAUSED_ON_DUE_DAY, checks.paused_on_due_day(step, basis), step, room)
    elif kind == kinds.SUPPLEMENT_REQUESTED:
        see_request(step, basis, room)
    elif kind == kinds.RESCHEDULED:
        count(checks.RESCHEDULED, room)
        found(checks.LATE_NOTICE, checks.late_notice(step, basis), step, room)
        found(checks.SECOND_NOTICE, checks.second_notice(step), step, room)
    elif checks.is_closing(kind):
        count_closing(step, room)
        see_closing(step, facts.minute[room.memory[RECEPTION]], basis, room)


def see_reception(step: Step, basis: Basis, room: Room) -> None:
    """See what a reception shows."""
    count(checks.RECEIVED, room)
    found(checks.RECORDED_LATE, checks.recorded_late(step, basis), step, room)
    found(checks.DISTRICT_AFTER_REFORM, checks.district_after_reform(step, basis), step, room)
    if step.catalogue != rules.NOTHING:
        count(checks.IN_CATALOGUE, room)
        found(checks.ALLOWANCE_DIFFERS, checks.allowance_differs(step, basis), step, room)


def see_request(step: Step, basis: Basis, room: Room) -> None:
    """See what a supplement request shows."""
    count(checks.REQUESTED, room)
    is_late = checks.late_supplement_request(step, room.memory[BEGUN], basis)
    found(checks.LATE_SUPPLEMENT_REQUEST, is_late, step, room)
    found(checks.SECOND_REQUEST, checks.second_request(step, basis), step, room)


def see_closing(step: Step, received: int, basis: Basis, room: Room) -> None:
    """See what the closing of a dossier that was received in the minute ``received`` shows."""
    found(checks.RE_ENTERED, checks.re_entered(step), step, room)
    found(checks.SENT_BACK_ON_DUE_DAY, checks.sent_back_on_due_day(step), step, room)
    found(checks.RECORDED_AFTER_DUE, checks.recorded_after_due(step, basis), step, room)
    is_moved = checks.due_moved_to_closing(step, room.memory[MOVED])
    found(checks.DUE_MOVED_TO_CLOSING, is_moved, step, room)
    is_at_once = checks.resolved_at_once(step, received, basis)
    found(checks.RESOLVED_AT_ONCE, is_at_once, step, room)


def count_closing(step: Step, room: Room) -> None:
    """Count a dossier in the populations to which it belongs by its closing."""
    is_resolved, is_in_time = (
        step.event.kind == kinds.RESOLVED,
        checks.is_closed_in_time(step.after),
    )
    count(checks.CLOSED, room)
    if is_in_time:
        count(checks.CLOSED_IN_TIME, room)
    if checks.is_closed_on_due_day(step.after):
        count(checks.CLOSED_ON_DUE_DAY, room)
    count(checks.RESOLVED if is_resolved else checks.SENT_BACK, room)
    if is_resolved and is_in_time:
        count(checks.RESOLVED_IN_TIME, room)
        room.memory[RESOLVED_IN] = room.memory[STANDS]


def see_closed(step: Step, span: Span, room: Room) -> None:
    """Write that the dossier closed. A clock that stood still ran again for it, and its due day may
    have passed then: it moves by working days, and may lie before a day off."""
    if step.event.day > step.after.due:
        become_overdue(step.event.day, step.place, span, room)
    closings, number = room.closings, room.memory[CLOSED]
    closings.place[number] = step.place
    closings.slice[number] = room.memory[STANDS]
    closings.in_time[number] = 1 if step.after.closed_in < accounts.RESOLVED + accounts.LATE else 0
    room.memory[CLOSED] = number + 1


# --- What is written -----------------------------------------------------------------------------


def count(population: int, room: Room) -> None:
    """Count the dossier in a population, once, in the slice in which it stands."""
    if not (room.memory[MEMBER] >> population) & 1:
        room.memory[MEMBER] |= 1 << population
        room.counts[room.memory[STANDS] * POPULATION_COUNT + population] += 1


def found(check: int, shows: bool, step: Step, room: Room) -> None:
    """Write that a check found the dossier, where its event shows the pattern."""
    if shows:
        write_finding(check, step.place, step.event.day, room)


def write_finding(check: int, place: int, day: int, room: Room) -> None:
    """Write that a check found the dossier, if it did not before."""
    if (room.memory[SEEN] >> check) & 1:
        return
    room.memory[SEEN] |= 1 << check
    findings, number = room.findings, room.memory[FOUND]
    findings.check[number] = check
    findings.place[number] = place
    findings.day[number] = day
    findings.slice[number] = room.memory[STANDS]
    room.memory[FOUND] = number + 1
