"""The rule book: what one event does to the clock of one dossier, and in which account it stands.

The functions are plain and work on whole numbers only. The aggregate calls them for one event.
Replay compiles the same functions and calls them for hundreds of millions. There is no second
version.

Each event is judged by the provisions in force on its own day (``domain.provisions``), which a rule
gets as ``terms``. Sources: NĐ 61/2018/NĐ-CP arts 17 and 19, NĐ 118/2025/NĐ-CP arts 17 and 19, NĐ
309/2026/NĐ-CP art. 8, Decision 766/QĐ-TTg (2022); ``domain.law`` names each rule, docs/RULES.md has
examples with dates.
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
FRESH: Final = NOTHING + 1  # of an arrival: its due day is that of a fresh clock

# Where the competent body stands to a dossier: it took it in itself; another office did, and it has
# not arrived yet; or it has.
TAKEN_IN_ITSELF, ON_ITS_WAY, ARRIVED = range(3)
UNIT_BIT, ELSEWHERE_BIT = 1, 2  # of a reception's detail


class PlainEvent(NamedTuple):
    """An event as the rules read it.

    ``kind`` is a number of ``domain.kinds``. ``day`` and ``due`` are day numbers, ``allowance`` is
    a number of days; ``due`` and ``allowance`` may be NOTHING. ``detail`` is, for a reception, the
    unit of the allowance, plus ELSEWHERE_BIT where another office took the dossier in; WITHDRAWN or
    VOIDED for a cancellation.
    """

    kind: int
    day: int
    due: int
    allowance: int
    detail: int


class Clock(NamedTuple):
    """All that the rules remember of a dossier's past.

    ``due`` is the due day, ``stopped`` the day on which the clock last stopped. ``lapsed`` is 1
    once a due day had passed when the clock stopped, or when the dossier arrived. ``requests``
    counts supplement requests; ``exceeded`` is 1 once there were more than the limit in force on
    the day of the request. ``rescheduled`` counts new appointments. ``allowance`` is a number of
    days of ``unit``. ``journey`` says whether the dossier is on its way to the competent body.
    ``arrival_due`` is the due day that an arrival set while the clock stood still: NOTHING where
    none did, FRESH where it is that of a fresh clock. ``closed_in`` is the account in which the
    dossier was closed; OUTSIDE until then.

    A rule that changes a field makes a new clock and names every field, because the compiler does
    not know ``_replace``.
    """

    phase: int
    due: int
    stopped: int
    lapsed: int
    requests: int
    exceeded: int
    rescheduled: int
    allowance: int
    unit: int
    journey: int
    arrival_due: int
    closed_in: int


BLANK: Final = Clock(  # the clock of a dossier before its first event
    phase=NONE,
    due=0,
    stopped=0,
    lapsed=0,
    requests=0,
    exceeded=0,
    rescheduled=0,
    allowance=0,
    unit=WORKING_DAYS,
    journey=TAKEN_IN_ITSELF,
    arrival_due=NOTHING,
    closed_in=accounts.OUTSIDE,
)


def applies(clock: Clock, kind: int) -> bool:
    """Whether an event of this kind is legal now. One that is not stands in suspense.

    This depends on the events before it alone, on no provision and no calendar: archives set the
    dossiers apart that have any in suspense.
    """
    phase = clock.phase
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
    if kind == kinds.ARRIVED and clock.journey != ON_ITS_WAY:
        return False
    return kind != kinds.ANNULLED and phase != NONE and phase != CLOSED


def deadline(calendar: WorkingDays, start: int, allowance: int, unit: int) -> int:
    """The due day of a fresh clock that starts on day ``start`` (NĐ 118/2025 art. 17.3)."""
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


def is_overdue(clock: Clock, day: int) -> bool:
    """Whether the dossier is overdue on ``day``: its due day has passed, now or before the clock
    stopped, or there were too many supplement requests.

    *The second supplement request counts as overdue* (NĐ 61/2018 art. 11.2c; NĐ 118/2025 arts
    11.2c, 16.3, 19.5; NĐ 309/2026 art. 8.1; Decision 766/QĐ-TTg of 2022).
    """
    return (
        clock.lapsed != 0 or clock.exceeded != 0 or (clock.phase == IN_PROGRESS and day > clock.due)
    )


def days_left(clock: Clock, calendar: WorkingDays, day: int) -> int:
    """The working days that an open dossier has left after ``day``; NOTHING for any other.

    0 means that ``day`` is the last working day before the due day has passed. Below zero the
    dossier is overdue, by so many working days, or by 1 where its due day has not passed. While the
    clock stands still, the days are those that were left when it stopped.
    """
    if clock.phase == NONE or clock.phase == CLOSED:
        return NOTHING
    since = day if clock.phase == IN_PROGRESS else clock.stopped
    left = between(calendar, since, clock.due) - between(calendar, clock.due, since)
    return min(left, -1) if is_overdue(clock, day) else left


def runs_out(clock: Clock, held: int, day: int) -> bool:
    """Whether a dossier in account ``held`` has become overdue by ``day`` without an event.

    A dossier that is in progress and in time becomes overdue on the day after its due day.
    """
    return held == accounts.IN_PROGRESS + accounts.IN_TIME and day > clock.due


def account(clock: Clock, day: int) -> int:
    """The account in which the dossier stands at the end of ``day``."""
    if clock.phase == NONE or clock.phase == CLOSED:
        return clock.closed_in
    late = accounts.OVERDUE if is_overdue(clock, day) else accounts.IN_TIME
    if clock.phase == AWAITING:
        return accounts.AWAITING_SUPPLEMENT + late
    if clock.phase == PAUSED:
        return accounts.PAUSED + late
    return accounts.IN_PROGRESS + late


def receive(event: PlainEvent, calendar: WorkingDays) -> Clock:
    """Tiếp nhận: the clock starts (NĐ 61/2018 art. 17; NĐ 118/2025 art. 17.3).

    Where only a due day is given, the allowance is the number of working days up to it. Until a
    dossier that another office took in has arrived, its clock is taken to run from here.
    """
    allowance, unit, due = event.allowance, event.detail & UNIT_BIT, event.due
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
        exceeded=0,
        rescheduled=0,
        allowance=allowance,
        unit=unit,
        journey=ON_ITS_WAY if event.detail & ELSEWHERE_BIT else TAKEN_IN_ITSELF,
        arrival_due=NOTHING,
        closed_in=accounts.OUTSIDE,
    )


def pause(clock: Clock, day: int) -> Clock:
    """Tạm dừng: the clock stops on ``day``. *Lapsed sticks*: a deadline that has passed stays
    passed."""
    return Clock(
        phase=PAUSED,
        due=clock.due,
        stopped=day,
        lapsed=1 if day > clock.due else clock.lapsed,
        requests=clock.requests,
        exceeded=clock.exceeded,
        rescheduled=clock.rescheduled,
        allowance=clock.allowance,
        unit=clock.unit,
        journey=clock.journey,
        arrival_due=clock.arrival_due,
        closed_in=clock.closed_in,
    )


def run(clock: Clock, due: int) -> Clock:
    """The clock runs again, with a due day; what an arrival had set is used up."""
    return Clock(
        phase=IN_PROGRESS,
        due=due,
        stopped=clock.stopped,
        lapsed=clock.lapsed,
        requests=clock.requests,
        exceeded=clock.exceeded,
        rescheduled=clock.rescheduled,
        allowance=clock.allowance,
        unit=clock.unit,
        journey=clock.journey,
        arrival_due=NOTHING,
        closed_in=clock.closed_in,
    )


def due_after_stop(clock: Clock, event: PlainEvent, shifted: bool, calendar: WorkingDays) -> int:
    """The due day of a clock that runs again.

    It is the one that the event gives; else the one that an arrival set meanwhile; else, if
    ``shifted``, later by the time the clock stood still, or that of a fresh clock.
    """
    if event.due != NOTHING:
        return event.due
    if clock.arrival_due != NOTHING and clock.arrival_due != FRESH:
        return clock.arrival_due
    if shifted and clock.arrival_due == NOTHING:
        return shift(calendar, clock.due, clock.stopped, event.day, clock.unit)
    return deadline(calendar, event.day, clock.allowance, clock.unit)


def request_supplement(
    clock: Clock, event: PlainEvent, terms: Terms, calendar: WorkingDays
) -> Clock:
    """Yêu cầu bổ sung: the clock stops (NĐ 118/2025 art. 19.5).

    A pause ends, and the due day is later by its length; the clock does not run, so what an arrival
    set goes on waiting.
    """
    due, stopped, lapsed = clock.due, clock.stopped, clock.lapsed
    if clock.phase == PAUSED:
        due = shift(calendar, due, stopped, event.day, clock.unit)
    if clock.phase != AWAITING:
        stopped = event.day
        lapsed = 1 if event.day > due else lapsed
    requests = clock.requests + 1
    return Clock(
        phase=AWAITING,
        due=due,
        stopped=stopped,
        lapsed=lapsed,
        requests=requests,
        exceeded=1 if requests > terms.supplement_limit else clock.exceeded,
        rescheduled=clock.rescheduled,
        allowance=clock.allowance,
        unit=clock.unit,
        journey=clock.journey,
        arrival_due=clock.arrival_due,
        closed_in=clock.closed_in,
    )


def supplement(clock: Clock, event: PlainEvent, terms: Terms, calendar: WorkingDays) -> Clock:
    """Đã bổ sung: the clock runs again.

    The due day is the one given. Without one, the full allowance runs again from this day (NĐ
    61/2018 art. 19.4; NĐ 118/2025 art. 19.5), or, where the time is extended, the due day is later
    by the time the clock stood still.
    """
    return run(clock, due_after_stop(clock, event, terms.extend != 0, calendar))


def resume(clock: Clock, event: PlainEvent, calendar: WorkingDays) -> Clock:
    """Tiếp tục: the clock runs again.

    The due day is the one given. Without one, it is later by the time the clock stood still.
    """
    return run(clock, due_after_stop(clock, event, True, calendar))


def reschedule(clock: Clock, event: PlainEvent, terms: Terms) -> Clock:
    """Xin lỗi và hẹn lại: counted; the first one moves the due day, if the dossier is not overdue
    and the notice came in time (NĐ 61/2018 art. 19.9; NĐ 118/2025 art. 19.6)."""
    accepted = (
        terms.accept_once != 0
        and clock.rescheduled == 0
        and not is_overdue(clock, event.day)
        and is_notice_in_time(clock, event, terms)
    )
    return Clock(
        phase=clock.phase,
        due=event.due if accepted else clock.due,
        stopped=clock.stopped,
        lapsed=clock.lapsed,
        requests=clock.requests,
        exceeded=clock.exceeded,
        rescheduled=clock.rescheduled + 1,
        allowance=clock.allowance,
        unit=clock.unit,
        journey=clock.journey,
        arrival_due=clock.arrival_due,
        closed_in=clock.closed_in,
    )


def is_notice_in_time(clock: Clock, event: PlainEvent, terms: Terms) -> bool:
    """Whether notice of a new appointment comes early enough before the due day."""
    return event.day <= clock.due - terms.reschedule_notice


def arrive(clock: Clock, event: PlainEvent, terms: Terms, calendar: WorkingDays) -> Clock:
    """The competent body receives a dossier that another office took in: where the law says so, its
    time runs from here (NĐ 309/2026 art. 8.3).

    The due day becomes the given one, else that of a fresh clock; while the clock stands still, it
    does when the clock next runs. A deadline that had passed by then stays passed.
    """
    due, arrival_due, lapsed = clock.due, clock.arrival_due, clock.lapsed
    if terms.arrival_starts_clock and clock.phase == IN_PROGRESS:
        lapsed = 1 if event.day > clock.due else clock.lapsed
        due = event.due
        if due == NOTHING:
            due = deadline(calendar, event.day, clock.allowance, clock.unit)
    elif terms.arrival_starts_clock:
        arrival_due = FRESH if event.due == NOTHING else event.due
    return Clock(
        phase=clock.phase,
        due=due,
        stopped=clock.stopped,
        lapsed=lapsed,
        requests=clock.requests,
        exceeded=clock.exceeded,
        rescheduled=clock.rescheduled,
        allowance=clock.allowance,
        unit=clock.unit,
        journey=ARRIVED,
        arrival_due=arrival_due,
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
        closed_in = accounts.RETURNED + timeliness(clock, event.day)
    else:
        closed_in = accounts.RESOLVED + timeliness(clock, event.day)
    return Clock(
        phase=CLOSED,
        due=clock.due,
        stopped=clock.stopped,
        lapsed=clock.lapsed,
        requests=clock.requests,
        exceeded=clock.exceeded,
        rescheduled=clock.rescheduled,
        allowance=clock.allowance,
        unit=clock.unit,
        journey=clock.journey,
        arrival_due=clock.arrival_due,
        closed_in=closed_in,
    )


def timeliness(clock: Clock, day: int) -> int:
    """EARLY, ON_TIME or LATE for a dossier that closes on ``day``."""
    if is_overdue(clock, day):
        return accounts.LATE
    if day == clock.due:
        return accounts.ON_TIME
    return accounts.EARLY


def step(clock: Clock, event: PlainEvent, terms: Terms, calendar: WorkingDays) -> Clock:
    """The dossier's clock after one event that ``applies``, by the provisions of its day."""
    if event.kind == kinds.RECEIVED:
        return receive(event, calendar)
    if event.kind == kinds.SUPPLEMENT_REQUESTED:
        return request_supplement(clock, event, terms, calendar)
    if event.kind == kinds.SUPPLEMENTED:
        return supplement(clock, event, terms, calendar)
    if event.kind == kinds.PAUSED:
        return pause(clock, event.day)
    if event.kind == kinds.RESUMED:
        return resume(clock, event, calendar)
    if event.kind == kinds.RESCHEDULED:
        return reschedule(clock, event, terms)
    if event.kind == kinds.ARRIVED:
        return arrive(clock, event, terms, calendar)
    if event.kind == kinds.REASSIGNED or event.kind >= kinds.FIRST_FACT:
        return clock
    return close(clock, event, terms, calendar)
