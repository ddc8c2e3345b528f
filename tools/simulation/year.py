"""Simulates a province's year of events, 2022-09-01 to 2023-08-31, with Tet in the middle.

The events are in order of ``time``, as a one-stop system would send them. Most dossiers are settled
early, some take detours; a few events are recorded late, sent twice or annulled. The same seed
gives the same events.

A day's dossiers are drawn on that day, and their later events wait for their own days: memory holds
the open dossiers, not the year.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from operator import itemgetter
from random import Random
from typing import Any, Final, NamedTuple

from hoso.domain.calendar import WorkingDays, add, date_of, day_number, is_working_day
from hoso.tools.simulation import quality
from hoso.tools.simulation.courses import (
    DAY,
    GRANTED,
    MINUTE,
    Course,
    Step,
    as_event,
    choice,
    dossier_code,
    draw,
    event_id,
    life,
    mostly_small,
    reception,
    rfc3339,
)
from hoso.tools.simulation.province import DESKS

FIRST_DAY: Final = date(2022, 9, 1)
LAST_DAY: Final = date(2023, 8, 31)

# --- The mix ------------------------------------------------------------------------------------

# How busy the offices are: by month, with few dossiers before Tet and many after it; by day of the
# week; and on a day off, when only the online desk is open.
MONTHS: Final = (0.85, 1.15, 1.15, 1.05, 1.0, 0.95, 0.95, 1.0, 1.0, 1.05, 1.0, 1.05)
WEEKDAYS: Final = (1.2, 1.05, 1.0, 0.95, 0.9, 0.6, 0.6)
DAY_OFF: Final = 0.08

CHANNELS: Final = choice([(52, "online"), (43, "in_person"), (5, "post")])

# Of 10,000 dossiers that are not settled on the spot; those are closed on the same day.
COURSES: Final = choice(
    [
        (7_960, Course((), "early")),
        (700, Course((), "on_time")),
        (50, Course((), "overdue")),
        (110, Course(("apology",), "overdue")),
        (170, Course((), "returned")),
        (120, Course((), "withdrawn")),
        (80, Course((), "voided")),
        (30, Course((), "never")),
        (430, Course(("supplement",), "early")),
        (30, Course(("supplement",), "on_time")),
        (10, Course(("supplement",), "overdue")),
        (40, Course(("supplement",), "returned")),
        (30, Course(("unanswered",), "returned")),
        (20, Course(("unanswered",), "voided")),
        (20, Course(("unanswered",), "never")),
        (40, Course(("supplement", "supplement"), "early")),  # the second one makes it overdue
        (30, Course(("pause", "supplement"), "early")),
        (260, Course(("pause",), "early")),
        (30, Course(("pause",), "on_time")),
        (10, Course(("late_pause",), "overdue")),
    ]
)
ON_THE_SPOT: Final = Course((), "on_time")

LATE: Final = 0.03  # of events: recorded after they occurred ...
LATEST_S: Final = 3 * DAY  # ... by at most so much
REPEATED: Final = 0.002  # of events: sent twice
MISTAKEN: Final = 0.0075  # of dossiers: an event is annulled; 0.3 % of all events are annulments


class Mistake(NamedTuple):
    """A wrong event, and why it is annulled."""

    kind: str
    data: dict[str, Any]
    reason: str


MISTAKES: Final = choice(
    [
        (4, Mistake("resolved", {"outcome": "refused"}, "wrong_outcome")),
        (3, Mistake("returned", {"reason": "not_eligible"}, "wrong_dossier")),
        (2, Mistake("cancelled", {"reason": "withdrawn"}, "wrong_dossier")),
        (1, Mistake("paused", {"reason": "other"}, "wrong_button")),
    ]
)
MISTAKE_DAYS: Final = 6  # until it is noticed, at most; mostly it is on the same day

# --- The stream ---------------------------------------------------------------------------------

EVERY_DESK: Final = choice([(desk.weight, desk) for desk in DESKS])
ONLINE_DESK: Final = choice([(desk.weight, desk) for desk in DESKS if desk.days > 0])

SentEvent = tuple[int, dict[str, Any]]  # its moment, and the event
_moment: Final = itemgetter(0)


def simulate(
    dossiers: int, seed: int, calendar: WorkingDays, *, facts: bool = False
) -> Iterator[dict[str, Any]]:
    """The events of so many dossiers, in order of ``time``; with quality ``facts`` or without.

    Events share parts of their ``data``, so they must not be changed.
    """
    rng, facts_rng = Random(seed), Random(f"facts {seed}") if facts else None
    waiting: defaultdict[int, list[SentEvent]] = defaultdict(list)  # by the day of their moment
    for day, number in _receptions(dossiers, calendar):
        for sent in _events_of_receptions(rng, facts_rng, calendar, day, number):
            waiting[sent[0] // DAY].append(sent)
        yield from _in_order(waiting.pop(day, []))
    for day in sorted(waiting):
        yield from _in_order(waiting[day])


def busyness(calendar: WorkingDays, day: int) -> float:
    """How busy the offices are on ``day``; 1 is an ordinary day."""
    on = date_of(day)
    share = WEEKDAYS[on.weekday()] if is_working_day(calendar, day) else DAY_OFF
    return MONTHS[on.month - 1] * share


def _receptions(dossiers: int, calendar: WorkingDays) -> Iterator[tuple[int, int]]:
    """Each day of the year, and how many of all dossiers come in on it."""
    days = range(day_number(FIRST_DAY), day_number(LAST_DAY) + 1)
    sums = list(accumulate(busyness(calendar, day) for day in days))
    before = 0
    for day, sum_so_far in zip(days, sums, strict=True):
        until = round(dossiers * sum_so_far / sums[-1])
        yield day, until - before
        before = until


def _events_of_receptions(
    rng: Random, facts_rng: Random | None, calendar: WorkingDays, day: int, number: int
) -> Iterator[SentEvent]:
    """All events of the dossiers that are received on ``day``, which are numbered in order of
    reception. With ``facts_rng``, their quality facts as well."""
    worked = is_working_day(calendar, day)
    receptions = []
    for _ in range(number):
        desk = draw(rng, EVERY_DESK if worked else ONLINE_DESK)
        channel = draw(rng, CHANNELS) if worked else "online"
        if desk.days == 0:
            channel = "in_person"
        receptions.append((reception(rng, calendar, day, channel), channel, desk))
    receptions.sort(key=_moment)
    for place, (moment, channel, desk) in enumerate(receptions, start=1):
        course = draw(rng, COURSES) if desk.days else ON_THE_SPOT
        steps = life(rng, calendar, desk, channel, moment, course)
        code = dossier_code(day, place)
        yield from _sent_life(rng, calendar, code, steps)
        if facts_rng is not None:
            drawn = quality.facts(facts_rng, calendar, desk, channel, steps)
            yield from _sent_facts(facts_rng, code, drawn)


def _sent_life(
    rng: Random, calendar: WorkingDays, code: str, steps: list[Step]
) -> Iterator[SentEvent]:
    """A life as events; some are recorded late or sent twice, some are mistakes.

    No event of a life with a mistake is recorded late: an annulment has an effect only if it was
    recorded after the event that it annuls.
    """
    mistaken = rng.random() < MISTAKEN
    if mistaken:
        steps = _with_mistake(rng, calendar, code, steps)
    for number, step in enumerate(steps, start=1):
        event = as_event(code, number, step)
        if not mistaken and rng.random() < LATE:
            event["recordedtime"] = rfc3339(step.moment + 1 + int(mostly_small(rng) * LATEST_S))
        yield step.moment, event
        if rng.random() < REPEATED:
            yield step.moment, event


def _sent_facts(rng: Random, code: str, facts: list[Step]) -> Iterator[SentEvent]:
    """Facts as events; some are recorded late, sent twice or annulled."""
    for number, step in enumerate(facts, start=1):
        name = f"q{number}"
        event = as_event(code, name, step)
        if rng.random() < LATE:
            event["recordedtime"] = rfc3339(step.moment + 1 + int(mostly_small(rng) * LATEST_S))
        elif rng.random() < MISTAKEN:
            data = {"event_id": event_id(code, name), "reason": "wrong_dossier"}
            annulment = Step(step.moment + MINUTE + int(rng.random() * DAY), "annulled", data)
            yield annulment.moment, as_event(code, f"{name}b", annulment)
        yield step.moment, event
        if rng.random() < REPEATED:
            yield step.moment, event


def _with_mistake(rng: Random, calendar: WorkingDays, code: str, steps: list[Step]) -> list[Step]:
    """A life with a wrong event in the place of its result; that is annulled, and the right one
    follows. A life that ends without a granted result is left as it is."""
    *before, end = steps
    if end.data != GRANTED:
        return steps
    mistake = draw(rng, MISTAKES)
    noticed = add(calendar, end.moment // DAY, int(mostly_small(rng) * MISTAKE_DAYS))
    annulled = noticed * DAY + end.moment % DAY + 5 * MINUTE + int(rng.random() * 30 * MINUTE)
    annulment = {"event_id": event_id(code, len(steps)), "reason": mistake.reason}
    return [
        *before,
        Step(end.moment, mistake.kind, mistake.data),
        Step(annulled, "annulled", annulment),
        Step(annulled + MINUTE + int(rng.random() * 10 * MINUTE), "resolved", GRANTED),
    ]


def _in_order(sent: list[SentEvent]) -> Iterator[dict[str, Any]]:
    """A day's events by their moment; those of one moment stay in the order in which they were
    drawn."""
    sent.sort(key=_moment)
    return (event for _, event in sent)
