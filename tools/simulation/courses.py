"""Draws the life of a made-up dossier: its steps and their moments, for a given course.

A course says what happens on the way and how it ends. The days are computed with the functions of
the rule book, so that an early result is early, and an overdue one overdue. A moment is a number of
seconds since 1970-01-01 00:00, local time.

Only ``Random.random`` is called, and only +, - and * are applied to what it returns: that gives the
same bytes in every version of Python and on every machine.
"""

from bisect import bisect
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

from hoso.domain.calendar import WorkingDays, add, between, date_of, forward, is_working_day
from hoso.domain.rules import deadline, shift
from hoso.tools.simulation.province import CODE_PREFIX, SOURCE, Desk

T = TypeVar("T")

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
ZONE: Final = "+07:00"

# Office hours: 7:30 to 11:30 and 13:30 to 17:00; the counter takes dossiers until 16:30.
OPENS: Final = 7 * HOUR + 30 * MINUTE
NOON: Final = 11 * HOUR + 30 * MINUTE
LUNCH: Final = 2 * HOUR
LAST_CALL: Final = 16 * HOUR + 30 * MINUTE
CLOSES: Final = 17 * HOUR

# How many working days things last at most; most are over far sooner (``mostly_small``).
SUPPLEMENT_DAYS: Final = 60
PAUSE_DAYS: Final = 60
DELAY_DAYS: Final = 45
APOLOGY_DAYS: Final = 10
UNANSWERED_DAYS: Final = 20  # an office waits so long for an applicant who never answers

DUE_STATED: Final = 0.3  # share of receptions that state their due day beside the allowance
AFTER_HOURS: Final = 0.3  # share of a working day's online receptions outside office hours

Incident = Literal["supplement", "unanswered", "pause", "late_pause", "apology"]
Ending = Literal["early", "on_time", "overdue", "returned", "withdrawn", "voided", "never"]


class Course(NamedTuple):
    """What happens to a dossier on the way, in this order, and how it ends."""

    incidents: tuple[Incident, ...]
    ending: Ending


class Step(NamedTuple):
    """One event of a life, before it becomes a CloudEvent."""

    moment: int
    kind: str
    data: dict[str, Any]


class Choice(NamedTuple, Generic[T]):
    """Values to draw from. ``bounds`` divide the numbers from 0 to ``total`` among them."""

    values: tuple[T, ...]
    bounds: tuple[float, ...]
    total: float


def choice(weighted: Sequence[tuple[float, T]]) -> Choice[T]:
    """Values to draw from, each given behind its weight."""
    *bounds, total = accumulate(weight for weight, _ in weighted)
    return Choice(tuple(value for _, value in weighted), tuple(bounds), total)


def draw(rng: Random, among: Choice[T]) -> T:
    """One of the values, each as often as its weight says."""
    values, bounds, total = among
    return values[bisect(bounds, rng.random() * total)]


SUPPLEMENT_REASONS: Final = choice(
    [
        (6, {"reason": "paper_missing"}),
        (3, {"reason": "form_incomplete"}),
        (2, {"reason": "copy_not_certified"}),
        (1, {}),
    ]
)
PAUSE_REASONS: Final = choice(
    [
        (5, {"reason": "awaiting_authority"}),
        (4, {"reason": "financial_obligation"}),
        (1, {"reason": "other"}),
    ]
)
GRANTED: Final = {"outcome": "granted"}
OUTCOMES: Final = choice([(97, GRANTED), (3, {"outcome": "refused"})])
RETURN_REASONS: Final = choice(
    [
        (6, {"reason": "not_eligible"}),
        (2, {"reason": "not_competent"}),
        (2, {"reason": "no_answer"}),
    ]
)
WITHDRAWN: Final = choice([(1, {"reason": "withdrawn"})])
VOID_REASONS: Final = choice(
    [
        (4, {"reason": "duplicate"}),
        (3, {"reason": "re_entered"}),
        (2, {"reason": "incomplete"}),
        (1, {"reason": "other"}),
    ]
)


# --- Moments ------------------------------------------------------------------------------------


def reception(rng: Random, calendar: WorkingDays, day: int, channel: str) -> int:
    """When on ``day`` a dossier comes in: online at any hour, else while the office is open."""
    if channel != "online":
        return _office_hour(rng, day)
    if not is_working_day(calendar, day):
        return day * DAY + OPENS + int(rng.random() * (DAY - OPENS))
    if rng.random() < AFTER_HOURS:
        return day * DAY + (CLOSES + int(_evening(rng) * (DAY - CLOSES + OPENS))) % DAY
    return _office_hour(rng, day)


def _evening(rng: Random) -> float:
    """A share of the time between two office days: the evening rather than the night.

    A moment past midnight is taken as early on the same day.
    """
    share = rng.random()
    return share * share


def _office_hour(rng: Random, day: int, after: int = 0) -> int:
    """A moment in the office hours of ``day``, later than ``after``."""
    second = OPENS + int(rng.random() * (LAST_CALL - LUNCH - OPENS))
    moment = day * DAY + (second + LUNCH if second >= NOON else second)
    if moment > after:
        return moment
    soonest = after + MINUTE
    return soonest + int(rng.random() * (day * DAY + CLOSES - soonest))


def _next_office_day(calendar: WorkingDays, after: int) -> int:
    """The first day on which the office may still do something after ``after``."""
    return forward(calendar, (after + DAY - LAST_CALL) // DAY)


def mostly_small(rng: Random) -> float:
    """A share of the longest time: mostly small, at times close to 1."""
    share = rng.random()
    return share * share * share


def _early(rng: Random, calendar: WorkingDays, after: int, due: int) -> int:
    """A moment before the due day, if there is room for it."""
    first = _next_office_day(calendar, after)
    room = between(calendar, first, due)
    return _office_hour(rng, add(calendar, first, int(rng.random() * room)), after)


def _on_time(rng: Random, calendar: WorkingDays, after: int, due: int) -> int:
    """A moment on the due day."""
    return _office_hour(rng, max(_next_office_day(calendar, after), due), after)


def _overdue(rng: Random, calendar: WorkingDays, after: int, due: int) -> int:
    """A moment after the due day."""
    first = max(_next_office_day(calendar, after), due)
    return _later(rng, calendar, first, DELAY_DAYS)


def _later(rng: Random, calendar: WorkingDays, day: int, longest: int) -> int:
    """A moment at least one working day after ``day``, at most ``longest``."""
    days = 1 + int(mostly_small(rng) * (longest - 1))
    return _office_hour(rng, add(calendar, day, days))


# --- What happens on the way: each takes the due day, adds its steps and returns the new due day -


def _supplement(rng: Random, calendar: WorkingDays, desk: Desk, steps: list[Step], due: int) -> int:
    """The applicant is asked for more, and brings it: the time begins again in full."""
    asked = _early(rng, calendar, steps[-1].moment, due)
    brought = _later(rng, calendar, asked // DAY, SUPPLEMENT_DAYS)
    steps.append(Step(asked, "supplement_requested", draw(rng, SUPPLEMENT_REASONS)))
    steps.append(Step(brought, "supplemented", {}))
    return _full_time(calendar, desk, brought)


def _unanswered(rng: Random, calendar: WorkingDays, _: Desk, steps: list[Step], due: int) -> int:
    """The applicant is asked for more, and never answers."""
    asked = _early(rng, calendar, steps[-1].moment, due)
    steps.append(Step(asked, "supplement_requested", draw(rng, SUPPLEMENT_REASONS)))
    return add(calendar, asked // DAY, UNANSWERED_DAYS)


def _pause(rng: Random, calendar: WorkingDays, desk: Desk, steps: list[Step], due: int) -> int:
    """The clock is stopped for a while, in time."""
    start = _early(rng, calendar, steps[-1].moment, due)
    return _stop_clock(rng, calendar, desk, steps, due, start)


def _late_pause(rng: Random, calendar: WorkingDays, desk: Desk, steps: list[Step], due: int) -> int:
    """The deadline passes first, and only then is the clock stopped."""
    start = _overdue(rng, calendar, steps[-1].moment, due)
    return _stop_clock(rng, calendar, desk, steps, due, start)


def _stop_clock(
    rng: Random, calendar: WorkingDays, desk: Desk, steps: list[Step], due: int, start: int
) -> int:
    end = _later(rng, calendar, start // DAY, PAUSE_DAYS)
    steps.append(Step(start, "paused", draw(rng, PAUSE_REASONS)))
    steps.append(Step(end, "resumed", {}))
    return shift(calendar, due, start // DAY, end // DAY, desk.unit)


def _apology(rng: Random, calendar: WorkingDays, _: Desk, steps: list[Step], due: int) -> int:
    """On the due day the office apologises and names a new one. The old one still counts."""
    moment = _on_time(rng, calendar, steps[-1].moment, due)
    new_due = add(calendar, moment // DAY, 1 + int(rng.random() * APOLOGY_DAYS))
    steps.append(Step(moment, "rescheduled", {"due": iso(new_due), "reason": "delayed"}))
    return due


INCIDENTS: Final[dict[Incident, Callable[[Random, WorkingDays, Desk, list[Step], int], int]]] = {
    "supplement": _supplement,
    "unanswered": _unanswered,
    "pause": _pause,
    "late_pause": _late_pause,
    "apology": _apology,
}

# For each ending: how its moment is drawn, its kind of event, and its data. ``never`` has none.
ENDINGS: Final[
    dict[
        Ending,
        tuple[Callable[[Random, WorkingDays, int, int], int], str, Choice[dict[str, Any]]],
    ]
] = {
    "early": (_early, "resolved", OUTCOMES),
    "on_time": (_on_time, "resolved", OUTCOMES),
    "overdue": (_overdue, "resolved", OUTCOMES),
    "returned": (_early, "returned", RETURN_REASONS),
    "withdrawn": (_early, "cancelled", WITHDRAWN),
    "voided": (_early, "cancelled", VOID_REASONS),
}


# --- The whole life -----------------------------------------------------------------------------


def life(
    rng: Random, calendar: WorkingDays, desk: Desk, channel: str, received: int, course: Course
) -> list[Step]:
    """The steps of one dossier that is received at a moment and takes a course."""
    facts = {**desk.facts, "channel": channel}
    due = _full_time(calendar, desk, received)
    if rng.random() < DUE_STATED:
        facts["due"] = iso(due)
    steps = [Step(received, "received", facts)]
    for incident in course.incidents:
        due = INCIDENTS[incident](rng, calendar, desk, steps, due)
    if course.ending != "never":
        draw_moment, kind, data = ENDINGS[course.ending]
        moment = draw_moment(rng, calendar, steps[-1].moment, due)
        steps.append(Step(moment, kind, draw(rng, data)))
    return steps


def _full_time(calendar: WorkingDays, desk: Desk, start: int) -> int:
    """The due day of a clock that starts at a moment."""
    return deadline(calendar, start // DAY, desk.days, desk.unit)


# --- As CloudEvents -----------------------------------------------------------------------------


@cache
def iso(day: int) -> str:
    """A day in ISO 8601: ``2023-03-14``."""
    return date_of(day).isoformat()


@cache
def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def rfc3339(moment: int) -> str:
    """A moment in RFC 3339: ``2023-03-14T16:59:59+07:00``."""
    minutes, second = divmod(moment % DAY, MINUTE)
    return f"{iso(moment // DAY)}T{_clock(minutes)}:{second:02}{ZONE}"


@cache
def _stem(day: int) -> str:
    return f"{CODE_PREFIX}-{iso(day)[2:].replace('-', '')}"


def dossier_code(day: int, number: int) -> str:
    """The code of the n-th dossier of a day: ``000.00.00.H52-230315-0001``."""
    return f"{_stem(day)}-{number:04}"


def event_id(code: str, number: int | str) -> str:
    """The id of a dossier's event, by its number or its name."""
    return f"{code}.{number}"


def as_event(code: str, number: int | str, step: Step) -> dict[str, Any]:
    """A step of a dossier as a CloudEvent, by its number or its name."""
    return {
        "specversion": "1.0",
        "id": event_id(code, number),
        "source": SOURCE,
        "type": f"dossier.{step.kind}.v1",
        "subject": code,
        "time": rfc3339(step.moment),
        "data": step.data,
    }
