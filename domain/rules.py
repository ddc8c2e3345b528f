"""The rule book: what one event does to the clock of one dossier, and in which account it stands.

The functions are plain and work on whole numbers only. The aggregate calls them for one event.
Replay compiles the same functions and calls them for hundreds of millions. There is no second
version.

Sources: NĐ 61/2018/NĐ-CP arts 15-19, Decision 766/QĐ-TTg (2022), form II.06a of TT 01/2020/TT-VPCP;
``domain.law`` names each rule, docs/RULES.md has examples with dates.
"""

from typing import Final, NamedTuple

from hoso.domain import accounts, kinds
from hoso.domain.calendar import WorkingDays, add, between, forward
from hoso.domain.policy import Terms

# The phases of a dossier: not received, in progress, awaiting a supplement, paused, closed.
NONE, IN_PROGRESS, AWAITING, PAUSED, CLOSED = range(5)

UNITS: Final = ("working_days", "calendar_days")
WORKING_DAYS, CALENDAR_DAYS = range(len(UNITS))

NOTHING: Final = -(2**31)  # stands for a due day or an allowance that an event does not give


class PlainEvent(NamedTuple):
    """An event as the rules read it.

    ``kind`` is a number of ``domain.kinds``. ``day`` and ``due`` are day numbers, ``allowance`` is
    a number of days; ``due`` and ``allowance`` may be NOTHING. ``detail`` is the unit of the
    allowance for a reception, and WITHDRAWN or VOIDED for a cancellation.
    """

    kind: int
    day: int
    due: int
    allowance: int
    detail: int


class Clock(NamedTuple):
    """All that the rules remember of a dossier's past.

    ``due`` is the due day, ``stopped`` the day on which the clock last stopped. ``lapsed`` is 1
    once a due day had passed when the clock stopped. ``requests`` counts supplement requests, and
    ``rescheduled`` new appointments. ``allowance`` is a number of days of ``unit``. ``closed_in``
    is the account in which the dossier was closed; OUTSIDE until then.

    A rule that changes a field makes a new clock and names every field, because the compiler does
    not know ``_replace``.
    """

    phase: int
    due: int
    stopped: int
    lapsed: int
    requests: int
    rescheduled: int
    allowance: int
    unit: int
    closed_in: int


BLANK: Final = Clock(  # the clock of a dossier before its first event
    phase=NONE,
    due=0,
    stopped=0,
    lapsed=0,
    requests=0,
    rescheduled=0,
    allowance=0,
    unit=WORKING_DAYS,
    closed_in=accounts.OUTSIDE,
)


def applies(phase: int, kind: int) -> bool:
    """Whether an event of this kind is legal in this phase. One that is not stands in suspense."""
    if kind == kinds.RECEIVED:
        return phase == NONE
    if kind == kinds.SUPPLEMENTED:
        return phase == AWAITING
    if kind == kinds.PAUSED:
        return phase == IN_PROGRESS
    if kind == kinds.RESUMED:
        return phase == PAUSED
    if kind >= kinds.FIRST_FACT:
        return phase != NONE  # a closed dossier, too: it may still be rated
    return kind != kinds.ANNULLED and phase != NONE and phase != CLOSED


def deadline(calendar: WorkingDays, start: int, allowance: int, unit: int) -> int:
    """The due day of a fresh clock that starts on day ``start`` (NĐ 61/2018 arts 15-19)."""
    if unit == CALENDAR_DAYS:
        return forward(calendar, start + allowance)
    return add(calendar, forward(calendar, start), allowance)


def shift(calendar: WorkingDays, due: int, stopped: int, day: int, unit: int) -> int:
    """The due day, later by the time from ``stopped`` to ``day``, when the clock stood still."""
    if day == stopped:
        return due
    if unit == CALENDAR_DAYS:
        return forward(calendar, due + (day - stopped))
    return add(calendar, due, between(calendar, stopped, day))


def is_overdue(clock: Clock, terms: Terms, day: int) -> bool:
    """Whether the dossier is overdue on ``day``: its due day has passed, now or before the clock
    stopped, or there were too many supplement requests.

    *The second supplement request counts as overdue* (Decision 766/QĐ-TTg of 2022).
    """
    return (
        clock.lapsed != 0
        or clock.requests > terms.supplement_limit
        or (clock.phase == IN_PROGRESS and day > clock.due)
    )


def runs_out(clock: Clock, held: int, day: int) -> bool:
    """Whether a dossier in account ``held`` has become overdue by ``day`` without an event.

    A dossier that is in progress and in time becomes overdue on the day after its due day (form
    II.06a).
    """
    return held == accounts.IN_PROGRESS + accounts.IN_TIME and day > clock.due


def account(clock: Clock, terms: Terms, day: int) -> int:
    """The account in which the dossier stands at the end of ``day``."""
    if clock.phase == NONE or clock.phase == CLOSED:
        return clock.closed_in
    late = accounts.OVERDUE if is_overdue(clock, terms, day) else accounts.IN_TIME
    if clock.phase == AWAITING:
        return accounts.AWAITING_SUPPLEMENT + late
    if clock.phase == PAUSED:
        return accounts.PAUSED + late
    return accounts.IN_PROGRESS + late


def receive(event: PlainEvent, calendar: WorkingDays) -> Clock:
    """Tiếp nhận: the clock starts (NĐ 61/2018 arts 15-19).

    Where only a due day is given, the allowance is the number of working days up to it.
    """
    allowance, unit, due = event.allowance, event.detail, event.due
    if allowance == NOTHING:
        unit = WORKING_DAYS
        allowance = between(calendar, forward(calendar, event.day), due)
    if due == NOTHING:
        due = deadline(calendar, event.day, allowance, unit)
    return Clock(
        phase=IN_PROGRESS,
        due=due,
        stopped=0,
        lapsed=0,
        requests=0,
        rescheduled=0,
        allowance=allowance,
        unit=unit,
        closed_in=accounts.OUTSIDE,
    )


def stop(clock: Clock, phase: int, day: int) -> Clock:
    """The clock stops on ``day``. *Lapsed sticks*: a deadline that has passed stays passed."""
    return Clock(
        phase=phase,
        due=clock.due,
        stopped=day,
        lapsed=1 if day > clock.due else clock.lapsed,
        requests=clock.requests,
        rescheduled=clock.rescheduled,
        allowance=clock.allowance,
        unit=clock.unit,
        closed_in=clock.closed_in,
    )


def run(clock: Clock, due: int) -> Clock:
    """The clock runs again, with a due day."""
    return Clock(
        phase=IN_PROGRESS,
        due=due,
        stopped=clock.stopped,
        lapsed=clock.lapsed,
        requests=clock.requests,
        rescheduled=clock.rescheduled,
        allowance=clock.allowance,
        unit=clock.unit,
        closed_in=clock.closed_in,
    )


def request_supplement(clock: Clock, event: PlainEvent, calendar: WorkingDays) -> Clock:
    """Yêu cầu bổ sung: the clock stops; a pause ends first (NĐ 61/2018 arts 15-19)."""
    if clock.phase == PAUSED:
        clock = resume(clock, event, calendar)
    if clock.phase == IN_PROGRESS:
        clock = stop(clock, AWAITING, event.day)
    return Clock(
        phase=clock.phase,
        due=clock.due,
        stopped=clock.stopped,
        lapsed=clock.lapsed,
        requests=clock.requests + 1,
        rescheduled=clock.rescheduled,
        allowance=clock.allowance,
        unit=clock.unit,
        closed_in=clock.closed_in,
    )


def supplement(clock: Clock, event: PlainEvent, terms: Terms, calendar: WorkingDays) -> Clock:
    """Đã bổ sung: the clock runs again.

    The due day is the one given. Without one, the full allowance runs again from this day (NĐ
    61/2018 art. 19.4), or, by policy, the due day is later by the time the clock stood still.
    """
    if event.due != NOTHING:
        return run(clock, event.due)
    if terms.extend:
        return run(clock, shift(calendar, clock.due, clock.stopped, event.day, clock.unit))
    return run(clock, deadline(calendar, event.day, clock.allowance, clock.unit))


def resume(clock: Clock, event: PlainEvent, calendar: WorkingDays) -> Clock:
    """Tiếp tục: the clock runs again.

    The due day is the one given. Without one, it is later by the time the clock stood still.
    """
    if event.due != NOTHING:
        return run(clock, event.due)
    return run(clock, shift(calendar, clock.due, clock.stopped, event.day, clock.unit))


def reschedule(clock: Clock, event: PlainEvent, terms: Terms) -> Clock:
    """Xin lỗi và hẹn lại: counted; by policy, the first one in time moves the due day.

    NĐ 61/2018 arts 15-19.
    """
    accepted = (
        terms.accept_once != 0
        and clock.rescheduled == 0
        and not is_overdue(clock, terms, event.day)
    )
    return Clock(
        phase=clock.phase,
        due=event.due if accepted else clock.due,
        stopped=clock.stopped,
        lapsed=clock.lapsed,
        requests=clock.requests,
        rescheduled=clock.rescheduled + 1,
        allowance=clock.allowance,
        unit=clock.unit,
        closed_in=clock.closed_in,
    )


def close(clock: Clock, event: PlainEvent, terms: Terms, calendar: WorkingDays) -> Clock:
    """Trả lại, hủy hoặc giải quyết xong: the dossier closes; a stopped clock runs again first."""
    if clock.phase == PAUSED:
        clock = resume(clock, event, calendar)
    elif clock.phase == AWAITING:
        clock = supplement(clock, event, terms, calendar)
    if event.kind == kinds.CANCELLED:
        closed_in = accounts.CANCELLED + event.detail
    elif event.kind == kinds.RETURNED:
        closed_in = accounts.RETURNED + timeliness(clock, terms, event.day)
    else:
        closed_in = accounts.RESOLVED + timeliness(clock, terms, event.day)
    return Clock(
        phase=CLOSED,
        due=clock.due,
        stopped=clock.stopped,
        lapsed=clock.lapsed,
        requests=clock.requests,
        rescheduled=clock.rescheduled,
        allowance=clock.allowance,
        unit=clock.unit,
        closed_in=closed_in,
    )


def timeliness(clock: Clock, terms: Terms, day: int) -> int:
    """EARLY, ON_TIME or LATE for a dossier that closes on ``day`` (form II.06a)."""
    if is_overdue(clock, terms, day):
        return accounts.LATE
    if day == clock.due:
        return accounts.ON_TIME
    return accounts.EARLY


def step(clock: Clock, event: PlainEvent, terms: Terms, calendar: WorkingDays) -> Clock:
    """The clock of a dossier after one more event, which must apply (``applies``)."""
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
