"""Finds patterns that make figures better than the work was: the checks of integrity.

Plain functions over arrays, as in ``journal``, by the same rule book: one small function for each
check. A check looks at an event of a dossier, at the clock before and after it, and at what is
remembered of the dossier's life. Each check finds a dossier once in a window: by the first event
of the window that shows the pattern. docs/REPORTS.md, Integrity, says what each of them counts.

Two of CHECKS are not found here, because they look at many dossiers at once: BURST and LAST_DAY.
"""

from typing import Final, NamedTuple

from hoso.domain import accounts, kinds, rules, validity
from hoso.domain.arrays import IntArray, WritableIntArray
from hoso.domain.calendar import WorkingDays, add, between
from hoso.domain.policy import Law, Terms, period_on, terms_in
from hoso.domain.rules import Clock, PlainEvent
from hoso.projections.log.packing import PackedLives, unpacked

CHECKS: Final = (
    *("paused_on_due_day", "late_supplement_request", "second_request", "supplement_expired"),
    *("re_entered", "sent_back_on_due_day", "recorded_after_due", "due_moved_to_closing"),
    *("late_notice", "second_notice", "no_notice", "resolved_at_once", "burst", "last_day"),
    *("recorded_late", "district_after_reform", "allowance_differs"),
)
(
    PAUSED_ON_DUE_DAY,
    LATE_SUPPLEMENT_REQUEST,
    SECOND_REQUEST,
    SUPPLEMENT_EXPIRED,
    RE_ENTERED,
    SENT_BACK_ON_DUE_DAY,
    RECORDED_AFTER_DUE,
    DUE_MOVED_TO_CLOSING,
    LATE_NOTICE,
    SECOND_NOTICE,
    NO_NOTICE,
    RESOLVED_AT_ONCE,
    BURST,
    LAST_DAY,
    RECORDED_LATE,
    DISTRICT_AFTER_REFORM,
    ALLOWANCE_DIFFERS,
) = range(len(CHECKS))

# What a check's dossiers are a share of: dossiers to which something happened in the window.
POPULATIONS: Final = (
    *("received", "in_catalogue", "paused", "requested", "awaited", "rescheduled"),
    *("became_overdue", "closed", "sent_back", "closed_in_time", "closed_on_due_day"),
    *("resolved", "resolved_in_time"),
)
(
    RECEIVED,
    IN_CATALOGUE,
    PAUSED,
    REQUESTED,
    AWAITED,
    RESCHEDULED,
    BECAME_OVERDUE,
    CLOSED,
    SENT_BACK,
    CLOSED_IN_TIME,
    CLOSED_ON_DUE_DAY,
    RESOLVED,
    RESOLVED_IN_TIME,
) = range(len(POPULATIONS))
POPULATION_COUNT: Final = len(POPULATIONS)

# What is remembered of a life: places are those of events among the lives, days are day numbers.
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
    SEEN,  # a bit for each check that has found the dossier
    MEMBER,  # a bit for each population in which the dossier is
    RESOLVED_IN,  # the slice in which it was resolved in time, in the window
) = range(13)
MEMORY: Final = 13  # numbers

DISTRICT_BIT, RE_ENTRY_BIT = 1, 2  # of ``Facts.flags``
FINDINGS_PER_EVENT: Final = 4  # at most


class Facts(NamedTuple):
    """What checks read of each event beside what the rules read.

    ``slice_of`` is the number of a slice, as ``balances.add_balances`` takes it. ``recorded`` is
    the day number on which the event was recorded, ``minute`` the minute of its occurrence by any
    clock, NOTHING where the hour is not known. ``flags`` has DISTRICT_BIT for a reception at
    district level, RE_ENTRY_BIT for a cancellation as re-entered or duplicate. ``catalogue`` is
    the catalogue's allowance for a reception's procedure, twice the days plus the unit; NOTHING
    where it has none.
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
    working days within which a supplement is asked for, and the days for which it is awaited;
    NOTHING where there is no such duty."""

    first_day: IntArray
    notice_days: IntArray
    expiry_days: IntArray


class Thresholds(NamedTuple):
    """The thresholds of checks that are no provisions (``integrity.checks``)."""

    working_days_before: int
    days_after_due: int
    minutes: int
    working_days_late: int
    last_district_day: int


class Basis(NamedTuple):
    """By what an event is judged: the provisions of its day, thresholds, and the calendar."""

    terms: Terms
    notice_days: int
    expiry_days: int
    thresholds: Thresholds
    calendar: WorkingDays


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
    ``counts[slice * POPULATION_COUNT + population]``;
    and what is remembered of one life."""

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
    place = found = closed = 0
    while place < len(lives.dossier):
        clock, dossier, begin, period, duty = rules.BLANK, lives.dossier[place], found, 0, 0
        forget(room.memory)
        while place < len(lives.dossier) and lives.dossier[place] == dossier:
            event, is_valid = unpacked(lives.packed[place]), lives.verdict[place] == validity.VALID
            if (
                is_valid
                and event.kind < kinds.FIRST_FACT
                and event.day <= span.last
                and rules.applies(clock, event.kind)
            ):
                period = period_on(law, period, event.day)
                duty = duty_on(duties, duty, event.day)
                basis = Basis(
                    terms_in(law, period),
                    duties.notice_days[duty],
                    duties.expiry_days[duty],
                    thresholds,
                    calendar,
                )
                found = see_days_pass(clock, event.day, event.kind, span, calendar, room, found)
                before = clock
                clock = rules.step(clock, event, basis.terms, calendar)
                remember(before, clock, event, place, facts, basis, room.memory)
                if event.day >= span.first:
                    found = see(before, clock, event, place, facts, basis, room, found)
                if clock.phase == rules.CLOSED:
                    closed = write_closing(clock, place, room, closed)
            place += 1
        if clock.phase != rules.NONE:
            found = see_end(clock, span, calendar, room, begin, found)
    return found, closed


def duty_on(duties: Duties, duty: int, day: int) -> int:
    """The place of the duties in force on ``day``, from that of those of an earlier day."""
    while duty + 1 < len(duties.first_day) and duties.first_day[duty + 1] <= day:
        duty += 1
    return duty


def forget(memory: WritableIntArray) -> None:
    """Forget the life before."""
    for number in range(MEMORY):
        memory[number] = rules.NOTHING
    memory[SEEN] = 0
    memory[MEMBER] = 0


def remember(
    before: Clock,
    clock: Clock,
    event: PlainEvent,
    place: int,
    facts: Facts,
    basis: Basis,
    memory: WritableIntArray,
) -> None:
    """Remember what later events of the life are judged by."""
    if event.kind == kinds.RECEIVED:
        memory[RECEPTION] = place
        memory[BEGUN] = event.day
    if event.kind == kinds.RECEIVED or event.kind == kinds.REASSIGNED:
        memory[STANDS] = facts.slice_of[place]
    if event.kind == kinds.ARRIVED and basis.terms.arrival_starts_clock:
        memory[BEGUN] = event.day
    if event.kind == kinds.SUPPLEMENT_REQUESTED:
        memory[ASKED] = place
        memory[EXPIRES] = rules.NOTHING
        if basis.expiry_days != rules.NOTHING:
            memory[EXPIRES] = event.day + basis.expiry_days
    if is_moved_later(before, clock, event, basis):
        memory[MOVED] = clock.due
    if clock.due != before.due or clock.phase != before.phase:
        memory[CAUSE] = place
    memory[SINCE] = event.day


def is_moved_later(before: Clock, clock: Clock, event: PlainEvent, basis: Basis) -> bool:
    """Whether an event gave a later due day than there was, or than the rules would have made."""
    if event.kind == kinds.RESCHEDULED:
        return clock.due > before.due
    if event.due == rules.NOTHING:
        return False
    if event.kind != kinds.SUPPLEMENTED and event.kind != kinds.RESUMED:
        return False
    without = PlainEvent(event.kind, event.day, rules.NOTHING, event.allowance, event.detail)
    shifted = event.kind == kinds.RESUMED or basis.terms.extend != 0
    return event.due > rules.due_after_stop(before, without, shifted, basis.calendar)


# --- What happens as days pass -------------------------------------------------------------------


def see_days_pass(
    clock: Clock,
    day: int,
    kind: int,
    span: Span,
    calendar: WorkingDays,
    room: Room,
    found: int,
) -> int:
    """See what days show up to the next event, one of some kind on ``day``: a supplement was
    awaited, perhaps beyond its expiry; the due day passed. Returns how many findings there are."""
    memory = room.memory
    if clock.phase == rules.AWAITING and memory[EXPIRES] != rules.NOTHING:
        if day >= span.first:
            count(AWAITED, room)
        expired = supplement_expired(memory[EXPIRES], day, kind, calendar)
        if span.first <= expired <= span.last:
            found = write_finding(SUPPLEMENT_EXPIRED, memory[ASKED], expired, room, found)
    if became_overdue(clock, day, memory):
        memory[OVERDUE_ON] = max(clock.due + 1, memory[SINCE])
        memory[OVERDUE_BY] = memory[CAUSE]
        if span.first <= memory[OVERDUE_ON] <= span.last:
            count(BECAME_OVERDUE, room)
    return found


def became_overdue(clock: Clock, day: int, memory: IntArray) -> bool:
    """Whether a due day passed before ``day``, for the first time."""
    is_first = memory[OVERDUE_ON] == rules.NOTHING
    return is_first and clock.phase == rules.IN_PROGRESS and day > clock.due


def supplement_expired(expires: int, day: int, kind: int, calendar: WorkingDays) -> int:
    """The day on which a supplement was awaited beyond its expiry, where the next event, one of
    some kind, is on ``day``; NOTHING where it was not.

    The office has until the end of the next working day to close the dossier: by then only an
    answer, or another request, shows that it did not.
    """
    close_by = add(calendar, expires, 1)
    shows = kind == kinds.SUPPLEMENTED or kind == kinds.SUPPLEMENT_REQUESTED
    if day <= expires or (day <= close_by and not shows):
        return rules.NOTHING
    return min(day, close_by)


def see_end(
    clock: Clock, span: Span, calendar: WorkingDays, room: Room, begin: int, found: int
) -> int:
    """See how a life stands at the end of the window; its findings are those from ``begin`` on.
    Returns how many there are."""
    memory, findings = room.memory, room.findings
    found = see_days_pass(clock, span.last + 1, kinds.FIRST_FACT, span, calendar, room, found)
    if clock.rescheduled == 0 and span.first <= memory[OVERDUE_ON] <= span.last:
        found = write_finding(NO_NOTICE, memory[OVERDUE_BY], memory[OVERDUE_ON], room, found)
    for number in range(begin, found):
        findings.resolved_in[number] = memory[RESOLVED_IN]
    return found


# --- What an event shows -------------------------------------------------------------------------


def see(
    before: Clock,
    clock: Clock,
    event: PlainEvent,
    place: int,
    facts: Facts,
    basis: Basis,
    room: Room,
    found: int,
) -> int:
    """See what an event within the window shows; returns how many findings there are."""
    if event.kind == kinds.RECEIVED:
        return see_reception(event, place, facts, basis, room, found)
    if event.kind == kinds.PAUSED:
        return see_pause(before, event, place, basis, room, found)
    if event.kind == kinds.SUPPLEMENT_REQUESTED:
        return see_request(clock, event, place, basis, room, found)
    if event.kind == kinds.RESCHEDULED:
        return see_notice(before, event, place, basis, room, found)
    if is_closing(event.kind):
        return see_closing(clock, event, place, facts, basis, room, found)
    return found


def see_reception(
    event: PlainEvent, place: int, facts: Facts, basis: Basis, room: Room, found: int
) -> int:
    """See what a reception shows; returns how many findings there are."""
    count(RECEIVED, room)
    if recorded_late(event, facts.recorded[place], basis):
        found = write_finding(RECORDED_LATE, place, event.day, room, found)
    if district_after_reform(event, facts.flags[place], basis):
        found = write_finding(DISTRICT_AFTER_REFORM, place, event.day, room, found)
    if facts.catalogue[place] != rules.NOTHING:
        count(IN_CATALOGUE, room)
        if allowance_differs(event, facts.catalogue[place], basis):
            found = write_finding(ALLOWANCE_DIFFERS, place, event.day, room, found)
    return found


def recorded_late(event: PlainEvent, recorded: int, basis: Basis) -> bool:
    """Whether a reception was recorded more working days after it occurred than it may."""
    late = between(basis.calendar, event.day, recorded)
    return late > basis.thresholds.working_days_late


def district_after_reform(event: PlainEvent, flags: int, basis: Basis) -> bool:
    """Whether a district received a dossier when there were no districts any more (NĐ
    118/2025)."""
    return (flags & DISTRICT_BIT) != 0 and event.day > basis.thresholds.last_district_day


def allowance_differs(event: PlainEvent, catalogue: int, basis: Basis) -> bool:
    """Whether a reception's allowance is another one than the catalogue's; where it gives only a
    due day, whether that is another one than the catalogue's allowance makes."""
    days, unit = catalogue >> 1, catalogue & 1
    if event.allowance != rules.NOTHING:
        return event.allowance != days or (event.detail & rules.UNIT_BIT) != unit
    return event.due != rules.deadline(basis.calendar, event.day, days, unit)


def see_pause(
    before: Clock, event: PlainEvent, place: int, basis: Basis, room: Room, found: int
) -> int:
    """See what a pause shows; returns how many findings there are."""
    count(PAUSED, room)
    if paused_on_due_day(before, event, basis):
        found = write_finding(PAUSED_ON_DUE_DAY, place, event.day, room, found)
    return found


def paused_on_due_day(before: Clock, event: PlainEvent, basis: Basis) -> bool:
    """Whether a dossier that is not overdue was paused on its due day, or at most so many working
    days before it."""
    if rules.is_overdue(before, event.day):
        return False
    others = between(basis.calendar, event.day, before.due - 1)  # working days between the two
    return event.day == before.due or others < basis.thresholds.working_days_before


def see_request(
    clock: Clock, event: PlainEvent, place: int, basis: Basis, room: Room, found: int
) -> int:
    """See what a supplement request shows; returns how many findings there are."""
    count(REQUESTED, room)
    if late_supplement_request(room.memory[BEGUN], event, basis):
        found = write_finding(LATE_SUPPLEMENT_REQUEST, place, event.day, room, found)
    if second_request(clock, basis):
        found = write_finding(SECOND_REQUEST, place, event.day, room, found)
    return found


def late_supplement_request(begun: int, event: PlainEvent, basis: Basis) -> bool:
    """Whether a supplement was asked for later than within the working days after the reception
    that the law gives (NĐ 61/2018 art. 19.4; NĐ 118/2025 art. 19.5)."""
    if basis.notice_days == rules.NOTHING:
        return False
    return event.day > add(basis.calendar, begun, basis.notice_days)


def second_request(clock: Clock, basis: Basis) -> bool:
    """Whether there were more supplement requests than the law allows (NĐ 61/2018 art. 11.2c; NĐ
    118/2025 arts 11.2c, 19.5)."""
    return clock.requests > basis.terms.supplement_limit


def see_notice(
    before: Clock, event: PlainEvent, place: int, basis: Basis, room: Room, found: int
) -> int:
    """See what the notice of a new appointment shows; returns how many findings there are."""
    count(RESCHEDULED, room)
    if late_notice(before, event, basis):
        found = write_finding(LATE_NOTICE, place, event.day, room, found)
    if second_notice(before):
        found = write_finding(SECOND_NOTICE, place, event.day, room, found)
    return found


def late_notice(before: Clock, event: PlainEvent, basis: Basis) -> bool:
    """Whether the notice of a new appointment came too late (NĐ 61/2018 art. 19.9; NĐ 118/2025
    art. 19.6)."""
    return not rules.is_notice_in_time(before, event, basis.terms)


def second_notice(before: Clock) -> bool:
    """Whether there was a new appointment before (NĐ 61/2018 art. 19.9; NĐ 118/2025 art. 19.6)."""
    return before.rescheduled > 0


def see_closing(
    clock: Clock,
    event: PlainEvent,
    place: int,
    facts: Facts,
    basis: Basis,
    room: Room,
    found: int,
) -> int:
    """See what a closing shows; returns how many findings there are."""
    count_closing(clock, event, room)
    see_overdue_closing(clock, event, place, room)
    if re_entered(event, facts.flags[place]):
        found = write_finding(RE_ENTERED, place, event.day, room, found)
    if sent_back_on_due_day(clock, event):
        found = write_finding(SENT_BACK_ON_DUE_DAY, place, event.day, room, found)
    if recorded_after_due(clock, facts.recorded[place], basis):
        found = write_finding(RECORDED_AFTER_DUE, place, event.day, room, found)
    if due_moved_to_closing(clock, event, room.memory[MOVED]):
        found = write_finding(DUE_MOVED_TO_CLOSING, place, event.day, room, found)
    received = facts.minute[room.memory[RECEPTION]]
    if resolved_at_once(clock, event, received, facts.minute[place], basis):
        found = write_finding(RESOLVED_AT_ONCE, place, event.day, room, found)
    return found


def see_overdue_closing(clock: Clock, event: PlainEvent, place: int, room: Room) -> None:
    """See whether the due day had passed when a clock that stood still ran again to close the
    dossier: the due day moves by working days, so it may still lie before a day off."""
    memory = room.memory
    if event.day > clock.due and memory[OVERDUE_ON] == rules.NOTHING:
        memory[OVERDUE_ON] = event.day
        memory[OVERDUE_BY] = place
        count(BECAME_OVERDUE, room)


def count_closing(clock: Clock, event: PlainEvent, room: Room) -> None:
    """Count a dossier in the populations to which it belongs by its closing."""
    count(CLOSED, room)
    if event.kind != kinds.RESOLVED:
        count(SENT_BACK, room)
    if is_closed_in_time(clock):
        count(CLOSED_IN_TIME, room)
    if is_closed_on_due_day(clock):
        count(CLOSED_ON_DUE_DAY, room)
    if event.kind == kinds.RESOLVED:
        count(RESOLVED, room)
        if is_closed_in_time(clock):
            count(RESOLVED_IN_TIME, room)
            room.memory[RESOLVED_IN] = room.memory[STANDS]


def re_entered(event: PlainEvent, flags: int) -> bool:
    """Whether a dossier was cancelled because it was entered again, or is a duplicate."""
    return event.kind == kinds.CANCELLED and (flags & RE_ENTRY_BIT) != 0


def sent_back_on_due_day(clock: Clock, event: PlainEvent) -> bool:
    """Whether a dossier that is not overdue was returned or cancelled on its due day."""
    if event.kind == kinds.RESOLVED or clock.lapsed or clock.exceeded:
        return False
    return event.day == clock.due


def recorded_after_due(clock: Clock, recorded: int, basis: Basis) -> bool:
    """Whether a dossier was resolved or returned in time by an event that was recorded more days
    after the due day than it may."""
    return is_closed_in_time(clock) and recorded > clock.due + basis.thresholds.days_after_due


def due_moved_to_closing(clock: Clock, event: PlainEvent, moved: int) -> bool:
    """Whether a dossier was resolved or returned on a due day that an event had moved to that
    day."""
    return is_closed_on_due_day(clock) and event.day == moved


def resolved_at_once(
    clock: Clock, event: PlainEvent, received: int, minute: int, basis: Basis
) -> bool:
    """Whether a dossier that may take days was resolved within minutes of its reception."""
    if event.kind != kinds.RESOLVED or clock.allowance == 0:
        return False
    if received == rules.NOTHING or minute == rules.NOTHING:
        return False
    return 0 <= minute - received < basis.thresholds.minutes


def is_closing(kind: int) -> bool:
    """Whether an event of this kind closes a dossier."""
    return kind == kinds.RETURNED or kind == kinds.CANCELLED or kind == kinds.RESOLVED


def is_closed_in_time(clock: Clock) -> bool:
    """Whether a closed dossier was resolved or returned early or on time."""
    return is_closed_on_due_day(clock) or (
        clock.closed_in == accounts.RESOLVED + accounts.EARLY
        or clock.closed_in == accounts.RETURNED + accounts.EARLY
    )


def is_closed_on_due_day(clock: Clock) -> bool:
    """Whether a closed dossier was resolved or returned on time."""
    return (
        clock.closed_in == accounts.RESOLVED + accounts.ON_TIME
        or clock.closed_in == accounts.RETURNED + accounts.ON_TIME
    )


# --- What is written -----------------------------------------------------------------------------


def count(population: int, room: Room) -> None:
    """Count the dossier in a population, once, in the slice in which it stands."""
    if not (room.memory[MEMBER] >> population) & 1:
        room.memory[MEMBER] |= 1 << population
        room.counts[room.memory[STANDS] * POPULATION_COUNT + population] += 1


def write_finding(check: int, place: int, day: int, room: Room, found: int) -> int:
    """Write that a check found the dossier, if it did not before; returns how many findings there
    are."""
    if (room.memory[SEEN] >> check) & 1:
        return found
    room.memory[SEEN] |= 1 << check
    room.findings.check[found] = check
    room.findings.place[found] = place
    room.findings.day[found] = day
    room.findings.slice[found] = room.memory[STANDS]
    return found + 1


def write_closing(clock: Clock, place: int, room: Room, closed: int) -> int:
    """Write that the dossier closed; returns how many closings there are."""
    is_resolved = clock.closed_in < accounts.RESOLVED + accounts.LATE
    room.closings.place[closed] = place
    room.closings.slice[closed] = room.memory[STANDS]
    room.closings.in_time[closed] = 1 if is_resolved else 0
    return closed + 1
