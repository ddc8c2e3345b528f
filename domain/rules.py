"""What does one event do to one dossier? The rule book.

Plain functions over plain numbers: the aggregate calls them for one event, replay compiles the
very same functions and calls them for hundreds of millions. There is no second version.

Sources: NĐ 61/2018/NĐ-CP arts 15-19, Decision 766/QĐ-TTg (2022), form II.06a of TT 01/2020/TT-VPCP;
``domain.law`` names each rule, docs/RULES.md has examples with dates.
"""

from typing import Final, NamedTuple

from hoso.domain import accounts, kinds
from hoso.domain.calendar import WorkingDays, add, between, forward
from hoso.domain.policy import Terms

NONE, IN_PROGRESS, AWAITING, PAUSED, CLOSED = range(5)  # phases

UNITS: Final = ("working_days", "calendar_days")
WORKING_DAYS, CALENDAR_DAYS = range(len(UNITS))

NOTHING: Final = -(2**31)  # where an event gives no due day, or no allowance


class PlainEvent(NamedTuple):
    """An event as the rules read it.

    ``day`` and ``due`` are day numbers, ``allowance`` a number of days (both may be NOTHING);
    ``detail`` is the allowance's unit for a reception, WITHDRAWN or VOIDED for a cancellation.
    """

    kind: int
    day: int
    due: int
    allowance: int
    detail: int


class Clock(NamedTuple):
    """All that the rules remember of a dossier's past.

    ``due`` is the day it must be answered by, ``stopped`` the day the clock last stopped;
    ``allowance`` is a number of days of ``unit``; ``rested`` is the account in which a closed
    dossier came to rest, OUTSIDE until then.

    The rules below name the fields that change and copy the others by place, as the compiler
    knows no ``_replace``: what moves a field here moves it there.
    """

    phase: int
    due: int
    stopped: int
    lapsed: int
    requests: int
    rescheduled: int
    allowance: int
    unit: int
    rested: int


BLANK: Final = Clock(NONE, 0, 0, 0, 0, 0, 0, WORKING_DAYS, accounts.OUTSIDE)


def applies(phase: int, kind: int) -> bool:
    """Whether an event of this kind makes sense in this phase; if not, it is in suspense."""
    if kind == kinds.RECEIVED:
        return phase == NONE
    if kind == kinds.SUPPLEMENTED:
        return phase == AWAITING
    if kind == kinds.PAUSED:
        return phase == IN_PROGRESS
    if kind == kinds.RESUMED:
        return phase == PAUSED
    if kind >= kinds.FIRST_FACT:
        return phase != NONE  # a closed dossier may still be rated, say
    return kind != kinds.ANNULLED and phase != NONE and phase != CLOSED


def deadline(calendar: WorkingDays, start: int, allowance: int, unit: int) -> int:
    """The due day of a fresh clock that starts on day ``start`` (NĐ 61/2018 arts 15-19)."""
    if unit == CALENDAR_DAYS:
        return forward(calendar, start + allowance)
    return add(calendar, forward(calendar, start), allowance)


def shift(calendar: WorkingDays, due: int, stopped: int, day: int, unit: int) -> int:
    """The due day, moved by the time the clock stood still from ``stopped`` to ``day``."""
    if day == stopped:
        return due
    if unit == CALENDAR_DAYS:
        return forward(calendar, due + (day - stopped))
    return add(calendar, due, between(calendar, stopped, day))


def is_overdue(clock: Clock, terms: Terms, day: int) -> bool:
    """Overdue on ``day``: the deadline passed once, or passes now, or too many requests.

    *The second supplement request counts as overdue* (Decision 766/QĐ-TTg of 2022).
    """
    return (
        clock.lapsed != 0
        or clock.requests > terms.supplement_limit
        or (clock.phase == IN_PROGRESS and day > clock.due)
    )


def runs_out(clock: Clock, held: int, day: int) -> bool:
    """Whether a dossier that stands in ``held`` became overdue by itself before ``day``, or on it.

    In progress and in time, it does on the day after its due day: no event is needed (form
    II.06a).
    """
    return held == accounts.IN_PROGRESS + accounts.IN_TIME and day > clock.due


def account(clock: Clock, terms: Terms, day: int) -> int:
    """The account in which the dossier stands at the end of ``day``."""
    if clock.phase == NONE or clock.phase == CLOSED:
        return clock.rested
    late = accounts.OVERDUE if is_overdue(clock, terms, day) else accounts.IN_TIME
    if clock.phase == AWAITING:
        return accounts.AWAITING_SUPPLEMENT + late
    if clock.phase == PAUSED:
        return accounts.PAUSED + late
    return accounts.IN_PROGRESS + late


def receive(event: PlainEvent, calendar: WorkingDays) -> Clock:
    """Tiếp nhận: the clock starts (NĐ 61/2018 arts 15-19).

    Where only a due day is given, the allowance is what lies between, in working days.
    """
    allowance, unit, due = event.allowance, event.detail, event.due
    if allowance == NOTHING:
        unit = WORKING_DAYS
        allowance = between(calendar, forward(calendar, event.day), due)
    if due == NOTHING:
        due = deadline(calendar, event.day, allowance, unit)
    return Clock(IN_PROGRESS, due, 0, 0, 0, 0, allowance, unit, accounts.OUTSIDE)


def stop(clock: Clock, phase: int, day: int) -> Clock:
    """The clock stops today. *Lapsed sticks*: a deadline that has passed stays passed."""
    lapsed = 1 if day > clock.due else clock.lapsed
    return Clock(phase, clock.due, day, lapsed, *clock[4:])


def run(clock: Clock, due: int) -> Clock:
    """The clock runs, towards ``due``."""
    return Clock(IN_PROGRESS, due, *clock[2:])


def request_supplement(clock: Clock, event: PlainEvent, calendar: WorkingDays) -> Clock:
    """Yêu cầu bổ sung (NĐ 61/2018 arts 15-19): from a pause, the pause ends first."""
    if clock.phase == PAUSED:
        clock = resume(clock, event, calendar)
    if clock.phase == IN_PROGRESS:
        clock = stop(clock, AWAITING, event.day)
    return Clock(*clock[:4], clock.requests + 1, *clock[5:])


def supplement(clock: Clock, event: PlainEvent, terms: Terms, calendar: WorkingDays) -> Clock:
    """Đã bổ sung: to the given day, else anew in full (NĐ 61/2018 art. 19.4) or extended."""
    if event.due != NOTHING:
        return run(clock, event.due)
    if terms.extend:
        return run(clock, shift(calendar, clock.due, clock.stopped, event.day, clock.unit))
    return run(clock, deadline(calendar, event.day, clock.allowance, clock.unit))


def resume(clock: Clock, event: PlainEvent, calendar: WorkingDays) -> Clock:
    """Tiếp tục: to the given day, else later by as long as the clock stood still."""
    if event.due != NOTHING:
        return run(clock, event.due)
    return run(clock, shift(calendar, clock.due, clock.stopped, event.day, clock.unit))


def reschedule(clock: Clock, event: PlainEvent, terms: Terms) -> Clock:
    """Xin lỗi và hẹn lại (NĐ 61/2018 arts 15-19): remembered; moves the due day by policy only."""
    accepted = (
        terms.accept_once != 0
        and clock.rescheduled == 0
        and not is_overdue(clock, terms, event.day)
    )
    due = event.due if accepted else clock.due
    return Clock(clock.phase, due, *clock[2:5], clock.rescheduled + 1, *clock[6:])


def close(clock: Clock, event: PlainEvent, terms: Terms, calendar: WorkingDays) -> Clock:
    """Trả lại, hủy hoặc giải quyết xong: a clock that stands still runs again first."""
    if clock.phase == PAUSED:
        clock = resume(clock, event, calendar)
    elif clock.phase == AWAITING:
        clock = supplement(clock, event, terms, calendar)
    if event.kind == kinds.CANCELLED:
        rested = accounts.CANCELLED + event.detail
    elif event.kind == kinds.RETURNED:
        rested = accounts.RETURNED + timeliness(clock, terms, event.day)
    else:
        rested = accounts.RESOLVED + timeliness(clock, terms, event.day)
    return Clock(CLOSED, *clock[1:8], rested)


def timeliness(clock: Clock, terms: Terms, day: int) -> int:
    """EARLY, ON_TIME or LATE for a dossier that closes on ``day`` (form II.06a)."""
    if is_overdue(clock, terms, day):
        return accounts.LATE
    if day == clock.due:
        return accounts.ON_TIME
    return accounts.EARLY


def step(clock: Clock, event: PlainEvent, terms: Terms, calendar: WorkingDays) -> Clock:
    """The dossier's clock after one event that ``applies``."""
    if event.kind == kinds.RECEIVED:
        return receive(event, calendar)
    if event.kind == kinds.SUPPLEMENT_REQUESTED:
        return request_supplement(clock, event, calendar)
    if event.kind == kinds.SUPPLEMENTED:
        return supplement(clock, event, terms, calendar)
    if event.kind == kinds.PAUSED:
        return stop(clock, PAUSED, event.day)
    if event.kind == kinds.RESUMED:
        return resume(clock, event, calendar)
    if event.kind == kinds.RESCHEDULED:
        return reschedule(clock, event, terms)
    if event.kind >= kinds.FIRST_FACT:
        return clock
    return close(clock, event, terms, calendar)
