"""What would a realistic province send?

A year of events, 2022-09-01 to 2023-08-31 with Tet in the middle, as its one-stop system would
send them: in order of ``time``, most dossiers straight and early, some with detours, a few events
recorded late, sent twice or taken back. The same seed gives the same events.

A day's dossiers are drawn on that day, and what they will send later waits in a pile for its own
day: memory holds the open dossiers, not the year.
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
    reception,
    seldom_long,
    written,
)
from hoso.tools.simulation.province import DESKS

FIRST_DAY: Final = date(2022, 9, 1)
LAST_DAY: Final = date(2023, 8, 31)

# --- The mix ------------------------------------------------------------------------------------

# How busy the offices are: by month, slack before Tet and a rush after it; by day of the week,
# where it is worked; and on a day of rest, when only the on-line desk is open.
MONTHS: Final = (0.85, 1.15, 1.15, 1.05, 1.0, 0.95, 0.95, 1.0, 1.0, 1.05, 1.0, 1.05)
WEEKDAYS: Final = (1.2, 1.05, 1.0, 0.95, 0.9, 0.6, 0.6)
DAY_OF_REST: Final = 0.08

CHANNELS: Final = choice([(52, "online"), (43, "in_person"), (5, "post")])

# Of 10,000 dossiers that are not settled on the spot. Those that are, are closed the same day.
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
LATEST: Final = 3 * DAY  # ... by at most so much
REPEATED: Final = 0.002  # of events: sent twice
MISTAKEN: Final = 0.0075  # of dossiers: an event is taken back; 0.3 % of all events are annulments


class Mistake(NamedTuple):
    """The wrong event, and why it is taken back."""

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
MISTAKE_STANDS: Final = 6  # working days at most; most are noticed the same day

# --- The stream ---------------------------------------------------------------------------------

EVERY_DESK: Final = choice([(desk.weight, desk) for desk in DESKS])
ONLINE_DESK: Final = choice([(desk.weight, desk) for desk in DESKS if desk.days > 0])

Sent = tuple[int, dict[str, Any]]  # an event, and its moment first
_moment: Final = itemgetter(0)


def simulate(
    dossiers: int, seed: int, calendar: WorkingDays, *, facts: bool = False
) -> Iterator[dict[str, Any]]:
    """The events of so many dossiers, in order of ``time``; with their quality ``facts``, too.

    They share what is equal in their ``data``: to be read and written out, not to be changed.
    """
    rng, noted = Random(seed), Random(f"facts {seed}") if facts else None
    piles: defaultdict[int, list[Sent]] = defaultdict(list)
    for day, number in _receptions(dossiers, calendar):
        for sent in _begun_on(rng, noted, calendar, day, number):
            piles[sent[0] // DAY].append(sent)
        yield from _in_order(piles.pop(day, []))
    for day in sorted(piles):
        yield from _in_order(piles[day])


def crowd(calendar: WorkingDays, day: int) -> float:
    """How busy the offices are on ``day``: 1 is an ordinary day."""
    on = date_of(day)
    share = WEEKDAYS[on.weekday()] if is_working_day(calendar, day) else DAY_OF_REST
    return MONTHS[on.month - 1] * share


def _receptions(dossiers: int, calendar: WorkingDays) -> Iterator[tuple[int, int]]:
    """Each day of the year and how many dossiers come in; together they are all of them."""
    days = range(day_number(FIRST_DAY), day_number(LAST_DAY) + 1)
    crowds = list(accumulate(crowd(calendar, day) for day in days))
    before = 0
    for day, so_far in zip(days, crowds, strict=True):
        until = round(dossiers * so_far / crowds[-1])
        yield day, until - before
        before = until


def _begun_on(
    rng: Random, noted: Random | None, calendar: WorkingDays, day: int, number: int
) -> Iterator[Sent]:
    """All that the dossiers received on ``day`` will ever send; they are numbered as they come.
    Their quality facts, if they are to have any, are drawn from ``noted``."""
    worked = is_working_day(calendar, day)
    handed_in = []
    for _ in range(number):
        desk = draw(rng, EVERY_DESK if worked else ONLINE_DESK)
        channel = draw(rng, CHANNELS) if worked else "online"
        if desk.days == 0:
            channel = "in_person"
        handed_in.append((reception(rng, calendar, day, channel), channel, desk))
    handed_in.sort(key=_moment)
    for place, (moment, channel, desk) in enumerate(handed_in, start=1):
        course = draw(rng, COURSES) if desk.days else ON_THE_SPOT
        steps = life(rng, calendar, desk, channel, moment, course)
        code = dossier_code(day, place)
        yield from _sent(rng, calendar, code, steps)
        if noted is not None:
            yield from _noted(noted, code, quality.facts(noted, calendar, desk, channel, steps))


def _sent(rng: Random, calendar: WorkingDays, code: str, steps: list[Step]) -> Iterator[Sent]:
    """A life as events, with what goes wrong on the wire.

    A life with a mistake in it is never recorded late: an annulment counts only where the event
    it points to was recorded before.
    """
    mistaken = rng.random() < MISTAKEN
    if mistaken:
        steps = _with_mistake(rng, calendar, code, steps)
    for number, step in enumerate(steps, start=1):
        event = as_event(code, number, step)
        if not mistaken and rng.random() < LATE:
            event["recordedtime"] = written(step.moment + 1 + int(seldom_long(rng) * LATEST))
        yield step.moment, event
        if rng.random() < REPEATED:
            yield step.moment, event


def _noted(rng: Random, code: str, facts: list[Step]) -> Iterator[Sent]:
    """Facts as events, with what goes wrong on the wire: some are recorded late, sent twice, or
    taken back."""
    for number, step in enumerate(facts, start=1):
        name = f"q{number}"
        event = as_event(code, name, step)
        if rng.random() < LATE:
            event["recordedtime"] = written(step.moment + 1 + int(seldom_long(rng) * LATEST))
        elif rng.random() < MISTAKEN:
            data = {"event_id": event_id(code, name), "reason": "wrong_dossier"}
            back = Step(step.moment + MINUTE + int(rng.random() * DAY), "annulled", data)
            yield back.moment, as_event(code, f"{name}b", back)
        yield step.moment, event
        if rng.random() < REPEATED:
            yield step.moment, event


def _with_mistake(rng: Random, calendar: WorkingDays, code: str, steps: list[Step]) -> list[Step]:
    """The life with a wrong event where its result belongs; that is taken back, the right one
    follows. A life that no result ends is left as it is."""
    *way, end = steps
    if end.data != GRANTED:
        return steps
    mistake = draw(rng, MISTAKES)
    back_on = add(calendar, end.moment // DAY, int(seldom_long(rng) * MISTAKE_STANDS))
    back = back_on * DAY + end.moment % DAY + 5 * MINUTE + int(rng.random() * 30 * MINUTE)
    annulment = {"event_id": event_id(code, len(steps)), "reason": mistake.reason}
    return [
        *way,
        Step(end.moment, mistake.kind, mistake.data),
        Step(back, "annulled", annulment),
        Step(back + MINUTE + int(rng.random() * 10 * MINUTE), "resolved", GRANTED),
    ]


def _in_order(pile: list[Sent]) -> Iterator[dict[str, Any]]:
    """A day's events by their moment; those of one moment stay as they were drawn."""
    pile.sort(key=_moment)
    return (event for _, event in pile)
