"""The checks of integrity: what each looks for in the life of a dossier, one function for each.

Plain functions over numbers, as in ``domain.rules``, whose clock they read before and after an
event; ``findings`` calls them. docs/REPORTS.md, Integrity, says what each of them counts. BURST and
LAST_DAY have no function here: they look at many dossiers at once.
"""

from typing import Final, NamedTuple

from hoso.domain import accounts, kinds, rules
from hoso.domain.calendar import WorkingDays, add, between
from hoso.domain.policy import Terms
from hoso.domain.rules import Clock, PlainEvent

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

DISTRICT_BIT, RE_ENTRY_BIT = 1, 2  # of ``Step.flags``


class Thresholds(NamedTuple):
    """The thresholds of checks that are no provisions (``integrity.checks``)."""

    working_days_before: int
    days_after_due: int
    minutes: int
    working_days_late: int
    last_district_day: int


class Basis(NamedTuple):
    """By what an event is judged: the provisions of its day, thresholds, and the calendar.

    ``notice_days`` are the working days within which a supplement is asked for, ``expiry_days`` the
    days for which it is awaited; NOTHING where there is no such duty.
    """

    terms: Terms
    notice_days: int
    expiry_days: int
    thresholds: Thresholds
    calendar: WorkingDays


class Step(NamedTuple):
    """An event that applied: the clock before and after it, and its place among the lives.

    ``recorded`` is the day number on which it was recorded. ``minute`` is the minute of its
    occurrence by any clock, NOTHING where the hour is not known. ``flags`` has DISTRICT_BIT for a
    reception at district level, RE_ENTRY_BIT for a cancellation as re-entered or duplicate.
    ``catalogue`` is the catalogue's allowance for a reception's procedure, twice the days plus the
    unit; NOTHING where it has none.
    """

    before: Clock
    after: Clock
    event: PlainEvent
    place: int
    recorded: int
    minute: int
    flags: int
    catalogue: int


# --- The reception -------------------------------------------------------------------------------


def recorded_late(step: Step, basis: Basis) -> bool:
    """Whether a reception was recorded more working days after it occurred than it may."""
    late = between(basis.calendar, step.event.day, step.recorded)
    return late > basis.thresholds.working_days_late


def district_after_reform(step: Step, basis: Basis) -> bool:
    """Whether a district received a dossier when there were no districts any more."""
    is_district = (step.flags & DISTRICT_BIT) != 0
    return is_district and step.event.day > basis.thresholds.last_district_day


def allowance_differs(step: Step, basis: Basis) -> bool:
    """Whether a reception's allowance is another one than the catalogue's; where it gives only a
    due day, whether that is another one than the catalogue's allowance makes."""
    event, days, unit = step.event, step.catalogue >> 1, step.catalogue & 1
    if event.allowance != rules.NOTHING:
        return event.allowance != days or (event.detail & rules.UNIT_BIT) != unit
    return event.due != rules.deadline(basis.calendar, event.day, days, unit)


# --- The clock is stopped ------------------------------------------------------------------------


def paused_on_due_day(step: Step, basis: Basis) -> bool:
    """Whether a dossier that is not overdue was paused on its due day, or at most so many working
    days before it."""
    day, due = step.event.day, step.before.due
    if rules.is_overdue(step.before, day):
        return False
    others = between(basis.calendar, day, due - 1)  # working days between the two
    return day == due or others < basis.thresholds.working_days_before


def late_supplement_request(step: Step, begun: int, basis: Basis) -> bool:
    """Whether a supplement was asked for later than within the working days since day ``begun``
    that the law gives (NĐ 61/2018 art. 19.4; NĐ 118/2025 art. 19.5)."""
    if basis.notice_days == rules.NOTHING:
        return False
    return step.event.day > add(basis.calendar, begun, basis.notice_days)


def second_request(step: Step, basis: Basis) -> bool:
    """Whether there were more supplement requests than the law allows (NĐ 61/2018 art. 11.2c; NĐ
    118/2025 arts 11.2c, 19.5)."""
    return step.after.requests > basis.terms.supplement_limit


def supplement_expired(expires: int, day: int, kind: int, calendar: WorkingDays) -> int:
    """The day on which a supplement was awaited beyond day ``expires``, where the next event, one
    of some kind, is on ``day``; NOTHING where it was not (NĐ 118/2025 art. 19.5).

    The office has until the end of the next working day to close the dossier: by then only an
    answer, or another request, shows that it did not.
    """
    close_by = add(calendar, expires, 1)
    shows = kind == kinds.SUPPLEMENTED or kind == kinds.SUPPLEMENT_REQUESTED
    if day <= expires or (day <= close_by and not shows):
        return rules.NOTHING
    return min(day, close_by)


# --- Notices -------------------------------------------------------------------------------------


def late_notice(step: Step, basis: Basis) -> bool:
    """Whether the notice of a new appointment came too late (NĐ 61/2018 art. 19.9; NĐ 118/2025
    art. 19.6)."""
    return not rules.is_notice_in_time(step.before, step.event, basis.terms)


def second_notice(step: Step) -> bool:
    """Whether there was a new appointment before (NĐ 61/2018 art. 19.9; NĐ 118/2025 art. 19.6)."""
    return step.before.rescheduled > 0


def no_notice(clock: Clock) -> bool:
    """Whether no new appointment was ever announced for a dossier whose due day has passed (NĐ
    61/2018 art. 19.9; NĐ 118/2025 art. 19.6)."""
    return clock.rescheduled == 0


# --- The closing ---------------------------------------------------------------------------------


def re_entered(step: Step) -> bool:
    """Whether a dossier was cancelled because it was entered again, or is a duplicate."""
    return step.event.kind == kinds.CANCELLED and (step.flags & RE_ENTRY_BIT) != 0


def sent_back_on_due_day(step: Step) -> bool:
    """Whether a dossier that is not overdue was returned or cancelled on its due day."""
    clock = step.after
    if step.event.kind == kinds.RESOLVED or clock.lapsed or clock.exceeded:
        return False
    return step.event.day == clock.due


def recorded_after_due(step: Step, basis: Basis) -> bool:
    """Whether a dossier was resolved or returned in time by an event that was recorded more days
    after the due day than it may."""
    latest = step.after.due + basis.thresholds.days_after_due
    return is_closed_in_time(step.after) and step.recorded > latest


def due_moved_to_closing(step: Step, moved: int) -> bool:
    """Whether a dossier was resolved or returned on its due day, which is the day ``moved`` to
    which an event had moved it."""
    return is_closed_on_due_day(step.after) and step.event.day == moved


def is_moved_later(step: Step, basis: Basis) -> bool:
    """Whether an event gave a later due day than there was, or than the rules would have made."""
    event = step.event
    if event.kind == kinds.RESCHEDULED:
        return step.after.due > step.before.due
    if event.due == rules.NOTHING:
        return False
    if event.kind != kinds.SUPPLEMENTED and event.kind != kinds.RESUMED:
        return False
    without = PlainEvent(event.kind, event.day, rules.NOTHING, event.allowance, event.detail)
    shifted = event.kind == kinds.RESUMED or basis.terms.extend != 0
    return event.due > rules.due_after_stop(step.before, without, shifted, basis.calendar)


def resolved_at_once(step: Step, received: int, basis: Basis) -> bool:
    """Whether a dossier that may take days was resolved within minutes of its reception, which was
    in the minute ``received``."""
    if step.event.kind != kinds.RESOLVED or step.after.allowance == 0:
        return False
    if received == rules.NOTHING or step.minute == rules.NOTHING:
        return False
    return 0 <= step.minute - received < basis.thresholds.minutes


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
